package db_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestSampleRows(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		// The good ones are 2, 4, 6, … 20.
		id, rows := f.drafted(t, slices.Repeat(states(good, bad), 10)...)

		for count, want := range map[int][]int{
			0: {}, 1: {2}, 2: {2, 12}, 3: {2, 10, 16}, 5: {2, 6, 10, 14, 18},
			10: {2, 4, 6, 8, 10, 12, 14, 16, 18, 20}, 100: {2, 4, 6, 8, 10, 12, 14, 16, 18, 20},
		} {
			sample, err := store.SampleRows(t.Context(), id, count)
			require.NoError(t, err)
			require.Equal(t, want, numbersOf(sample), count)

			for _, picked := range sample {
				require.Equal(t, rows[picked.Number-2].Payload, picked.Payload)
			}
		}

		none, _ := f.drafted(t, bad, duplicate)
		sample, err := store.SampleRows(t.Context(), none, 10)
		require.NoError(t, err)
		require.Empty(t, sample)

		_, err = store.SampleRows(t.Context(), newID(t), 10)
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}

func TestSampleOfABatch(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		require.ErrorIs(t, store.WantSample(t.Context(), f.uploaded(t)), db.ErrConflict)

		id, _ := f.drafted(t, good)
		running := notification.BatchSample{State: notification.SampleRunning, Asked: 2, OnIO: 1}
		done := notification.BatchSample{State: notification.SampleDone, Asked: 5, OnIO: 1, NotOnIO: 2, Unreachable: 1, Unknown: 1}

		require.ErrorIs(t, store.RecordSample(t.Context(), id, 1, running), db.ErrConflict, "nobody asked for it")
		require.NoError(t, store.WantSample(t.Context(), id))
		require.Equal(t, notification.BatchSample{State: notification.SampleWanted}, f.stored(t, id).Sample)
		require.ErrorIs(t, store.WantSample(t.Context(), id), db.ErrConflict)

		require.ErrorIs(t, store.RecordSample(t.Context(), id, 2, running), db.ErrConflict, "of other rows")
		require.NoError(t, store.RecordSample(t.Context(), id, 1, running))
		require.ErrorIs(t, store.WantSample(t.Context(), id), db.ErrConflict)

		require.NoError(t, store.RecordSample(t.Context(), id, 1, done))
		require.ErrorIs(t, store.RecordSample(t.Context(), id, 1, running), db.ErrConflict, "it has ended")
		require.Equal(t, done, f.stored(t, id).Sample)

		require.NoError(t, store.WantSample(t.Context(), id), "another one, for whoever doubts the first")
	})
}
