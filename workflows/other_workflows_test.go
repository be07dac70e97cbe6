package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

func TestRecipientCheck(t *testing.T) {
	t.Parallel()

	in := workflows.RecipientCheckInput{CheckID: "check-1", EnteID: "ente-1"}
	answers := map[string]workflows.ProfileResult{
		"reachable": {Reachable: true},
		"not on IO": {Reason: notification.ReasonIOProfileNotFound},
		"fault":     {Reason: notification.ReasonIOKeyRejected},
	}

	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			options := map[string]workflow.ActivityOptions{}

			v := newVoyage(t)
			v.observe(options)

			passing := temporal.NewApplicationError("", string(notification.ReasonIOUnavailable))
			v.env.OnActivity(workflows.ActivityCheckRecipient, mock.Anything, in).
				Return(workflows.ProfileResult{}, passing).Once()
			v.env.OnActivity(workflows.ActivityCheckRecipient, mock.Anything, in).Return(answer, nil).Once()
			v.env.ExecuteWorkflow(workflows.RecipientCheck, in)

			var got workflows.ProfileResult

			require.NoError(t, v.env.GetWorkflowError())
			require.NoError(t, v.env.GetWorkflowResult(&got))
			require.Equal(t, answer, got)
			require.Len(t, v.of(workflows.ActivityCheckRecipient), 2)
			require.Equal(t, workflows.TaskQueueIO, options[workflows.ActivityCheckRecipient].TaskQueue)
			require.True(t, options[workflows.ActivityCheckRecipient].DisableEagerExecution)
		})
	}
}

func TestRecipientCheckThatCannotBeDoneFails(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.fails(workflows.ActivityCheckRecipient)
	v.env.ExecuteWorkflow(workflows.RecipientCheck, workflows.RecipientCheckInput{CheckID: "check-1"})

	var failure *temporal.ApplicationError

	require.ErrorAs(t, v.env.GetWorkflowError(), &failure)
	require.Equal(t, string(notification.ReasonInternalError), failure.Type())
}

func TestArchiveTimelines(t *testing.T) {
	t.Parallel()

	options := map[string]workflow.ActivityOptions{}

	v := newVoyage(t)
	v.observe(options)
	v.env.OnActivity(workflows.ActivityArchiveTimelines, mock.Anything).Return(7, nil).Once()
	v.env.ExecuteWorkflow(workflows.ArchiveTimelines)

	var stored int

	require.NoError(t, v.env.GetWorkflowError())
	require.NoError(t, v.env.GetWorkflowResult(&stored))
	require.Equal(t, 7, stored)

	asked := options[workflows.ActivityArchiveTimelines]
	require.Equal(t, workflows.TaskQueue, asked.TaskQueue)
	require.Equal(t, 10*time.Minute, asked.StartToCloseTimeout)
	require.NotZero(t, asked.HeartbeatTimeout)
}

func TestArchiveTimelinesThatCannotBeDoneFails(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.env.OnActivity(workflows.ActivityArchiveTimelines, mock.Anything).
		Return(0, temporal.NewNonRetryableApplicationError("", string(notification.ReasonInternalError), nil))
	v.env.ExecuteWorkflow(workflows.ArchiveTimelines)

	require.Error(t, v.env.GetWorkflowError())
}
