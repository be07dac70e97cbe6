package db_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

// TestStartsAreNotedTogether: starts that are noted at once, while the workflows themselves begin, are each noted once; one of
// which nothing is known fails alone.
func TestStartsAreNotedTogether(t *testing.T) {
	t.Parallel()

	const many = 60

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		tenant := newTenant(t, store)
		ids, errs := make([]string, many), make([]error, 2*many)

		for i := range ids {
			ids[i] = tenant.submitted(t)
		}

		require.False(t, isStarted(t, store, ids[0], 1))

		var (
			group      sync.WaitGroup
			unknown    = newID(t)
			unknownErr error
		)

		group.Go(func() { unknownErr = store.MarkStarted(t.Context(), unknown, 1, "run-of-nobody") })

		for i, id := range ids {
			group.Go(func() { errs[i] = store.MarkStarted(t.Context(), id, 1, "run-of-"+id) })
			group.Go(func() {
				_, errs[many+i] = store.Begin(t.Context(), id, db.Run{Number: 1, TemporalID: "run-of-" + id})
			})
		}

		group.Wait()
		require.ErrorIs(t, unknownErr, db.ErrNotFound)

		for _, err := range errs {
			require.NoError(t, err)
		}

		for _, id := range ids {
			runs, err := store.Runs(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, []string{"run-of-" + id}, runs)
			require.True(t, isStarted(t, store, id, 1))
			require.False(t, isStarted(t, store, id, 2))
		}

		waiting, err := store.Unstarted(t.Context(), moment(1_000_000), many)
		require.NoError(t, err)
		require.Empty(t, waiting)
	})
}

func isStarted(t *testing.T, store *db.Store, id string, run int) bool {
	t.Helper()

	started, err := store.IsStarted(t.Context(), id, run)
	require.NoError(t, err)

	return started
}
