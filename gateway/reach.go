package gateway

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
)

const (
	reachPatience = time.Second
	// reachKept is how long an answer holds: pages ask every few seconds, and each of them would wait.
	reachKept = 5 * time.Second
)

// reach remembers whether Temporal answered lately.
type reach struct {
	mutex sync.Mutex
	asked time.Time
	away  bool
}

// temporalAway asks Temporal whether it is there, unless it was asked a moment ago.
func (g *Gateway) temporalAway(ctx context.Context) bool {
	g.reach.mutex.Lock()
	defer g.reach.mutex.Unlock()

	if time.Since(g.reach.asked) < reachKept {
		return g.reach.away
	}

	ctx, done := context.WithTimeout(ctx, reachPatience)
	defer done()

	_, err := g.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
	g.reach.asked, g.reach.away = time.Now(), err != nil

	return g.reach.away
}
