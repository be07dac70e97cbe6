package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
)

// RecipientCheck asks IO, through the same paced queue as every other call, whether a citizen can be reached.
func RecipientCheck(ctx workflow.Context, in RecipientCheckInput) (ProfileResult, error) {
	var answer ProfileResult

	ctx = waiting(ctx, TaskQueueIO, "is the citizen on IO?")
	err := workflow.ExecuteActivity(ctx, ActivityCheckRecipient, in).Get(ctx, &answer)

	return answer, err //nolint:wrapcheck // Temporal's own error tells the step.
}

// RecipientCheckPriority lets a check, for which an application waits, overtake batches.
const RecipientCheckPriority = notification.PriorityUrgent
