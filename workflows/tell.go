package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/telemetry/logfield"
)

// tell logs a step of the notification's way, once, however often the workflow is replayed. Which notification it is about
// follows from the workflow's id, which Temporal's logger adds. It is no command: histories do not know of it.
func (j *journey) tell(ctx workflow.Context, message, step string, more ...any) {
	known := []any{logfield.Step, step, logfield.EnteID, j.EnteID, logfield.ServiceID, j.ServiceID, logfield.Run, j.Run}

	workflow.GetLogger(ctx).Info(message, append(known, more...)...)
}

// tellDelivery logs that the wait for a channel is over, and what came of it.
func (j *journey) tellDelivery(ctx workflow.Context, channel notification.Channel, delivery DeliveryResult) {
	j.tell(ctx, "the wait for the delivery is over", logfield.StepDelivery,
		logfield.Channel, channel, logfield.Outcome, delivery.Status, logfield.Reason, delivery.Reason)
}

// tellFallback logs that the citizen was not reached on IO and that SMS is next.
func (j *journey) tellFallback(ctx workflow.Context, unreached notification.Reason) {
	j.tell(ctx, "falling back to SMS", logfield.StepFallback, logfield.Channel, notification.ChannelSMS, logfield.Reason, unreached)
}

func (j *journey) tellHold(ctx workflow.Context, why notification.Reason) {
	j.tell(ctx, "waiting for a person", logfield.StepHold, logfield.Reason, why)
}

func (j *journey) tellSettled(ctx workflow.Context, result NotificationResult) {
	j.tell(ctx, "notification settled", logfield.StepSettled,
		logfield.Channel, result.Channel, logfield.Outcome, result.Status, logfield.Reason, result.Reason)
}
