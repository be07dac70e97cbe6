package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

func state(id string, status notification.AttemptStatus, why notification.Reason) workflows.AttemptState {
	return workflows.AttemptState{AttemptID: id, Status: status, Reason: why}
}

// A retry goes on from the step that failed and repeats none that succeeded.
func TestRetryGoesOnWhereTheEarlierRunFailed(t *testing.T) {
	t.Parallel()

	const (
		check, toIO, awaitIO = workflows.ActivityCheckProfile, workflows.ActivitySendToIO, workflows.ActivityAwaitIODelivery
		toSMS, awaitSMS      = workflows.ActivitySendSMS, workflows.ActivityAwaitSMSDelivery
		hold, resume         = workflows.ActivityHold, workflows.ActivityResume
	)

	throughIO := func(v *voyage) {
		v.onIO()
		v.ioTakes()
		v.ioDelivers()
	}
	again := map[string]string{toIO: ioAttempt}
	skippedSMS := state(smsAttempt, notification.AttemptSkipped, notification.ReasonSMSNoPhone)

	cases := map[string]struct {
		io, sms    workflows.AttemptState
		answers    func(*voyage)
		route      []string
		supersedes map[string]string // by activity
		awaited    string            // the attempt that is waited for
		reason     notification.Reason
	}{
		"nothing was tried": {
			answers: throughIO, route: []string{check, toIO, awaitIO}, awaited: ioAttempt,
			reason: notification.ReasonIODelivered,
		},
		"IO has it: only its word is awaited": {
			io:      state("kept", notification.AttemptSent, ""),
			answers: func(v *voyage) { v.ioDelivers() },
			route:   []string{awaitIO}, awaited: "kept", reason: notification.ReasonIODelivered,
		},
		"IO has it, SMS was left out": {
			io: state("kept", notification.AttemptSent, notification.ReasonIONotProcessedInTime), sms: skippedSMS,
			answers: func(v *voyage) { v.ioDelivers() },
			route:   []string{awaitIO}, awaited: "kept", reason: notification.ReasonIODelivered,
		},
		"IO delivered, unknown to the earlier run": {
			io:      state("kept", notification.AttemptDelivered, notification.ReasonIODelivered),
			answers: func(v *voyage) { v.ioDelivers() },
			route:   []string{awaitIO}, awaited: "kept", reason: notification.ReasonIODelivered,
		},
		"citizen not on IO": {
			io:      state(ioAttempt, notification.AttemptSkipped, notification.ReasonIOProfileNotFound),
			answers: func(v *voyage) { v.bySMS() },
			route:   []string{toSMS, awaitSMS}, awaited: smsAttempt, reason: notification.ReasonSMSDelivered,
		},
		"IO rejected it": {
			io:      state(ioAttempt, notification.AttemptFailed, notification.ReasonIORejected),
			answers: func(v *voyage) { v.bySMS() },
			route:   []string{toSMS, awaitSMS}, awaited: smsAttempt, reason: notification.ReasonSMSDelivered,
		},
		"IO's key was rejected at the profile": {
			io:      state(ioAttempt, notification.AttemptSkipped, notification.ReasonIOKeyRejected),
			answers: throughIO, route: []string{check, toIO, awaitIO}, awaited: ioAttempt, supersedes: again,
			reason: notification.ReasonIODelivered,
		},
		"IO refused the message": {
			io:      state(ioAttempt, notification.AttemptFailed, notification.ReasonIOMessageRefused),
			answers: throughIO, route: []string{check, toIO, awaitIO}, awaited: ioAttempt, supersedes: again,
			reason: notification.ReasonIODelivered,
		},
		"IO unavailable, SMS was left out": {
			io: state(ioAttempt, notification.AttemptFailed, notification.ReasonIOUnavailable), sms: skippedSMS,
			answers: throughIO, route: []string{check, toIO, awaitIO}, awaited: ioAttempt, supersedes: again,
			reason: notification.ReasonIODelivered,
		},
		"the earlier run ended in the call to IO": {
			io: state(ioAttempt, notification.AttemptSending, ""),
			answers: func(v *voyage) {
				v.ioTakes()
				v.ioDelivers()
			},
			route: []string{toIO, awaitIO}, awaited: ioAttempt, reason: notification.ReasonIODelivered,
		},
		"IO in doubt: the policy is asked": {
			io:      state(ioAttempt, notification.AttemptUncertain, notification.ReasonIOOutcomeUncertain),
			answers: func(v *voyage) { v.bySMS() },
			route:   []string{toSMS, awaitSMS}, awaited: smsAttempt, reason: notification.ReasonSMSDelivered,
		},
		"SMS has it: IO is not touched": {
			io:      state(ioAttempt, notification.AttemptSent, notification.ReasonIONotProcessedInTime),
			sms:     state("kept", notification.AttemptSent, ""),
			answers: func(v *voyage) { v.smsDelivers() },
			route:   []string{awaitSMS}, awaited: "kept", reason: notification.ReasonSMSDelivered,
		},
		"SMS delivered, unknown to the earlier run": {
			sms:     state("kept", notification.AttemptDelivered, notification.ReasonSMSDelivered),
			answers: func(v *voyage) { v.smsDelivers() },
			route:   []string{awaitSMS}, awaited: "kept", reason: notification.ReasonSMSDelivered,
		},
		"SMS refused for its credentials: IO is not touched": {
			io:      state(ioAttempt, notification.AttemptFailed, notification.ReasonIOKeyRejected),
			sms:     state(smsAttempt, notification.AttemptFailed, notification.ReasonSMSCredentialsRejected),
			answers: func(v *voyage) { v.bySMS() },
			route:   []string{toSMS, awaitSMS}, awaited: smsAttempt,
			supersedes: map[string]string{toSMS: smsAttempt}, reason: notification.ReasonSMSDelivered,
		},
		"SMS in doubt: a person is asked": {
			sms: state(smsAttempt, notification.AttemptUncertain, notification.ReasonSMSOutcomeUncertain),
			answers: func(v *voyage) {
				v.bySMS()
				v.decide(time.Hour, workflows.DecisionResend)
			},
			route: []string{hold, resume, toSMS, awaitSMS}, awaited: smsAttempt,
			supersedes: map[string]string{toSMS: smsAttempt}, reason: notification.ReasonSMSDelivered,
		},
		"the earlier run ended in the call for the SMS": {
			sms:     state(smsAttempt, notification.AttemptSending, ""),
			answers: func(v *voyage) { v.bySMS() },
			route:   []string{toSMS, awaitSMS}, awaited: smsAttempt, reason: notification.ReasonSMSDelivered,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			v.in.Run = 2
			v.prepared(workflows.Plan{HasPhone: true, IO: c.io, SMS: c.sms})
			c.answers(v)
			v.run()

			channel := notification.ChannelIO
			if c.reason == notification.ReasonSMSDelivered {
				channel = notification.ChannelSMS
			}

			v.requireSettled(t, notification.StatusDelivered, c.reason, channel)
			v.requireRoute(t, c.route...)

			for _, made := range v.calls {
				require.Equal(t, c.supersedes[made.activity], made.step.Supersedes, made.activity)
			}

			last := v.calls[len(v.calls)-2]
			require.Equal(t, c.awaited, last.step.AttemptID)
		})
	}
}

func TestRetryOfAProvisionalCodeGoesToSMS(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.in.Run = 2
	v.prepared(workflows.Plan{
		HasPhone: true, Provisional: true,
		IO: state(ioAttempt, notification.AttemptSkipped, notification.ReasonFiscalCodeProvisional),
	})
	v.bySMS()
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)
	v.requireRoute(t, workflows.ActivitySkipChannel, workflows.ActivitySendSMS, workflows.ActivityAwaitSMSDelivery)
}
