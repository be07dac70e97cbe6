package activities_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

func TestSendToIO(t *testing.T) {
	t.Parallel()

	const (
		sent      = notification.HandOverSent
		notSent   = notification.HandOverNotSent
		uncertain = notification.HandOverUncertain
	)

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for name, test := range map[string]struct {
			citizen  simulator.CitizenOutcome
			handOver notification.HandOver
			reason   notification.Reason
			status   notification.AttemptStatus
			stored   int
		}{
			"sent":            {simulator.CitizenDelivered, sent, "", notification.AttemptSent, 1},
			"refused":         {simulator.CitizenMessageRefused, notSent, notification.ReasonIOMessageRefused, notification.AttemptFailed, 0},
			"key revoked":     {simulator.CitizenKeyRevoked, notSent, notification.ReasonIOKeyRejected, notification.AttemptFailed, 0},
			"forbidden":       {simulator.CitizenForbidden, notSent, notification.ReasonIORecipientForbidden, notification.AttemptFailed, 0},
			"server error":    {simulator.CitizenServerError, uncertain, notification.ReasonIOOutcomeUncertain, notification.AttemptUncertain, 0},
			"cut, not stored": {simulator.CitizenResetFirst, uncertain, notification.ReasonIOOutcomeUncertain, notification.AttemptUncertain, 0},
			"cut, stored": {
				simulator.CitizenTimeoutAfterAccepting, uncertain, notification.ReasonIOOutcomeUncertain, notification.AttemptUncertain, 1,
			},
			"bad gateway, stored": {
				simulator.CitizenBadGatewayAfterAccepting, uncertain, notification.ReasonIOOutcomeUncertain, notification.AttemptUncertain, 1,
			},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				id := b.toCitizen(t, test.citizen, 1)
				k := b.task(t, workflows.ActivitySendToIO)

				// The second time is Temporal's, where the first answer got lost on its way.
				for range 2 {
					got, err := run[workflows.SendResult](k, stepOf(id))
					require.NoError(t, err)

					attempt := b.onlyAttempt(t, id)
					require.Equal(t, workflows.SendResult{
						AttemptID: attempt.ID, HandOver: test.handOver, Reason: test.reason, SentAt: attempt.SentAt,
					}, got)
					require.Equal(t, test.handOver == sent, !got.SentAt.IsZero())
					require.Equal(t, test.status, attempt.Status)
					require.Equal(t, test.reason, attempt.Reason)
					require.Equal(t, 1, attempt.Calls)

					received := b.received(t, id, simulator.ChannelIO)
					require.Len(t, received, test.stored)

					if test.handOver == sent {
						require.Equal(t, received[0].ProviderID, attempt.ProviderID)
						require.Equal(t, subject, received[0].Text)
						require.Equal(t, ioKey, received[0].Key)
					}
				}
			})
		}
	})
}

func TestSendToIOCallsAgainWhatIsKnownNotSent(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toCitizen(t, simulator.CitizenRateLimitedFirst, 1)
		k := b.task(t, workflows.ActivitySendToIO)

		_, err := run[workflows.SendResult](k, stepOf(id))
		require.Equal(t, time.Second, requireRetry(t, err, string(notification.ReasonIORateLimited)), "IO's own header")

		first := b.onlyAttempt(t, id)
		require.Equal(t, notification.AttemptPending, first.Status)

		got, err := run[workflows.SendResult](k, stepOf(id))
		require.NoError(t, err)

		again := b.onlyAttempt(t, id)
		require.Equal(t, workflows.SendResult{AttemptID: first.ID, HandOver: notification.HandOverSent, SentAt: again.SentAt}, got)
		require.Equal(t, notification.AttemptSent, again.Status)
		require.Equal(t, 2, again.Calls)
		require.Len(t, b.received(t, id, simulator.ChannelIO), 1)
	})
}

