package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// untilSMS prepares a citizen who is not on IO.
func untilSMS(t *testing.T) *voyage {
	t.Helper()

	v := newVoyage(t)
	v.prepared(withPhone())
	v.notOnIO(notification.ReasonIOProfileNotFound)

	return v
}

func (v *voyage) report(after time.Duration, status notification.AttemptStatus, why notification.Reason) {
	v.signal(after, workflows.SignalSMSStatus,
		workflows.SMSReport{AttemptID: smsAttempt, Status: status, Reason: why})
}

func TestSMSDeliveredByAsking(t *testing.T) {
	t.Parallel()

	v := untilSMS(t)
	v.smsTakes().After(time.Minute)
	v.smsDelivers()
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)
	v.requireRoute(t, workflows.ActivityCheckProfile, workflows.ActivitySendSMS, workflows.ActivityAwaitSMSDelivery)

	require.Equal(t, workflows.Step{
		NotificationID: theNotification, Deadline: departure().Add(notification.DefaultSMSDeadline),
	}, v.of(workflows.ActivitySendSMS)[0].step)

	asked := v.of(workflows.ActivityAwaitSMSDelivery)[0]
	require.Equal(t, smsAttempt, asked.step.AttemptID)
	require.Equal(t, theNotification, asked.step.NotificationID)
	require.False(t, asked.step.Deadline.Before(departure().Add(notification.DefaultSMSDeadline)))
}

func TestExpiryShortensTheSMSDeadline(t *testing.T) {
	t.Parallel()

	v := untilSMS(t)
	v.in.ExpiresAt = departure().Add(2 * time.Hour)
	v.bySMS()
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)

	for _, made := range v.calls[2:4] {
		require.Equal(t, v.in.ExpiresAt, made.step.Deadline, made.activity)
		require.Equal(t, v.in.ExpiresAt, made.step.ExpiresAt, made.activity)
	}
}

func TestSMSReports(t *testing.T) {
	t.Parallel()

	const soon, never = time.Minute, 48 * time.Hour

	const failed = notification.ReasonSMSUnreachable

	cases := map[string]struct {
		reports func(*voyage)
		status  notification.Status
		reason  notification.Reason
	}{
		"delivered": {
			func(v *voyage) { v.report(soon, notification.AttemptDelivered, notification.ReasonSMSDelivered) },
			notification.StatusDelivered, notification.ReasonSMSDelivered,
		},
		"undelivered": {
			func(v *voyage) { v.report(soon, notification.AttemptFailed, failed) },
			notification.StatusNotDelivered, failed,
		},
		"sent, then delivered": {
			func(v *voyage) {
				v.report(soon, notification.AttemptSent, "")
				v.report(2*soon, notification.AttemptDelivered, notification.ReasonSMSDelivered)
			},
			notification.StatusDelivered, notification.ReasonSMSDelivered,
		},
		"delivered twice": {
			func(v *voyage) {
				v.report(soon, notification.AttemptDelivered, notification.ReasonSMSDelivered)
				v.report(soon, notification.AttemptDelivered, notification.ReasonSMSDelivered)
			},
			notification.StatusDelivered, notification.ReasonSMSDelivered,
		},
		"of another attempt first": {
			func(v *voyage) {
				v.signal(soon, workflows.SignalSMSStatus, workflows.SMSReport{
					AttemptID: nextSMSAttempt, Status: notification.AttemptFailed, Reason: failed,
				})
				v.report(2*soon, notification.AttemptDelivered, notification.ReasonSMSDelivered)
			},
			notification.StatusDelivered, notification.ReasonSMSDelivered,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := untilSMS(t)
			v.smsTakes()
			v.smsDelivers().After(never)
			c.reports(v)
			v.run()

			channel := notification.Channel("")
			if c.status == notification.StatusDelivered {
				channel = notification.ChannelSMS
			}

			v.requireSettled(t, c.status, c.reason, channel)
			require.Less(t, v.of(workflows.ActivitySettle)[0].at.Sub(departure()), time.Hour)
		})
	}
}

// Callbacks overtake each other, and even the answer to the call that made them.
func TestSMSReportsBeforeTheHandOverIsKnown(t *testing.T) {
	t.Parallel()

	const inCall = time.Second

	cases := map[string]struct {
		first, second notification.AttemptStatus
		status        notification.Status
		reason        notification.Reason
		channel       notification.Channel
	}{
		"delivered, then sent": {
			notification.AttemptDelivered, notification.AttemptSent,
			notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS,
		},
		"delivered, then failed": {
			notification.AttemptDelivered, notification.AttemptFailed,
			notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS,
		},
		"failed, then delivered": {
			notification.AttemptFailed, notification.AttemptDelivered,
			notification.StatusNotDelivered, notification.ReasonSMSUndelivered, "",
		},
		"sent, then delivered": {
			notification.AttemptSent, notification.AttemptDelivered,
			notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			reason := func(status notification.AttemptStatus) notification.Reason {
				if status == notification.AttemptFailed {
					return notification.ReasonSMSUndelivered
				}

				return ""
			}

			v := untilSMS(t)
			v.smsTakes().After(10 * inCall)
			v.smsEnds(notification.AttemptSent, notification.ReasonSMSUnconfirmed)
			v.report(inCall, c.first, reason(c.first))
			v.report(2*inCall, c.second, reason(c.second))
			v.run()

			v.requireSettled(t, c.status, c.reason, c.channel)
		})
	}
}

