package db_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestCheckOfABatch(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(5)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f := newTenant(t, store)
		id := f.uploaded(t)

		// A reading that died left rows behind.
		require.NoError(t, store.BeginCheck(t.Context(), id, 1))
		require.NoError(t, store.AddBatchRows(t.Context(), id, 1, []db.BatchRow{row(t, 2, good), row(t, 3, good)}))
		require.NoError(t, store.BeginCheck(t.Context(), id, 1))
		require.NoError(t, store.AddBatchRows(t.Context(), id, 1, []db.BatchRow{row(t, 2, good)}))

		counts := notification.BatchCounts{Rows: 1, Good: 1, WithPhone: 1, SMSParts: 2, Doubled: 1, Doubling: "’", WholeAmounts: true}
		require.NoError(t, store.FinishCheck(t.Context(), id, 1, db.CheckOutcome{Status: draft, Counts: counts}))

		batch := f.stored(t, id)
		require.Equal(t, draft, batch.Status)
		require.Equal(t, counts, batch.Counts)
		require.Equal(t, moment(5), batch.CheckedAt)
		require.JSONEq(t, `{"header": true}`, string(batch.Layout), "a check that says nothing of the layout leaves it")

		found, err := store.CountRows(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, map[notification.RowState]int{good: 1}, found)

		// The check has ended: nothing of it is taken any more.
		require.ErrorIs(t, store.BeginCheck(t.Context(), id, 1), db.ErrConflict)
		require.ErrorIs(t, store.AddBatchRows(t.Context(), id, 1, []db.BatchRow{row(t, 3, good)}), db.ErrConflict)
		require.ErrorIs(t, store.FinishCheck(t.Context(), id, 1, db.CheckOutcome{Status: draft}), db.ErrConflict)
	})
}

// Two tries of one reading may meet, of which the earlier was taken for dead: it must not end the check while the later
// one is still adding the rows.
func TestCheckEndsWithTheRowsThatWereCounted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.uploaded(t)
		rows := []db.BatchRow{row(t, 2, good), row(t, 3, bad), row(t, 4, duplicate)}
		outcome := db.CheckOutcome{Status: draft, Counts: countsOf(rows)}

		require.NoError(t, store.BeginCheck(t.Context(), id, 1))
		require.NoError(t, store.AddBatchRows(t.Context(), id, 1, rows[:2]))

		// The later try begins, and the earlier one goes on where it was.
		require.NoError(t, store.BeginCheck(t.Context(), id, 1))
		require.NoError(t, store.AddBatchRows(t.Context(), id, 1, rows[2:]))

		err := store.FinishCheck(t.Context(), id, 1, outcome)
		require.Error(t, err)
		require.NotErrorIs(t, err, db.ErrConflict, "it is worth another try")
		require.Equal(t, checking, f.stored(t, id).Status)

		require.NoError(t, store.AddBatchRows(t.Context(), id, 1, rows))
		require.NoError(t, store.FinishCheck(t.Context(), id, 1, outcome))
		require.Equal(t, draft, f.stored(t, id).Status)
	})
}

func TestRemapBatch(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		layout := json.RawMessage(`{"header": false}`)

		fresh := f.uploaded(t)
		require.ErrorIs(t, store.RemapBatch(t.Context(), fresh, 1, layout), db.ErrConflict)

		id, _ := f.drafted(t, good, bad)
		require.NoError(t, store.WantSample(t.Context(), id))
		require.ErrorIs(t, store.RemapBatch(t.Context(), id, 2, layout), db.ErrConflict)
		require.NoError(t, store.RemapBatch(t.Context(), id, 1, layout))

		batch := f.stored(t, id)
		require.Equal(t, checking, batch.Status)
		require.Equal(t, 2, batch.Check)
		require.Zero(t, batch.Sample)
		require.Zero(t, batch.CheckedAt)
		require.JSONEq(t, string(layout), string(batch.Layout))
		require.ErrorIs(t, store.RecordSample(t.Context(), id, 1, notification.BatchSample{State: notification.SampleDone}), db.ErrConflict)

		require.ErrorIs(t, store.BeginCheck(t.Context(), id, 1), db.ErrConflict)
		require.ErrorIs(t, store.FinishCheck(t.Context(), id, 1, db.CheckOutcome{Status: draft}), db.ErrConflict)
		require.NoError(t, store.BeginCheck(t.Context(), id, 2))

		found, err := store.CountRows(t.Context(), id)
		require.NoError(t, err)
		require.Empty(t, found)

		outcome := db.CheckOutcome{Status: mapping, Layout: json.RawMessage(`{"columns": [{"header": "cf"}]}`)}
		require.NoError(t, store.FinishCheck(t.Context(), id, 2, outcome))
		require.JSONEq(t, string(outcome.Layout), string(f.stored(t, id).Layout))
		require.NoError(t, store.RemapBatch(t.Context(), id, 2, layout))
		require.ErrorIs(t, store.RemapBatch(t.Context(), newID(t), 1, layout), db.ErrNotFound)
	})
}

// TestBeginCheckOfManyRows: more than are removed at once.
func TestBeginCheckOfManyRows(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id, other := f.uploaded(t), f.uploaded(t)
		rows := make([]db.BatchRow, 2*db.PurgeBatch+1)

		for i := range rows {
			rows[i] = row(t, i+2, good)
		}

		require.NoError(t, store.AddBatchRows(t.Context(), id, 1, rows))
		require.NoError(t, store.AddBatchRows(t.Context(), other, 1, []db.BatchRow{row(t, 2, good)}))

		counts, err := store.CountRows(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, map[notification.RowState]int{good: len(rows)}, counts)

		require.NoError(t, store.BeginCheck(t.Context(), id, 1))

		counts, err = store.CountRows(t.Context(), id)
		require.NoError(t, err)
		require.Empty(t, counts)

		counts, err = store.CountRows(t.Context(), other)
		require.NoError(t, err)
		require.Equal(t, map[notification.RowState]int{good: 1}, counts)
	})
}

func TestFinishCheckAsUnreadable(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(5)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f := newTenant(t, store)
		id := f.uploaded(t)

		for _, status := range []notification.BatchStatus{checking, notification.BatchSending, notification.BatchDiscarded, "unknown"} {
			require.ErrorIs(t, store.FinishCheck(t.Context(), id, 1, db.CheckOutcome{Status: status}), db.ErrInvalid)
		}

		outcome := db.CheckOutcome{Status: notification.BatchUnreadable, Problem: "no_rows"}
		require.NoError(t, store.FinishCheck(t.Context(), id, 1, outcome))
		require.Equal(t, "no_rows", f.stored(t, id).Problem)
		require.Equal(t, moment(5), f.stored(t, id).EndedAt)

		notWhole := f.batch(t)
		require.ErrorIs(t, store.FinishCheck(t.Context(), notWhole, 1, outcome), db.ErrConflict)
		require.ErrorIs(t, store.FinishCheck(t.Context(), newID(t), 1, outcome), db.ErrNotFound)
	})
}
