package activities_test

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// sendingActivities are those that hand a message over, by their channel.
func sendingActivities() map[notification.Channel]string {
	return map[notification.Channel]string{
		notification.ChannelIO: workflows.ActivitySendToIO, notification.ChannelSMS: workflows.ActivitySendSMS,
	}
}

// The first hand-over is always made: its turn may have come late because of the Ente's own quota.
func TestFirstHandOverIsMadePastTheDeadline(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for channel, activity := range sendingActivities() {
			t.Run(string(channel), func(t *testing.T) {
				t.Parallel()

				id := b.accepted(t, notification.Recipient{
					FiscalCode: simulator.FiscalCode(simulator.CitizenDelivered, 1),
					Phone:      simulator.Phone(simulator.PhoneDelivered, 1),
				})

				got, err := run[workflows.SendResult](b.task(t, activity),
					workflows.Step{NotificationID: id, Deadline: overdue(), ExpiresAt: inAnHour()})
				require.NoError(t, err)

				got.SentAt = time.Time{} // an SMS has none
				require.Equal(t, workflows.SendResult{
					AttemptID: b.onlyAttempt(t, id).ID, HandOver: notification.HandOverSent,
				}, got)
			})
		}
	})
}

func TestExpiredIsNotSentEvenAtTheFirstTry(t *testing.T) {
	t.Parallel()

	expired := workflows.SendResult{HandOver: notification.HandOverNotSent, Reason: notification.ReasonExpired}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for channel, activity := range sendingActivities() {
			t.Run(string(channel), func(t *testing.T) {
				t.Parallel()

				id := b.toPhone(t, simulator.PhoneDelivered, 1)
				step := workflows.Step{NotificationID: id, Deadline: inAnHour(), ExpiresAt: overdue()}

				got, err := run[workflows.SendResult](b.task(t, activity), step)
				require.NoError(t, err)
				require.Equal(t, expired, got)
				require.Empty(t, b.attempts(t, id))

				// The same for one that a call without success left behind.
				attempt := b.begun(t, id, channel)
				b.recorded(t, attempt.ID, db.AttemptChange{Status: notification.AttemptPending})

				got, err = run[workflows.SendResult](b.task(t, activity), step)
				require.NoError(t, err)
				require.Equal(t, notification.ReasonExpired, got.Reason)
				require.Equal(t, notification.HandOverNotSent, got.HandOver)

				after := b.onlyAttempt(t, id)
				require.Equal(t, notification.AttemptFailed, after.Status)
				require.Equal(t, notification.ReasonExpired, after.Reason)
				require.Equal(t, 1, after.Calls)
			})
		}
	})
}

// A message that was to be sent again, and was not, is still in doubt: "not sent" would promise too much.
func TestDoubtStandsWhereNothingWasSentAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for channel, activity := range sendingActivities() {
			t.Run(string(channel), func(t *testing.T) {
				t.Parallel()

				why := notification.ReasonIOOutcomeUncertain
				if channel == notification.ChannelSMS {
					why = notification.ReasonSMSOutcomeUncertain
				}

				id := b.toPhone(t, simulator.PhoneDelivered, 1)
				doubted := b.begun(t, id, channel)
				b.recorded(t, doubted.ID, db.AttemptChange{Status: notification.AttemptUncertain, Reason: why})

				got, err := run[workflows.SendResult](b.task(t, activity).again(),
					workflows.Step{NotificationID: id, Deadline: overdue(), Supersedes: doubted.ID})
				require.NoError(t, err)
				require.Equal(t, workflows.SendResult{
					AttemptID: doubted.ID, HandOver: notification.HandOverNotSent, Reason: why,
				}, got)
				require.Equal(t, notification.AttemptUncertain, b.onlyAttempt(t, id).Status)
			})
		}
	})
}

