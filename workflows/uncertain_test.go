package workflows_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// inDoubt prepares a hand-over to IO of which nobody knows whether it happened.
func inDoubt(t *testing.T, action notification.UncertainAction, plan workflows.Plan) *voyage {
	t.Helper()

	v := newVoyage(t)
	v.in.Policy.OnUncertain = action
	v.prepared(plan)
	v.onIO()
	v.ioDoubts(ioAttempt)

	return v
}

func (v *voyage) decide(after time.Duration, decision workflows.Decision) {
	v.signal(after, workflows.SignalDecide, decision)
}

func TestUncertainIOGoesOnToSMSByPolicy(t *testing.T) {
	t.Parallel()

	v := inDoubt(t, notification.UncertainSMS, withPhone())
	v.bySMS()
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)
	v.requireRoute(t, workflows.ActivityCheckProfile, workflows.ActivitySendToIO,
		workflows.ActivitySendSMS, workflows.ActivityAwaitSMSDelivery)
}

func TestUncertainIOWaitsForAPerson(t *testing.T) {
	t.Parallel()

	const thought = 30 * time.Hour

	cases := map[string]struct {
		action notification.UncertainAction
		plan   workflows.Plan
	}{
		"by policy":                    {notification.UncertainHold, withPhone()},
		"for want of a phone":          {notification.UncertainSMS, workflows.Plan{}},
		"where the policy says naught": {"", withPhone()},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := inDoubt(t, c.action, c.plan)
			v.decide(thought, workflows.DecisionClose)
			v.run()

			v.requireSettled(t, notification.StatusNotDelivered, notification.ReasonClosedByOperator, "")
			v.requireRoute(t, workflows.ActivityCheckProfile, workflows.ActivitySendToIO,
				workflows.ActivityHold, workflows.ActivityResume)
			require.Equal(t, workflows.HoldInput{
				NotificationID: theNotification, Reason: notification.ReasonIOOutcomeUncertain,
			}, v.of(workflows.ActivityHold)[0].held)
			require.GreaterOrEqual(t, v.of(workflows.ActivityResume)[0].at.Sub(departure()), thought)
		})
	}
}

func TestPersonDecidesToSendToIOAgain(t *testing.T) {
	t.Parallel()

	const thought = 3 * time.Hour

	v := inDoubt(t, notification.UncertainHold, withPhone())
	v.answers(workflows.ActivitySendToIO, sent(nextIOAttempt))
	v.ioDelivers()
	v.decide(thought, workflows.DecisionResend)
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonIODelivered, notification.ChannelIO)

	again := v.of(workflows.ActivitySendToIO)[1].step
	require.Equal(t, ioAttempt, again.Supersedes)
	require.WithinDuration(t, departure().Add(thought+notification.DefaultIODeadline), again.Deadline, time.Minute)
	require.Equal(t, nextIOAttempt, v.of(workflows.ActivityAwaitIODelivery)[0].step.AttemptID)
}

func TestPersonIsAskedAgainForEachDoubt(t *testing.T) {
	t.Parallel()

	v := inDoubt(t, notification.UncertainHold, withPhone())
	v.ioDoubts(nextIOAttempt)
	v.decide(time.Hour, workflows.DecisionResend)
	v.decide(2*time.Hour, workflows.DecisionClose)
	v.run()

	v.requireSettled(t, notification.StatusNotDelivered, notification.ReasonClosedByOperator, "")
	require.Len(t, v.of(workflows.ActivityHold), 2)
	require.Len(t, v.of(workflows.ActivitySendToIO), 2)
}

// A decision taken before the question is about something else.
func TestDecisionBeforeTheQuestionDoesNotCount(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.in.Policy.OnUncertain = notification.UncertainHold
	v.prepared(withPhone())
	v.onIO()
	v.ioDoubts(ioAttempt).After(time.Minute)
	v.decide(time.Second, workflows.DecisionSMS)
	v.decide(time.Hour, workflows.DecisionClose)
	v.run()

	v.requireSettled(t, notification.StatusNotDelivered, notification.ReasonClosedByOperator, "")
	require.Empty(t, v.of(workflows.ActivitySendSMS))
}

