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

func TestHoldStopsBeforeTheNextStepUntilResumed(t *testing.T) {
	t.Parallel()

	const held = 24 * time.Hour

	cases := map[string]struct {
		during func(*voyage)
		route  []string
	}{
		"before IO is asked": {
			func(v *voyage) {
				v.in.SendAt = departure().Add(time.Hour)
				v.onIO()
				v.ioTakes()
				v.ioDelivers()
			},
			[]string{
				workflows.ActivityHold, workflows.ActivityResume, workflows.ActivityCheckProfile,
				workflows.ActivitySendToIO, workflows.ActivityAwaitIODelivery,
			},
		},
		"between the profile and the message": {
			func(v *voyage) {
				v.answers(workflows.ActivityCheckProfile, workflows.ProfileResult{Reachable: true}).After(time.Hour)
				v.ioTakes()
				v.ioDelivers()
			},
			[]string{
				workflows.ActivityCheckProfile, workflows.ActivityHold, workflows.ActivityResume,
				workflows.ActivitySendToIO, workflows.ActivityAwaitIODelivery,
			},
		},
		"between IO and SMS": {
			func(v *voyage) {
				v.onIO()
				v.ioTakes()
				v.ioEnds(notification.AttemptSent, notification.ReasonIONotProcessedInTime).After(time.Hour)
				v.bySMS()
			},
			[]string{
				workflows.ActivityCheckProfile, workflows.ActivitySendToIO, workflows.ActivityAwaitIODelivery,
				workflows.ActivityHold, workflows.ActivityResume,
				workflows.ActivitySendSMS, workflows.ActivityAwaitSMSDelivery,
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			v.prepared(withPhone())
			c.during(v)
			v.signal(time.Minute, workflows.SignalHold, nil)
			v.signal(held, workflows.SignalResume, nil)
			v.run()

			require.NoError(t, v.env.GetWorkflowError())
			v.requireRoute(t, c.route...)
			require.Equal(t, notification.ReasonHeldByOperator, v.of(workflows.ActivityHold)[0].held.Reason)
			require.Equal(t, held, v.of(workflows.ActivityResume)[0].at.Sub(departure()))
		})
	}
}

// Somebody presses a button twice, or at the wrong moment.
func TestHoldAndResumeOutOfTurn(t *testing.T) {
	t.Parallel()

	cases := map[string][]string{
		"resumed without a hold":   {workflows.SignalResume},
		"resumed twice":            {workflows.SignalHold, workflows.SignalResume, workflows.SignalResume},
		"held twice, resumed once": {workflows.SignalHold, workflows.SignalHold, workflows.SignalResume},
	}
	for name, signals := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			v.in.SendAt = departure().Add(time.Hour)
			v.prepared(withPhone())
			v.onIO()
			v.ioTakes()
			v.ioDelivers()

			for i, name := range signals {
				v.signal(time.Duration(i+1)*time.Minute, name, nil)
			}

			v.run()

			v.requireSettled(t, notification.StatusDelivered, notification.ReasonIODelivered, notification.ChannelIO)
			require.Empty(t, v.of(workflows.ActivityHold))
		})
	}
}

func TestHeldAgainBeforeItGoesOn(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.prepared(withPhone())
	v.answers(workflows.ActivityCheckProfile, workflows.ProfileResult{Reachable: true}).After(time.Hour)
	v.ioTakes().After(time.Hour)
	v.ioEnds(notification.AttemptFailed, notification.ReasonIORejected)
	v.bySMS()
	v.signal(time.Minute, workflows.SignalHold, nil)
	v.signal(2*time.Hour, workflows.SignalResume, nil)
	v.signal(2*time.Hour+time.Minute, workflows.SignalHold, nil)
	v.signal(9*time.Hour, workflows.SignalResume, nil)
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)
	require.Len(t, v.of(workflows.ActivityHold), 2)
	require.Equal(t, 9*time.Hour, v.of(workflows.ActivitySendSMS)[0].at.Sub(departure()))
}

