package activities_test

import (
	"net/http"
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

// sentToIO hands a message to the first citizen of an outcome over, and gives the step that waits for it.
func (b bench) sentToIO(t *testing.T, outcome simulator.CitizenOutcome) workflows.Step {
	t.Helper()

	step := stepOf(b.toCitizen(t, outcome, 1))
	sent, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendToIO), step)
	require.NoError(t, err)
	require.Equal(t, notification.HandOverSent, sent.HandOver)

	step.AttemptID = sent.AttemptID

	return step
}

func TestAwaitIODelivery(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for name, test := range map[string]struct {
			citizen simulator.CitizenOutcome
			want    workflows.DeliveryResult
			word    string
		}{
			"processed": {
				simulator.CitizenDelivered,
				workflows.DeliveryResult{Status: notification.AttemptDelivered, Reason: notification.ReasonIODelivered},
				"PROCESSED",
			},
			"rejected": {
				simulator.CitizenRejected,
				workflows.DeliveryResult{Status: notification.AttemptFailed, Reason: notification.ReasonIORejected},
				"REJECTED",
			},
			"failed": {
				simulator.CitizenFailed,
				workflows.DeliveryResult{Status: notification.AttemptFailed, Reason: notification.ReasonIOProcessingFailed},
				"FAILED",
			},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				step := b.sentToIO(t, test.citizen)
				k := b.task(t, workflows.ActivityAwaitIODelivery)

				for range 2 {
					got, err := run[workflows.DeliveryResult](k, step)
					require.NoError(t, err)
					require.Equal(t, test.want, got)
				}

				attempt := b.onlyAttempt(t, step.NotificationID)
				require.Equal(t, test.want.Status, attempt.Status)
				require.Equal(t, test.want.Reason, attempt.Reason)
				require.Equal(t, test.word, attempt.ProviderStatus)
			})
		}
	})
}

func TestFirstQuestionToIOIsPutOff(t *testing.T) {
	t.Parallel()

	asked := 0
	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite), func(s *setting) {
		s.appio.HTTPClient = &http.Client{Transport: transport{before: func(request *http.Request) {
			if request.Method == http.MethodGet {
				asked++
			}
		}}}
	})
	b.does.IOCadence = activities.Cadence{time.Hour, time.Minute}
	step := b.sentToIO(t, simulator.CitizenDelivered)
	step.Deadline = time.Now().Add(2 * time.Hour)
	k := b.task(t, workflows.ActivityAwaitIODelivery)

	_, err := run[workflows.DeliveryResult](k, step)
	pause := requireRetry(t, err, workflows.FailureStillWaiting)
	require.Greater(t, pause, time.Minute)
	require.LessOrEqual(t, pause, time.Hour)
	require.Zero(t, asked)

	// A deadline before that is when it asks for the only time.
	step.Deadline = time.Now().Add(time.Minute)
	_, err = run[workflows.DeliveryResult](k, step)
	require.LessOrEqual(t, requireRetry(t, err, workflows.FailureStillWaiting), time.Minute)
	require.Zero(t, asked)

	step.Deadline = overdue()
	got, err := run[workflows.DeliveryResult](k, step)
	require.NoError(t, err)
	require.Equal(t, notification.AttemptDelivered, got.Status)
	require.Equal(t, 1, asked)
}