// Without an accepted key nobody can ask IO; an SMS would not mend that, and the message may well have been delivered.
func TestKeyRevokedUntilTheDeadlineIsAFault(t *testing.T) {
	t.Parallel()

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	step := b.sentToIO(t, simulator.CitizenDelivered)
	step.Deadline = overdue()

	b.sim.RevokeKey(ioKey)

	got, err := run[workflows.DeliveryResult](b.task(t, workflows.ActivityAwaitIODelivery), step)
	require.NoError(t, err)
	require.Equal(t, workflows.DeliveryResult{
		Status: notification.AttemptSent, Reason: notification.ReasonIOKeyRejected,
	}, got)
	require.False(t, got.Reason.AllowsFallback())
	require.Equal(t, notification.StatusFailed, got.Reason.Ending())
	require.Equal(t, notification.AttemptSent, b.onlyAttempt(t, step.NotificationID).Status)

	// Once the key is mended, a retry learns what became of the message.
	b.sim.RegisterKey(ioKey, simulator.IOKey{EnteID: "ente", ServiceID: "service"})

	got, err = run[workflows.DeliveryResult](b.task(t, workflows.ActivityAwaitIODelivery), step)
	require.NoError(t, err)
	require.Equal(t, notification.AttemptDelivered, got.Status)
}

func TestSMSIsValidUntilTheNotificationExpires(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		expiresIn         time.Duration // 0: never
		shortest, longest time.Duration
	}{
		"never":        {},
		"in two hours": {2 * time.Hour, time.Hour, 2 * time.Hour},
		"any moment":   {time.Millisecond, 6 * time.Second, 6 * time.Second}, // Twilio advises more than five seconds
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var posted url.Values

			b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite), func(s *setting) {
				s.twilio.Transport = transport{before: func(request *http.Request) { posted = formOf(t, request) }}
			})

			n := notification.Notification{
				ID: newID(t), EnteID: b.service.EnteID, ServiceID: b.service.ID, Content: notification.Content{SMSText: smsText},
				Recipient: notification.Recipient{
					FiscalCode: simulator.FiscalCode(simulator.CitizenNotOnIO, 1), Phone: simulator.Phone(simulator.PhoneDelivered, 1),
				},
				Policy: notification.DefaultPolicy(), Priority: notification.PriorityNormal,
			}
			if test.expiresIn != 0 {
				n.ExpiresAt = time.Now().Add(test.expiresIn)
			}

			id, _, err := b.store.Submit(t.Context(), db.Submission{Notification: n})
			require.NoError(t, err)

			_, err = run[workflows.SendResult](b.task(t, workflows.ActivitySendSMS), stepOf(id))
			require.NoError(t, err)
			require.Equal(t, smsText, posted.Get("Body"))

			if test.expiresIn == 0 {
				require.False(t, posted.Has("ValidityPeriod"))

				return
			}

			seconds, err := strconv.Atoi(posted.Get("ValidityPeriod"))
			require.NoError(t, err)
			require.GreaterOrEqual(t, seconds, int(test.shortest.Seconds()))
			require.LessOrEqual(t, seconds, int(test.longest.Seconds()))
		})
	}
}

// formOf reads what a request posts and leaves it to be sent.
func formOf(t *testing.T, request *http.Request) url.Values {
	t.Helper()

	body, err := request.GetBody()
	require.NoError(t, err)

	read := request.Clone(t.Context())
	read.Body = body
	require.NoError(t, read.ParseForm())

	return read.PostForm
}

func TestCallbackThatComesAtTheEndOfTheWaitWins(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		callback := func(*http.Request) {}
		b := newBench(t, store, func(s *setting) {
			s.twilio.Transport = transport{after: func(request *http.Request) { callback(request) }}
		})
		step := b.sentSMS(t, simulator.PhoneUnconfirmed)
		step.Deadline = overdue()

		// Nobody can be asked any more, and right then the provider tells by itself.
		require.NoError(t, b.sim.SetFaults(simulator.Faults{Twilio500: 1}))

		callback = func(*http.Request) {
			b.recorded(t, step.AttemptID, db.AttemptChange{
				Status: notification.AttemptDelivered, Reason: notification.ReasonSMSDelivered,
			})
		}

		got, err := run[workflows.DeliveryResult](b.task(t, workflows.ActivityAwaitSMSDelivery), step)
		require.NoError(t, err)
		require.Equal(t, workflows.DeliveryResult{
			Status: notification.AttemptDelivered, Reason: notification.ReasonSMSDelivered,
		}, got)
	})
}
