package activities

import (
	"context"
	"time"

	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// SendToIO hands the message to IO, once. IO has no idempotency, so a call whose outcome nobody knows is
// answered as uncertain and never repeated from here.
func (a *Activities) SendToIO(ctx context.Context, step workflows.Step) (workflows.SendResult, error) {
	preparing, done := context.WithTimeout(ctx, claimBudget)
	defer done()

	n, err := a.Store.Notification(preparing, step.NotificationID)
	if err != nil {
		return workflows.SendResult{}, storeFault("reading the notification", err)
	}

	step, err = a.passed(preparing, n, notification.ChannelIO, step)
	if err != nil {
		return workflows.SendResult{}, err
	}

	keys, err := a.Store.ServiceKeys(preparing, n.ServiceID)
	if err != nil {
		return workflows.SendResult{}, storeFault("reading the service's keys", err)
	}

	if over(ctx, step) {
		return a.giveUpSending(ctx, n, notification.ChannelIO, step)
	}

	// Before the attempt begins: whoever waits for its turn has not sent anything.
	ended, err := a.Turns.take(preparing, n.EnteID, keys.Current(), n.Priority == notification.PriorityUrgent)
	if err != nil {
		return workflows.SendResult{}, err
	}

	claim, err := a.Store.BeginAttempt(preparing, n.ID, notification.ChannelIO, step.Supersedes)
	if err != nil {
		ended(nil)

		return workflows.SendResult{}, storeFault("beginning the attempt", err)
	}

	ctx, done = uncut(ctx)
	defer done()

	if !claim.Call {
		ended(nil)

		return a.withoutCallToIO(ctx, n, claim, step.Deadline)
	}

	message := appio.Message{FiscalCode: n.Recipient.FiscalCode, Content: n.Content.In(n.Language)}
	id, err := a.IO.Submit(ctx, keys.Current(), message)
	ended(err)

	return a.conclude(ctx, n, outcomeOfIO(claim.Attempt, id, err), step.Deadline)
}

// withoutCallToIO answers for an attempt that somebody else began: this activity's own earlier try, which
// recorded its outcome, left it in the heartbeat, or died in the call.
func (a *Activities) withoutCallToIO(
	ctx context.Context, n notification.Notification, claim db.Claim, deadline time.Time,
) (workflows.SendResult, error) {
	if claim.Attempt.Status != notification.AttemptSending {
		return known(claim.Attempt), nil
	}

	if earlier, ok := remembered(ctx, claim.Attempt); ok {
		return a.conclude(ctx, n, earlier, deadline)
	}

	return a.conclude(ctx, n, uncertain(claim.Attempt), deadline)
}

func outcomeOfIO(attempt notification.Attempt, messageID string, err error) outcome {
	if err != nil {
		return troubled(attempt, err)
	}

	return outcome{
		AttemptID: attempt.ID, attempt: attempt, Call: attempt.Calls, HandOver: notification.HandOverSent, ProviderID: messageID,
	}
}
