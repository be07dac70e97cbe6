package workflows

import (
	"context"
	"time"

	"go.temporal.io/sdk/workflow"
)

// FoldFiguresWorkflow is the name of the workflow, ActivityFoldFigures that of its activity, and FoldFiguresScheduleID that of the
// schedule.
const (
	FoldFiguresWorkflow   = "FoldFigures"
	ActivityFoldFigures   = "FoldFigures"
	FoldFiguresScheduleID = "fold-figures"
)

const foldTimeout = 10 * time.Minute

// FigureActivities is what the workflow of the figures asks of the outside world.
type FigureActivities interface {
	// FoldFigures adds to the figures what has changed since, and tells how many changes it were.
	FoldFigures(ctx context.Context) (int, error)
}

// FoldFigures adds to the figures what has changed since. It runs on a schedule, and tells how many changes it were.
func FoldFigures(ctx workflow.Context) (int, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueue,
		StartToCloseTimeout: foldTimeout,
		HeartbeatTimeout:    callTimeout,
	})

	var folded int

	err := workflow.ExecuteActivity(ctx, ActivityFoldFigures).Get(ctx, &folded)

	return folded, err //nolint:wrapcheck // Temporal's own error tells the step.
}
