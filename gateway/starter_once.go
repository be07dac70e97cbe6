package gateway

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/genio-gateway/genio/workflows"
)

// lastPriority is that of what may wait for everything else, see [workflows.PriorityOf].
const lastPriority = 5

// onlyOnce is a workflow that runs once for its id, and whose start is noted in its row.
type onlyOnce struct {
	id, workflow string
	input        any
	// fairness is whose share of the calls its activities use; empty: nobody's.
	fairness string
	note     func(ctx context.Context) error
}

// startOnce starts a workflow. A start that had already happened is noted.
func (s *Starter) startOnce(ctx context.Context, one onlyOnce) error {
	ctx, done := context.WithTimeout(ctx, startTimeout)
	defer done()

	_, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       one.id,
		TaskQueue:                                workflows.TaskQueue,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		Priority:                                 temporal.Priority{PriorityKey: lastPriority, FairnessKey: one.fairness},
	}, one.workflow, one.input)
	if _, already := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); err != nil && !already {
		return fmt.Errorf("starting the workflow: %w", err)
	}

	if err := one.note(ctx); err != nil {
		return fmt.Errorf("noting the started workflow: %w", err)
	}

	return nil
}
