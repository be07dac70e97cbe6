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

	nightHour   = 3
	nightMinute = 30
	italianZone = "Europe/Rome"
)

// periodic is a workflow that runs again and again, never twice at once.
type periodic struct {
	id       string // of the schedule, and of its workflows
	workflow string
	spec     client.ScheduleSpec
	input    []any
}

func every(interval time.Duration) client.ScheduleSpec {
	return client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: interval}}}
}

// nightly is half past three in the morning in Italy, when nobody sends: an hour that every day has exactly once, also those on
// which the clocks change.
func nightly() client.ScheduleSpec {
	return client.ScheduleSpec{
		Calendars: []client.ScheduleCalendarSpec{{
			Hour: []client.ScheduleRange{{Start: nightHour}}, Minute: []client.ScheduleRange{{Start: nightMinute}},
		}},
		TimeZoneName: italianZone,
	}
}

// Schedule makes sure that the periodic workflows exist. It may be called by every process.
func Schedule(ctx context.Context, in client.Client) error {
	for _, one := range []periodic{
		{workflows.ArchiveTimelinesScheduleID, workflows.ArchiveTimelinesWorkflow, every(archiveEvery), nil},
		{workflows.FoldFiguresScheduleID, workflows.FoldFiguresWorkflow, every(foldEvery), nil},
		{
			workflows.ReconciliationScheduleID, workflows.ReconciliationWorkflow, every(reconcileEvery),
			[]any{workflows.ReconciliationInput{}},
		},
		{workflows.RetentionScheduleID, workflows.RetentionWorkflow, nightly(), []any{workflows.RetentionInput{}}},
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
		Spec:    p.spec,
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		Action:  &client.ScheduleWorkflowAction{ID: p.id, Workflow: p.workflow, TaskQueue: workflows.TaskQueue, Args: p.input},
	})
	if err != nil && !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return fmt.Errorf("scheduling %s: %w", p.id, err)
	}

	return nil
}
