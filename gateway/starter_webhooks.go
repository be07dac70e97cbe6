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

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/workflows"
)

// webhookBatch is as much as is settled between two sweeps, and more.
const webhookBatch = 2000

// sweepWebhooksRegularly starts what is to be told to the Enti's applications. Nobody offers it: triggers of the database write
// it. It is apart from the other sweeps, so that none waits for the other.
func (s *Starter) sweepWebhooksRegularly(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()

	for {
		if err := s.sweepWebhooks(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("sweep for webhooks not finished", zap.Error(err))
		}

		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (s *Starter) sweepWebhooks(ctx context.Context) error {
	starts, err := s.store.UnstartedWebhooks(ctx, webhookBatch)
	if err != nil {
		return fmt.Errorf("listing deliveries of webhooks: %w", err)
	}

	return startAll(ctx, starts, func(ctx context.Context, start db.WebhookStart) error {
		err := s.StartWebhook(ctx, start)
		if isOwnFault(err) {
			s.log.Error("workflow of a webhook refused", zap.String("delivery_id", start.ID), zap.Error(err))

			return nil
		}

		return err
	})
}

// StartWebhook starts the workflow of a delivery. A start that had already happened is noted. Each Ente has its fair share of
// the calls.
func (s *Starter) StartWebhook(ctx context.Context, start db.WebhookStart) error {
	ctx, done := context.WithTimeout(ctx, startTimeout)
	defer done()

	_, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       workflows.WebhookID(start.ID, start.Round),
		TaskQueue:                                workflows.TaskQueue,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		Priority:                                 temporal.Priority{PriorityKey: lastPriority, FairnessKey: start.EnteID},
	}, workflows.WebhookWorkflow, workflows.WebhookInput{DeliveryID: start.ID, EnteID: start.EnteID, Round: start.Round})
	if _, already := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); err != nil && !already {
		return fmt.Errorf("starting the workflow: %w", err)
	}

	if err := s.store.MarkWebhookStarted(ctx, start.ID, start.Round); err != nil {
		return fmt.Errorf("noting the started workflow: %w", err)
	}

	return nil
}
