package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const aMoment = time.Second

func TestScheduledNotificationWaitsForItsTime(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.in.SendAt = departure().Add(72 * time.Hour)
	v.prepared(withPhone())
	v.onIO()
	v.ioTakes()
	v.ioDelivers()
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonIODelivered, notification.ChannelIO)
	require.Equal(t, v.in.SendAt, v.calls[0].at.UTC())
}

func TestSendTimeInThePastDoesNotWait(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.in.SendAt = departure().Add(-time.Hour)
	v.prepared(workflows.Plan{Reason: notification.ReasonFiscalCodeInvalid})
	v.run()

	require.Equal(t, departure(), v.calls[0].at.UTC())
}

func TestCancelWhileScheduled(t *testing.T) {
	t.Parallel()

	for _, why := range []notification.Reason{
		notification.ReasonPaid, notification.ReasonCancelledByEnte, notification.ReasonCancelledByOperator,
	} {
		t.Run(string(why), func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			v.in.SendAt = departure().Add(72 * time.Hour)
			v.cancel(time.Hour, why)
			v.run()

			v.requireSettled(t, notification.StatusCancelled, why, "")
			require.Equal(t, []string{workflows.ActivitySettle}, v.route())
			require.Equal(t, time.Hour, v.calls[0].at.Sub(departure()))
		})
	}
}

func TestCancelBeforeTheStart(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.prepared(withPhone())
	v.cancel(0, notification.ReasonPaid)
	v.run()

	v.requireSettled(t, notification.StatusCancelled, notification.ReasonPaid, "")
	v.requireRoute(t)
}

func TestCancelWhileAsking(t *testing.T) {
	t.Parallel()

	const wait = 50 * time.Minute

	cases := map[string]struct {
		waiting func(*voyage)
		route   []string
	}{
		"for the profile": {
			func(v *voyage) {
				v.answers(workflows.ActivityCheckProfile, workflows.ProfileResult{Reachable: true}).After(wait)
			},
			[]string{workflows.ActivityCheckProfile},
		},
		"for IO's delivery": {
			func(v *voyage) {
				v.onIO()
				v.ioTakes()
				v.ioDelivers().After(wait)
			},
			[]string{workflows.ActivityCheckProfile, workflows.ActivitySendToIO, workflows.ActivityAwaitIODelivery},
		},
		"for the SMS's delivery": {
			func(v *voyage) {
				v.notOnIO(notification.ReasonIOProfileNotFound)
				v.smsTakes()
				v.smsDelivers().After(wait)
			},
			[]string{workflows.ActivityCheckProfile, workflows.ActivitySendSMS, workflows.ActivityAwaitSMSDelivery},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			v.prepared(withPhone())
			c.waiting(v)
			v.cancel(time.Minute, notification.ReasonCancelledByEnte)
			v.run()

			v.requireSettled(t, notification.StatusCancelled, notification.ReasonCancelledByEnte, "")
			v.requireRoute(t, c.route...)
			require.Equal(t, time.Minute, v.of(workflows.ActivitySettle)[0].at.Sub(departure()))
		})
	}
}

// A call that hands a message over is never cut: what it did must be known, even if nobody wants it any more.
func TestCancelDuringAHandOverWaitsForItsOutcome(t *testing.T) {
	t.Parallel()

	const inCall = 20 * time.Second

	cases := map[string]struct {
		sending func(*voyage)
		action  notification.UncertainAction
		hand    string
	}{
		"IO takes it": {
			sending: func(v *voyage) { v.ioTakes().After(inCall) },
			hand:    workflows.ActivitySendToIO,
		},
		"IO does not take it": {
			sending: func(v *voyage) {
				v.answers(workflows.ActivitySendToIO, notSent(ioAttempt, notification.ReasonIOUnavailable)).After(inCall)
			},
			hand: workflows.ActivitySendToIO,
		},
		"IO leaves a doubt, to be held": {
			sending: func(v *voyage) { v.ioDoubts(ioAttempt).After(inCall) },
			action:  notification.UncertainHold,
			hand:    workflows.ActivitySendToIO,
		},
		"IO leaves a doubt, to be sent again": {
			sending: func(v *voyage) { v.ioDoubts(ioAttempt).After(inCall) },
			action:  notification.UncertainResend,
			hand:    workflows.ActivitySendToIO,
		},
		"IO leaves a doubt, to go on by SMS": {
			sending: func(v *voyage) { v.ioDoubts(ioAttempt).After(inCall) },
			action:  notification.UncertainSMS,
			hand:    workflows.ActivitySendToIO,
		},
		"the SMS is taken": {
			sending: func(v *voyage) { v.smsTakes().After(inCall) },
			hand:    workflows.ActivitySendSMS,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			v.in.Policy.OnUncertain = c.action
			v.prepared(withPhone())

			if c.hand == workflows.ActivitySendToIO {
				v.onIO()
			} else {
				v.notOnIO(notification.ReasonIOProfileNotFound)
			}

			c.sending(v)
			v.cancel(aMoment, notification.ReasonPaid)
			v.run()

			v.requireSettled(t, notification.StatusCancelled, notification.ReasonPaid, "")
			require.Len(t, v.of(c.hand), 1)
			require.Empty(t, v.of(workflows.ActivityAwaitIODelivery))
			require.Empty(t, v.of(workflows.ActivityAwaitSMSDelivery))
			require.GreaterOrEqual(t, v.of(workflows.ActivitySettle)[0].at.Sub(departure()), inCall)
		})
	}
}

func TestReportThatComesWithACancellationWins(t *testing.T) {
	t.Parallel()

	v := untilSMS(t)
	v.smsTakes().After(time.Minute)
	v.smsDelivers().After(time.Hour)
	v.report(aMoment, notification.AttemptDelivered, notification.ReasonSMSDelivered)
	v.cancel(2*aMoment, notification.ReasonPaid)
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)
}

