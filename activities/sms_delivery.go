package activities

import (
	"context"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// AwaitSMSDelivery looks for the SMS's final state: first in the attempt's own row, where a status callback
// may have put it, then at the provider. It is retried as AwaitIODelivery is.
func (a *Activities) AwaitSMSDelivery(ctx context.Context, step workflows.Step) (workflows.DeliveryResult, error) {
	attempt, err := a.Store.Attempt(ctx, step.AttemptID)
	if err != nil {
		return workflows.DeliveryResult{}, storeFault("reading the attempt", err)
	}

	if attempt.Status.Final() {
		return workflows.DeliveryResult{Status: attempt.Status, Reason: attempt.Reason}, nil
	}

	if rest := time.Until(attempt.SentAt.Add(a.SMSCadence.after(0))); rest > 0 && !past(step.Deadline) {
		return workflows.DeliveryResult{}, stillWaiting(until(step.Deadline, rest, time.Now()))
	}

	delivery, err := a.SMS.Status(ctx, attempt.ProviderID)
	if err != nil {
		trouble := deliveryError(notification.ChannelSMS, err)

		pause := max(trouble.RetryAfter, a.smsPause(ctx))

		return a.smsNotYetDelivered(ctx, attempt, step.Deadline,
			retryLater(trouble.Reason, until(step.Deadline, pause, time.Now())))
	}

	change := db.AttemptChange{
		Status: delivery.Status, Reason: delivery.Reason,
		ProviderStatus: delivery.ProviderStatus, Segments: delivery.Segments,
	}

	attempt, err = a.Store.RecordNews(ctx, attempt, change)
	if err != nil {
		return workflows.DeliveryResult{}, storeFault("recording the provider's answer", err)
	}

	if attempt.Status.Final() {
		return workflows.DeliveryResult{Status: attempt.Status, Reason: attempt.Reason}, nil
	}

	return a.smsNotYetDelivered(ctx, attempt, step.Deadline,
		stillWaiting(until(step.Deadline, a.smsPause(ctx), time.Now())))
}

// smsNotYetDelivered asks again later, or gives up waiting at the deadline: some carriers never confirm, and
// "sent" is then the last word. A later callback still corrects the record.
func (a *Activities) smsNotYetDelivered(
	ctx context.Context, attempt notification.Attempt, deadline time.Time, again error,
) (workflows.DeliveryResult, error) {
	if !past(deadline) {
		return workflows.DeliveryResult{}, again
	}

	unconfirmed := db.AttemptChange{Status: notification.AttemptSent, Reason: notification.ReasonSMSUnconfirmed}

	recorded, err := a.Store.RecordNews(ctx, attempt, unconfirmed)
	if err != nil {
		return workflows.DeliveryResult{}, storeFault("recording the end of the wait", err)
	}

	if recorded.Status.Final() {
		// A callback was faster than the end of the wait.
		return workflows.DeliveryResult{Status: recorded.Status, Reason: recorded.Reason}, nil
	}

	return workflows.DeliveryResult{Status: notification.AttemptSent, Reason: notification.ReasonSMSUnconfirmed}, nil
}

func (a *Activities) smsPause(ctx context.Context) time.Duration {
	return a.SMSCadence.after(questionsSoFar(ctx))
}
