package db_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

// bulk is a valid one without a key of its own, whose items have these keys; empty: none.
func (f tenant) bulk(tb testing.TB, keys ...string) db.BulkSubmission {
	tb.Helper()

	bulk := db.BulkSubmission{EnteID: f.ente.ID, RequestHash: []byte("bulk"), Answer: answer}

	for _, key := range keys {
		submission := f.submission(tb)
		submission.IdempotencyKey = key
		bulk.Items = append(bulk.Items, submission)
	}

	return bulk
}

// answer repeats what it is given.
func answer(items []db.BulkItem) ([]byte, error) { return fmt.Appendf(nil, "%+v", items), nil }

func (f tenant) submitBulk(tb testing.TB, bulk db.BulkSubmission) []db.BulkItem {
	tb.Helper()

	items, earlier, err := f.store.SubmitBulk(tb.Context(), bulk)
	require.NoError(tb, err)
	require.Nil(tb, earlier)
	require.Len(tb, items, len(bulk.Items))

	return items
}

func (f tenant) requireStored(tb testing.TB, want int) {
	tb.Helper()

	page, _, err := f.store.List(tb.Context(), db.Filter{EnteID: f.ente.ID}, db.Cursor{}, 2*want+1)
	require.NoError(tb, err)
	require.Len(tb, page, want)
}

func TestSubmitBulkKeepsEverything(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		bulk := f.bulk(t, "", "key", "")
		bulk.Items[2].Notification.SendAt = moment(90)

		for i, item := range f.submitBulk(t, bulk) {
			want := bulk.Items[i].Notification
			require.Equal(t, db.BulkItem{ID: want.ID}, item)

			want.Status, want.Run, want.Attempts = notification.StatusAccepted, 1, []notification.Attempt{}
			if i == 2 {
				want.Status = notification.StatusScheduled
			}

			got, err := store.Notification(t.Context(), item.ID)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}

		require.Empty(t, f.submitBulk(t, f.bulk(t)))
		f.requireStored(t, 3)
	})
}

func TestSubmitBulkUnderTheItemsKeys(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		old, url := newKeys(t), dbtest.URL(t, engine)
		f := newTenant(t, dbtest.OpenWith(t, db.Config{URL: url, Keys: old}))
		single := f.submission(t)
		single.IdempotencyKey = "single"
		singleID, _, err := f.store.Submit(t.Context(), single)
		require.NoError(t, err)

		first := f.submitBulk(t, f.bulk(t, "a", "b", "single", "a", ""))
		require.Equal(t, []db.BulkItem{
			{ID: first[0].ID}, {ID: first[1].ID}, {ID: singleID, Replayed: true}, {ID: first[0].ID, Replayed: true}, {ID: first[4].ID},
		}, first)
		require.NotContains(t, []string{first[0].ID, first[1].ID}, singleID)
		f.requireStored(t, 4)

		// The keys are recognised after a rotation too, and a claim that was in vain leaves nothing behind.
		for _, keys := range []*db.Keys{old, rotated(t, old, newKeys(t))} {
			f.store = dbtest.OpenWith(t, db.Config{URL: url, Keys: keys})

			again := f.bulk(t, "b", "c", "c", "a", "b")
			again.Items[2].RequestHash = []byte("another request")
			again.Items[3].RequestHash = []byte("another request")
			again.Items[1].IdempotencyKey += keysJSON(t, keys)[:40]
			again.Items[2].IdempotencyKey = again.Items[1].IdempotencyKey

			second := f.submitBulk(t, again)
			require.Equal(t, db.BulkItem{ID: first[1].ID, Replayed: true}, second[0])
			require.Equal(t, db.BulkItem{Conflict: true}, second[2])
			require.Equal(t, db.BulkItem{Conflict: true}, second[3])
			require.Equal(t, db.BulkItem{ID: first[1].ID, Replayed: true}, second[4])
		}

		single = f.submission(t)
		single.IdempotencyKey = "a"
		id, replayed, err := f.store.Submit(t.Context(), single)
		require.NoError(t, err)
		require.True(t, replayed)
		require.Equal(t, first[0].ID, id)
	})
}

func TestSubmitBulkUnderOneKey(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		old, url := newKeys(t), dbtest.URL(t, engine)
		f := newTenant(t, dbtest.OpenWith(t, db.Config{URL: url, Keys: old}))
		bulk := f.bulk(t, "", "a")
		bulk.IdempotencyKey = "whole"
		want, err := answer(f.submitBulk(t, bulk))
		require.NoError(t, err)

		for _, keys := range []*db.Keys{old, rotated(t, old, newKeys(t))} {
			f.store = dbtest.OpenWith(t, db.Config{URL: url, Keys: keys})

			again := f.bulk(t, "", "a")
			again.IdempotencyKey = "whole"
			items, earlier, err := f.store.SubmitBulk(t.Context(), again)
			require.NoError(t, err)
			require.Nil(t, items)
			require.Equal(t, want, earlier)

			again.RequestHash = []byte("another")
			_, _, err = f.store.SubmitBulk(t.Context(), again)
			require.ErrorIs(t, err, db.ErrConflict)
		}

		f.requireStored(t, 2)

		neighbour := newTenant(t, f.store)
		foreign := neighbour.bulk(t, "a")
		foreign.IdempotencyKey = "whole"
		require.False(t, neighbour.submitBulk(t, foreign)[0].Replayed, "another Ente's key is another key")

		silent := f.bulk(t, "")
		silent.IdempotencyKey, silent.Answer = "silent", nil
		f.submitBulk(t, silent)
		_, earlier, err := f.store.SubmitBulk(t.Context(), silent)
		require.NoError(t, err)
		require.Equal(t, []byte{}, earlier, "told from a bulk that is new")
	})
}

