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

	if waiting, err := g.Store.CountUnstarted(ctx, time.Now().Add(-sweepAfter), waitingShown); err == nil {
		health.Waiting = waiting
	}

	// Temporal comes last: while it is away it uses up the patience, and the count is then needed most.
	_, err := g.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
	health.Temporal = err == nil

	return health
}

// Ready tells whether notifications can be accepted, for which the database is enough: while Temporal is away
// they wait.
func (g *Gateway) Ready(ctx context.Context) error {
	return storeError("asking the database", g.Store.Ping(ctx))
}
