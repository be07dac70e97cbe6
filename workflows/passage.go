package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
)

// FailurePaused is the type of the error with which an activity says that a pause keeps it from its call. The error's
// details hold the notification.Reason. Nothing was sent.
const FailurePaused = "paused"

// Passage is a hand-over that waits for the end of a pause.
type Passage struct {
	NotificationID string               `json:"notification_id"`
	EnteID         string               `json:"ente_id"`
	ServiceID      string               `json:"service_id"`
	Channel        notification.Channel `json:"channel"`
	// Reason is the pause that was met. An SMS that waits because of a pause of IO would be sent in the place of IO.
	Reason notification.Reason `json:"reason"`
	// ExpiresAt is the notification's own end, after which there is nothing to wait for; zero: never.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// pausedBy tells whether an activity met a pause, and of what.
func pausedBy(err error) (why notification.Reason, paused bool) {
	failure, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok || failure.Type() != FailurePaused {
		return "", false
	}

	if failure.Details(&why) != nil || !why.Paused() {
		why = notification.ReasonIOPaused
	}

	return why, true
}

// awaitPassage puts the notification on hold until what was paused goes on. It waits on the unpaced queue: thousands that
// wait must not use up the quota of those that may be sent. How long it lasts does not count against the channel; the
// activities see to that, who know how long each pause was.
func (j *journey) awaitPassage(ctx workflow.Context, activity string, why notification.Reason) *ending {
	hold := HoldInput{NotificationID: j.ID, Reason: why}
	if err := workflow.ExecuteLocalActivity(recording(ctx), ActivityHold, hold).Get(ctx, nil); err != nil {
		return fault(ctx, "holding", err)
	}

	passage := Passage{
		NotificationID: j.ID, EnteID: j.EnteID, ServiceID: j.ServiceID, Channel: channelOf(activity), Reason: why,
		ExpiresAt: j.ExpiresAt,
	}

	stoppable, done := j.wishes.stoppable(ctx)
	defer done()

	asking := waiting(stoppable, TaskQueue, "wait for the end of the pause")
	if err := workflow.ExecuteActivity(asking, ActivityAwaitPassage, passage).Get(ctx, nil); err != nil {
		return j.stopped(ctx, ActivityAwaitPassage, err)
	}

	if err := workflow.ExecuteLocalActivity(recording(ctx), ActivityResume, Step{NotificationID: j.ID}).Get(ctx, nil); err != nil {
		return fault(ctx, "resuming", err)
	}

	return j.mayGoOn(ctx)
}

func channelOf(activity string) notification.Channel {
	if activity == ActivitySendSMS {
		return notification.ChannelSMS
	}

	return notification.ChannelIO
}
