package db_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestRejectRows(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id, rows := f.confirmed(t, true, good, good, good, duplicate, bad)
		other, _ := f.confirmed(t, false, good, good)
		f.accept(t, id, rows[0])

		issues := json.RawMessage(`[{"code": "sms_text_too_long", "column": 0}]`)
		reject := map[int]json.RawMessage{2: issues, 3: issues, 5: issues}

		for range 2 { // again, by a worker that had not heard of the first time
			require.NoError(t, store.RejectRows(t.Context(), id, reject))

			left, err := store.BatchRows(t.Context(), id, db.RowFilter{States: states(good, duplicate)}, 0, 10)
			require.NoError(t, err)
			require.Equal(t, []int{2, 4}, numbersOf(left), "one is on its way to its citizen")

			counts := f.stored(t, id).Counts
			require.Equal(t, []int{5, 2, 3, 0}, []int{counts.Rows, counts.Good, counts.Bad, counts.Duplicates})

			progress, err := store.BatchProgress(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, notification.BatchProgress{ToSend: 2, Queued: 1, InProgress: 1}, progress)
		}

		rejected, err := store.BatchRow(t.Context(), id, 3)
		require.NoError(t, err)
		require.JSONEq(t, string(issues), string(rejected.Issues))
		require.Equal(t, rows[1].Payload, rejected.Payload, "it is handed back as it came")
		require.Empty(t, rejected.NotificationID)

		require.Equal(t, 2, f.stored(t, other).Counts.Good)
	})
}

func TestRowsOfAnEndedBatchAreNotRejected(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id, _ := f.confirmed(t, false, good)
		f.move(t, id, notification.BatchCancelled)

		err := store.RejectRows(t.Context(), id, map[int]json.RawMessage{2: json.RawMessage(`[{"code": "content"}]`)})
		require.ErrorIs(t, err, db.ErrConflict)
		require.Equal(t, 1, f.stored(t, id).Counts.Good)

		require.NoError(t, store.RejectRows(t.Context(), id, nil), "nothing is to be rejected")
	})
}
