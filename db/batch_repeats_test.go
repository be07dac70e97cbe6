package db_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestMarkRepeated(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		change   func(t *testing.T, f tenant, batchID string, n *notification.Notification)
		settle   notification.Status
		repeated bool
	}{
		"said by a single notification": {repeated: true},
		"delivered":                     {settle: notification.StatusDelivered, repeated: true},
		"not delivered":                 {settle: notification.StatusNotDelivered, repeated: true},
		"cancelled":                     {settle: notification.StatusCancelled},
		"said by another batch": {
			change:   func(t *testing.T, _ tenant, _ string, n *notification.Notification) { t.Helper(); n.BatchID = newID(t) },
			repeated: true,
		},
		"said by this batch": {
			change: func(_ *testing.T, _ tenant, batchID string, n *notification.Notification) { n.BatchID = batchID },
		},
		"said long ago": {
			change: func(_ *testing.T, _ tenant, _ string, n *notification.Notification) { n.AcceptedAt = moment(9) },
		},
		"something else said": {
			change: func(_ *testing.T, _ tenant, _ string, n *notification.Notification) {
				n.ContentHash = []byte("content 9")
			},
		},
		"not recognisable": {
			change: func(_ *testing.T, _ tenant, _ string, n *notification.Notification) { n.ContentHash = nil },
		},
		"said by a neighbour": {
			change: func(t *testing.T, f tenant, _ string, n *notification.Notification) {
				t.Helper()

				neighbour := newTenant(t, f.store)
				n.EnteID, n.ServiceID = neighbour.ente.ID, neighbour.service.ID
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
				old, url := newKeys(t), dbtest.URL(t, engine)
				f := newTenant(t, dbtest.OpenWith(t, db.Config{URL: url, Keys: old}))

				// What was said before a rotation of the keys is recognised too.
				rotatedStore := dbtest.OpenWith(t, db.Config{URL: url, Keys: rotated(t, old, newKeys(t))})

				for _, checker := range []*db.Store{f.store, rotatedStore} {
					id := f.uploaded(t)
					sent := f.accepted(t, func(n *notification.Notification) {
						n.BatchID, n.ContentHash, n.AcceptedAt = "", []byte("content 3"), moment(10)
						if test.change != nil {
							test.change(t, f, id, n)
						}
					})

					if test.settle != "" {
						f.settle(t, sent, test.settle, notification.ReasonIODelivered)
					}

					requireRepeated(t, checker, id, test.repeated)
					require.NoError(t, f.store.ORM().Exec("UPDATE notifications SET content_hash = NULL").Error)
				}
			})
		})
	}
}

// requireRepeated checks a batch of three rows, of which the one with number 3 is repeated, or none.
func requireRepeated(t *testing.T, store *db.Store, id string, repeated bool) {
	t.Helper()

	want, counts := []int{}, notification.BatchCounts{Rows: 3, Good: 2, Bad: 1, WithPhone: 2, SMSParts: 4}
	after := counts

	if repeated {
		want = []int{3}
		counts.Good, counts.Duplicates = 1, 1 // as whoever had them marked counts them
		after = counts
		after.WithPhone, after.SMSParts = 1, 2
	}

	require.NoError(t, store.AddBatchRows(t.Context(), id, 1, []db.BatchRow{row(t, 2, good), row(t, 3, good), row(t, 4, bad)}))

	marked, err := store.MarkRepeated(t.Context(), id, 1, moment(10))
	require.NoError(t, err)
	require.Equal(t, len(want), marked)

	again, err := store.MarkRepeated(t.Context(), id, 1, moment(10))
	require.NoError(t, err)
	require.Zero(t, again)

	rows, err := store.BatchRows(t.Context(), id, db.RowFilter{States: states(duplicate)}, 0, 10)
	require.NoError(t, err)
	require.Equal(t, want, numbersOf(rows))

	require.NoError(t, store.FinishCheck(t.Context(), id, 1, db.CheckOutcome{Status: draft, Counts: counts}))

	batch, err := store.Batch(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, after, batch.Counts)
}

func TestRepetitionsWithinTheFileKeepTheirCounts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.uploaded(t)
		second := row(t, 3, duplicate)
		second.DuplicateOf = 2
		require.NoError(t, store.AddBatchRows(t.Context(), id, 1, []db.BatchRow{row(t, 2, good), second}))

		counts := notification.BatchCounts{Rows: 2, Good: 1, Duplicates: 1, WithPhone: 1, SMSParts: 2}
		require.NoError(t, store.FinishCheck(t.Context(), id, 1, db.CheckOutcome{Status: draft, Counts: counts}))
		require.Equal(t, counts, f.stored(t, id).Counts)
	})
}

func TestMarkRepeatedRefuses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		confirmed, _ := f.confirmed(t, false, good)
		discarded := f.uploaded(t)
		require.NoError(t, store.DiscardBatch(t.Context(), discarded))

		for id, want := range map[string]error{confirmed: db.ErrConflict, discarded: db.ErrConflict, newID(t): db.ErrNotFound} {
			_, err := store.MarkRepeated(t.Context(), id, 1, moment(0))
			require.ErrorIs(t, err, want)
		}
	})
}
