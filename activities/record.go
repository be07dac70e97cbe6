package activities

import (
	"context"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/workflows"
)

// SkipChannel records that a channel is not used, and why. It gives its input back, so that the history tells it.
func (a *Activities) SkipChannel(ctx context.Context, in workflows.SkipInput) (workflows.SkipInput, error) {
	return in, storeFault("skipping a channel", a.Store.SkipAttempt(ctx, in.NotificationID, in.Channel, in.Reason))
}

// Hold puts the notification before a person. It gives its input back, so that the history tells it.
func (a *Activities) Hold(ctx context.Context, in workflows.HoldInput) (workflows.HoldInput, error) {
	return in, storeFault("holding the notification", a.Store.SetHold(ctx, in.NotificationID, in.Reason))
}

// Resume takes the notification back from hold.
func (a *Activities) Resume(ctx context.Context, step workflows.Step) error {
	return storeFault("resuming the notification", a.Store.ClearHold(ctx, step.NotificationID))
}

// Settle stores the final state.
func (a *Activities) Settle(ctx context.Context, in workflows.SettleInput) error {
	settlement := db.Settlement{Status: in.Status, Reason: in.Reason, Channel: in.Channel, Run: in.Run}

	if err := a.Store.Settle(ctx, in.NotificationID, settlement); err != nil {
		return storeFault("settling the notification", err)
	}

	a.Metrics.Settled(in.Status, in.Reason, in.Channel)

	return nil
}
