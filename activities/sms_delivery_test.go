package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// sentSMS sends an SMS to the first phone of an outcome, and gives the step that waits for it.
func (b bench) sentSMS(t *testing.T, outcome simulator.PhoneOutcome) workflows.Step {
	t.Helper()

	step := stepOf(b.toPhone(t, outcome, 1))
	sent, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendSMS), step)
	require.NoError(t, err)
	require.Equal(t, notification.HandOverSent, sent.HandOver)

	step.AttemptID = sent.AttemptID

	return step
}

func TestAwaitSMSDeliveryAsksTheProvider(t *testing.T) {
	t.Parallel()

	failed := func(reason notification.Reason) workflows.DeliveryResult {
		return workflows.DeliveryResult{Status: notification.AttemptFailed, Reason: reason}
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for name, test := range map[string]struct {
			phone simulator.PhoneOutcome
			want  workflows.DeliveryResult
		}{
			"delivered": {
				simulator.PhoneNoCallback,
				workflows.DeliveryResult{Status: notification.AttemptDelivered, Reason: notification.ReasonSMSDelivered},
			},
			"unreachable":    {simulator.PhoneUnreachable, failed(notification.ReasonSMSUnreachable)},
			"unknown number": {simulator.PhoneUnknown, failed(notification.ReasonSMSUnknownNumber)},
			"landline":       {simulator.PhoneLandline, failed(notification.ReasonSMSPhoneNotMobile)},
			"filtered":       {simulator.PhoneFiltered, failed(notification.ReasonSMSBlocked)},
			"unknown error":  {simulator.PhoneUnknownError, failed(notification.ReasonSMSUndelivered)},
			"expired":        {simulator.PhoneExpired, failed(notification.ReasonSMSValidityExpired)},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				step := b.sentSMS(t, test.phone)
				k := b.task(t, workflows.ActivityAwaitSMSDelivery)

				for range 2 {
					got, err := run[workflows.DeliveryResult](k, step)
					require.NoError(t, err)
					require.Equal(t, test.want, got)
				}

				attempt := b.onlyAttempt(t, step.NotificationID)
				require.Equal(t, test.want.Status, attempt.Status)
				require.Equal(t, test.want.Reason, attempt.Reason)
			})
		}
	})
}

func TestAwaitSMSDeliveryBelievesTheRowFirst(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		step := b.sentSMS(t, simulator.PhoneUnreachable)

		b.recorded(t, step.AttemptID, db.AttemptChange{
			Status: notification.AttemptDelivered, Reason: notification.ReasonSMSDelivered,
		})

		got, err := run[workflows.DeliveryResult](b.task(t, workflows.ActivityAwaitSMSDelivery), step)
		require.NoError(t, err)
		require.Equal(t, workflows.DeliveryResult{
			Status: notification.AttemptDelivered, Reason: notification.ReasonSMSDelivered,
		}, got)
		require.NotContains(t, b.sim.Counters().Calls, "GET /twilio/2010-04-01/Accounts/:account/Messages/:sid")
	})
}

func TestFirstQuestionToTheProviderIsPutOff(t *testing.T) {
	t.Parallel()

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	b.does.SMSCadence = activities.Cadence{time.Hour}
	step := b.sentSMS(t, simulator.PhoneDelivered)
	step.Deadline = time.Now().Add(2 * time.Hour)

	_, err := run[workflows.DeliveryResult](b.task(t, workflows.ActivityAwaitSMSDelivery), step)
	pause := requireRetry(t, err, workflows.FailureStillWaiting)
	require.Greater(t, pause, time.Minute)
	require.LessOrEqual(t, pause, time.Hour)
	require.NotContains(t, b.sim.Counters().Calls, "GET /twilio/2010-04-01/Accounts/:account/Messages/:sid")
}

func TestQuestionsToTheProviderBecomeRarer(t *testing.T) {
	t.Parallel()

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	b.does.SMSCadence = activities.Cadence{0, 10 * time.Second, 30 * time.Second, time.Minute}
	step := b.sentSMS(t, simulator.PhoneUnconfirmed)
	k := b.task(t, workflows.ActivityAwaitSMSDelivery)
	k.tries = 1 // the first is the one that is put off

	for _, want := range []time.Duration{10 * time.Second, 30 * time.Second, time.Minute, time.Minute} {
		_, err := run[workflows.DeliveryResult](k, step)
		require.Equal(t, want, requireRetry(t, err, workflows.FailureStillWaiting))
	}

	require.NoError(t, b.sim.SetFaults(simulator.Faults{Twilio500: 1}))

	_, err := run[workflows.DeliveryResult](k, step)
	require.Equal(t, time.Minute, requireRetry(t, err, string(notification.ReasonSMSUnavailable)))

	step.Deadline = time.Now().Add(20 * time.Second)
	_, err = run[workflows.DeliveryResult](k, step)
	require.LessOrEqual(t, requireRetry(t, err, string(notification.ReasonSMSUnavailable)), 20*time.Second)
}

func TestNoReceiptByTheDeadline(t *testing.T) {
	t.Parallel()

	for name, faults := range map[string]simulator.Faults{
		"the carrier gives none": {},
		"nobody can be asked":    {Twilio500: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				b := newBench(t, store)
				step := b.sentSMS(t, simulator.PhoneUnconfirmed)
				step.Deadline = overdue()

				require.NoError(t, b.sim.SetFaults(faults))

				got, err := run[workflows.DeliveryResult](b.task(t, workflows.ActivityAwaitSMSDelivery), step)
				require.NoError(t, err)
				require.Equal(t, workflows.DeliveryResult{
					Status: notification.AttemptSent, Reason: notification.ReasonSMSUnconfirmed,
				}, got)

				// A receipt that comes after all is still taken.
				late := b.recorded(t, step.AttemptID, db.AttemptChange{
					Status: notification.AttemptDelivered, Reason: notification.ReasonSMSDelivered,
				})
				require.Equal(t, notification.AttemptDelivered, late.Status)
			})
		})
	}
}
