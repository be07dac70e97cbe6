package db_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestUnstartedBatches(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(1)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f := newTenant(t, store)
		due := func(olderThan time.Time) []db.BatchStart {
			starts, err := store.UnstartedBatches(t.Context(), olderThan, 10)
			require.NoError(t, err)

			return starts
		}

		f.batch(t)
		require.Empty(t, due(farFuture()), "a file that is not whole")

		id := f.uploaded(t)
		start := db.BatchStart{
			BatchID: id, EnteID: f.ente.ID, Step: db.BatchStepCheck, Check: 1, Priority: notification.PriorityNormal,
		}

		require.Empty(t, due(moment(1)))
		require.Equal(t, []db.BatchStart{start}, due(moment(2)))

		require.NoError(t, store.MarkBatchStarted(t.Context(), start))
		require.NoError(t, store.MarkBatchStarted(t.Context(), start))
		require.Empty(t, due(farFuture()))

		require.NoError(t, store.AddBatchRows(t.Context(), id, 1, []db.BatchRow{row(t, 2, good)}))
		require.NoError(t, store.FinishCheck(t.Context(), id, 1, db.CheckOutcome{Status: mapping}))
		require.NoError(t, store.RemapBatch(t.Context(), id, 1, nil))

		// A late word about the first reading must not hide that the second has still to be started.
		require.NoError(t, store.MarkBatchStarted(t.Context(), start))

		start.Check = 2
		require.Equal(t, []db.BatchStart{start}, due(farFuture()))
		require.NoError(t, store.FinishCheck(t.Context(), id, 2, db.CheckOutcome{
			Status: draft, Counts: notification.BatchCounts{Rows: 1, Good: 1},
		}))
		require.Empty(t, due(farFuture()), "a check that has ended needs no start")

		now = moment(10)

		require.NoError(t, store.WantSample(t.Context(), id))

		start.Step = db.BatchStepSample

		require.Empty(t, due(moment(10)))
		require.Equal(t, []db.BatchStart{start}, due(moment(11)))
		require.NoError(t, store.MarkBatchStarted(t.Context(), start))

		require.NoError(t, store.ConfirmBatch(t.Context(), id, 2, moment(90), false))
		start.Step, start.SendAt = db.BatchStepSend, moment(90)
		require.Equal(t, []db.BatchStart{start}, due(farFuture()))
		require.NoError(t, store.MarkBatchStarted(t.Context(), start))
		require.Empty(t, due(farFuture()))

		start.Step = "unknown"
		require.ErrorIs(t, store.MarkBatchStarted(t.Context(), start), db.ErrInvalid)
		start.BatchID = newID(t)
		require.ErrorIs(t, store.MarkBatchStarted(t.Context(), start), db.ErrNotFound)
	})
}

func TestUnstartedBatchesInTheOrderOfTheirWaiting(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(2)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f := newTenant(t, store)
		second := f.uploaded(t)
		now = moment(1)
		first := f.uploaded(t)
		now = moment(3)
		third, _ := f.drafted(t, good)
		require.NoError(t, store.WantSample(t.Context(), third))

		ended, _ := f.confirmed(t, false, good)
		f.move(t, ended, notification.BatchCancelled)

		for limit := range 4 {
			starts, err := store.UnstartedBatches(t.Context(), farFuture(), limit+1)
			require.NoError(t, err)

			ids := make([]string, len(starts))
			for i, start := range starts {
				ids[i] = start.BatchID
			}

			require.Equal(t, []string{first, second, third}[:min(limit+1, 3)], ids)
		}
	})
}