func TestSubmitBulkConcurrently(t *testing.T) {
	t.Parallel()

	for name, whole := range map[string]string{"under the key of the whole": "whole", "under the items' keys": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				const submitters, size = 8, 30

				f := newTenant(t, store)
				receipts, errs := make([]map[string]string, submitters), make([]error, submitters)

				together(t, store, submitters, func(i int) {
					bulk := f.bulk(t, keysFor(size)...)
					bulk.IdempotencyKey = whole

					// Two bulks with the same keys in opposite orders must not wait for each other.
					if whole == "" && i%2 == 1 {
						slices.Reverse(bulk.Items)
					}

					receipts[i], errs[i] = receipt(t, store, bulk)
				})

				for i := range submitters {
					require.NoError(t, errs[i])
					require.Len(t, receipts[i], size)
					require.Equal(t, receipts[0], receipts[i])
				}

				f.requireStored(t, size)
			})
		})
	}
}

func keysFor(size int) []string {
	keys := make([]string, size)
	for i := range keys {
		keys[i] = fmt.Sprintf("key %d", i)
	}

	return keys
}

// receipt submits a bulk and gives the id that each of its keys stands for, now or since earlier.
func receipt(t *testing.T, store *db.Store, bulk db.BulkSubmission) (map[string]string, error) {
	t.Helper()

	bulk.Answer = func(items []db.BulkItem) ([]byte, error) {
		ids := make(map[string]string, len(items))
		for i, item := range items {
			ids[bulk.Items[i].IdempotencyKey] = item.ID
		}

		return json.Marshal(ids)
	}

	items, document, err := store.SubmitBulk(t.Context(), bulk)
	if err != nil {
		return nil, err
	}

	if document == nil {
		document, err = bulk.Answer(items)
		require.NoError(t, err)
	}

	var ids map[string]string

	err = json.Unmarshal(document, &ids)

	return ids, err
}

// TestSubmitBulkOfAThousand: one statement holds them on both engines.
func TestSubmitBulkOfAThousand(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const size = 1000

		f := newTenant(t, store)
		keys := keysFor(size)

		for i, item := range f.submitBulk(t, f.bulk(t, keys...)) {
			require.False(t, item.Replayed || item.Conflict, i)
		}

		for i, item := range f.submitBulk(t, f.bulk(t, keys...)) {
			require.True(t, item.Replayed, i)
		}

		counts, err := store.CountByStatus(t.Context(), db.Filter{EnteID: f.ente.ID})
		require.NoError(t, err)
		require.Equal(t, map[notification.Status]int{notification.StatusAccepted: size}, counts)
	})
}

func TestSubmitBulkRefuses(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		change func(t *testing.T, f tenant, b *db.BulkSubmission)
		want   error
	}{
		"another Ente's item": {
			func(t *testing.T, f tenant, b *db.BulkSubmission) {
				t.Helper()
				b.Items[1] = newTenant(t, f.store).submission(t)
			}, db.ErrInvalid,
		},
		"a final status": {
			func(_ *testing.T, _ tenant, b *db.BulkSubmission) {
				b.Items[1].Notification.Status = notification.StatusFailed
			},
			db.ErrInvalid,
		},
		"an id twice": {
			func(_ *testing.T, _ tenant, b *db.BulkSubmission) {
				b.Items[1].Notification.ID = b.Items[0].Notification.ID
			},
			db.ErrDuplicate,
		},
		"an unknown service": {
			func(t *testing.T, _ tenant, b *db.BulkSubmission) {
				t.Helper()
				b.Items[1].Notification.ServiceID = newID(t)
			},
			db.ErrNotFound,
		},
		"an answer that fails": {
			func(_ *testing.T, _ tenant, b *db.BulkSubmission) {
				b.Answer = func([]db.BulkItem) ([]byte, error) { return nil, errors.New(fiscalCode) }
			}, db.ErrInvalid,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				f := newTenant(t, store)
				refused := f.bulk(t, "a", "b")
				refused.IdempotencyKey = "whole"
				test.change(t, f, &refused)

				_, _, err := store.SubmitBulk(t.Context(), refused)
				require.ErrorIs(t, err, test.want)
				require.NotContains(t, err.Error(), fiscalCode)
				f.requireStored(t, 0)

				// A refused bulk uses up no key.
				accepted := f.bulk(t, "a", "b")
				accepted.IdempotencyKey = "whole"
				require.False(t, f.submitBulk(t, accepted)[0].Replayed)
				f.requireStored(t, 2)
			})
		})
	}
}
