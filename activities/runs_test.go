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

// Whoever started the workflow may have died before noting its run.
func TestPrepareNotesItsRun(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toCitizen(t, simulator.CitizenDelivered, 1)

		twice[workflows.Plan](t, b.task(t, workflows.ActivityPrepare), firstRunOf(id))

		runs, err := store.Runs(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, runs, 1)
		require.NotEmpty(t, runs[0])
	})
}

// A run that is not the notification's present one has nothing to do, and nothing to end.
func TestAnotherRunChangesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toCitizen(t, simulator.CitizenDelivered, 1)

		_, err := run[workflows.Plan](b.task(t, workflows.ActivityPrepare), workflows.Step{NotificationID: id, Run: 2})
		requireFinal(t, err)

		end := workflows.SettleInput{NotificationID: id, Run: 2, NotificationResult: workflows.NotificationResult{
			Status: notification.StatusFailed, Reason: notification.ReasonInternalError,
		}}
		twice[any](t, b.task(t, workflows.ActivitySettle), end)
		require.Equal(t, notification.StatusAccepted, b.head(t, id).Status)

		end.Run = 1
		twice[any](t, b.task(t, workflows.ActivitySettle), end)
		require.Equal(t, notification.StatusFailed, b.head(t, id).Status)

		// What is settled is not begun again.
		_, err = run[workflows.Plan](b.task(t, workflows.ActivityPrepare), firstRunOf(id))
		requireFinal(t, err)
		require.Equal(t, notification.StatusFailed, b.head(t, id).Status)
	})
}
