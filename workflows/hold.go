package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
)

// mayGoOn lets the notification pass to its next step, unless it was cancelled or has expired. While it is held
// it waits here.
func (j *journey) mayGoOn(ctx workflow.Context) *ending {
	for j.wishes.held && j.wishes.cancelled == "" && !j.expired(ctx) {
		release := func() bool { return !j.wishes.held }
		if end := j.waitForPerson(ctx, notification.ReasonHeldByOperator, release); end != nil {
			return end
		}
	}

	switch {
	case j.wishes.cancelled != "":
		return &ending{reason: j.wishes.cancelled}
	case ctx.Err() != nil:
		return &ending{reason: notification.ReasonCancelledByOperator}
	case j.expired(ctx):
		return &ending{reason: notification.ReasonExpired}
	}

	return nil
}

// askPerson puts an uncertain outcome before a person, whose decision is then among the wishes. A decision made
// before the question was put does not count.
func (j *journey) askPerson(ctx workflow.Context, why notification.Reason, decided func() bool) *ending {
	j.wishes.decision = ""

	return j.waitForPerson(ctx, why, decided)
}

// waitForPerson puts the notification on hold until released, cancelled or expired. The time before a person does
// not count against the channel.
func (j *journey) waitForPerson(ctx workflow.Context, why notification.Reason, released func() bool) *ending {
	began := workflow.Now(ctx)
	hold := HoldInput{NotificationID: j.ID, Reason: why}

	if err := workflow.ExecuteLocalActivity(recording(ctx), ActivityHold, hold).Get(ctx, nil); err != nil {
		return fault(ctx, "holding", err)
	}

	j.tellHold(ctx, why)

	goOn := func() bool { return released() || j.wishes.cancelled != "" }

	if err := j.awaitUntilExpiry(ctx, goOn); err != nil {
		return fault(ctx, "waiting for a person", err)
	}

	switch {
	case j.wishes.cancelled != "":
		return &ending{reason: j.wishes.cancelled}
	case j.expired(ctx):
		return &ending{reason: notification.ReasonExpired}
	}

	j.until = j.capped(j.until.Add(workflow.Now(ctx).Sub(began)))

	if err := workflow.ExecuteLocalActivity(recording(ctx), ActivityResume, Step{NotificationID: j.ID}).Get(ctx, nil); err != nil {
		return fault(ctx, "resuming", err)
	}

	return nil
}

func (j *journey) awaitUntilExpiry(ctx workflow.Context, goOn func() bool) error {
	if j.ExpiresAt.IsZero() {
		return workflow.Await(ctx, goOn) //nolint:wrapcheck // handled by type in the caller.
	}

	options := workflow.AwaitOptions{
		Timeout:      max(j.ExpiresAt.Sub(workflow.Now(ctx)), time.Millisecond),
		TimerOptions: workflow.TimerOptions{Summary: "expiry"},
	}
	_, err := workflow.AwaitWithOptions(ctx, options, goOn)

	return err //nolint:wrapcheck // handled by type in the caller.
}