func TestNoConnectionToIOIsKnownNotSent(t *testing.T) {
	t.Parallel()

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	nobody, err := appio.New(appio.Config{BaseURL: "http://127.0.0.1:1"})
	require.NoError(t, err)

	b.does.IO = nobody
	id := b.toCitizen(t, simulator.CitizenDelivered, 1)

	_, err = run[workflows.SendResult](b.task(t, workflows.ActivitySendToIO), stepOf(id))
	requireRetry(t, err, string(notification.ReasonIOUnavailable))
	require.Equal(t, notification.AttemptPending, b.onlyAttempt(t, id).Status)
}

func TestIOThatNeverAnswersIsUncertain(t *testing.T) {
	t.Parallel()

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite), func(s *setting) {
		s.simulator.HangTime = time.Hour
		s.appio.Timeout = 2 * time.Second
	})
	id := b.toCitizen(t, simulator.CitizenTimeoutAfterAccepting, 1)

	got, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendToIO), stepOf(id))
	require.NoError(t, err)
	require.Equal(t, notification.HandOverUncertain, got.HandOver)
	require.Equal(t, notification.AttemptUncertain, b.onlyAttempt(t, id).Status)
	require.Len(t, b.received(t, id, simulator.ChannelIO), 1)
}

// diedInCall leaves an attempt as a worker does that dies after IO took the message.
func (b bench) diedInCall(t *testing.T, id string) notification.Attempt {
	t.Helper()

	attempt := b.begun(t, id, notification.ChannelIO)
	n, err := b.store.Notification(t.Context(), id)
	require.NoError(t, err)

	_, err = b.io.Submit(t.Context(), ioKey, appio.Message{FiscalCode: n.Recipient.FiscalCode, Content: n.Content})
	require.NoError(t, err)

	return attempt
}

func TestWorkerThatDiedInTheCallLeavesItUncertain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toCitizen(t, simulator.CitizenDelivered, 1)
		attempt := b.diedInCall(t, id)

		k := b.task(t, workflows.ActivitySendToIO)
		k.tries = 1

		got, err := run[workflows.SendResult](k, stepOf(id))
		require.NoError(t, err)
		require.Equal(t, workflows.SendResult{
			AttemptID: attempt.ID, HandOver: notification.HandOverUncertain, Reason: notification.ReasonIOOutcomeUncertain,
		}, got)
		require.Equal(t, notification.AttemptUncertain, b.onlyAttempt(t, id).Status)
		require.Len(t, b.received(t, id, simulator.ChannelIO), 1, "no second call")
	})
}

// Temporal hands out the latest heartbeat, also one of a call before the one that the worker died in.
func TestHeartbeatOfAnEarlierCallSaysNothingOfALaterOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toCitizen(t, simulator.CitizenRateLimitedFirst, 1)
		k := b.task(t, workflows.ActivitySendToIO)

		_, err := run[workflows.SendResult](k, stepOf(id))
		requireRetry(t, err, string(notification.ReasonIORateLimited))
		require.Nil(t, k.heartbeat, "it was recorded at once")

		k.heartbeat = activities.Refused(b.onlyAttempt(t, id), notification.ReasonIORateLimited)
		b.diedInCall(t, id)

		k.tries++

		got, err := run[workflows.SendResult](k, stepOf(id))
		require.NoError(t, err)
		require.Equal(t, notification.HandOverUncertain, got.HandOver)

		_, err = run[workflows.SendResult](k, stepOf(id))
		require.NoError(t, err)
		require.Len(t, b.received(t, id, simulator.ChannelIO), 1, "no second message")
	})
}

