package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/workflows"
)

// OfferBatch hands in a workflow of a batch to start. It never waits: what does not fit is left to the sweep.
func (s *Starter) OfferBatch(start db.BatchStart) {
	select {
	case s.batches <- start:
	default:
	}
}

// tryToStartBatch may fail: the sweep finds the batch again.
func (s *Starter) tryToStartBatch(ctx context.Context, start db.BatchStart) {
	if err := s.StartBatch(ctx, start); err != nil && ctx.Err() == nil {
		s.log.Warn("workflow of a batch not started yet",
			zap.String("batch_id", start.BatchID), zap.String("step", string(start.Step)), zap.Error(err))
	}
}

// sweepBatches starts what batches have waited for a while.
func (s *Starter) sweepBatches(ctx context.Context) error {
	starts, err := s.store.UnstartedBatches(ctx, time.Now().Add(-sweepAfter), sweepBatch)
	if err != nil {
		return fmt.Errorf("listing batches: %w", err)
	}

	return startAll(ctx, starts, s.startFoundBatch)
}

// startFoundBatch gives a failure that says something about Temporal or the database, and not about the batch.
func (s *Starter) startFoundBatch(ctx context.Context, start db.BatchStart) error {
	err := s.StartBatch(ctx, start)
	if isOwnFault(err) {
		s.log.Error("workflow of a batch refused",
			zap.String("batch_id", start.BatchID), zap.String("step", string(start.Step)), zap.Error(err))

		return nil
	}

	return err
}

// StartBatch starts a workflow of a batch. A start that had already happened is noted.
func (s *Starter) StartBatch(ctx context.Context, start db.BatchStart) error {
	ctx, done := context.WithTimeout(ctx, startTimeout)
	defer done()

	workflow, err := batchWorkflowOf(start)
	if err != nil {
		return err
	}

	_, err = s.temporal.ExecuteWorkflow(ctx, workflow.options(start), workflow.name, workflow.input)
	_, already := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err)

	switch {
	case already && start.Step == db.BatchStepSample:
		// Perhaps it is the one before, which is just ending: the sweep tries again.
		return nil
	case err != nil && !already:
		return fmt.Errorf("starting the workflow: %w", err)
	}

	if err := s.store.MarkBatchStarted(ctx, start); err != nil {
		return fmt.Errorf("noting the started workflow: %w", err)
	}

	return nil
}

// batchWorkflow is one of a batch's workflows.
type batchWorkflow struct {
	name, id string
	input    any
	reuse    enumspb.WorkflowIdReusePolicy
}

func batchWorkflowOf(start db.BatchStart) (batchWorkflow, error) {
	switch start.Step {
	case db.BatchStepCheck:
		return batchWorkflow{
			name: workflows.BatchCheckWorkflow, id: workflows.BatchCheckID(start.BatchID, start.Check),
			input: workflows.BatchCheckInput{BatchID: start.BatchID, EnteID: start.EnteID, Check: start.Check},
			reuse: enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		}, nil
	case db.BatchStepSample:
		// Another sample may be asked for after each reading of the file.
		return batchWorkflow{
			name: workflows.BatchSampleWorkflow, id: workflows.BatchSampleID(start.BatchID, start.Check),
			input: workflows.BatchSampleInput{BatchID: start.BatchID, EnteID: start.EnteID, Check: start.Check},
			reuse: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		}, nil
	case db.BatchStepSend:
		// Whoever resumes or cancels a batch whose workflow failed starts it again: its rows become the same notifications.
		return batchWorkflow{
			name: workflows.BatchWorkflow, id: workflows.BatchID(start.BatchID),
			input: workflows.BatchInput{BatchID: start.BatchID, EnteID: start.EnteID, SendAt: start.SendAt},
			reuse: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		}, nil
	}

	return batchWorkflow{}, fmt.Errorf("a batch has no step %q", start.Step)
}

func (w batchWorkflow) options(start db.BatchStart) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                                       w.id,
		TaskQueue:                                workflows.TaskQueue,
		WorkflowIDReusePolicy:                    w.reuse,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		Priority:                                 workflows.PriorityOf(start.EnteID, start.Priority),
	}
}
