package gateway

import (
	"context"
	"fmt"
	"time"

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
	return s.startOnce(ctx, onlyOnce{
		id: workflows.WebhookID(start.ID, start.Round), workflow: workflows.WebhookWorkflow,
		input:    workflows.WebhookInput{DeliveryID: start.ID, EnteID: start.EnteID, Round: start.Round},
		fairness: start.EnteID,
		note:     func(ctx context.Context) error { return s.store.MarkWebhookStarted(ctx, start.ID, start.Round) },
	})
}