func TestQuestionsToIOBecomeRarer(t *testing.T) {
	t.Parallel()

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite), func(s *setting) {
		s.simulator.IOProcessing = simulator.Span{Min: time.Hour}
	})
	b.does.IOCadence = activities.Cadence{0, 10 * time.Second, 30 * time.Second, time.Minute}

	for name, test := range map[string]struct {
		citizen simulator.CitizenOutcome
		word    string
	}{
		"accepted":  {simulator.CitizenNeverProcessed, "ACCEPTED"},
		"throttled": {simulator.CitizenThrottled, "THROTTLED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			step := b.sentToIO(t, test.citizen)
			k := b.task(t, workflows.ActivityAwaitIODelivery)
			k.tries = 1 // the first is the one that is put off

			for _, want := range []time.Duration{10 * time.Second, 30 * time.Second, time.Minute, time.Minute} {
				_, err := run[workflows.DeliveryResult](k, step)
				require.Equal(t, want, requireRetry(t, err, workflows.FailureStillWaiting))
			}

			attempt := b.onlyAttempt(t, step.NotificationID)
			require.Equal(t, notification.AttemptSent, attempt.Status)
			require.Equal(t, test.word, attempt.ProviderStatus)

			step.Deadline = time.Now().Add(20 * time.Second)
			_, err := run[workflows.DeliveryResult](k, step)
			require.LessOrEqual(t, requireRetry(t, err, workflows.FailureStillWaiting), 20*time.Second)
		})
	}
}

func TestIONotProcessedByTheDeadline(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for name, citizen := range map[string]simulator.CitizenOutcome{
			"accepted for ever":  simulator.CitizenNeverProcessed,
			"IO cannot be asked": simulator.CitizenStatusErrorFirst,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				step := b.sentToIO(t, citizen)
				step.Deadline = overdue()

				got, err := run[workflows.DeliveryResult](b.task(t, workflows.ActivityAwaitIODelivery), step)
				require.NoError(t, err)
				require.Equal(t, workflows.DeliveryResult{
					Status: notification.AttemptSent, Reason: notification.ReasonIONotProcessedInTime,
				}, got)
				require.Equal(t, notification.AttemptSent, b.onlyAttempt(t, step.NotificationID).Status)
			})
		}
	})
}

func TestTroubleInAskingSaysNothingOfTheMessage(t *testing.T) {
	t.Parallel()

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	b.does.IOCadence = activities.Cadence{0, time.Minute}

	for name, test := range map[string]struct {
		faults simulator.Faults
		reason notification.Reason
		pause  time.Duration
	}{
		"server error":         {simulator.Faults{IO500: 1}, notification.ReasonIOUnavailable, time.Minute},
		"cut":                  {simulator.Faults{IOReset: 1}, notification.ReasonIOUnavailable, time.Minute},
		"IO wants less often":  {simulator.Faults{IO429: 1}, notification.ReasonIORateLimited, time.Minute},
		"key revoked meantime": {simulator.Faults{}, notification.ReasonIOKeyRejected, time.Minute},
	} {
		step := b.sentToIO(t, simulator.CitizenDelivered)
		k := b.task(t, workflows.ActivityAwaitIODelivery)
		k.tries = 1

		require.NoError(t, b.sim.SetFaults(test.faults))

		if test.reason == notification.ReasonIOKeyRejected {
			b.sim.RevokeKey(ioKey)
		}

		_, err := run[workflows.DeliveryResult](k, step)
		require.Equal(t, test.pause, requireRetry(t, err, string(test.reason)), name)
		require.Equal(t, notification.AttemptSent, b.onlyAttempt(t, step.NotificationID).Status)

		require.NoError(t, b.sim.SetFaults(simulator.Faults{}))
		b.sim.RegisterKey(ioKey, simulator.IOKey{EnteID: "ente", ServiceID: "service"})

		got, err := run[workflows.DeliveryResult](k, step)
		require.NoError(t, err)
		require.Equal(t, notification.AttemptDelivered, got.Status)
	}
}

func TestIOsWishMakesQuestionsRarer(t *testing.T) {
	t.Parallel()

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	b.does.IOCadence = activities.Cadence{0, time.Millisecond}
	step := b.sentToIO(t, simulator.CitizenDelivered)
	k := b.task(t, workflows.ActivityAwaitIODelivery)
	k.tries = 1

	require.NoError(t, b.sim.SetFaults(simulator.Faults{IO429: 1}))

	_, err := run[workflows.DeliveryResult](k, step)
	require.Equal(t, time.Second, requireRetry(t, err, string(notification.ReasonIORateLimited)))
}
