package gateway

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

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
	return s.startOnce(ctx, onlyOnce{
		id: workflows.InterventionID(id), workflow: workflows.InterventionWorkflow, input: workflows.InterventionInput{ID: id},
		note: func(ctx context.Context) error { return s.store.MarkInterventionStarted(ctx, id) },
	})
}
