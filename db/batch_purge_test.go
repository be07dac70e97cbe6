package db_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestPurgeBatches(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(10)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f := newTenant(t, store)

		completed, rows := f.confirmed(t, false, good, good, bad)
		f.accept(t, completed, rows[:2]...)
		f.move(t, completed, notification.BatchCompleted)

		unreadable := f.uploaded(t)
		require.NoError(t, store.FinishCheck(t.Context(), unreadable, 1, db.CheckOutcome{Status: notification.BatchUnreadable}))

		brokenOff := f.batch(t, func(b *notification.Batch) { b.CreatedAt = moment(10) })
		require.NoError(t, store.AddBatchChunk(t.Context(), brokenOff, 0, []byte("half")))

		now = moment(20)
		open, _ := f.drafted(t, good)
		later, _ := f.confirmed(t, false, good)
		f.move(t, later, notification.BatchCancelled)
		uploading := f.batch(t, func(b *notification.Batch) { b.CreatedAt = moment(20) })

		for _, want := range []int{3, 0} {
			purged, err := store.PurgeBatches(t.Context(), f.ente.ID, moment(20))
			require.NoError(t, err)
			require.Equal(t, want, purged)
		}

		for _, id := range []string{completed, unreadable, brokenOff} {
			f.requireEmpty(t, id)
		}

		require.Equal(t, notification.BatchDiscarded, f.stored(t, brokenOff).Status)
		require.ErrorIs(t, store.AddBatchChunk(t.Context(), brokenOff, 1, []byte("the other half")), db.ErrConflict)
		require.NoError(t, store.AddBatchChunk(t.Context(), uploading, 0, []byte("first")))

		for _, id := range []string{open, later} {
			left, err := store.BatchRows(t.Context(), id, db.RowFilter{}, 0, 10)
			require.NoError(t, err)
			require.Len(t, left, 1)
		}

		// What was counted outlives the rows.
		progress, err := store.BatchProgress(t.Context(), completed)
		require.NoError(t, err)
		require.Equal(t, notification.BatchProgress{ToSend: 2, InProgress: 2}, progress)
	})
}
