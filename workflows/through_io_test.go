package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

func TestIODelivers(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.prepared(withPhone())
	v.onIO()
	v.ioTakes()
	v.ioDelivers()
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonIODelivered, notification.ChannelIO)
	v.requireRoute(t, workflows.ActivityCheckProfile, workflows.ActivitySendToIO, workflows.ActivityAwaitIODelivery)

	require.Equal(t, workflows.Step{NotificationID: theNotification, Run: 1}, v.calls[0].step)

	deadline := departure().Add(notification.DefaultIODeadline)
	require.Equal(t, workflows.Step{NotificationID: theNotification, Deadline: deadline}, v.calls[1].step)
	require.Equal(t, workflows.Step{NotificationID: theNotification, Deadline: deadline}, v.calls[2].step)
	require.Equal(t,
		workflows.Step{NotificationID: theNotification, Deadline: deadline, AttemptID: ioAttempt}, v.calls[3].step)
}

func TestExpiryShortensTheDeadline(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.in.ExpiresAt = departure().Add(20 * time.Minute)
	v.prepared(withPhone())
	v.onIO()
	v.ioTakes()
	v.ioDelivers()
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonIODelivered, notification.ChannelIO)

	for _, made := range v.calls[1:4] {
		require.Equal(t, v.in.ExpiresAt, made.step.Deadline, made.activity)
		require.Equal(t, v.in.ExpiresAt, made.step.ExpiresAt, made.activity)
	}
}

func TestWaitForIOIsOneActivityHoweverLong(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.prepared(withPhone())
	v.onIO()
	v.ioTakes()

	wait := temporal.NewApplicationErrorWithOptions("not final yet", workflows.FailureStillWaiting,
		temporal.ApplicationErrorOptions{NextRetryDelay: 10 * time.Minute})
	v.env.OnActivity(workflows.ActivityAwaitIODelivery, mock.Anything, mock.Anything).
		Return(workflows.DeliveryResult{}, wait).Times(3)
	v.ioDelivers()
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonIODelivered, notification.ChannelIO)

	asked := v.of(workflows.ActivityAwaitIODelivery)
	require.Len(t, asked, 4)
	require.Equal(t, 30*time.Minute, asked[3].at.Sub(asked[0].at))
}

func TestInvalidFiscalCodeSendsNothing(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.prepared(workflows.Plan{HasPhone: true, Reason: notification.ReasonFiscalCodeInvalid})
	v.run()

	v.requireSettled(t, notification.StatusNotDelivered, notification.ReasonFiscalCodeInvalid, "")
	v.requireRoute(t)
}

func TestProvisionalFiscalCodeGoesToSMS(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.prepared(workflows.Plan{HasPhone: true, Provisional: true})
	v.bySMS()
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)
	v.requireRoute(t, workflows.ActivitySkipChannel, workflows.ActivitySendSMS, workflows.ActivityAwaitSMSDelivery)
	require.Equal(t, workflows.SkipInput{
		NotificationID: theNotification, Channel: notification.ChannelIO, Reason: notification.ReasonFiscalCodeProvisional,
	}, v.calls[1].skipped)
}

// Whom IO does not reach for one of these reasons, an SMS may.
func TestReasonsToGoOnToSMS(t *testing.T) {
	t.Parallel()

	profile := func(why notification.Reason) func(*voyage) {
		return func(v *voyage) { v.notOnIO(why) }
	}
	send := func(why notification.Reason) func(*voyage) {
		return func(v *voyage) {
			v.onIO()
			v.answers(workflows.ActivitySendToIO, notSent(ioAttempt, why))
		}
	}
	delivery := func(status notification.AttemptStatus, why notification.Reason) func(*voyage) {
		return func(v *voyage) {
			v.onIO()
			v.ioTakes()
			v.ioEnds(status, why)
		}
	}

	cases := map[string]func(*voyage){
		"not on IO":                 profile(notification.ReasonIOProfileNotFound),
		"sender not allowed":        profile(notification.ReasonIOSenderNotAllowed),
		"profile unavailable":       profile(notification.ReasonIOUnavailable),
		"profile rate limited":      profile(notification.ReasonIORateLimited),
		"submit unavailable":        send(notification.ReasonIOUnavailable),
		"submit rate limited":       send(notification.ReasonIORateLimited),
		"rejected after acceptance": delivery(notification.AttemptFailed, notification.ReasonIORejected),
		"failed after acceptance":   delivery(notification.AttemptFailed, notification.ReasonIOProcessingFailed),
		"not processed in time":     delivery(notification.AttemptSent, notification.ReasonIONotProcessedInTime),
	}
	for name, untilSMS := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			v.prepared(withPhone())
			untilSMS(v)
			v.bySMS()
			v.run()

			v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)

			texts := v.of(workflows.ActivitySendSMS)
			require.Len(t, texts, 1)
			require.Empty(t, texts[0].step.Supersedes)
		})
	}
}

// Faults of the service's own configuration hit every citizen alike; SMS would only cost.
func TestConfigurationFaultsSendNoSMS(t *testing.T) {
	t.Parallel()

	for _, why := range []notification.Reason{
		notification.ReasonIOKeyRejected, notification.ReasonIOForbidden, notification.ReasonIORecipientForbidden,
		notification.ReasonIOMessageRefused, notification.ReasonIONotFound, notification.ReasonIOUnexpectedAnswer,
	} {
		t.Run("profile "+string(why), func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			v.prepared(withPhone())
			v.notOnIO(why)
			v.run()

			v.requireSettled(t, notification.StatusFailed, why, "")
			v.requireRoute(t, workflows.ActivityCheckProfile)
		})
		t.Run("submit "+string(why), func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			v.prepared(withPhone())
			v.onIO()
			v.answers(workflows.ActivitySendToIO, notSent(ioAttempt, why))
			v.run()

			v.requireSettled(t, notification.StatusFailed, why, "")
			v.requireRoute(t, workflows.ActivityCheckProfile, workflows.ActivitySendToIO)
		})
	}
}

func TestStepThatCannotBeCarriedOutIsAFault(t *testing.T) {
	t.Parallel()

	full := []string{
		workflows.ActivityPrepare, workflows.ActivityCheckProfile, workflows.ActivitySendToIO,
		workflows.ActivityAwaitIODelivery, workflows.ActivitySendSMS, workflows.ActivityAwaitSMSDelivery,
	}
	for i, broken := range full {
		t.Run(broken, func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			v.fails(broken)
			v.prepared(withPhone())
			v.onIO()
			v.ioTakes()
			v.ioEnds(notification.AttemptFailed, notification.ReasonIORejected)
			v.smsTakes()
			v.run()

			v.requireSettled(t, notification.StatusFailed, notification.ReasonInternalError, "")
			require.Equal(t, append(full[:i+1:i+1], workflows.ActivitySettle), v.route())
		})
	}
}

func TestSettlementThatCannotBeStoredFailsTheWorkflow(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.fails(workflows.ActivitySettle)
	v.prepared(withPhone())
	v.onIO()
	v.ioTakes()
	v.ioDelivers()
	v.run()

	var failure *temporal.ApplicationError

	require.ErrorAs(t, v.env.GetWorkflowError(), &failure)
	require.Equal(t, string(notification.ReasonInternalError), failure.Type())
}
