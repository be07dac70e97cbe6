package demo

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
)

// RetryReference is the external reference of the notification that fails at first and can then be retried.
const RetryReference = "demo-retry"

const (
	renewPause    = 250 * time.Millisecond
	renewPatience = 2 * time.Minute
)

// Play submits the demonstration's notifications. They travel through the same gateway as everybody's.
func Play(
	ctx context.Context, does *gateway.Gateway, plays *simulator.Simulator, setting Setting, log *zap.Logger,
) {
	actor := gateway.Actor{Kind: gateway.ActorApplication, ID: actorName, Name: actorName, EnteID: setting.EnteID}

	plays.RevokeKey(setting.Renewed.IOKey)

	retried := ""

	for _, scene := range scenes(setting) {
		receipt, err := does.Submit(ctx, actor, scene)
		if err != nil {
			log.Error("demonstration notification not submitted",
				zap.String("reference", scene.ExternalReference), zap.Error(err))

			continue
		}

		if scene.ExternalReference == RetryReference {
			retried = receipt.ID
		}
	}

	renewKey(ctx, does, actor, plays, setting, retried)
}

// renewKey puts the revoked key in force again once the notification has failed by it, so that a retry succeeds.
func renewKey(
	ctx context.Context, does *gateway.Gateway, actor gateway.Actor, plays *simulator.Simulator, setting Setting,
	failing string,
) {
	defer plays.RegisterKey(setting.Renewed.IOKey, setting.ioKey(setting.Renewed))

	ctx, done := context.WithTimeout(ctx, renewPatience)
	defer done()

	for failing != "" && ctx.Err() == nil {
		view, err := does.Notification(ctx, actor, failing)
		if err == nil && view.Status == notification.StatusFailed {
			return
		}

		select {
		case <-ctx.Done():
		case <-time.After(renewPause):
		}
	}
}
