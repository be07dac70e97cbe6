package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

var _ workflows.FigureActivities = (*figures)(nil)

// figures stands where an activity folds.
type figures struct{}

// FoldFigures is only asked through the environment's expectations.
func (*figures) FoldFigures(context.Context) (int, error) { return 0, nil }

func TestFoldFigures(t *testing.T) {
	t.Parallel()

	options := map[string]workflow.ActivityOptions{}

	v := newVoyage(t)
	v.env.RegisterActivity(&figures{})
	v.observe(options)
	v.env.OnActivity(workflows.ActivityFoldFigures, mock.Anything).Return(7, nil).Once()
	v.env.ExecuteWorkflow(workflows.FoldFigures)

	var folded int

	require.NoError(t, v.env.GetWorkflowError())
	require.NoError(t, v.env.GetWorkflowResult(&folded))
	require.Equal(t, 7, folded)

	asked := options[workflows.ActivityFoldFigures]
	require.Equal(t, workflows.TaskQueue, asked.TaskQueue)
	require.Equal(t, 10*time.Minute, asked.StartToCloseTimeout)
	require.NotZero(t, asked.HeartbeatTimeout)
}

func TestFoldFiguresThatCannotBeDoneFails(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.env.RegisterActivity(&figures{})
	v.env.OnActivity(workflows.ActivityFoldFigures, mock.Anything).
		Return(0, temporal.NewNonRetryableApplicationError("", string(notification.ReasonInternalError), nil))
	v.env.ExecuteWorkflow(workflows.FoldFigures)

	require.Error(t, v.env.GetWorkflowError())
}
