package db_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestOutbox(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const atMost = 3

		empty, err := store.Outbox(t.Context(), atMost)
		require.NoError(t, err)
		require.Zero(t, empty)

		f := newTenant(t, store)
		waiting := f.queue(t, 1, 5)

		full, err := store.Outbox(t.Context(), atMost)
		require.NoError(t, err)
		require.Equal(t, atMost, full.Size)
		require.True(t, moment(1).Equal(full.Oldest), full.Oldest)

		for _, id := range waiting[:4] {
			require.NoError(t, store.MarkStarted(t.Context(), id, 1, "run"))
		}

		left, err := store.Outbox(t.Context(), atMost)
		require.NoError(t, err)
		require.Equal(t, 1, left.Size)
		require.True(t, left.Oldest.After(full.Oldest))

		// What has ended before it was started waits for nothing.
		f.settle(t, waiting[4], notification.StatusCancelled, notification.ReasonCancelledByEnte)

		ended, err := store.Outbox(t.Context(), atMost)
		require.NoError(t, err)
		require.Zero(t, ended)
	})
}

func TestOpenByStatus(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		none := map[notification.Status]int{
			notification.StatusAccepted: 0, notification.StatusScheduled: 0, notification.StatusInProgress: 0, notification.StatusOnHold: 0,
		}

		open, err := store.OpenByStatus(t.Context())
		require.NoError(t, err)
		require.Equal(t, none, open)

		f := newTenant(t, store)
		ids := f.queue(t, 1, 4)
		require.NoError(t, store.SetHold(t.Context(), ids[1], notification.ReasonHeldByOperator))
		f.settle(t, ids[2], notification.StatusDelivered, notification.ReasonIODelivered)

		open, err = store.OpenByStatus(t.Context())
		require.NoError(t, err)

		some := none
		some[notification.StatusAccepted], some[notification.StatusOnHold] = 2, 1
		require.Equal(t, some, open)
	})
}