func TestExpiryBeforeSending(t *testing.T) {
	t.Parallel()

	for name, hold := range map[string]bool{"on its way": false, "to be held": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			v.in.SendAt = departure().Add(2 * time.Hour)
			v.in.ExpiresAt = departure().Add(time.Hour)
			v.prepared(withPhone())

			if hold {
				v.signal(aMoment, workflows.SignalHold, nil)
			}

			v.run()

			v.requireSettled(t, notification.StatusExpired, notification.ReasonExpired, "")
			v.requireRoute(t)
		})
	}
}

func TestExpiryBetweenIOAndSMS(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.in.ExpiresAt = departure().Add(10 * time.Minute)
	v.prepared(withPhone())
	v.onIO()
	v.ioTakes()
	v.ioEnds(notification.AttemptSent, notification.ReasonIONotProcessedInTime).After(11 * time.Minute)
	v.run()

	v.requireSettled(t, notification.StatusExpired, notification.ReasonExpired, "")
	require.Empty(t, v.of(workflows.ActivitySendSMS))
}

// What nobody can read, or what makes no sense, changes nothing.
func TestUnreadableSignalsAreIgnored(t *testing.T) {
	t.Parallel()

	garbage := &commonpb.Payload{
		Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`{"reason":`),
	}

	cases := map[string]struct {
		signal  string
		payload any
	}{
		"cancellation that is no object":  {workflows.SignalCancel, 7},
		"cancellation in pieces":          {workflows.SignalCancel, garbage},
		"cancellation without a reason":   {workflows.SignalCancel, workflows.Cancellation{}},
		"cancellation for another reason": {workflows.SignalCancel, workflows.Cancellation{Reason: notification.ReasonIODelivered}},
		"decision that is no word":        {workflows.SignalDecide, []int{1}},
		"decision that nobody knows":      {workflows.SignalDecide, "perhaps"},
		"empty decision":                  {workflows.SignalDecide, ""},
		"report that is no object":        {workflows.SignalSMSStatus, "delivered"},
		"report in pieces":                {workflows.SignalSMSStatus, garbage},
		"report of no attempt":            {workflows.SignalSMSStatus, workflows.SMSReport{Status: notification.AttemptDelivered}},
		"resume with something in pieces": {workflows.SignalResume, garbage},
		"signal of another name":          {"unheard-of", 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := untilSMS(t)
			v.in.Policy.OnUncertain = notification.UncertainHold
			v.smsDoubts(smsAttempt)
			v.signal(time.Hour, c.signal, c.payload)
			v.decide(2*time.Hour, workflows.DecisionClose)
			v.run()

			v.requireSettled(t, notification.StatusNotDelivered, notification.ReasonClosedByOperator, "")
			require.Len(t, v.of(workflows.ActivitySendSMS), 1)
			require.Equal(t, 2*time.Hour, v.of(workflows.ActivitySettle)[0].at.Sub(departure()))
		})
	}
}

// A good signal behind a bad one is not lost.
func TestSignalBehindAnUnreadableOneCounts(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.in.SendAt = departure().Add(time.Hour)
	v.env.RegisterDelayedCallback(func() {
		v.env.SignalWorkflow(workflows.SignalCancel, 7)
		v.env.SignalWorkflow(workflows.SignalCancel, workflows.Cancellation{Reason: notification.ReasonPaid})
	}, time.Minute)
	v.run()

	v.requireSettled(t, notification.StatusCancelled, notification.ReasonPaid, "")
}

func TestAdministratorCancelsTheWorkflow(t *testing.T) {
	t.Parallel()

	const wait = 10 * time.Hour

	cases := map[string]func(*voyage){
		"while scheduled": func(v *voyage) { v.in.SendAt = departure().Add(wait) },
		"while asking for the profile": func(v *voyage) {
			v.prepared(withPhone())
			v.answers(workflows.ActivityCheckProfile, workflows.ProfileResult{Reachable: true}).After(wait)
		},
		"while waiting for IO": func(v *voyage) {
			v.prepared(withPhone())
			v.onIO()
			v.ioTakes()
			v.ioDelivers().After(wait)
		},
		"while held": func(v *voyage) {
			v.prepared(withPhone())
			v.in.Policy.OnUncertain = notification.UncertainHold
			v.onIO()
			v.ioDoubts(ioAttempt)
		},
		"while held with an expiry": func(v *voyage) {
			v.prepared(withPhone())
			v.in.Policy.OnUncertain = notification.UncertainHold
			v.in.ExpiresAt = departure().Add(wait)
			v.onIO()
			v.ioDoubts(ioAttempt)
		},
		"while waiting for the SMS": func(v *voyage) {
			v.prepared(withPhone())
			v.notOnIO(notification.ReasonIOProfileNotFound)
			v.smsTakes()
			v.smsDelivers().After(wait)
		},
		"during a hand-over": func(v *voyage) {
			v.prepared(withPhone())
			v.onIO()
			v.ioTakes().After(wait)
		},
		"during a hand-over of the SMS that fails": func(v *voyage) {
			v.prepared(withPhone())
			v.notOnIO(notification.ReasonIOProfileNotFound)
			v.fails(workflows.ActivitySendSMS).After(wait)
		},
		"during a hand-over that leaves a doubt": func(v *voyage) {
			v.prepared(withPhone())
			v.onIO()
			v.ioDoubts(ioAttempt).After(wait)
		},
	}
	for name, until := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			until(v)
			v.env.RegisterDelayedCallback(v.env.CancelWorkflow, time.Hour)
			v.run()

			v.requireSettled(t, notification.StatusCancelled, notification.ReasonCancelledByOperator, "")
		})
	}
}
