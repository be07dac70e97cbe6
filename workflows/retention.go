package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

const (
	// removalTimeout bounds one activity, which stops by itself long before, and enteRemovalTimeout all tries for one Ente: after
	// that it is the next night's.
	removalTimeout     = 15 * time.Minute
	enteRemovalTimeout = 2 * time.Hour
	// removalsOfOneRun keeps a history well below what Temporal allows; the next run goes on from there.
	removalsOfOneRun = 500
)

// Retention removes what has been kept for as long as each Ente keeps it: Ente by Ente, and then what is nobody's in particular.
// What cannot be removed of one Ente does not keep the others waiting: it is noted, and the next night tries again. It runs on a
// schedule.
func Retention(ctx workflow.Context, in RetentionInput) error {
	if in.RunID == "" {
		in.RunID = workflow.GetInfo(ctx).WorkflowExecution.RunID

		if err := workflow.ExecuteActivity(removing(ctx, "list the Enti"), ActivityBeginRetention, in).Get(ctx, &in.EnteIDs); err != nil {
			return err //nolint:wrapcheck // Temporal's own error tells the step.
		}
	}

	for range removalsOfOneRun {
		if len(in.EnteIDs) == 0 {
			return finishRetention(ctx, in.RunID)
		}

		removal := RetentionRemoval{RunID: in.RunID, EnteID: in.EnteIDs[0]}

		var result RetentionResult

		err := workflow.ExecuteActivity(removing(ctx, "remove what is due of an Ente"), ActivityRemoveOfEnte, removal).Get(ctx, &result)
		if err != nil {
			if ctx.Err() != nil {
				return err //nolint:wrapcheck // as above.
			}

			if err := noteFault(ctx, removal); err != nil {
				return err
			}
		}

		if err != nil || result.Done {
			in.EnteIDs = in.EnteIDs[1:]
		}
	}

	return workflow.NewContinueAsNewError(ctx, Retention, in) //nolint:wrapcheck // it has to stay what it is.
}

func finishRetention(ctx workflow.Context, runID string) error {
	shared := RetentionRemoval{RunID: runID}

	err := workflow.ExecuteActivity(removing(ctx, "remove what is nobody's in particular"), ActivityRemoveShared, shared).Get(ctx, nil)
	if err != nil {
		if ctx.Err() != nil {
			return err //nolint:wrapcheck // as above.
		}

		if err := noteFault(ctx, shared); err != nil {
			return err
		}
	}

	return workflow.ExecuteLocalActivity(recording(ctx), ActivityFinishRetention, shared).Get(ctx, nil) //nolint:wrapcheck // as above.
}

func noteFault(ctx workflow.Context, removal RetentionRemoval) error {
	return workflow.ExecuteLocalActivity(recording(ctx), ActivityNoteRetentionFault, removal).Get(ctx, nil) //nolint:wrapcheck // as above.
}

func removing(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              TaskQueue,
		StartToCloseTimeout:    removalTimeout,
		ScheduleToCloseTimeout: enteRemovalTimeout,
		HeartbeatTimeout:       fileHeartbeat,
		RetryPolicy:            retryUntilDeadline(),
		Summary:                summary,
	})
}