// The provider's report and the answer of the activity that gave up waiting for it reach the workflow together.
func TestSMSReportThatComesWithTheEndOfTheWaitWins(t *testing.T) {
	t.Parallel()

	v := untilSMS(t)
	v.smsTakes()
	v.env.OnActivity(workflows.ActivityAwaitSMSDelivery, mock.Anything, mock.Anything).
		Return(func(context.Context, workflows.Step) (workflows.DeliveryResult, error) {
			v.env.SignalWorkflowSkippingWorkflowTask(workflows.SignalSMSStatus, workflows.SMSReport{
				AttemptID: smsAttempt, Status: notification.AttemptDelivered, Reason: notification.ReasonSMSDelivered,
			})

			return workflows.DeliveryResult{
				Status: notification.AttemptSent, Reason: notification.ReasonSMSUnconfirmed,
			}, nil
		})
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)
}

func TestSMSNotPossible(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		phone    bool
		fallback []notification.Channel
		skipped  notification.Reason
	}{
		"no phone":           {false, []notification.Channel{notification.ChannelSMS}, notification.ReasonSMSNoPhone},
		"not in the policy":  {true, nil, notification.ReasonSMSNotEnabled},
		"neither one of two": {false, nil, notification.ReasonSMSNotEnabled},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			v.in.Policy.Fallback = c.fallback
			v.prepared(workflows.Plan{HasPhone: c.phone})
			v.notOnIO(notification.ReasonIOProfileNotFound)
			v.run()

			v.requireSettled(t, notification.StatusNotDelivered, notification.ReasonIOProfileNotFound, "")
			v.requireRoute(t, workflows.ActivityCheckProfile, workflows.ActivitySkipChannel)
			require.Equal(t, workflows.SkipInput{
				NotificationID: theNotification, Channel: notification.ChannelSMS, Reason: c.skipped,
			}, v.calls[2].skipped)
		})
	}
}

func TestIOUnavailableWithoutPhoneMayBeRetried(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.prepared(workflows.Plan{})
	v.notOnIO(notification.ReasonIOUnavailable)
	v.run()

	v.requireSettled(t, notification.StatusFailed, notification.ReasonIOUnavailable, "")
	v.requireRoute(t, workflows.ActivityCheckProfile, workflows.ActivitySkipChannel)
}

func TestCancellationAndExpiryGoBeforeTheWantOfAPhone(t *testing.T) {
	t.Parallel()

	const inCall = time.Minute

	ioAway := func(v *voyage) {
		v.onIO()
		v.answers(workflows.ActivitySendToIO, notSent(ioAttempt, notification.ReasonIOUnavailable)).After(inCall)
	}

	cases := map[string]struct {
		unreached func(*voyage)
		cancelled bool
		status    notification.Status
		reason    notification.Reason
	}{
		"cancelled during the call": {ioAway, true, notification.StatusCancelled, notification.ReasonPaid},
		"expired during the call":   {ioAway, false, notification.StatusExpired, notification.ReasonExpired},
		"known not to be on IO, however late": {
			func(v *voyage) {
				v.answers(workflows.ActivityCheckProfile,
					workflows.ProfileResult{Reason: notification.ReasonIOProfileNotFound}).After(inCall)
			},
			false, notification.StatusNotDelivered, notification.ReasonIOProfileNotFound,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			v.in.ExpiresAt = departure().Add(inCall / 2)
			v.prepared(workflows.Plan{})
			c.unreached(v)

			if c.cancelled {
				v.cancel(aMoment, notification.ReasonPaid)
			}

			v.run()

			v.requireSettled(t, c.status, c.reason, "")
			require.Equal(t, notification.ReasonSMSNoPhone, v.of(workflows.ActivitySkipChannel)[0].skipped.Reason)
		})
	}
}

func TestSMSRefused(t *testing.T) {
	t.Parallel()

	for why, status := range map[notification.Reason]notification.Status{
		notification.ReasonSMSOptedOut:            notification.StatusNotDelivered,
		notification.ReasonSMSPhoneNotMobile:      notification.StatusNotDelivered,
		notification.ReasonSMSCredentialsRejected: notification.StatusFailed,
		notification.ReasonSMSUnavailable:         notification.StatusFailed,
	} {
		t.Run(string(why), func(t *testing.T) {
			t.Parallel()

			v := untilSMS(t)
			v.answers(workflows.ActivitySendSMS, notSent(smsAttempt, why))
			v.run()

			v.requireSettled(t, status, why, "")
			v.requireRoute(t, workflows.ActivityCheckProfile, workflows.ActivitySendSMS)
		})
	}
}

func TestSMSUnconfirmed(t *testing.T) {
	t.Parallel()

	v := untilSMS(t)
	v.smsTakes()
	v.smsEnds(notification.AttemptSent, notification.ReasonSMSUnconfirmed)
	v.run()

	v.requireSettled(t, notification.StatusNotDelivered, notification.ReasonSMSUnconfirmed, "")
}

func TestChannelsThatCannotBeSkippedAreAFault(t *testing.T) {
	t.Parallel()

	for name, plan := range map[string]workflows.Plan{
		"io":  {Provisional: true, HasPhone: true},
		"sms": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			v.fails(workflows.ActivitySkipChannel)
			v.prepared(plan)
			v.notOnIO(notification.ReasonIOProfileNotFound)
			v.run()

			v.requireSettled(t, notification.StatusFailed, notification.ReasonInternalError, "")
		})
	}
}
