package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// startsAtOnce bounds the starts under way, so that a burst of requests never becomes a burst on Temporal.
	startsAtOnce = 16
	// startBacklog is what one process remembers to start; beyond it the sweeper finds the rows.
	startBacklog = 4096
	startTimeout = 10 * time.Second

	// sweepEvery is how soon a notification that nobody started is found. sweepAfter leaves the accepting
	// process the time to start it itself.
	sweepEvery = 2 * time.Second
	sweepAfter = 5 * time.Second
	sweepBatch = 500
)

// Starter starts the workflows of accepted notifications, in the background. The notification's row is the
// outbox: whatever is accepted and not started, by this process or by one that died, is found by a sweep.
type Starter struct {
	store    *db.Store
	temporal client.Client
	log      *zap.Logger
	backlog  chan db.Start
}

// NewStarter builds a starter; it works while Run does.
func NewStarter(store *db.Store, temporal client.Client, log *zap.Logger) *Starter {
	return &Starter{store: store, temporal: temporal, log: log, backlog: make(chan db.Start, startBacklog)}
}

// Offer hands in a notification to start. It never waits: what does not fit is left to the sweep.
func (s *Starter) Offer(start db.Start) {
	select {
	case s.backlog <- start:
	default:
	}
}

// Run starts workflows until ctx ends.
func (s *Starter) Run(ctx context.Context) {
	var group sync.WaitGroup

	for range startsAtOnce {
		group.Go(func() { s.startOffered(ctx) })
	}

	s.sweepRegularly(ctx)
	group.Wait()
}

func (s *Starter) startOffered(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case start := <-s.backlog:
			// A failure is not final: the sweep finds the row again.
			if err := s.Start(ctx, start); err != nil && ctx.Err() == nil {
				s.log.Warn("workflow not started yet", zap.String("notification_id", start.ID), zap.Error(err))
			}
		}
	}
}

func (s *Starter) sweepRegularly(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()

	for {
		if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("sweep for accepted notifications not finished", zap.Error(err))
		}

		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// sweep starts what was accepted a while ago and not started. It goes one by one and stops at the first
// failure: while Temporal is away there is no point in asking for each.
func (s *Starter) sweep(ctx context.Context) error {
	starts, err := s.store.Unstarted(ctx, time.Now().Add(-sweepAfter), sweepBatch)
	if err != nil {
		return fmt.Errorf("listing accepted notifications: %w", err)
	}

	for _, start := range starts {
		if err := s.Start(ctx, start); err != nil && !errors.Is(err, errEarlierRunOpen) {
			return err
		}
	}

	return nil
}

// errEarlierRunOpen: a retry was asked before Temporal had closed the failed run. The next sweep tries again.
var errEarlierRunOpen = errors.New("the earlier run is not closed yet")

// Start starts the workflow of one notification. A start that had already happened is found and noted.
func (s *Starter) Start(ctx context.Context, start db.Start) error {
	ctx, done := context.WithTimeout(ctx, startTimeout)
	defer done()

	run, err := s.temporal.ExecuteWorkflow(ctx, startOptions(start), workflows.NotificationWorkflow, input(start))

	runID := ""
	if err == nil {
		runID = run.GetRunID()
	} else {
		if runID, err = s.startedBefore(ctx, start, err); err != nil {
			return err
		}
	}

	if err := s.store.MarkStarted(ctx, start.ID, start.Run, runID); err != nil {
		return fmt.Errorf("noting the started workflow: %w", err)
	}

	return nil
}

// startedBefore gives the run that made Temporal refuse the start, if it is this very run.
func (s *Starter) startedBefore(ctx context.Context, start db.Start, refusal error) (string, error) {
	var already *serviceerror.WorkflowExecutionAlreadyStarted
	if !errors.As(refusal, &already) {
		return "", fmt.Errorf("starting the workflow: %w", refusal)
	}

	known, err := s.store.Runs(ctx, start.ID)
	if err != nil {
		return "", fmt.Errorf("reading the runs: %w", err)
	}

	if earlier := known[:min(len(known), start.Run-1)]; slices.Contains(earlier, already.RunId) {
		return "", errEarlierRunOpen
	}

	return already.RunId, nil
}

func startOptions(start db.Start) client.StartWorkflowOptions {
	// A first run starts once and for all; a further one only after a failure.
	reuse := enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE
	if start.Run > 1 {
		reuse = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY
	}

	return client.StartWorkflowOptions{
		ID:                                       workflows.NotificationID(start.ID),
		TaskQueue:                                workflows.TaskQueue,
		WorkflowIDReusePolicy:                    reuse,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		Priority:                                 workflows.PriorityOf(start.EnteID, start.Priority),
	}
}

func input(start db.Start) workflows.NotificationInput {
	return workflows.NotificationInput{
		ID: start.ID, EnteID: start.EnteID, ServiceID: start.ServiceID, Priority: start.Priority,
		Policy: start.Policy, Run: start.Run, SendAt: start.SendAt, ExpiresAt: start.ExpiresAt,
	}
}
