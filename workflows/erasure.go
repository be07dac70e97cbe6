package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// erasureTimeout bounds one look at all that is held about a citizen, batches' rows included.
const erasureTimeout = time.Hour

// Erasure erases what is held about a citizen. What has not ended is cancelled first, or waited for, as the request says: the
// wait leaves no history.
func Erasure(ctx workflow.Context, in ErasureInput) error {
	for _, step := range []struct{ activity, summary string }{
		{ActivityCancelForErasure, "cancel what is open, if asked to"},
		{ActivityEraseCitizen, "erase what has ended"},
	} {
		if err := workflow.ExecuteActivity(erasing(ctx, step.summary), step.activity, in).Get(ctx, nil); err != nil {
			return err //nolint:wrapcheck // Temporal's own error tells the step.
		}
	}

	return workflow.ExecuteLocalActivity(recording(ctx), ActivityFinishErasure, in).Get(ctx, nil) //nolint:wrapcheck // as above.
}

func erasing(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueue,
		StartToCloseTimeout: erasureTimeout,
		HeartbeatTimeout:    fileHeartbeat,
		RetryPolicy:         retryUntilDeadline(),
		Summary:             summary,
	})
}