func TestPersonDecidesForSMS(t *testing.T) {
	t.Parallel()

	t.Run("with a phone", func(t *testing.T) {
		t.Parallel()

		v := inDoubt(t, notification.UncertainHold, withPhone())
		v.bySMS()
		v.decide(time.Hour, workflows.DecisionSMS)
		v.run()

		v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)
	})
	t.Run("without a phone", func(t *testing.T) {
		t.Parallel()

		v := inDoubt(t, notification.UncertainHold, workflows.Plan{})
		v.decide(time.Hour, workflows.DecisionSMS)
		v.run()

		v.requireSettled(t, notification.StatusFailed, notification.ReasonIOOutcomeUncertain, "")
		require.Equal(t, notification.ReasonSMSNoPhone, v.of(workflows.ActivitySkipChannel)[0].skipped.Reason)
	})
}

func TestUncertainIOIsSentAgainByPolicyWithGrowingPauses(t *testing.T) {
	t.Parallel()

	v := inDoubt(t, notification.UncertainResend, withPhone())
	v.in.Policy.IODeadline = 24 * time.Hour

	// So many that a pause which went on doubling would overflow.
	const doubts = 40

	attempts := []string{ioAttempt}

	for i := range doubts {
		attempts = append(attempts, fmt.Sprintf("%s-%d", nextIOAttempt, i))
		v.ioDoubts(attempts[i+1])
	}

	v.answers(workflows.ActivitySendToIO, sent("io-attempt-last"))
	v.ioDelivers()
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonIODelivered, notification.ChannelIO)

	sends := v.of(workflows.ActivitySendToIO)
	require.Len(t, sends, doubts+2)

	pause := 10 * time.Second
	for i := range doubts + 1 {
		require.Equal(t, pause, sends[i+1].at.Sub(sends[i].at), "pause %d", i)
		require.Equal(t, attempts[i], sends[i+1].step.Supersedes)
		require.Equal(t, departure().Add(v.in.Policy.IODeadline), sends[i+1].step.Deadline)

		pause = min(2*pause, 10*time.Minute)
	}
}

func TestResendingEndsWithTheDeadline(t *testing.T) {
	t.Parallel()

	v := inDoubt(t, notification.UncertainResend, withPhone())
	v.answers(workflows.ActivitySendToIO, notSent(nextIOAttempt, notification.ReasonIOUnavailable))
	v.bySMS()
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)
	require.Len(t, v.of(workflows.ActivitySendToIO), 2)
}

func TestResendingMayBeCancelled(t *testing.T) {
	t.Parallel()

	v := inDoubt(t, notification.UncertainResend, withPhone())
	v.cancel(time.Second, notification.ReasonPaid)
	v.run()

	v.requireSettled(t, notification.StatusCancelled, notification.ReasonPaid, "")
	require.Len(t, v.of(workflows.ActivitySendToIO), 1)
}

func smsInDoubt(t *testing.T, action notification.UncertainAction) *voyage {
	t.Helper()

	v := untilSMS(t)
	v.in.Policy.OnUncertain = action
	v.smsDoubts(smsAttempt)

	return v
}

func TestUncertainSMSWaitsForAPerson(t *testing.T) {
	t.Parallel()

	for _, action := range []notification.UncertainAction{notification.UncertainHold, notification.UncertainSMS} {
		t.Run(string(action)+", closed", func(t *testing.T) {
			t.Parallel()

			v := smsInDoubt(t, action)
			v.decide(time.Hour, workflows.DecisionClose)
			v.run()

			v.requireSettled(t, notification.StatusNotDelivered, notification.ReasonClosedByOperator, "")
			require.Equal(t, notification.ReasonSMSOutcomeUncertain, v.of(workflows.ActivityHold)[0].held.Reason)
		})
	}

	for _, decision := range []workflows.Decision{workflows.DecisionResend, workflows.DecisionSMS} {
		t.Run("sent again by "+string(decision), func(t *testing.T) {
			t.Parallel()

			v := smsInDoubt(t, notification.UncertainHold)
			v.answers(workflows.ActivitySendSMS, sent(nextSMSAttempt))
			v.smsDelivers()
			v.decide(time.Hour, decision)
			v.run()

			v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)

			again := v.of(workflows.ActivitySendSMS)[1].step
			require.Equal(t, smsAttempt, again.Supersedes)
			require.WithinDuration(t,
				departure().Add(time.Hour+notification.DefaultSMSDeadline), again.Deadline, time.Minute)
			require.Equal(t, nextSMSAttempt, v.of(workflows.ActivityAwaitSMSDelivery)[0].step.AttemptID)
		})
	}
}