// TestDatabaseAwayRightAfterTheCall lets the database go between IO's answer and its recording.
func TestDatabaseAwayRightAfterTheCall(t *testing.T) {
	t.Parallel()

	const sqlite, postgres = dbtest.EngineSQLite, dbtest.EnginePostgres

	for name, test := range map[string]struct {
		engine   dbtest.Engine
		citizen  simulator.CitizenOutcome
		deadline func() time.Time
		handOver notification.HandOver
		status   notification.AttemptStatus
	}{
		"sent":            {sqlite, simulator.CitizenDelivered, inAnHour, notification.HandOverSent, notification.AttemptSent},
		"sent, postgres":  {postgres, simulator.CitizenDelivered, inAnHour, notification.HandOverSent, notification.AttemptSent},
		"refused":         {sqlite, simulator.CitizenMessageRefused, inAnHour, notification.HandOverNotSent, notification.AttemptFailed},
		"sent, back late": {sqlite, simulator.CitizenDelivered, overdue, notification.HandOverSent, notification.AttemptSent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			keys, err := db.NewKeys()
			require.NoError(t, err)

			config := db.Config{URL: dbtest.URL(t, test.engine), Keys: keys}
			lost := dbtest.OpenWith(t, config)
			calls := 0

			b := newBench(t, dbtest.OpenWith(t, config), func(s *setting) {
				s.appio.HTTPClient = &http.Client{Transport: transport{after: func(*http.Request) {
					calls++

					_ = lost.Close()
				}}}
			})
			b.does.Store = lost
			id := b.toCitizen(t, test.citizen, 1)
			k := b.task(t, workflows.ActivitySendToIO)

			_, err = run[workflows.SendResult](k, stepOf(id))
			requireRetry(t, err, string(notification.ReasonInternalError))
			require.Equal(t, notification.AttemptSending, b.onlyAttempt(t, id).Status)

			b.does.Store = b.store

			got, err := run[workflows.SendResult](k, workflows.Step{NotificationID: id, Deadline: test.deadline()})
			require.NoError(t, err)
			require.Equal(t, test.handOver, got.HandOver)
			require.Equal(t, test.status, b.onlyAttempt(t, id).Status)
			require.Equal(t, 1, calls, "no second call")
		})
	}
}

func TestSupersedesSendsOnceMoreOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toCitizen(t, simulator.CitizenBadGatewayAfterAccepting, 1)

		first, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendToIO), stepOf(id))
		require.NoError(t, err)
		require.Equal(t, notification.HandOverUncertain, first.HandOver)

		again := b.task(t, workflows.ActivitySendToIO)
		step := stepOf(id)
		step.Supersedes = first.AttemptID

		second, err := run[workflows.SendResult](again, step)
		require.NoError(t, err)
		require.NotEqual(t, first.AttemptID, second.AttemptID)
		require.Equal(t, notification.HandOverUncertain, second.HandOver)

		repeated, err := run[workflows.SendResult](again, step)
		require.NoError(t, err)
		require.Equal(t, second, repeated)

		require.Len(t, b.attempts(t, id), 2)
		require.Len(t, b.received(t, id, simulator.ChannelIO), 2)
	})
}

func TestSendToIOAfterTheNotificationIsSettled(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toCitizen(t, simulator.CitizenDelivered, 1)
		require.NoError(t, store.Settle(t.Context(), id, db.Settlement{
			Status: notification.StatusCancelled, Reason: notification.ReasonPaid,
		}))

		_, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendToIO), stepOf(id))
		requireFinal(t, err)
		require.Empty(t, b.received(t, id, simulator.ChannelIO))
	})
}

func TestCancellationDoesNotCutACall(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		working, cancel := context.WithCancel(t.Context())
		defer cancel()

		b := newBench(t, store, func(s *setting) {
			s.appio.HTTPClient = &http.Client{Transport: transport{before: func(*http.Request) { cancel() }}}
		})
		id := b.toCitizen(t, simulator.CitizenDelivered, 1)
		k := b.task(t, workflows.ActivitySendToIO)
		k.ctx = working

		got, err := run[workflows.SendResult](k, stepOf(id))
		require.NoError(t, err)
		require.Equal(t, notification.HandOverSent, got.HandOver)
		require.Error(t, working.Err(), "it was cancelled")

		attempt := b.onlyAttempt(t, id)
		require.Equal(t, notification.AttemptSent, attempt.Status)
		require.Equal(t, b.received(t, id, simulator.ChannelIO)[0].ProviderID, attempt.ProviderID)
	})
}
