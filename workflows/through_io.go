package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
)

// throughIO tries to reach the citizen on IO. It gives an ending where IO settled the notification, or else
// the reason why another channel has to be tried. What an earlier run achieved is not done again.
func (j *journey) throughIO(ctx workflow.Context) (notification.Reason, *ending) {
	if j.plan.SMS.used() {
		return j.plan.IO.Reason, nil
	}

	if j.plan.Provisional {
		return j.skipIO(ctx, notification.ReasonFiscalCodeProvisional)
	}

	deadline := j.deadline(ctx, j.Policy.IODeadline)

	switch j.plan.IO.Status {
	case notification.AttemptSent, notification.AttemptDelivered:
		return j.awaitIO(ctx, j.plan.IO.AttemptID, deadline)
	case notification.AttemptUncertain:
		return j.afterUncertainIO(ctx, j.plan.IO.AttemptID, deadline)
	case notification.AttemptSkipped, notification.AttemptFailed:
		if j.plan.IO.Reason.Ending() != notification.StatusFailed {
			return j.plan.IO.Reason, nil
		}

		return j.checkAndSend(ctx, deadline, j.plan.IO.AttemptID)
	case notification.AttemptPending, notification.AttemptSending:
	}

	return j.checkAndSend(ctx, deadline, "")
}

// checkAndSend asks whether the citizen is on IO, and hands the message over if so.
func (j *journey) checkAndSend(
	ctx workflow.Context, deadline time.Time, supersedes string,
) (notification.Reason, *ending) {
	if end := j.gate(ctx); end != nil {
		return "", end
	}

	profile, end := j.checkProfile(ctx, deadline)
	if end != nil {
		return "", end
	}

	if !profile.Reachable {
		return j.unreachedByIO(profile.Reason)
	}

	return j.sendToIO(ctx, deadline, supersedes)
}

func (j *journey) checkProfile(ctx workflow.Context, deadline time.Time) (ProfileResult, *ending) {
	var profile ProfileResult

	stoppable, done := j.wishes.stoppable(ctx)
	defer done()

	step := Step{NotificationID: j.ID, Deadline: deadline}
	asking := workflow.ExecuteActivity(waiting(stoppable, TaskQueueIO, "is the citizen on IO?"), ActivityCheckProfile, step)

	if err := asking.Get(ctx, &profile); err != nil {
		return profile, j.stopped(ctx, "checking the IO profile", err)
	}

	return profile, nil
}

func (j *journey) sendToIO(
	ctx workflow.Context, deadline time.Time, supersedes string,
) (notification.Reason, *ending) {
	if end := j.gate(ctx); end != nil {
		return "", end
	}

	var sent SendResult

	stoppable, done := j.wishes.stoppable(ctx)
	defer done()

	step := Step{NotificationID: j.ID, Deadline: deadline, Supersedes: supersedes}
	handing := workflow.ExecuteActivity(sending(stoppable, TaskQueueIO, "hand over to IO"), ActivitySendToIO, step)

	if err := handing.Get(ctx, &sent); err != nil {
		return "", j.stopped(ctx, "sending to IO", err)
	}

	switch sent.HandOver {
	case notification.HandOverSent:
		return j.awaitIO(ctx, sent.AttemptID, deadline)
	case notification.HandOverUncertain:
		return j.afterUncertainIO(ctx, sent.AttemptID, deadline)
	case notification.HandOverNotSent:
	}

	return j.unreachedByIO(sent.Reason)
}

// awaitIO waits until IO says what became of the message. The activity is retried by Temporal, so that the
// wait costs no history however long it takes.
func (j *journey) awaitIO(ctx workflow.Context, attemptID string, deadline time.Time) (notification.Reason, *ending) {
	var delivery DeliveryResult

	stoppable, done := j.wishes.stoppable(ctx)
	defer done()

	step := Step{NotificationID: j.ID, AttemptID: attemptID, Deadline: deadline}
	asking := workflow.ExecuteActivity(waiting(stoppable, TaskQueueIO, "delivered by IO?"), ActivityAwaitIODelivery, step)

	if err := asking.Get(ctx, &delivery); err != nil {
		return "", j.stopped(ctx, "waiting for IO", err)
	}

	if delivery.Status == notification.AttemptDelivered {
		return "", &ending{reason: notification.ReasonIODelivered, channel: notification.ChannelIO}
	}

	return j.unreachedByIO(delivery.Reason)
}

// afterUncertainIO follows the service's policy when nobody can know whether IO has the message.
func (j *journey) afterUncertainIO(
	ctx workflow.Context, attemptID string, deadline time.Time,
) (notification.Reason, *ending) {
	const why = notification.ReasonIOOutcomeUncertain

	switch j.Policy.OnUncertain {
	case notification.UncertainResend:
		return j.resendToIO(ctx, attemptID, deadline)
	case notification.UncertainSMS:
		if j.maySendSMS() {
			return why, nil
		}
	case notification.UncertainHold:
	}

	decision, end := j.askPerson(ctx, why)
	if end != nil {
		return "", end
	}

	switch decision {
	case DecisionResend:
		return j.sendToIO(ctx, j.deadline(ctx, j.Policy.IODeadline), attemptID)
	case DecisionSMS:
		return why, nil
	case DecisionClose:
	}

	return "", &ending{reason: notification.ReasonClosedByOperator}
}

// resendToIO sends again after a pause that grows, so that a provider in trouble is not hammered.
func (j *journey) resendToIO(
	ctx workflow.Context, attemptID string, deadline time.Time,
) (notification.Reason, *ending) {
	if end := j.pauseBeforeResend(ctx); end != nil {
		return "", end
	}

	return j.sendToIO(ctx, deadline, attemptID)
}

// unreachedByIO passes the reason on to the next channel, or ends where another channel would not mend it.
func (j *journey) unreachedByIO(why notification.Reason) (notification.Reason, *ending) {
	if !why.AllowsFallback() {
		return "", &ending{reason: why}
	}

	return why, nil
}

func (j *journey) skipIO(ctx workflow.Context, why notification.Reason) (notification.Reason, *ending) {
	skip := SkipInput{NotificationID: j.ID, Channel: notification.ChannelIO, Reason: why}
	if err := workflow.ExecuteLocalActivity(recording(ctx), ActivitySkipChannel, skip).Get(ctx, nil); err != nil {
		return "", fault(ctx, "skipping IO", err)
	}

	return why, nil
}
