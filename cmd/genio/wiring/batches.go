package wiring

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// ofBatches cancels notifications for a batch that was cancelled.
type ofBatches struct {
	does *gateway.Gateway
}

func newOfBatches(store *db.Store, temporal client.Client, starter *gateway.Starter, log *zap.Logger) ofBatches {
	return ofBatches{does: gateway.New(gateway.Config{Store: store, Temporal: temporal, Starter: starter, Log: log})}
}

// Cancel cancels a notification on the Ente's behalf. One that has ended meanwhile is no error.
func (b ofBatches) Cancel(ctx context.Context, notificationID string) error {
	actor := gateway.Actor{Kind: gateway.ActorSystem, ID: "batch", Name: "batch"}

	err := b.does.Cancel(ctx, actor, notificationID, notification.ReasonCancelledByEnte)
	if err == nil || errors.Is(err, gateway.ErrState) {
		return nil
	}

	return fmt.Errorf("cancelling a notification of a batch: %w", err)
}
