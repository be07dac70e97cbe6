package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// TestADatabaseThatIsAwayForLongFailsNothing: what only touches our own database is tried until it is back.
func TestADatabaseThatIsAwayForLongFailsNothing(t *testing.T) {
	t.Parallel()

	const tries = 15 // a second, two, four, … and then one a minute

	away := temporal.NewApplicationError("the database does not answer", "database_unavailable")

	v := newVoyage(t)
	v.env.OnActivity(workflows.ActivityPrepare, mock.Anything, mock.Anything).Return(workflows.Plan{}, away).Times(tries)
	v.env.OnActivity(workflows.ActivitySettle, mock.Anything, mock.Anything).Return(away).Times(tries)
	v.prepared(workflows.Plan{})
	v.onIO()
	v.ioTakes()
	v.ioDelivers()
	v.run()

	require.True(t, v.env.IsWorkflowCompleted())
	require.NoError(t, v.env.GetWorkflowError())

	var got workflows.NotificationResult

	require.NoError(t, v.env.GetWorkflowResult(&got))
	require.Equal(t, workflows.NotificationResult{
		Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: notification.ChannelIO,
	}, got)
	require.Len(t, v.of(workflows.ActivityPrepare), tries+1)
	require.Len(t, v.of(workflows.ActivitySettle), tries+1)
	require.Greater(t, v.env.Now().Sub(departure()), 10*time.Minute)
}
