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

	j.tellFallback(ctx, unreached)
	j.allow(ctx, j.Policy.SMSDeadline)

	sent, end := j.handToSMS(ctx)

	for end == nil && sent.HandOver == notification.HandOverUncertain {
		sent, end = j.resolveDoubtAboutSMS(ctx, sent.AttemptID)
	}

	switch {
	case end != nil:
		return end
	case sent.HandOver == notification.HandOverSent:
		return j.awaitSMS(ctx, sent.AttemptID)
	}

	return &ending{reason: sent.Reason}
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

	switch {
	case j.wishes.cancelled != "":
		return &ending{reason: j.wishes.cancelled}
	case j.expired(ctx) && unreached.Ending() == notification.StatusFailed:
		// There is nothing left that a retry could do in time.
		return &ending{reason: notification.ReasonExpired}
	}

	return &ending{reason: unreached}
}

// handToSMS goes on from where an earlier run left the SMS.
func (j *journey) handToSMS(ctx workflow.Context) (SendResult, *ending) {
	left := j.plan.SMS

	switch left.Status {
	case notification.AttemptSent, notification.AttemptDelivered:
		return SendResult{AttemptID: left.AttemptID, HandOver: notification.HandOverSent}, nil
	case notification.AttemptUncertain:
		return SendResult{AttemptID: left.AttemptID, HandOver: notification.HandOverUncertain}, nil
	case notification.AttemptSkipped, notification.AttemptFailed:
		return j.sendSMS(ctx, left.AttemptID)
	case notification.AttemptPending, notification.AttemptSending:
	}

	return j.sendSMS(ctx, "")
}

// sendSMS hands the text over. In the service's quiet hours it waits until they are over, and then asks again: whether the
// hour is quiet is the activity's to say, since only it knows when its turn came.
func (j *journey) sendSMS(ctx workflow.Context, supersedes string) (SendResult, *ending) {
	for {
		if end := j.mayGoOn(ctx); end != nil {
			return SendResult{}, end
		}

		var sent SendResult

		step := j.step()
		step.Supersedes = supersedes

		end := j.ask(sending(ctx, TaskQueueSMS, "send the SMS"), ActivitySendSMS, step, &sent)
		if end != nil || sent.NotBefore.IsZero() {
			return sent, end
		}

		if end := j.waitForQuietHours(ctx, sent.NotBefore); end != nil {
			return SendResult{}, end
		}
	}
}

// waitForQuietHours waits until an SMS may be sent, the notification expires, or somebody cancels or holds it: one timer,
// however long. The time does not count against the channel.
func (j *journey) waitForQuietHours(ctx workflow.Context, opens time.Time) *ending {
	began := workflow.Now(ctx)
	options := workflow.AwaitOptions{
		// A worker whose clock goes slow must not make the notification run in circles.
		Timeout:      max(j.capped(later(opens, began.Add(shortestQuietWait))).Sub(began), time.Millisecond),
		TimerOptions: workflow.TimerOptions{Summary: summaryOfQuietHours},
	}
	stirred := func() bool { return j.wishes.cancelled != "" || j.wishes.held }

	if _, err := workflow.AwaitWithOptions(ctx, options, stirred); err != nil {
		return j.stopped(ctx, "waiting for the end of the quiet hours", err)
	}

	j.until = j.capped(j.until.Add(workflow.Now(ctx).Sub(began)))

	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}

	return b
}

// summaryOfQuietHours names the timer of an SMS that waits, for Temporal's tools.
const summaryOfQuietHours = "waiting for the end of the quiet hours"

// resolveDoubtAboutSMS: the provider was asked and could not tell. Only a policy that accepts duplicates, or a
// person, may send again; unless the provider's report comes after all, which ends the doubt.
func (j *journey) resolveDoubtAboutSMS(ctx workflow.Context, attemptID string) (SendResult, *ending) {
	if j.Policy.OnUncertain == notification.UncertainResend {
		if end := j.pauseBeforeResend(ctx); end != nil {
			return SendResult{}, end
		}

		return j.sendSMS(ctx, attemptID)
	}

	decided := func() bool { return j.wishes.reported(attemptID) || j.wishes.decision != "" }
	end := j.askPerson(ctx, notification.ReasonSMSOutcomeUncertain, decided)

	switch {
	case j.wishes.reported(attemptID):
		return SendResult{AttemptID: attemptID, HandOver: notification.HandOverSent}, nil
	case end != nil:
		return SendResult{}, end
	case j.wishes.decision == DecisionClose:
		return SendResult{}, &ending{reason: notification.ReasonClosedByOperator}
	}

	j.allow(ctx, j.Policy.SMSDeadline)

	return j.sendSMS(ctx, attemptID)
}

// awaitSMS waits for the provider's last word: its callback comes as a signal; where none comes, an activity
// asks from time to time.
func (j *journey) awaitSMS(ctx workflow.Context, attemptID string) *ending {
	if report, ok := j.wishes.finalReport(attemptID); ok {
		return j.endingOfSMS(ctx, DeliveryResult{Status: report.Status, Reason: report.Reason})
	}

	j.allow(ctx, j.Policy.SMSDeadline)

	stoppable, done := j.wishes.stoppable(ctx)
	defer done()

	step := j.step()
	step.AttemptID = attemptID
	asking := workflow.ExecuteActivity(waiting(stoppable, TaskQueueSMS, "SMS delivered?"), ActivityAwaitSMSDelivery, step)

	told := func() bool {
		_, reported := j.wishes.finalReport(attemptID)

		return reported || asking.IsReady()
	}
	if err := workflow.Await(ctx, told); err != nil {
		return j.stopped(ctx, "waiting for the SMS status", err)
	}

	// A report that came together with the activity's answer knows better.
	j.wishes.catchUp(ctx)

	if report, ok := j.wishes.finalReport(attemptID); ok {
		return j.endingOfSMS(ctx, DeliveryResult{Status: report.Status, Reason: report.Reason})
	}

	var delivery DeliveryResult
	if err := asking.Get(ctx, &delivery); err != nil {
		return j.stopped(ctx, "waiting for the SMS status", err)
	}

	return j.endingOfSMS(ctx, delivery)
}

func (j *journey) endingOfSMS(ctx workflow.Context, delivery DeliveryResult) *ending {
	j.tellDelivery(ctx, notification.ChannelSMS, delivery)

	if delivery.Status == notification.AttemptDelivered {
		return &ending{reason: notification.ReasonSMSDelivered, channel: notification.ChannelSMS}
	}

	return &ending{reason: delivery.Reason}
}
