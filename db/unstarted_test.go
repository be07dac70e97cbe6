package db_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

// queue submits notifications, one a second from a minute on, and gives their ids in that order.
func (f tenant) queue(tb testing.TB, minute, n int) []string {
	tb.Helper()

	ids := make([]string, n)
	for i := range ids {
		ids[i] = f.accepted(tb, func(n *notification.Notification) {
			n.AcceptedAt = moment(minute).Add(time.Duration(i) * time.Second)
		})
	}

	return ids
}

func idsOf(starts []db.Start) []string {
	ids := make([]string, len(starts))
	for i, start := range starts {
		ids[i] = start.ID
	}

	return ids
}

func TestOneEntesFloodDelaysNoOther(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const limit = 20 // so that each Ente has two turns

		flooding, second, third := newTenant(t, store), newTenant(t, store), newTenant(t, store)
		flood := flooding.queue(t, 1, 30)
		few := second.queue(t, 10, 3)
		one := third.queue(t, 11, 1)
		tooNew := third.queue(t, 21, 1)

		starts, err := store.Unstarted(t.Context(), moment(20), limit)
		require.NoError(t, err)
		require.Equal(t, slices.Concat([]string{flood[0], few[0], one[0], flood[1], few[1]}, flood[2:17]), idsOf(starts))
		require.Equal(t, db.Start{
			ID: few[0], EnteID: second.ente.ID, ServiceID: second.service.ID, Priority: notification.PriorityNormal,
			Policy: notification.DefaultPolicy(), ExpiresAt: moment(600), Run: 1,
		}, starts[1])

		// What is started makes room.
		for _, start := range starts {
			require.NoError(t, store.MarkStarted(t.Context(), start.ID, start.Run, "run"))
		}

		starts, err = store.Unstarted(t.Context(), moment(20), limit)
		require.NoError(t, err)
		require.Equal(t, append(flood[17:], few[2]), idsOf(starts))

		all, err := store.Unstarted(t.Context(), moment(30), limit)
		require.NoError(t, err)
		require.Equal(t, slices.Concat(flood[17:], few[2:], tooNew), idsOf(all))
	})
}

func TestMoreEntiThanTurns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		flood := newTenant(t, store).queue(t, 1, 5)

		var firsts []string

		for i := range 4 {
			firsts = append(firsts, newTenant(t, store).queue(t, 10+i, 2)[0])
		}

		starts, err := store.Unstarted(t.Context(), moment(60), 4)
		require.NoError(t, err)
		require.Equal(t, append(flood[:1], firsts[:3]...), idsOf(starts))
	})
}

func TestCountUnstarted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, neighbour := newTenant(t, store), newTenant(t, store)
		waiting := f.queue(t, 1, 3)
		neighbour.queue(t, 1, 2)

		count := func(olderThan time.Time, limit int) int {
			counted, err := store.CountUnstarted(t.Context(), olderThan, limit)
			require.NoError(t, err)

			return counted
		}

		require.Equal(t, 5, count(moment(5), 10))
		require.Equal(t, 4, count(moment(5), 4))
		require.Equal(t, 2, count(moment(1).Add(time.Second), 10))
		require.Zero(t, count(moment(1), 10))

		require.NoError(t, store.MarkStarted(t.Context(), waiting[0], 1, "run-1"))
		require.Equal(t, 4, count(moment(5), 10))
	})
}
