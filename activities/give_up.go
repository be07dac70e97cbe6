package activities

import (
	"context"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// giveUpSending answers once the channel's time is over. What is known to be unsent stays unsent; what an
// earlier try may have sent keeps its state.
func (a *Activities) giveUpSending(
	ctx context.Context, n notification.Notification, channel notification.Channel, step workflows.Step,
) (workflows.SendResult, error) {
	last := notification.LastAttempt(n.Attempts, channel)

	switch {
	case last != nil && last.ID == step.Supersedes && last.Status == notification.AttemptUncertain:
		// Nothing was sent again, so the doubt about the earlier attempt stands.
		return workflows.SendResult{
			AttemptID: last.ID, HandOver: notification.HandOverNotSent, Reason: last.Reason,
		}, nil
	case last == nil || last.ID == step.Supersedes:
		return workflows.SendResult{HandOver: notification.HandOverNotSent, Reason: whyOver(channel, step)}, nil
	}

	switch last.Status {
	case notification.AttemptPending:
		return a.giveUpPending(ctx, *last, step)
	case notification.AttemptSending:
		return a.giveUpCall(ctx, n, *last, step.Deadline)
	case notification.AttemptSent, notification.AttemptDelivered, notification.AttemptFailed,
		notification.AttemptSkipped, notification.AttemptUncertain:
	}

	return known(*last), nil
}

func (a *Activities) giveUpPending(
	ctx context.Context, attempt notification.Attempt, step workflows.Step,
) (workflows.SendResult, error) {
	change := db.AttemptChange{Status: notification.AttemptFailed, Reason: attempt.Reason}
	if change.Reason == "" {
		change.Reason = whyOver(attempt.Channel, step)
	}

	attempt, err := a.Store.RecordNews(ctx, attempt, change)
	if err != nil {
		return workflows.SendResult{}, storeFault("recording the end of the attempt", err)
	}

	return known(attempt), nil
}

// giveUpCall settles a call whose outcome is not recorded. It is taken for uncertain only after every source was
// asked: an outcome that is known must not put the notification before a person, or on another channel.
func (a *Activities) giveUpCall(
	ctx context.Context, n notification.Notification, attempt notification.Attempt, deadline time.Time,
) (workflows.SendResult, error) {
	if earlier, ok := remembered(ctx, attempt); ok {
		return a.conclude(ctx, n, earlier, deadline)
	}

	if attempt.Channel == notification.ChannelSMS {
		if found, ok := a.lookUp(ctx, n, attempt); ok {
			return a.conclude(ctx, n, found, deadline)
		}
	}

	return a.conclude(ctx, n, uncertain(attempt), deadline)
}
