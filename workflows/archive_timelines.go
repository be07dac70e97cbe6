package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

const archiveTimeout = 10 * time.Minute

// ArchiveTimelines stores the timelines of settled notifications in the database, before Temporal forgets
// their histories. It runs on a schedule, and tells how many it stored.
func ArchiveTimelines(ctx workflow.Context) (int, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueue,
		StartToCloseTimeout: archiveTimeout,
		HeartbeatTimeout:    callTimeout,
	})

	var stored int

	err := workflow.ExecuteActivity(ctx, ActivityArchiveTimelines).Get(ctx, &stored)

	return stored, err //nolint:wrapcheck // Temporal's own error tells the step.
}
