package activities

import (
	"context"
	"fmt"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// Pacer changes the rate at which Temporal gives out an Ente's calls to IO.
type Pacer interface {
	// Weigh sets the rate of an Ente to so many times the default one.
	Weigh(ctx context.Context, weights map[string]float32) error
}

const wholeShare = 100

// ApplyPace puts a share of an Ente's quota into force.
func (a *Activities) ApplyPace(ctx context.Context, step workflows.PaceStep) error {
	ente, err := a.Store.Ente(ctx, step.EnteID)
	if err != nil {
		return storeFault("reading the Ente", err)
	}

	weight := WeightOf(ente.IOCalls) * float32(step.Share) / wholeShare
	if err := a.Pacer.Weigh(ctx, map[string]float32{ente.ID: weight}); err != nil {
		return fmt.Errorf("changing the Ente's rate: %w", err)
	}

	return nil
}

// WeightOf is a quota as Temporal's fairness weighs it: 1 is IO's default quota.
func WeightOf(ioCalls int) float32 {
	if ioCalls <= 0 {
		return 1
	}

	return float32(ioCalls) / notification.DefaultIOCalls
}
