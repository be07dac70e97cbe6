package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// SendToIO hands the message to IO, once. IO has no idempotency, so a call whose outcome nobody knows is
// answered as uncertain and never repeated from here.
func (a *Activities) SendToIO(ctx context.Context, step workflows.Step) (workflows.SendResult, error) {
	n, err := a.Store.Notification(ctx, step.NotificationID)
	if err != nil {
		return workflows.SendResult{}, storeFault("reading the notification", err)
	}

	keys, err := a.Store.ServiceKeys(ctx, n.ServiceID)
	if err != nil {
		return workflows.SendResult{}, storeFault("reading the service's keys", err)
	}

	if past(step.Deadline) {
		return a.giveUpSending(ctx, n, notification.ChannelIO, step.Supersedes)
	}

	claim, err := a.Store.BeginAttempt(ctx, n.ID, notification.ChannelIO, step.Supersedes)
	if err != nil {
		return workflows.SendResult{}, storeFault("beginning the attempt", err)
	}

	ctx, done := uncut(ctx)
	defer done()

	if !claim.Call {
		return a.withoutCallToIO(ctx, claim, step.Deadline)
	}

	message := appio.Message{FiscalCode: n.Recipient.FiscalCode, Content: n.Content}
	id, err := a.IO.Submit(ctx, keys.Current(), message)
	sent := outcomeOfIO(claim.Attempt.ID, id, err)
	activity.RecordHeartbeat(ctx, sent)

	return a.conclude(ctx, sent, step.Deadline)
}

// withoutCallToIO answers for an attempt that somebody else began: this activity's own earlier try, which
// recorded its outcome, left it in the heartbeat, or died in the call.
func (a *Activities) withoutCallToIO(
	ctx context.Context, claim db.Claim, deadline time.Time,
) (workflows.SendResult, error) {
	if claim.Attempt.Status != notification.AttemptSending {
		return known(claim.Attempt), nil
	}

	if earlier, ok := remembered(ctx, claim.Attempt.ID); ok {
		return a.conclude(ctx, earlier, deadline)
	}

	died := outcome{
		AttemptID: claim.Attempt.ID,
		HandOver:  notification.HandOverUncertain,
		Reason:    notification.ReasonIOOutcomeUncertain,
	}

	return a.conclude(ctx, died, deadline)
}

func outcomeOfIO(attemptID, messageID string, err error) outcome {
	if err == nil {
		return outcome{AttemptID: attemptID, HandOver: notification.HandOverSent, ProviderID: messageID}
	}

	trouble := deliveryError(notification.ChannelIO, err)
	result := outcome{
		AttemptID:  attemptID,
		HandOver:   trouble.HandOver,
		Reason:     trouble.Reason,
		Retryable:  trouble.Retryable,
		RetryAfter: trouble.RetryAfter,
	}

	if trouble.HandOver == notification.HandOverUncertain {
		result.Reason = notification.ReasonIOOutcomeUncertain
	}

	return result
}

// giveUpSending answers once the channel's time is over. What is known to be unsent stays unsent; what an
// earlier try may have sent keeps its state.
func (a *Activities) giveUpSending(
	ctx context.Context, n notification.Notification, channel notification.Channel, supersedes string,
) (workflows.SendResult, error) {
	unavailable := notification.ReasonIOUnavailable
	if channel == notification.ChannelSMS {
		unavailable = notification.ReasonSMSUnavailable
	}

	last := notification.LastAttempt(n.Attempts, channel)
	if last == nil || last.ID == supersedes {
		return workflows.SendResult{HandOver: notification.HandOverNotSent, Reason: unavailable}, nil
	}

	change := db.AttemptChange{Reason: last.Reason}

	switch last.Status {
	case notification.AttemptPending:
		change.Status = notification.AttemptFailed
		if change.Reason == "" {
			change.Reason = unavailable
		}
	case notification.AttemptSending:
		change.Status = notification.AttemptUncertain
		change.Reason = notification.ReasonIOOutcomeUncertain

		if channel == notification.ChannelSMS {
			change.Reason = notification.ReasonSMSOutcomeUncertain
		}
	case notification.AttemptSent, notification.AttemptDelivered, notification.AttemptFailed,
		notification.AttemptSkipped, notification.AttemptUncertain:
		return known(*last), nil
	}

	attempt, err := a.Store.RecordAttempt(ctx, last.ID, change)
	if err != nil {
		return workflows.SendResult{}, storeFault("recording the end of the attempt", err)
	}

	return known(attempt), nil
}
