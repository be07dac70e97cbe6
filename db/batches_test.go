package db_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestCreateBatchKeepsEverything(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		upload := f.upload(t)

		id, replayed, err := store.CreateBatch(t.Context(), upload)
		require.NoError(t, err)
		require.False(t, replayed)

		want := upload.Batch
		want.Status, want.Check = checking, 1

		got := f.stored(t, id)
		require.Equal(t, want, got.Batch)
		require.JSONEq(t, string(upload.Layout), string(got.Layout))

		bare := f.upload(t)
		bare.Layout, bare.Batch.Priority = nil, ""
		id, _, err = store.CreateBatch(t.Context(), bare)
		require.NoError(t, err)
		require.Nil(t, f.stored(t, id).Layout)
		require.Equal(t, notification.PriorityBulk, f.stored(t, id).Priority)

		_, err = store.Batch(t.Context(), newID(t))
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}

func TestCreateBatchRefuses(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		change func(t *testing.T, f tenant, b *notification.Batch)
		want   error
	}{
		"an id that is no UUID": {func(_ *testing.T, _ tenant, b *notification.Batch) { b.ID = fiscalCode }, db.ErrInvalid},
		"a later status":        {func(_ *testing.T, _ tenant, b *notification.Batch) { b.Status = draft }, db.ErrInvalid},
		"an unknown priority":   {func(_ *testing.T, _ tenant, b *notification.Batch) { b.Priority = "later" }, db.ErrInvalid},
		"no template's version": {func(_ *testing.T, _ tenant, b *notification.Batch) { b.TemplateVersion = 0 }, db.ErrInvalid},
		"a neighbour's service": {
			func(t *testing.T, f tenant, b *notification.Batch) {
				t.Helper()
				b.ServiceID = newTenant(t, f.store).service.ID
			},
			db.ErrNotFound,
		},
		"an id twice": {func(t *testing.T, f tenant, b *notification.Batch) { t.Helper(); b.ID = f.batch(t) }, db.ErrDuplicate},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				f := newTenant(t, store)

				for _, key := range []string{"", "key"} {
					upload := f.upload(t)
					upload.IdempotencyKey = key
					test.change(t, f, &upload.Batch)

					_, _, err := store.CreateBatch(t.Context(), upload)
					require.ErrorIs(t, err, test.want)
					require.NotContains(t, err.Error(), fiscalCode)
				}

				upload := f.upload(t)
				upload.IdempotencyKey = "key"
				_, replayed, err := store.CreateBatch(t.Context(), upload)
				require.NoError(t, err)
				require.False(t, replayed, "a refused upload must not use up its key")
			})
		})
	}
}

func TestCreateBatchConcurrentlyUnderOneKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const uploads = 10

		f := newTenant(t, store)
		ids, fresh, errs := make([]string, uploads), make([]bool, uploads), make([]error, uploads)

		together(t, store, uploads, func(i int) {
			upload := f.upload(t)
			upload.IdempotencyKey = "key"

			var replayed bool

			ids[i], replayed, errs[i] = store.CreateBatch(t.Context(), upload)
			fresh[i] = !replayed
		})

		created := 0

		for i := range uploads {
			require.NoError(t, errs[i])
			require.Equal(t, ids[0], ids[i])

			if fresh[i] {
				created++
			}
		}

		require.Equal(t, 1, created)

		page, _, err := store.Batches(t.Context(), db.BatchFilter{}, db.Cursor{}, uploads)
		require.NoError(t, err)
		require.Len(t, page, 1)

		other := f.upload(t)
		other.IdempotencyKey, other.RequestHash = "key", []byte("another upload")
		_, _, err = store.CreateBatch(t.Context(), other)
		require.ErrorIs(t, err, db.ErrConflict)

		neighbour := newTenant(t, store).upload(t)
		neighbour.IdempotencyKey = "key"
		_, replayed, err := store.CreateBatch(t.Context(), neighbour)
		require.NoError(t, err)
		require.False(t, replayed, "another Ente's key is another key")
	})
}

func TestBatchKeysCanBeRotatedAndForgotten(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		old, url := newKeys(t), dbtest.URL(t, engine)
		f := newTenant(t, dbtest.OpenWith(t, db.Config{URL: url, Keys: old}))
		create := func(store *db.Store, key string) (id string, replayed bool) {
			upload := f.upload(t)
			upload.IdempotencyKey = key
			id, replayed, err := store.CreateBatch(t.Context(), upload)
			require.NoError(t, err)

			return id, replayed
		}

		before, _ := create(f.store, "key")

		store := dbtest.OpenWith(t, db.Config{URL: url, Keys: rotated(t, old, newKeys(t))})
		id, replayed := create(store, "key")
		require.True(t, replayed)
		require.Equal(t, before, id)

		_, replayed = create(store, "another key")
		require.False(t, replayed)

		purged, err := store.PurgeIdempotencyKeys(t.Context(), moment(1))
		require.NoError(t, err)
		require.Zero(t, purged)

		purged, err = store.PurgeIdempotencyKeys(t.Context(), moment(2))
		require.NoError(t, err)
		require.Equal(t, 2, purged)

		id, replayed = create(store, "key")
		require.False(t, replayed)
		require.NotEqual(t, before, id)
	})
}

func TestBatchesPagesAndFilters(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const total, pageSize = 5, 2

		f, neighbour := newTenant(t, store), newTenant(t, store)
		foreign := neighbour.batch(t, func(b *notification.Batch) { b.CreatedAt = moment(30) })

		var want []string

		for i := range total {
			// Pairs share a time, so that the id has to decide.
			want = append(want, f.batch(t, func(b *notification.Batch) { b.CreatedAt = moment(i / 2) }))
		}

		slices.Reverse(want)

		list := func(filter db.BatchFilter, limit int) (ids []string) {
			for cursor, more := (db.Cursor{}), true; more; {
				var (
					page []db.StoredBatch
					err  error
				)

				page, more, err = store.Batches(t.Context(), filter, cursor, limit)
				require.NoError(t, err)
				require.LessOrEqual(t, len(page), limit)

				for _, batch := range page {
					ids = append(ids, batch.ID)
					cursor = db.Cursor{AcceptedAt: batch.CreatedAt, ID: batch.ID}
				}
			}

			return ids
		}

		require.Equal(t, want, list(db.BatchFilter{EnteID: f.ente.ID}, pageSize))
		require.Equal(t, append([]string{foreign}, want...), list(db.BatchFilter{}, pageSize))
		require.Equal(t, []string{foreign}, list(db.BatchFilter{ServiceIDs: []string{neighbour.service.ID}}, pageSize))

		require.NoError(t, store.DiscardBatch(t.Context(), want[2]))

		discarded := db.BatchFilter{EnteID: f.ente.ID, Statuses: []notification.BatchStatus{notification.BatchDiscarded}}
		require.Equal(t, want[2:3], list(discarded, pageSize))
	})
}
