package activities

import (
	"context"
	"time"

	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// AwaitIODelivery asks IO what became of the message. As long as the answer is not final it fails with the
// pause until the next question, and Temporal retries it: the wait leaves no trace in the history.
func (a *Activities) AwaitIODelivery(ctx context.Context, step workflows.Step) (workflows.DeliveryResult, error) {
	// Where the step does not know when the message was sent, the attempt does.
	if err := a.tooEarly(step.SentAt, step.Deadline); err != nil {
		return workflows.DeliveryResult{}, err
	}

	n, err := a.Store.Notification(ctx, step.NotificationID)
	if err != nil {
		return workflows.DeliveryResult{}, storeFault("reading the notification", err)
	}

	attempt, found := attemptByID(n.Attempts, step.AttemptID)
	if !found {
		return workflows.DeliveryResult{}, storeFault("finding the attempt", db.ErrNotFound)
	}

	if attempt.Status.Final() {
		return workflows.DeliveryResult{Status: attempt.Status, Reason: attempt.Reason}, nil
	}

	step, paused, err := a.patience(ctx, n, notification.ChannelIO, step)
	if err != nil {
		return workflows.DeliveryResult{}, err
	}

	if paused != nil && !past(step.Deadline) {
		// IO is left alone, and its silence is not held against it.
		return workflows.DeliveryResult{}, retryLater(paused.Reason(), until(step.Deadline, deliveryLook, time.Now()))
	}

	if err := a.tooEarly(attempt.SentAt, step.Deadline); err != nil {
		return workflows.DeliveryResult{}, err
	}

	keys, err := a.Store.ServiceKeys(ctx, n.ServiceID)
	if err != nil {
		return workflows.DeliveryResult{}, storeFault("reading the service's keys", err)
	}

	ended, err := a.Turns.take(ctx, n.EnteID, keys.Current(), n.Priority == notification.PriorityUrgent)
	if err != nil {
		return workflows.DeliveryResult{}, err
	}

	status, err := a.IO.Status(ctx, keys.Current(), n.Recipient.FiscalCode, attempt.ProviderID)
	ended(err)

	if err != nil {
		return a.statusTrouble(ctx, attempt, err, step.Deadline)
	}

	return a.noteIOStatus(ctx, attempt, status, step.Deadline)
}

// tooEarly fails right after a hand-over, when the answer is known: not yet. It is worth neither a call nor a look at anything.
func (a *Activities) tooEarly(sentAt, deadline time.Time) error {
	rest := time.Until(sentAt.Add(a.IOCadence.after(0)))
	if rest <= 0 || past(deadline) {
		return nil
	}

	return stillWaiting(until(deadline, rest, time.Now()))
}

func (a *Activities) noteIOStatus(
	ctx context.Context, attempt notification.Attempt, status appio.MessageStatus, deadline time.Time,
) (workflows.DeliveryResult, error) {
	change := db.AttemptChange{Status: notification.AttemptSent, ProviderStatus: status.Raw}

	switch status.State {
	case appio.MessageProcessed:
		change.Status, change.Reason = notification.AttemptDelivered, notification.ReasonIODelivered
	case appio.MessageRejected:
		change.Status, change.Reason = notification.AttemptFailed, notification.ReasonIORejected
	case appio.MessageFailed:
		change.Status, change.Reason = notification.AttemptFailed, notification.ReasonIOProcessingFailed
	case appio.MessageAccepted, appio.MessageThrottled, appio.MessageStatusUnknown:
		return a.notYetDelivered(ctx, attempt, change, deadline)
	}

	if _, err := a.Store.RecordNews(ctx, attempt, change); err != nil {
		return workflows.DeliveryResult{}, storeFault("recording IO's answer", err)
	}

	return workflows.DeliveryResult{Status: change.Status, Reason: change.Reason}, nil
}

// notYetDelivered asks again later, or gives up waiting at the deadline. The attempt stays "sent": IO may
// still process the message.
func (a *Activities) notYetDelivered(
	ctx context.Context, attempt notification.Attempt, change db.AttemptChange, deadline time.Time,
) (workflows.DeliveryResult, error) {
	overdue := past(deadline)
	if overdue {
		change.Reason = notification.ReasonIONotProcessedInTime
	}

	if overdue || change.ProviderStatus != attempt.ProviderStatus {
		if _, err := a.Store.RecordNews(ctx, attempt, change); err != nil {
			return workflows.DeliveryResult{}, storeFault("recording IO's answer", err)
		}
	}

	if overdue {
		return workflows.DeliveryResult{
			Status: notification.AttemptSent, Reason: notification.ReasonIONotProcessedInTime,
		}, nil
	}

	return workflows.DeliveryResult{}, stillWaiting(until(deadline, a.ioPause(ctx), time.Now()))
}

// statusTrouble: a question that IO could not answer says nothing about the message, so it is asked again,
// whatever the trouble, until the deadline. A key that IO does not accept then ends the wait as a fault of our
// configuration, which no SMS mends; support may retry, and the wait goes on.
func (a *Activities) statusTrouble(
	ctx context.Context, attempt notification.Attempt, err error, deadline time.Time,
) (workflows.DeliveryResult, error) {
	trouble := deliveryError(notification.ChannelIO, err)
	locked := trouble.Reason == notification.ReasonIOKeyRejected || trouble.Reason == notification.ReasonIOForbidden

	switch {
	case past(deadline) && locked:
		return workflows.DeliveryResult{Status: notification.AttemptSent, Reason: trouble.Reason}, nil
	case past(deadline):
		return a.notYetDelivered(ctx, attempt, db.AttemptChange{Status: notification.AttemptSent}, deadline)
	}

	pause := max(trouble.RetryAfter, a.ioPause(ctx))

	return workflows.DeliveryResult{}, retryLater(trouble.Reason, until(deadline, pause, time.Now()))
}

func (a *Activities) ioPause(ctx context.Context) time.Duration {
	return a.IOCadence.after(questionsSoFar(ctx))
}

func attemptByID(attempts []notification.Attempt, id string) (attempt notification.Attempt, found bool) {
	for _, attempt := range attempts {
		if attempt.ID == id {
			return attempt, true
		}
	}

	return notification.Attempt{}, false
}
