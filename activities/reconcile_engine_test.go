package activities_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/workflows"
)

var errEngineAway = errors.New("the engine is away")

// engine plays what Temporal knows, by workflow ID: what is not there is missing.
type engine struct {
	store *db.Store

	known   map[string]workflows.Execution
	numbers map[string]int
	results map[string]workflows.NotificationResult
	stopped []string
	started []string
	away    bool
	// onLook happens before each look: what is in flight moves on meanwhile.
	onLook func()
}

func (e *engine) Running(_ context.Context, ids []string) (map[string]bool, error) {
	running := map[string]bool{}

	for _, id := range ids {
		running[id] = e.known[id].State == workflows.ExecutionRunning
	}

	if e.away {
		return nil, errEngineAway
	}

	return running, nil
}

func (e *engine) RunningPage(_ context.Context, _ string, token []byte) ([]workflows.RunningWorkflow, []byte, error) {
	ids := slices.Sorted(maps.Keys(e.known))
	if len(token) == 0 && len(ids) > 1 {
		return []workflows.RunningWorkflow{{ID: ids[0]}}, []byte("the rest"), nil
	}

	var page []workflows.RunningWorkflow
	for _, id := range ids[min(len(token), 1):] {
		page = append(page, workflows.RunningWorkflow{ID: id})
	}

	return page, nil, nil
}

func (e *engine) Look(_ context.Context, id string) (workflows.Execution, error) {
	if e.onLook != nil {
		e.onLook()
	}

	if seen, known := e.known[id]; known {
		return seen, nil
	}

	return workflows.Execution{State: workflows.ExecutionMissing}, nil
}

func (e *engine) Number(_ context.Context, id, _ string) (int, error) {
	if number, known := e.numbers[id]; known {
		return number, nil
	}

	return 1, nil
}

func (e *engine) Result(_ context.Context, id, _ string) (workflows.NotificationResult, bool, error) {
	result, told := e.results[id]

	return result, told, nil
}

func (e *engine) Stop(_ context.Context, id, _ string) error {
	e.stopped = append(e.stopped, id)

	return nil
}

// Start notes the start, as the real one does.
func (e *engine) Start(ctx context.Context, start db.Start) error {
	if e.away {
		return errEngineAway
	}

	e.started = append(e.started, start.ID)
	e.known[workflows.NotificationID(start.ID)] = workflows.Execution{State: workflows.ExecutionRunning, RunID: "run"}

	return e.store.MarkStarted(ctx, start.ID, start.Run, newRunID())
}

func newRunID() string { return "run-" + time.Now().Format(time.RFC3339Nano) }

// ReportSMS records the news.
func (e *engine) ReportSMS(ctx context.Context, attemptID, providerID string, delivery sms.Delivery) error {
	_, err := e.store.RecordAttempt(ctx, attemptID, db.AttemptChange{
		Status: delivery.Status, Reason: delivery.Reason, ProviderID: providerID, ProviderStatus: delivery.ProviderStatus,
	})

	return err
}
