package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
)

// FailureType marks the error of a notification that ended by a fault: in Temporal's own tools, Failed
// means that support may retry. The error's details hold the NotificationResult.
const FailureType = "NotificationFailed"

// Notification is the way of one notification: validate the codice fiscale, check the IO profile, send to
// IO, wait for delivery, fall back to SMS, settle.
//
// A citizen who cannot be reached is an outcome and completes the workflow; a fault fails it. A retry is a
// new run with the same workflow ID, which goes on from the step that failed.
func Notification(ctx workflow.Context, in NotificationInput) (NotificationResult, error) {
	journey := newJourney(ctx, in)

	end := journey.travel(ctx)

	return journey.settle(ctx, end)
}

// summaryOfSendTime names the timer of a scheduled notification, for Temporal's tools and for the timeline.
const summaryOfSendTime = "waiting for the sending time"

// journey is one run of a notification.
type journey struct {
	NotificationInput

	wishes  wishes
	plan    Plan
	until   time.Time // the end of the time of the channel at hand
	resends int       // of an uncertain message, by policy
}

// ending is how a journey ends; nil while it goes on.
type ending struct {
	reason  notification.Reason
	channel notification.Channel
}

func newJourney(ctx workflow.Context, in NotificationInput) *journey {
	j := &journey{NotificationInput: in}
	j.wishes.listen(ctx)

	return j
}

// travel goes from channel to channel until one has delivered or none is left.
func (j *journey) travel(ctx workflow.Context) *ending {
	if end := j.waitForSendTime(ctx); end != nil {
		return end
	}

	if end := j.validate(ctx); end != nil {
		return end
	}

	unreached, end := j.throughIO(ctx)
	if end != nil {
		return end
	}

	return j.throughSMS(ctx, unreached)
}

// waitForSendTime lets a scheduled notification rest, still open to a cancellation.
func (j *journey) waitForSendTime(ctx workflow.Context) *ending {
	wait := j.SendAt.Sub(workflow.Now(ctx))
	if j.SendAt.IsZero() || wait <= 0 {
		return nil
	}

	if cancelled := j.wishes.awaitCancel(ctx, wait, summaryOfSendTime); cancelled {
		return &ending{reason: j.wishes.cancelled}
	}

	return nil
}

// validate checks the codice fiscale and learns what an earlier run achieved.
func (j *journey) validate(ctx workflow.Context) *ending {
	step := Step{NotificationID: j.ID, Run: j.Run}

	err := workflow.ExecuteLocalActivity(recording(ctx), ActivityPrepare, step).Get(ctx, &j.plan)
	if err != nil {
		return fault(ctx, "preparing", err)
	}

	if j.plan.Reason != "" {
		return &ending{reason: j.plan.Reason}
	}

	return nil
}

// settle stores the final state and tells it to Temporal.
func (j *journey) settle(ctx workflow.Context, end *ending) (NotificationResult, error) {
	result := NotificationResult{Status: end.reason.Ending(), Reason: end.reason, Channel: end.channel}

	// Also when an administrator cancels the workflow itself, the database must hear of the end.
	ctx, done := workflow.NewDisconnectedContext(ctx)
	defer done()

	settlement := SettleInput{NotificationID: j.ID, Run: j.Run, NotificationResult: result}
	if err := workflow.ExecuteLocalActivity(recording(ctx), ActivitySettle, settlement).Get(ctx, nil); err != nil {
		return result, err //nolint:wrapcheck // Temporal's own error tells the step; wrapping would hide its type.
	}

	j.tellSettled(ctx, result)

	if result.Status == notification.StatusFailed {
		return result, temporal.NewApplicationError(string(result.Reason), FailureType, result)
	}

	return result, nil
}

// allow gives the channel at hand its time from now on.
func (j *journey) allow(ctx workflow.Context, allowed time.Duration) {
	j.until = j.capped(workflow.Now(ctx).Add(allowed))
}

// capped is the moment, or the notification's expiry where that is earlier.
func (j *journey) capped(moment time.Time) time.Time {
	if !j.ExpiresAt.IsZero() && j.ExpiresAt.Before(moment) {
		return j.ExpiresAt
	}

	return moment
}

// step is what an activity of the channel at hand is told.
func (j *journey) step() Step {
	return Step{NotificationID: j.ID, Deadline: j.until, ExpiresAt: j.ExpiresAt}
}

// ask carries out a step with an activity. It gives an ending where the step came to no result. Where a pause is in the
// way, the step is taken again when that is over.
func (j *journey) ask(ctx workflow.Context, activity string, step Step, result any) *ending {
	for {
		err := j.try(ctx, activity, step, result)
		if err == nil {
			return nil
		}

		why, paused := pausedBy(err)
		if !paused {
			return j.stopped(ctx, activity, err)
		}

		if end := j.awaitPassage(ctx, activity, why); end != nil {
			return end
		}
	}
}

func (j *journey) try(ctx workflow.Context, activity string, step Step, result any) error {
	stoppable, done := j.wishes.stoppable(ctx)
	defer done()

	return workflow.ExecuteActivity(stoppable, activity, step).Get(ctx, result) //nolint:wrapcheck // told apart by type.
}

func (j *journey) expired(ctx workflow.Context) bool {
	return !j.ExpiresAt.IsZero() && !workflow.Now(ctx).Before(j.ExpiresAt)
}

// stopped explains a step that gave no result: somebody cancelled it, or it is a fault.
func (j *journey) stopped(ctx workflow.Context, doing string, err error) *ending {
	switch {
	case j.wishes.cancelled != "":
		return &ending{reason: j.wishes.cancelled}
	case ctx.Err() != nil:
		// An administrator cancelled the workflow, and the call under way then failed in its own way.
		return &ending{reason: notification.ReasonCancelledByOperator}
	}

	return fault(ctx, doing, err)
}

// pauseBeforeResend rests a little longer before each further send of an uncertain message.
func (j *journey) pauseBeforeResend(ctx workflow.Context) *ending {
	pause := min(firstResend<<j.resends, lastResend)
	j.resends = min(j.resends+1, maxResendDoublings)

	if cancelled := j.wishes.awaitCancel(ctx, pause, "pause before sending again"); cancelled {
		return &ending{reason: j.wishes.cancelled}
	}

	return nil
}

// fault ends a journey whose step could not be carried out at all. Activities answer every foreseen outcome
// with a result, so this is a cancellation of the workflow itself or a bug.
func fault(ctx workflow.Context, doing string, err error) *ending {
	if temporal.IsCanceledError(err) {
		return &ending{reason: notification.ReasonCancelledByOperator}
	}

	workflow.GetLogger(ctx).Error("step could not be carried out", "doing", doing, "error", err)

	return &ending{reason: notification.ReasonInternalError}
}
