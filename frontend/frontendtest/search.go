package frontendtest

import (
	"context"

	"github.com/genio-gateway/genio/gateway"
)

// SavedFilters lists none: nobody keeps any.
func (g *Gateway) SavedFilters(context.Context, gateway.Actor) ([]gateway.SavedFilter, error) {
	return nil, nil
}

// RecentBatches names none.
func (g *Gateway) RecentBatches(context.Context, gateway.Actor, string) ([]gateway.BatchName, error) {
	return nil, nil
}
