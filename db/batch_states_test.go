package db_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestConfirmBatch(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		sendAt time.Time
		want   notification.BatchStatus
	}{
		"at once":   {time.Time{}, notification.BatchSending},
		"by now":    {moment(5), notification.BatchSending},
		"later":     {moment(6), notification.BatchScheduled},
		"long past": {moment(-600), notification.BatchSending},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
				now := moment(5)
				store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
				f := newTenant(t, store)
				id, _ := f.drafted(t, good, bad, duplicate)
				require.NoError(t, store.WantSample(t.Context(), id))

				require.ErrorIs(t, store.ConfirmBatch(t.Context(), id, 2, test.sendAt, true), db.ErrConflict)
				require.NoError(t, store.ConfirmBatch(t.Context(), id, 1, test.sendAt, true))
				require.ErrorIs(t, store.ConfirmBatch(t.Context(), id, 1, test.sendAt, true), db.ErrConflict)

				batch := f.stored(t, id)
				require.Equal(t, test.want, batch.Status)
				require.Equal(t, test.sendAt, batch.SendAt)
				require.True(t, batch.IncludeDuplicates)
				require.Equal(t, moment(5), batch.ConfirmedAt)
				require.Zero(t, batch.StartedAt)
				require.Zero(t, batch.Sample, "a sample that was not begun is of no use any more")

				_, err := store.OpenBatchFile(t.Context(), id)
				require.ErrorIs(t, err, db.ErrNotFound)

				rows, err := store.BatchRows(t.Context(), id, db.RowFilter{}, 0, 10)
				require.NoError(t, err)
				require.Len(t, rows, 3)
			})
		})
	}
}

func TestMoveBatch(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		const (
			sending   = notification.BatchSending
			paused    = notification.BatchPaused
			completed = notification.BatchCompleted
		)

		now := moment(5)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f := newTenant(t, store)
		id, _ := f.confirmed(t, false, good)
		from := func(statuses ...notification.BatchStatus) []notification.BatchStatus { return statuses }

		steps := []struct {
			from           []notification.BatchStatus
			to             notification.BatchStatus
			want           error
			started, ended time.Time
		}{
			{from(notification.BatchScheduled), sending, nil, moment(6), time.Time{}},
			{from(sending), paused, nil, moment(6), time.Time{}},
			{from(sending), paused, nil, moment(6), time.Time{}},
			{from(sending), completed, db.ErrConflict, moment(6), time.Time{}},
			{from(paused), sending, nil, moment(6), time.Time{}},
			{from(paused, sending), completed, nil, moment(6), moment(11)},
			{from(sending), completed, nil, moment(6), moment(11)},
			{from(sending, paused), notification.BatchCancelled, db.ErrConflict, moment(6), moment(11)},
		}
		for i, step := range steps {
			now = moment(6 + i)

			require.ErrorIs(t, store.MoveBatch(t.Context(), id, step.from, step.to), step.want)

			batch := f.stored(t, id)
			require.Equal(t, step.started, batch.StartedAt, i)
			require.Equal(t, step.ended, batch.EndedAt, i)

			if step.want == nil {
				require.Equal(t, step.to, batch.Status)
			}
		}

		require.ErrorIs(t, store.MoveBatch(t.Context(), newID(t), from(sending), paused), db.ErrNotFound)
		require.ErrorIs(t, store.MoveBatch(t.Context(), id, from(completed), "unknown"), db.ErrInvalid)
	})
}

func TestDiscardBatch(t *testing.T) {
	t.Parallel()

	refused := map[notification.BatchStatus]bool{
		notification.BatchSending: true, notification.BatchPaused: true, notification.BatchCompleted: true,
		notification.BatchCancelled: true,
	}

	for _, status := range []notification.BatchStatus{
		checking, mapping, notification.BatchUnreadable, draft, notification.BatchScheduled, notification.BatchSending,
		notification.BatchPaused, notification.BatchCompleted, notification.BatchCancelled, notification.BatchDiscarded,
	} {
		t.Run(fmt.Sprintf("%s, refused %t", status, refused[status]), func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				f := newTenant(t, store)
				id, _ := f.drafted(t, good, bad)
				f.move(t, id, status)

				if refused[status] {
					require.ErrorIs(t, store.DiscardBatch(t.Context(), id), db.ErrConflict)
					require.Equal(t, status, f.stored(t, id).Status)

					return
				}

				for range 2 {
					require.NoError(t, store.DiscardBatch(t.Context(), id))
				}

				batch := f.stored(t, id)
				require.Equal(t, notification.BatchDiscarded, batch.Status)
				require.NotZero(t, batch.EndedAt)
				f.requireEmpty(t, id)

				require.ErrorIs(t, store.AddBatchRows(t.Context(), id, 1, []db.BatchRow{row(t, 2, good)}), db.ErrConflict)
				require.ErrorIs(t, store.AddBatchChunk(t.Context(), id, 0, []byte("late")), db.ErrConflict)

				due, err := store.UnstartedBatches(t.Context(), farFuture(), 10)
				require.NoError(t, err)
				require.Empty(t, due)
			})
		})
	}
}

// requireEmpty: nothing of a batch's file and rows is there.
func (f tenant) requireEmpty(tb testing.TB, id string) {
	tb.Helper()

	for _, table := range []string{"batch_chunks", "batch_rows"} {
		var left int64

		require.NoError(tb, f.store.ORM().Table(table).Where("batch_id = ?", id).Count(&left).Error)
		require.Zero(tb, left, table)
	}
}

func TestDiscardOfAnUpload(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.batch(t)

		// More pieces than are removed at once.
		for i := range 40 {
			require.NoError(t, store.AddBatchChunk(t.Context(), id, i, []byte("piece")))
		}

		require.NoError(t, store.DiscardBatch(t.Context(), id))
		f.requireEmpty(t, id)
		require.ErrorIs(t, store.UploadedBatch(t.Context(), id, 200), db.ErrConflict)
	})
}
