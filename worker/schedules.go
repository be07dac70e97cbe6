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

const (
	// archiveEvery must stay well below the namespace's retention.
	archiveEvery = time.Hour
	// foldEvery keeps what is not folded so little that adding it costs a reader next to nothing.
	foldEvery = time.Minute
	// reconcileEvery is how long a disorder may go unnoticed.
	reconcileEvery = time.Hour
)

// periodic is a workflow that runs again and again, never twice at once.
type periodic struct {
	id       string // of the schedule, and of its workflows
	workflow string
	every    time.Duration
	input    []any
}

// Schedule makes sure that the periodic workflows exist. It may be called by every process.
func Schedule(ctx context.Context, in client.Client) error {
	for _, one := range []periodic{
		{workflows.ArchiveTimelinesScheduleID, workflows.ArchiveTimelinesWorkflow, archiveEvery, nil},
		{workflows.FoldFiguresScheduleID, workflows.FoldFiguresWorkflow, foldEvery, nil},
		{
			workflows.ReconciliationScheduleID, workflows.ReconciliationWorkflow, reconcileEvery,
			[]any{workflows.ReconciliationInput{}},
		},
	} {
		if err := one.schedule(ctx, in); err != nil {
			return err
		}
	}

	return nil
}

func (p periodic) schedule(ctx context.Context, in client.Client) error {
	_, err := in.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID:      p.id,
		Spec:    client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: p.every}}},
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		Action:  &client.ScheduleWorkflowAction{ID: p.id, Workflow: p.workflow, TaskQueue: workflows.TaskQueue, Args: p.input},
	})
	if err != nil && !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return fmt.Errorf("scheduling %s: %w", p.id, err)
	}

	return nil
}
