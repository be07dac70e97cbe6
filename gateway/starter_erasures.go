package gateway

import (
	"context"
	"fmt"
	"time"

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
	return s.startOnce(ctx, onlyOnce{
		id: workflows.ErasureID(id), workflow: workflows.ErasureWorkflow, input: workflows.ErasureInput{ID: id},
		note: func(ctx context.Context) error { return s.store.MarkErasureStarted(ctx, id) },
	})
}