// Whoever holds a notification right when it is resumed wants it held.
func TestHoldDuringResumeCounts(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.in.SendAt = departure().Add(time.Hour)
	v.prepared(withPhone())
	v.env.OnActivity(workflows.ActivityResume, mock.Anything, mock.Anything).
		Return(func(context.Context, workflows.Step) error {
			if len(v.of(workflows.ActivityResume)) == 1 {
				v.env.SignalWorkflow(workflows.SignalHold, nil)
			}

			return nil
		})
	v.signal(time.Minute, workflows.SignalHold, nil)
	v.signal(2*time.Hour, workflows.SignalResume, nil)
	v.cancel(3*time.Hour, notification.ReasonPaid)
	v.run()

	v.requireSettled(t, notification.StatusCancelled, notification.ReasonPaid, "")
	v.requireRoute(t, workflows.ActivityHold, workflows.ActivityResume, workflows.ActivityHold)
}

func TestTimeOnHoldEndsWithTheExpiry(t *testing.T) {
	t.Parallel()

	const resumed = 24 * time.Hour

	v := newVoyage(t)
	v.in.ExpiresAt = departure().Add(resumed + time.Minute)
	v.prepared(withPhone())
	v.answers(workflows.ActivityCheckProfile, workflows.ProfileResult{Reachable: true}).After(time.Minute)
	v.ioTakes()
	v.ioDelivers()
	v.signal(aMoment, workflows.SignalHold, nil)
	v.signal(resumed, workflows.SignalResume, nil)
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonIODelivered, notification.ChannelIO)
	require.Equal(t, v.in.ExpiresAt, v.of(workflows.ActivitySendToIO)[0].step.Deadline)
}

func TestHoldBetweenTwoSendsOfAnSMSDoesNotCount(t *testing.T) {
	t.Parallel()

	const pause, resumed = 10 * time.Second, 10 * time.Hour

	v := smsInDoubt(t, notification.UncertainResend)
	v.answers(workflows.ActivitySendSMS, sent(nextSMSAttempt))
	v.smsDelivers()
	v.signal(aMoment, workflows.SignalHold, nil)
	v.signal(resumed, workflows.SignalResume, nil)
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)

	sends := v.of(workflows.ActivitySendSMS)
	require.Equal(t, sends[0].step.Deadline.Add(resumed-pause), sends[1].step.Deadline)
}

// whileHeld gives voyages that rest at each kind of hold.
func whileHeld(t *testing.T) map[string]*voyage {
	t.Helper()

	byOperator := newVoyage(t)
	byOperator.in.SendAt = departure().Add(time.Minute)
	byOperator.prepared(withPhone())
	byOperator.signal(aMoment, workflows.SignalHold, nil)

	return map[string]*voyage{
		"by an operator":     byOperator,
		"for an uncertainty": inDoubt(t, notification.UncertainHold, withPhone()),
	}
}

func TestCancelWhileHeld(t *testing.T) {
	t.Parallel()

	for name, v := range whileHeld(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v.cancel(time.Hour, notification.ReasonPaid)
			v.run()

			v.requireSettled(t, notification.StatusCancelled, notification.ReasonPaid, "")
			require.Len(t, v.of(workflows.ActivityHold), 1)
			require.Empty(t, v.of(workflows.ActivityResume))
		})
	}
}

func TestExpiryWhileHeld(t *testing.T) {
	t.Parallel()

	for name, v := range whileHeld(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v.in.ExpiresAt = departure().Add(5 * time.Hour)
			v.run()

			v.requireSettled(t, notification.StatusExpired, notification.ReasonExpired, "")
			require.Empty(t, v.of(workflows.ActivityResume))
			require.Equal(t, v.in.ExpiresAt, v.of(workflows.ActivitySettle)[0].at.UTC())
		})
	}
}

func TestHoldThatCannotBeStoredIsAFault(t *testing.T) {
	t.Parallel()

	for _, broken := range []string{workflows.ActivityHold, workflows.ActivityResume} {
		t.Run(broken, func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			v.fails(broken)
			v.in.Policy.OnUncertain = notification.UncertainHold
			v.prepared(withPhone())
			v.onIO()
			v.ioDoubts(ioAttempt)
			v.decide(time.Hour, workflows.DecisionSMS)
			v.run()

			v.requireSettled(t, notification.StatusFailed, notification.ReasonInternalError, "")
			require.Empty(t, v.of(workflows.ActivitySendSMS))
		})
	}
}