func TestReportsAboutAnSMSInDoubt(t *testing.T) {
	t.Parallel()

	const inCall, thought = time.Minute, 100 * time.Hour

	cases := map[string]struct {
		after   time.Duration
		attempt string
		status  notification.AttemptStatus
		why     notification.Reason
		ended   notification.Status
		reason  notification.Reason
		channel notification.Channel
		resumed time.Duration
	}{
		"not delivered": {
			time.Hour, smsAttempt, notification.AttemptFailed, notification.ReasonSMSUnreachable,
			notification.StatusNotDelivered, notification.ReasonSMSUnreachable, "", time.Hour,
		},
		"faster than the doubt": {
			aMoment, smsAttempt, notification.AttemptDelivered, notification.ReasonSMSDelivered,
			notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS, inCall,
		},
		"of another attempt": {
			time.Hour, nextSMSAttempt, notification.AttemptDelivered, notification.ReasonSMSDelivered,
			notification.StatusNotDelivered, notification.ReasonClosedByOperator, "", thought,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := untilSMS(t)
			v.in.Policy.OnUncertain = notification.UncertainHold
			v.answers(workflows.ActivitySendSMS, uncertain(smsAttempt, notification.ReasonSMSOutcomeUncertain)).After(inCall)
			v.signal(c.after, workflows.SignalSMSStatus,
				workflows.SMSReport{AttemptID: c.attempt, Status: c.status, Reason: c.why})
			v.decide(thought, workflows.DecisionClose)
			v.run()

			v.requireSettled(t, c.ended, c.reason, c.channel)
			v.requireRoute(t, workflows.ActivityCheckProfile, workflows.ActivitySendSMS,
				workflows.ActivityHold, workflows.ActivityResume)
			require.Equal(t, c.resumed, v.of(workflows.ActivityResume)[0].at.Sub(departure()))
		})
	}
}

// However often the provider cannot tell, all sends of a channel share its one deadline.
func TestUncertainSMSIsSentAgainByPolicyUntilTheDeadline(t *testing.T) {
	t.Parallel()

	v := smsInDoubt(t, notification.UncertainResend)
	v.smsDoubts(nextSMSAttempt)
	v.answers(workflows.ActivitySendSMS, notSent("", notification.ReasonSMSUnavailable))
	v.run()

	v.requireSettled(t, notification.StatusFailed, notification.ReasonSMSUnavailable, "")

	sends := v.of(workflows.ActivitySendSMS)
	require.Len(t, sends, 3)
	require.Equal(t, smsAttempt, sends[1].step.Supersedes)
	require.Equal(t, nextSMSAttempt, sends[2].step.Supersedes)
	require.Equal(t, 10*time.Second, sends[1].at.Sub(sends[0].at))
	require.Equal(t, 20*time.Second, sends[2].at.Sub(sends[1].at))
	require.Equal(t, sends[0].step.Deadline, sends[1].step.Deadline)
	require.Equal(t, sends[0].step.Deadline, sends[2].step.Deadline)
}

func TestPauseBeforeSMSResendMayBeCancelled(t *testing.T) {
	t.Parallel()

	v := smsInDoubt(t, notification.UncertainResend)
	v.cancel(time.Second, notification.ReasonCancelledByEnte)
	v.run()

	v.requireSettled(t, notification.StatusCancelled, notification.ReasonCancelledByEnte, "")
	require.Len(t, v.of(workflows.ActivitySendSMS), 1)
}

func TestSendingAgainByDecisionPassesTheGate(t *testing.T) {
	t.Parallel()

	v := inDoubt(t, notification.UncertainHold, withPhone())
	v.signal(time.Minute, workflows.SignalHold, nil)
	v.decide(time.Hour, workflows.DecisionResend)
	v.cancel(2*time.Hour, notification.ReasonPaid)
	v.run()

	v.requireSettled(t, notification.StatusCancelled, notification.ReasonPaid, "")
	require.Len(t, v.of(workflows.ActivitySendToIO), 1)
	require.Equal(t, notification.ReasonHeldByOperator, v.of(workflows.ActivityHold)[1].held.Reason)
}

func TestDoubtAboutTheSMSMayBeCancelledByAPerson(t *testing.T) {
	t.Parallel()

	v := smsInDoubt(t, notification.UncertainHold)
	v.cancel(time.Hour, notification.ReasonCancelledByOperator)
	v.run()

	v.requireSettled(t, notification.StatusCancelled, notification.ReasonCancelledByOperator, "")
	require.Len(t, v.of(workflows.ActivitySendSMS), 1)
}
