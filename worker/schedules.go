package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/genio-gateway/genio/workflows"
)

// archiveEvery must stay well below the namespace's retention.
const archiveEvery = time.Hour

// Schedule makes sure that the periodic workflows exist. It may be called by every process.
func Schedule(ctx context.Context, in client.Client) error {
	_, err := in.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID:      workflows.ArchiveTimelinesScheduleID,
		Spec:    client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: archiveEvery}}},
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		Action: &client.ScheduleWorkflowAction{
			ID:        workflows.ArchiveTimelinesScheduleID,
			Workflow:  workflows.ArchiveTimelinesWorkflow,
			TaskQueue: workflows.TaskQueue,
		},
	})
	if err != nil && !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return fmt.Errorf("scheduling the archive of timelines: %w", err)
	}

	return nil
}
