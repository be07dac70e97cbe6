package main

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/client"

	"github.com/genio-gateway/genio/workflows"
)

// hourlySchedules are those of what GeNIO does once in a while: an hour may begin in one round and not in another.
func hourlySchedules() []string {
	return []string{workflows.ArchiveTimelinesScheduleID, workflows.ReconciliationScheduleID, workflows.RetentionScheduleID}
}

// pauseSchedules keeps GeNIO's periodic workflows from being started. A worker that has just begun makes them a moment later.
func (r *speedRun) pauseSchedules(ctx context.Context, ids ...string) error {
	for _, id := range ids {
		var err error

		handle := r.temporal.ScheduleClient().GetHandle(ctx, id)

		waited := await(ctx, "the schedule "+id, func() bool {
			err = handle.Pause(ctx, client.SchedulePauseOptions{Note: "a benchmark"})

			return err == nil
		})
		if waited != nil {
			return fmt.Errorf("pausing a schedule: %w", err)
		}
	}

	return nil
}

func (r *speedRun) resumeSchedule(ctx context.Context, id string) error {
	handle := r.temporal.ScheduleClient().GetHandle(ctx, id)
	if err := handle.Unpause(ctx, client.ScheduleUnpauseOptions{Note: "a benchmark"}); err != nil {
		return fmt.Errorf("resuming a schedule: %w", err)
	}

	return nil
}
