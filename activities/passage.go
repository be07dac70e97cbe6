package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// shortestLook is how soon those that wait for the end of a pause notice it where they are few. Where they are many,
	// they look so seldom that there are looksPerSecond of them together: the end of a pause must not become a flood.
	shortestLook   = 2 * time.Second
	looksPerSecond = 100
	// batchLook is the pause between looks of a batch whether its service is still paused.
	batchLook = 5 * time.Second
	// deliveryLook is the same for a message that IO has already: its questions use the Ente's quota.
	deliveryLook = 30 * time.Second
)

// AwaitPassage fails, and is tried again, until no pause stops the hand-over any more. It answers at the notification's
// expiry, too, so that the notification can end. It reads nothing but what the worker remembers: thousands may wait.
func (a *Activities) AwaitPassage(ctx context.Context, in workflows.Passage) error {
	if past(in.ExpiresAt) {
		return nil
	}

	pauses, err := a.Pauses.all(ctx)
	if err != nil {
		return err
	}

	inPlaceOfIO := in.Channel == notification.ChannelSMS && in.Reason == notification.ReasonIOPaused
	if inForce(stoppingSent(pauses, in.EnteID, in.ServiceID, in.Channel, inPlaceOfIO)) == nil {
		return nil
	}

	waiting, err := a.Pauses.waiting(ctx)
	if err != nil {
		return err
	}

	look := max(shortestLook, time.Duration(waiting)*time.Second/looksPerSecond)

	return stillWaiting(until(in.ExpiresAt, look, time.Now()))
}

// passed tells whether a hand-over may begin: it fails where a pause is in the way. A call that an earlier try began is
// settled whatever is paused meanwhile. It gives the step with its deadline put off by as long as pauses lasted.
func (a *Activities) passed(
	ctx context.Context, n notification.Notification, channel notification.Channel, step workflows.Step,
) (workflows.Step, error) {
	pauses, err := a.Pauses.all(ctx)
	if err != nil {
		return step, err
	}

	stops := stopping(pauses, n, channel)
	step.Deadline = putOff(n, channel, step, stops)

	pause := inForce(stops)
	if pause == nil || past(step.ExpiresAt) {
		return step, nil
	}

	if last := notification.LastAttempt(n.Attempts, channel); last != nil && last.Status == notification.AttemptSending {
		return step, nil
	}

	why := pause.Reason()

	return step, temporal.NewApplicationErrorWithOptions(string(why), workflows.FailurePaused, temporal.ApplicationErrorOptions{
		NonRetryable: true,
		Details:      []any{why},
		Category:     temporal.ApplicationErrorCategoryBenign,
	})
}

// putOff is the step's deadline without the time of pauses. Only the notification's own expiry is hard.
func putOff(n notification.Notification, channel notification.Channel, step workflows.Step, pauses []notification.Pause) time.Time {
	if step.Deadline.IsZero() || len(pauses) == 0 {
		return step.Deadline
	}

	allowed := n.Policy.IODeadline
	if channel == notification.ChannelSMS {
		allowed = n.Policy.SMSDeadline
	}

	deadline := notification.Extended(step.Deadline.Add(-allowed), step.Deadline, pauses, time.Now())
	if !step.ExpiresAt.IsZero() && step.ExpiresAt.Before(deadline) {
		return step.ExpiresAt
	}

	return deadline
}

// patience is the step with its deadline put off, for a wait that no pause stops. paused is the pause of the channel itself
// that is in force; nil for none.
func (a *Activities) patience(
	ctx context.Context, n notification.Notification, channel notification.Channel, step workflows.Step,
) (put workflows.Step, paused *notification.Pause, err error) {
	pauses, err := a.Pauses.all(ctx)
	if err != nil {
		return step, nil, err
	}

	stops := stopping(pauses, n, channel)
	step.Deadline = putOff(n, channel, step, stops)

	if paused = inForce(stops); paused != nil && paused.Channel == "" {
		paused = nil
	}

	return step, paused, nil
}

// batchPaused tells whether a batch's service waits for the end of a pause.
func (a *Activities) batchPaused(ctx context.Context, b notification.Batch) (bool, error) {
	pauses, err := a.Pauses.all(ctx)
	if err != nil {
		return false, err
	}

	n := notification.Notification{EnteID: b.EnteID, ServiceID: b.ServiceID}

	return inForce(stopping(pauses, n, notification.ChannelIO)) != nil, nil
}
