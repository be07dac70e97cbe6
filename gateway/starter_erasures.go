package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// sweepErasures starts those that have waited for a while.
func (s *Starter) sweepErasures(ctx context.Context) error {
	found, err := s.store.UnstartedErasures(ctx, time.Now().Add(-sweepAfter), sweepBatch)
	if err != nil {
		return fmt.Errorf("listing erasures: %w", err)
	}

	return startAll(ctx, found, func(ctx context.Context, one notification.Erasure) error {
		err := s.StartErasure(ctx, one.ID)
		if isOwnFault(err) {
			s.log.Error("workflow of an erasure refused", zap.String("erasure_id", one.ID), zap.Error(err))

			return nil
		}

		return err
	})
}

// StartErasure starts the workflow of an erasure. A start that had already happened is noted.
func (s *Starter) StartErasure(ctx context.Context, id string) error {
	ctx, done := context.WithTimeout(ctx, startTimeout)
	defer done()

	_, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       workflows.ErasureID(id),
		TaskQueue:                                workflows.TaskQueue,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		Priority:                                 temporal.Priority{PriorityKey: lastPriority},
	}, workflows.ErasureWorkflow, workflows.ErasureInput{ID: id})
	if _, already := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); err != nil && !already {
		return fmt.Errorf("starting the workflow: %w", err)
	}

	if err := s.store.MarkErasureStarted(ctx, id); err != nil {
		return fmt.Errorf("noting the started workflow: %w", err)
	}

	return nil
}
