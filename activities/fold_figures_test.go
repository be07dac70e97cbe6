package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

func TestFoldFigures(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		store := dbtest.Open(t, engine)
		b := newBench(t, store)
		b.toCitizen(t, simulator.CitizenDelivered, 1)
		b.settled(t, 3)

		k := b.task(t, workflows.ActivityFoldFigures)
		folded, err := run[int](k)
		require.NoError(t, err)
		require.Equal(t, 3, folded)
		require.Equal(t, 3, k.heartbeat)

		counts, err := store.Counts(t.Context(), db.Filter{}, 10)
		require.NoError(t, err)
		require.Equal(t, map[notification.Status]int{notification.StatusAccepted: 1, notification.StatusDelivered: 3}, counts.ByStatus)

		folded, err = run[int](k)
		require.NoError(t, err)
		require.Zero(t, folded)
	})
}
