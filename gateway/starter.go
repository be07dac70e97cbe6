package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/telemetry"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// startsAtOnce bounds the starts under way, so that a burst of requests never becomes a burst on Temporal, and whoever hands
	// something in meanwhile finds the machine.
	startsAtOnce = 4
	// startBacklog is what one process remembers to start; beyond it the sweeper finds the rows.
	startBacklog = 4096
	batchBacklog = 256
	startTimeout = 10 * time.Second

	// sweepEvery is how soon a notification that nobody started is found. sweepAfter leaves the accepting
	// process the time to start it itself.
	sweepEvery = 2 * time.Second
	sweepAfter = 5 * time.Second
	sweepBatch = 500
)

// Starter starts the workflows of accepted notifications and of batches, in the background. Their rows are the
// outbox: whatever is accepted and not started, by this process or by one that died, is found by a sweep.
type Starter struct {
	store    *db.Store
	temporal client.Client
	log      *zap.Logger
	urgent   chan db.Start // before all others: a flood of theirs must not keep it waiting
	backlog  *startQueue
	batches  chan db.BatchStart
	way      way

	interventions chan string // by their ids
}

// NewStarter builds a starter; it works while Run does.
func NewStarter(store *db.Store, temporal client.Client, log *zap.Logger) *Starter {
	return &Starter{
		store: store, temporal: temporal, log: log,
		urgent:  make(chan db.Start, startBacklog),
		backlog: newStartQueue(startBacklog), batches: make(chan db.BatchStart, batchBacklog),
		interventions: make(chan string, batchBacklog),
	}
}

// Offer hands in a notification to start. It never waits: what does not fit is left to the sweep.
func (s *Starter) Offer(start db.Start) {
	if start.Priority != notification.PriorityUrgent {
		s.backlog.push(start)

		return
	}

	select {
	case s.urgent <- start:
	default:
	}
}

// Run starts workflows until ctx ends.
func (s *Starter) Run(ctx context.Context) {
	var group sync.WaitGroup

	for range startsAtOnce {
		group.Go(func() { s.startOffered(ctx) })
	}

	group.Go(func() { s.sweepWebhooksRegularly(ctx) })

	s.sweepRegularly(ctx)
	group.Wait()
}

func (s *Starter) startOffered(ctx context.Context) {
	for s.startUrgent(ctx) {
		var again <-chan time.Time

		ready := s.backlog.ready
		if !s.way.free() {
			ready, again = nil, time.After(crowdGlance)
		}

		select {
		case <-ctx.Done():
			return
		case <-again:
		case start := <-s.urgent:
			s.tryToStart(ctx, start)
		case <-ready:
			s.tryToStartNext(ctx)
		case start := <-s.batches:
			s.tryToStartBatch(ctx, start)
		case id := <-s.interventions:
			s.tryToStartIntervention(ctx, id)
		}
	}
}

// startUrgent starts all that is urgent, since a select chooses among what is ready as chance will have it. It is false
// once ctx has ended.
func (s *Starter) startUrgent(ctx context.Context) bool {
	for ctx.Err() == nil {
		select {
		case start := <-s.urgent:
			s.tryToStart(ctx, start)
		default:
			return true
		}
	}

	return false
}

// tryToStartNext starts what comes next in the backlog. What has waited there for long may have been found by a sweep, of this process or
// of another one: to look is cheaper than to have Temporal refuse it.
func (s *Starter) tryToStartNext(ctx context.Context) {
	next := s.backlog.pop()

	if time.Since(next.since) > sweepAfter {
		if started, err := s.store.IsStarted(ctx, next.ID, next.Run); err == nil && started {
			return
		}
	}

	s.tryToStart(ctx, next.Start)
}

// tryToStart may fail: the sweep finds the row again.
func (s *Starter) tryToStart(ctx context.Context, start db.Start) {
	if err := s.Start(ctx, start); err != nil && ctx.Err() == nil {
		s.log.Warn("workflow not started yet", zap.String("notification_id", start.ID), zap.Error(err))
	}
}

func (s *Starter) sweepRegularly(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()

	for {
		if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("sweep for accepted notifications not finished", zap.Error(err))
		}

		if err := s.sweepBatches(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("sweep for batches not finished", zap.Error(err))
		}

		if err := s.sweepInterventions(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("sweep for interventions not finished", zap.Error(err))
		}

		if err := s.sweepErasures(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("sweep for erasures not finished", zap.Error(err))
		}

		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// sweep starts what was accepted a while ago and not started.
func (s *Starter) sweep(ctx context.Context) error {
	starts, err := s.store.Unstarted(ctx, time.Now().Add(-sweepAfter), sweepBatch)
	if err != nil {
		return fmt.Errorf("listing accepted notifications: %w", err)
	}

	return startAll(ctx, starts, s.startFound)
}

// Finish starts what was offered and is not taken up yet, until nothing of it is left or ctx ends. What it leaves is
// found by the sweep of another process.
func (s *Starter) Finish(ctx context.Context) {
	var group sync.WaitGroup

	for range startsAtOnce {
		group.Go(func() {
			for s.startUrgent(ctx) {
				select {
				case <-s.backlog.ready:
					s.tryToStartNext(ctx)
				case start := <-s.batches:
					s.tryToStartBatch(ctx, start)
				case id := <-s.interventions:
					s.tryToStartIntervention(ctx, id)
				default:
					return
				}
			}
		})
	}

	group.Wait()
}

// Start starts the workflow of one notification. A start that had already happened is found and noted.
func (s *Starter) Start(ctx context.Context, start db.Start) error {
	ctx, done := context.WithTimeout(ctx, startTimeout)
	defer done()

	// What the sweep finds begins a trace of its own: whoever accepted it may be long gone.
	ctx = telemetry.Carry(ctx, start.Trace)

	runID, err := s.execute(ctx, start)
	if err != nil {
		return err
	}

	if err := s.store.MarkStarted(ctx, start.ID, start.Run, runID); err != nil {
		return fmt.Errorf("noting the started workflow: %w", err)
	}

	return nil
}

// execute gives the run that is started now, or was before.
func (s *Starter) execute(ctx context.Context, start db.Start) (runID string, err error) {
	run, err := s.temporal.ExecuteWorkflow(ctx, StartOptions(start), workflows.NotificationWorkflow, input(start))
	if err == nil {
		s.log.Info("workflow started", stepStarted(start))

		return run.GetRunID(), nil
	}

	already, ok := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err)
	if !ok {
		return "", fmt.Errorf("starting the workflow: %w", err)
	}

	number, err := numberOf(ctx, s.temporal, start.ID, already.RunId)
	if err != nil {
		return "", err
	}

	if number != start.Run {
		return "", errOtherRun
	}

	return already.RunId, nil
}

// StartOptions are those with which a notification's workflow is started: once and for all, and in its place in the queue.
func StartOptions(start db.Start) client.StartWorkflowOptions {
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
