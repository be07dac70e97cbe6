package workflows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// The time before a person is not the channel's: after a long hold it still has what it had before.
func TestHoldDoesNotCountAgainstTheChannel(t *testing.T) {
	t.Parallel()

	const held = 5 * time.Hour

	v := newVoyage(t)
	v.prepared(withPhone())
	v.answers(workflows.ActivityCheckProfile, workflows.ProfileResult{Reachable: true}).After(time.Minute)
	v.ioTakes()
	v.ioDelivers()
	v.signal(30*time.Second, workflows.SignalHold, nil)
	v.signal(held, workflows.SignalResume, nil)
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonIODelivered, notification.ChannelIO)

	step := v.of(workflows.ActivitySendToIO)[0].step
	require.WithinDuration(t, departure().Add(held+notification.DefaultIODeadline), step.Deadline, 2*time.Minute)
}

// IO has its whole time from the hand-over on, however long the notification waited for its turn.
func TestIOHasItsTimeFromTheHandOverOn(t *testing.T) {
	t.Parallel()

	const queued = 3 * time.Hour

	v := newVoyage(t)
	v.prepared(withPhone())
	v.onIO()
	v.ioTakes().After(queued)
	v.ioDelivers()
	v.run()

	step := v.of(workflows.ActivityAwaitIODelivery)[0].step
	require.WithinDuration(t, departure().Add(queued+notification.DefaultIODeadline), step.Deadline, time.Minute)
}

func TestReportEndsTheDoubtAboutAnSMS(t *testing.T) {
	t.Parallel()

	report := func(status notification.AttemptStatus, why notification.Reason) workflows.SMSReport {
		return workflows.SMSReport{AttemptID: smsAttempt, Status: status, Reason: why}
	}

	t.Run("delivered", func(t *testing.T) {
		t.Parallel()

		v := smsInDoubt(t, notification.UncertainHold)
		v.signal(time.Hour, workflows.SignalSMSStatus,
			report(notification.AttemptDelivered, notification.ReasonSMSDelivered))
		v.run()

		v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)
		require.Empty(t, v.of(workflows.ActivityAwaitSMSDelivery), "the last word is known")
	})

	t.Run("sent", func(t *testing.T) {
		t.Parallel()

		v := smsInDoubt(t, notification.UncertainHold)
		v.smsDelivers()
		v.signal(time.Hour, workflows.SignalSMSStatus, report(notification.AttemptSent, ""))
		v.run()

		v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)
		require.Equal(t, smsAttempt, v.of(workflows.ActivityAwaitSMSDelivery)[0].step.AttemptID)
	})
}

// A step that could not be carried out because the workflow was cancelled meanwhile is no fault.
func TestAdministratorCancelsDuringACallThatFails(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.prepared(withPhone())
	v.onIO()
	v.env.OnActivity(workflows.ActivitySendToIO, mock.Anything, mock.Anything).
		After(time.Hour).Return(workflows.SendResult{}, errors.New("the connection broke"))
	v.env.RegisterDelayedCallback(v.env.CancelWorkflow, time.Minute)
	v.run()

	v.requireSettled(t, notification.StatusCancelled, notification.ReasonCancelledByOperator, "")
}

// What expired without a channel left is expired, not a fault that support would retry.
func TestExpiredWithoutAChannelLeft(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.in.ExpiresAt = departure().Add(time.Hour)
	v.prepared(workflows.Plan{})
	v.onIO()
	v.ioTakes()
	v.ioEnds(notification.AttemptSent, notification.ReasonIONotProcessedInTime).After(2 * time.Hour)
	v.answers(workflows.ActivitySkipChannel, workflows.SkipInput{})
	v.run()

	v.requireSettled(t, notification.StatusExpired, notification.ReasonExpired, "")
}
