package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
)

// throughSMS is the fallback for a citizen whom IO did not reach. Where SMS is not possible either, the
// notification ends with IO's reason.
func (j *journey) throughSMS(ctx workflow.Context, unreached notification.Reason) *ending {
	if !j.maySendSMS() {
		return j.skipSMS(ctx, unreached)
	}

	deadline := j.deadline(ctx, j.Policy.SMSDeadline)

	switch j.plan.SMS.Status {
	case notification.AttemptSent, notification.AttemptDelivered:
		return j.awaitSMS(ctx, j.plan.SMS.AttemptID)
	case notification.AttemptUncertain:
		return j.afterUncertainSMS(ctx, j.plan.SMS.AttemptID, deadline)
	case notification.AttemptSkipped, notification.AttemptFailed:
		return j.sendSMS(ctx, deadline, j.plan.SMS.AttemptID)
	case notification.AttemptPending, notification.AttemptSending:
	}

	return j.sendSMS(ctx, deadline, "")
}

func (j *journey) maySendSMS() bool {
	return j.plan.HasPhone && j.Policy.FallsBackTo(notification.ChannelSMS)
}

func (j *journey) skipSMS(ctx workflow.Context, unreached notification.Reason) *ending {
	why := notification.ReasonSMSNotEnabled
	if j.Policy.FallsBackTo(notification.ChannelSMS) {
		why = notification.ReasonSMSNoPhone
	}

	skip := SkipInput{NotificationID: j.ID, Channel: notification.ChannelSMS, Reason: why}
	if err := workflow.ExecuteLocalActivity(recording(ctx), ActivitySkipChannel, skip).Get(ctx, nil); err != nil {
		return fault(ctx, "skipping SMS", err)
	}

	return &ending{reason: unreached}
}

func (j *journey) sendSMS(ctx workflow.Context, deadline time.Time, supersedes string) *ending {
	if end := j.gate(ctx); end != nil {
		return end
	}

	var sent SendResult

	stoppable, done := j.wishes.stoppable(ctx)
	defer done()

	step := Step{NotificationID: j.ID, Deadline: deadline, Supersedes: supersedes}
	handing := workflow.ExecuteActivity(sending(stoppable, TaskQueueSMS, "send the SMS"), ActivitySendSMS, step)

	if err := handing.Get(ctx, &sent); err != nil {
		return j.stopped(ctx, "sending the SMS", err)
	}

	switch sent.HandOver {
	case notification.HandOverSent:
		return j.awaitSMS(ctx, sent.AttemptID)
	case notification.HandOverUncertain:
		return j.afterUncertainSMS(ctx, sent.AttemptID, deadline)
	case notification.HandOverNotSent:
	}

	return &ending{reason: sent.Reason}
}

// awaitSMS waits for the provider's last word: its callback comes as a signal; where none comes, an activity
// asks from time to time.
func (j *journey) awaitSMS(ctx workflow.Context, attemptID string) *ending {
	stoppable, done := j.wishes.stoppable(ctx)
	defer done()

	step := Step{NotificationID: j.ID, AttemptID: attemptID, Deadline: j.deadline(ctx, j.Policy.SMSDeadline)}
	asking := workflow.ExecuteActivity(waiting(stoppable, TaskQueueSMS, "SMS delivered?"), ActivityAwaitSMSDelivery, step)

	told := func() bool {
		_, reported := j.wishes.finalReport(attemptID)

		return reported || asking.IsReady()
	}
	if err := workflow.Await(ctx, told); err != nil {
		return j.stopped(ctx, "waiting for the SMS status", err)
	}

	if report, ok := j.wishes.finalReport(attemptID); ok {
		return endingOfSMS(DeliveryResult{Status: report.Status, Reason: report.Reason})
	}

	var delivery DeliveryResult
	if err := asking.Get(ctx, &delivery); err != nil {
		return j.stopped(ctx, "waiting for the SMS status", err)
	}

	return endingOfSMS(delivery)
}

func endingOfSMS(delivery DeliveryResult) *ending {
	if delivery.Status == notification.AttemptDelivered {
		return &ending{reason: notification.ReasonSMSDelivered, channel: notification.ChannelSMS}
	}

	return &ending{reason: delivery.Reason}
}

// afterUncertainSMS: the provider was asked and could not tell. Only a policy that accepts duplicates, or a
// person, may send again; by policy only until the deadline, or a provider that never can tell would be asked for ever.
func (j *journey) afterUncertainSMS(ctx workflow.Context, attemptID string, deadline time.Time) *ending {
	if j.Policy.OnUncertain == notification.UncertainResend {
		if end := j.pauseBeforeResend(ctx); end != nil {
			return end
		}

		return j.sendSMS(ctx, deadline, attemptID)
	}

	decision, end := j.askPerson(ctx, notification.ReasonSMSOutcomeUncertain)
	if end != nil {
		return end
	}

	if decision == DecisionClose {
		return &ending{reason: notification.ReasonClosedByOperator}
	}

	return j.sendSMS(ctx, j.deadline(ctx, j.Policy.SMSDeadline), attemptID)
}
