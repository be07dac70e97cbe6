package db_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestUnstartedListsWhatWaits(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		second := f.accepted(t, func(n *notification.Notification) { n.AcceptedAt = moment(2) })
		first := f.accepted(t, func(n *notification.Notification) { n.AcceptedAt, n.SendAt = moment(1), moment(90) })
		f.accepted(t, func(n *notification.Notification) { n.AcceptedAt = moment(5) })

		started := f.accepted(t)
		require.NoError(t, store.MarkStarted(t.Context(), started, 1, "run-1"))
		f.begun(t)
		f.settle(t, f.accepted(t), notification.StatusCancelled, notification.ReasonCancelledByEnte)

		starts, err := store.Unstarted(t.Context(), moment(5), 10)
		require.NoError(t, err)
		require.Len(t, starts, 2)
		require.Equal(t, db.Start{
			ID: first, EnteID: f.ente.ID, ServiceID: f.service.ID, Priority: notification.PriorityNormal,
			Policy: notification.DefaultPolicy(), SendAt: moment(90), ExpiresAt: moment(600), Run: 1,
		}, starts[0])
		require.Equal(t, second, starts[1].ID)

		limited, err := store.Unstarted(t.Context(), moment(5), 1)
		require.NoError(t, err)
		require.Equal(t, starts[:1], limited)

		one, err := store.StartOf(t.Context(), first)
		require.NoError(t, err)
		require.Equal(t, starts[0], one)
	})
}

func TestMarkStarted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.begun(t)

		require.NoError(t, store.MarkStarted(t.Context(), id, 1, "run-1"))
		require.NoError(t, store.MarkStarted(t.Context(), id, 1, "run-1"))

		f.settle(t, id, notification.StatusFailed, notification.ReasonIOUnavailable)
		_, err := store.ResetForRetry(t.Context(), id)
		require.NoError(t, err)

		// A late word about the first run must not hide that the second has still to be started.
		require.NoError(t, store.MarkStarted(t.Context(), id, 1, "run-1"))
		waiting, err := store.Unstarted(t.Context(), farFuture(), 10)
		require.NoError(t, err)
		require.Len(t, waiting, 1)
		require.Equal(t, 2, waiting[0].Run)

		require.NoError(t, store.MarkStarted(t.Context(), id, 2, "run-2"))
		waiting, err = store.Unstarted(t.Context(), farFuture(), 10)
		require.NoError(t, err)
		require.Empty(t, waiting)

		runs, err := store.Runs(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, []string{"run-1", "run-2"}, runs)

		require.ErrorIs(t, store.MarkStarted(t.Context(), newID(t), 1, "run-1"), db.ErrNotFound)
	})
}
