package workflows

import (
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

	j.allow(ctx, j.Policy.IODeadline)

	sent, end := j.handToIO(ctx)

	for end == nil && sent.HandOver == notification.HandOverUncertain {
		sent, end = j.resolveDoubtAboutIO(ctx, sent.AttemptID)
	}

	switch {
	case end != nil:
		return "", end
	case sent.HandOver == notification.HandOverSent:
		return j.awaitIO(ctx, sent)
	}

	return j.unreachedByIO(sent.Reason)
}

// handToIO goes on from where an earlier run left IO; a first run asks for the profile and sends.
func (j *journey) handToIO(ctx workflow.Context) (SendResult, *ending) {
	left := j.plan.IO

	switch left.Status {
	case notification.AttemptSent, notification.AttemptDelivered:
		return SendResult{AttemptID: left.AttemptID, HandOver: notification.HandOverSent}, nil
	case notification.AttemptUncertain:
		return SendResult{AttemptID: left.AttemptID, HandOver: notification.HandOverUncertain}, nil
	case notification.AttemptSending:
		// The activity finds out whether the call was made; the profile does not matter any more.
		return j.sendToIO(ctx, "")
	case notification.AttemptSkipped, notification.AttemptFailed:
		if left.Reason.Ending() != notification.StatusFailed {
			return SendResult{HandOver: notification.HandOverNotSent, Reason: left.Reason}, nil
		}

		return j.checkAndSend(ctx, left.AttemptID)
	case notification.AttemptPending:
	}

	return j.checkAndSend(ctx, "")
}

// checkAndSend asks whether the citizen is on IO, and hands the message over if so.
func (j *journey) checkAndSend(ctx workflow.Context, supersedes string) (SendResult, *ending) {
	if end := j.mayGoOn(ctx); end != nil {
		return SendResult{}, end
	}

	var profile ProfileResult

	asking := waiting(ctx, TaskQueueIO, "is the citizen on IO?")
	if end := j.ask(asking, ActivityCheckProfile, j.step(), &profile); end != nil {
		return SendResult{}, end
	}

	if !profile.Reachable {
		return SendResult{HandOver: notification.HandOverNotSent, Reason: profile.Reason}, nil
	}

	return j.sendToIO(ctx, supersedes)
}

func (j *journey) sendToIO(ctx workflow.Context, supersedes string) (SendResult, *ending) {
	if end := j.mayGoOn(ctx); end != nil {
		return SendResult{}, end
	}

	var sent SendResult

	step := j.step()
	step.Supersedes = supersedes
	end := j.ask(sending(ctx, TaskQueueIO, "hand over to IO"), ActivitySendToIO, step, &sent)

	return sent, end
}

// resolveDoubtAboutIO follows the service's policy when nobody can know whether IO has the message.
func (j *journey) resolveDoubtAboutIO(ctx workflow.Context, attemptID string) (SendResult, *ending) {
	leaveIt := SendResult{
		AttemptID: attemptID, HandOver: notification.HandOverNotSent, Reason: notification.ReasonIOOutcomeUncertain,
	}

	switch j.Policy.OnUncertain {
	case notification.UncertainResend:
		if end := j.pauseBeforeResend(ctx); end != nil {
			return SendResult{}, end
		}

		return j.sendToIO(ctx, attemptID)
	case notification.UncertainSMS:
		if j.maySendSMS() {
			return leaveIt, nil
		}
	case notification.UncertainHold:
	}

	decided := func() bool { return j.wishes.decision != "" }
	if end := j.askPerson(ctx, notification.ReasonIOOutcomeUncertain, decided); end != nil {
		return SendResult{}, end
	}

	switch j.wishes.decision {
	case DecisionResend:
		j.allow(ctx, j.Policy.IODeadline)

		return j.sendToIO(ctx, attemptID)
	case DecisionSMS:
		return leaveIt, nil
	case DecisionClose:
	}

	return SendResult{}, &ending{reason: notification.ReasonClosedByOperator}
}

// awaitIO waits until IO says what became of the message. The activity is retried by Temporal, so that the
// wait costs no history however long it takes. IO has its whole time from the hand-over on, however long the
// notification waited for its turn before.
func (j *journey) awaitIO(ctx workflow.Context, sent SendResult) (notification.Reason, *ending) {
	j.allow(ctx, j.Policy.IODeadline)

	var delivery DeliveryResult

	step := j.step()
	step.AttemptID, step.SentAt = sent.AttemptID, sent.SentAt

	asking := waiting(ctx, TaskQueueIO, "delivered by IO?")
	if end := j.ask(asking, ActivityAwaitIODelivery, step, &delivery); end != nil {
		return "", end
	}

	j.tellDelivery(ctx, notification.ChannelIO, delivery)

	if delivery.Status == notification.AttemptDelivered {
		return "", &ending{reason: notification.ReasonIODelivered, channel: notification.ChannelIO}
	}

	return j.unreachedByIO(delivery.Reason)
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
