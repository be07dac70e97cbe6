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

// lastPriority is that of what may wait for everything else, see [workflows.PriorityOf].
const lastPriority = 5

// OfferIntervention hands in an intervention to start. It never waits: what does not fit is left to the sweep.
func (s *Starter) OfferIntervention(id string) {
	select {
	case s.interventions <- id:
	default:
	}
}

// tryToStartIntervention may fail: the sweep finds the intervention again.
func (s *Starter) tryToStartIntervention(ctx context.Context, id string) {
	if err := s.StartIntervention(ctx, id); err != nil && ctx.Err() == nil {
		s.log.Warn("workflow of an intervention not started yet", zap.String("intervention_id", id), zap.Error(err))
	}
}

// sweepInterventions starts those that have waited for a while.
func (s *Starter) sweepInterventions(ctx context.Context) error {
	found, err := s.store.UnstartedInterventions(ctx, time.Now().Add(-sweepAfter), sweepBatch)
	if err != nil {
		return fmt.Errorf("listing interventions: %w", err)
	}

	return startAll(ctx, found, func(ctx context.Context, one notification.Intervention) error {
		err := s.StartIntervention(ctx, one.ID)
		if isOwnFault(err) {
			s.log.Error("workflow of an intervention refused", zap.String("intervention_id", one.ID), zap.Error(err))

			return nil
		}

		return err
	})
}

// StartIntervention starts the workflow of an intervention. A start that had already happened is noted.
func (s *Starter) StartIntervention(ctx context.Context, id string) error {
	ctx, done := context.WithTimeout(ctx, startTimeout)
	defer done()

	_, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       workflows.InterventionID(id),
		TaskQueue:                                workflows.TaskQueue,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		Priority:                                 temporal.Priority{PriorityKey: lastPriority},
	}, workflows.InterventionWorkflow, workflows.InterventionInput{ID: id})
	if _, already := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); err != nil && !already {
		return fmt.Errorf("starting the workflow: %w", err)
	}

	if err := s.store.MarkInterventionStarted(ctx, id); err != nil {
		return fmt.Errorf("noting the started workflow: %w", err)
	}

	return nil
}
