package gateway

import (
	"context"
	"time"

	"go.temporal.io/sdk/client"
)

const (
	healthPatience = 2 * time.Second
	// waitingShown bounds the count of accepted notifications that were not started; more would say nothing new.
	waitingShown = 1000
)

// Health asks every part that the gateway needs.
func (g *Gateway) Health(ctx context.Context) Health {
	ctx, done := context.WithTimeout(ctx, healthPatience)
	defer done()

	var health Health

	health.Database = g.Store.Ping(ctx) == nil

	_, err := g.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
	health.Temporal = err == nil

	if waiting, err := g.Store.Unstarted(ctx, time.Now().Add(-sweepAfter), waitingShown); err == nil {
		health.Waiting = len(waiting)
	}

	return health
}
