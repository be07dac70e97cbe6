package activities_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/workflows"
)

const smsUncertain = string(notification.ReasonSMSOutcomeUncertain)

func TestSendSMS(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store, func(s *setting) { s.simulator.Twilio.SentAfter = time.Hour })
		id := b.toPhone(t, simulator.PhoneDelivered, 1)
		k := b.task(t, workflows.ActivitySendSMS)

		// The second time is Temporal's, where the first answer got lost on its way.
		for range 2 {
			got, err := run[workflows.SendResult](k, stepOf(id))
			require.NoError(t, err)

			attempt := b.onlyAttempt(t, id)
			require.Equal(t, workflows.SendResult{AttemptID: attempt.ID, HandOver: notification.HandOverSent}, got)
			require.Equal(t, notification.AttemptSent, attempt.Status)
			require.Equal(t, "queued", attempt.ProviderStatus)
			require.Equal(t, 1, attempt.Segments)
			require.Equal(t, 1, attempt.Calls)

			received := b.received(t, id, simulator.ChannelTwilio)
			require.Len(t, received, 1)
			require.Equal(t, received[0].ProviderID, attempt.ProviderID)
			require.Equal(t, smsText, received[0].Text)
			require.Equal(t, b.service.SMSSender, received[0].Sender)
		}
	})
}

func TestSMSNamesTheAttemptInItsCallback(t *testing.T) {
	t.Parallel()

	called := make(chan *http.Request, 10)
	ours := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		_ = request.ParseForm()
		called <- request
	}))
	t.Cleanup(ours.Close)

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	b.does.StatusCallback = func(attemptID string) string { return ours.URL + "/status?attempt=" + attemptID }
	id := b.toPhone(t, simulator.PhoneDelivered, 1)

	_, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendSMS), stepOf(id))
	require.NoError(t, err)

	attempt := b.onlyAttempt(t, id)
	request := <-called
	callback, err := sms.ParseStatusCallback(
		ours.URL+request.RequestURI, request.PostForm, request.Header.Get(sms.TwilioSignatureHeader), twilioCode)
	require.NoError(t, err)
	require.Equal(t, attempt.ID, request.URL.Query().Get("attempt"))
	require.Equal(t, attempt.ProviderID, callback.ProviderID)
}

func TestRefusedSMSIsFinal(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for name, test := range map[string]struct {
			phone  string
			reason notification.Reason
		}{
			"no phone":            {"", notification.ReasonSMSNoPhone},
			"opted out":           {simulator.Phone(simulator.PhoneOptedOut, 1), notification.ReasonSMSOptedOut},
			"invalid":             {simulator.Phone(simulator.PhoneInvalid, 1), notification.ReasonSMSPhoneInvalid},
			"not a mobile":        {simulator.Phone(simulator.PhoneNotMobile, 1), notification.ReasonSMSPhoneNotMobile},
			"unroutable":          {"+15005550002", notification.ReasonSMSUnroutable},
			"country not enabled": {"+15005550003", notification.ReasonSMSCountryNotEnabled},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				id := b.accepted(t, notification.Recipient{FiscalCode: simulator.FiscalCode(simulator.CitizenNotOnIO, 1), Phone: test.phone})
				k := b.task(t, workflows.ActivitySendSMS)

				for range 2 {
					got, err := run[workflows.SendResult](k, stepOf(id))
					require.NoError(t, err)

					attempt := b.onlyAttempt(t, id)
					require.Equal(t, workflows.SendResult{
						AttemptID: attempt.ID, HandOver: notification.HandOverNotSent, Reason: test.reason,
					}, got)
					require.Equal(t, notification.AttemptFailed, attempt.Status)
					require.Equal(t, test.reason, attempt.Reason)
					require.Equal(t, 1, attempt.Calls)
					require.Empty(t, b.received(t, id, simulator.ChannelTwilio))
				}
			})
		}
	})
}

func TestSMSOfARefusedAccountOrSender(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		token  string
		sender string
		reason notification.Reason
	}{
		"wrong token":     {"another", "ComuneProva", notification.ReasonSMSCredentialsRejected},
		"impossible name": {twilioCode, "Comune di Prova di Sopra", notification.ReasonSMSSenderInvalid},
		"not ours":        {twilioCode, "+15005550007", notification.ReasonSMSSenderInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite), func(s *setting) { s.twilio.AuthToken = test.token })
			b.service.SMSSender = test.sender
			require.NoError(t, b.store.UpdateService(t.Context(), b.service))

			got, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendSMS), stepOf(b.toPhone(t, simulator.PhoneDelivered, 1)))
			require.NoError(t, err)
			require.Equal(t, notification.HandOverNotSent, got.HandOver)
			require.Equal(t, test.reason, got.Reason)
		})
	}
}

func TestSMSKnownNotSentIsSentLater(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toPhone(t, simulator.PhoneRateLimitedFirst, 1)
		k := b.task(t, workflows.ActivitySendSMS)

		_, err := run[workflows.SendResult](k, stepOf(id))
		require.Equal(t, time.Second, requireRetry(t, err, string(notification.ReasonSMSRateLimited)))
		require.Equal(t, notification.AttemptPending, b.onlyAttempt(t, id).Status)

		got, err := run[workflows.SendResult](k, stepOf(id))
		require.NoError(t, err)
		require.Equal(t, notification.HandOverSent, got.HandOver)
		require.Equal(t, 2, b.onlyAttempt(t, id).Calls)
		require.Len(t, b.received(t, id, simulator.ChannelTwilio), 1)
	})
}

func TestUncertainSMSIsFoundInTheProvidersList(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for name, phone := range map[string]simulator.PhoneOutcome{
			"never answered": simulator.PhoneTimeoutAfterAccepting,
			"answered 500":   simulator.PhoneServerErrorAfterAccepting,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				id := b.toPhone(t, phone, 1)
				k := b.task(t, workflows.ActivitySendSMS)

				_, err := run[workflows.SendResult](k, stepOf(id))
				require.Positive(t, requireRetry(t, err, smsUncertain))

				sending := b.onlyAttempt(t, id)
				require.Equal(t, notification.AttemptSending, sending.Status)

				got, err := run[workflows.SendResult](k, stepOf(id))
				require.NoError(t, err)
				require.Equal(t, workflows.SendResult{AttemptID: sending.ID, HandOver: notification.HandOverSent}, got)

				received := b.received(t, id, simulator.ChannelTwilio)
				require.Len(t, received, 1, "no second SMS")

				sent := b.onlyAttempt(t, id)
				require.Equal(t, notification.AttemptSent, sent.Status)
				require.Equal(t, received[0].ProviderID, sent.ProviderID)
				require.Equal(t, 1, sent.Calls)
				require.Equal(t, 1, sent.Segments)
			})
		}
	})
}

func TestUncertainSMSIsNotSentAgainWhileItMayTurnUp(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toPhone(t, simulator.PhoneTimeoutNothingStored, 1)
		k := b.task(t, workflows.ActivitySendSMS)

		for range 3 {
			_, err := run[workflows.SendResult](k, stepOf(id))
			require.Positive(t, requireRetry(t, err, smsUncertain))

			attempt := b.onlyAttempt(t, id)
			require.Equal(t, notification.AttemptSending, attempt.Status)
			require.Equal(t, 1, attempt.Calls)
		}
	})
}

func TestUncertainSMSIsSentAgainOnceItIsKnownNotToBeListed(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		// What this store records lies as far back as it takes a provider to list a message.
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: func() time.Time {
			return time.Now().Add(-sms.ListingDelay - time.Minute)
		}})
		b := newBench(t, store, func(s *setting) { s.simulator.Faults = simulator.Faults{Twilio500: 1} })
		id := b.toPhone(t, simulator.PhoneDelivered, 1)
		k := b.task(t, workflows.ActivitySendSMS)

		_, err := run[workflows.SendResult](k, stepOf(id))
		requireRetry(t, err, smsUncertain)

		_, err = run[workflows.SendResult](k, stepOf(id))
		requireRetry(t, err, smsUncertain)
		require.Equal(t, notification.AttemptSending, b.onlyAttempt(t, id).Status, "the list could not be read")

		require.NoError(t, b.sim.SetFaults(simulator.Faults{}))

		_, err = run[workflows.SendResult](k, stepOf(id))
		require.Equal(t, 2*time.Second, requireRetry(t, err, string(notification.ReasonSMSUnavailable)), "the doubt took long enough")
		require.Equal(t, notification.AttemptPending, b.onlyAttempt(t, id).Status)

		got, err := run[workflows.SendResult](k, stepOf(id))
		require.NoError(t, err)
		require.Equal(t, notification.HandOverSent, got.HandOver)
		require.Equal(t, 2, b.onlyAttempt(t, id).Calls)
		require.Len(t, b.received(t, id, simulator.ChannelTwilio), 1)
	})
}

// A refusal of the first call must not be taken for the outcome of the second.
func TestHeartbeatOfARefusedCallDoesNotHideAnUncertainOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toPhone(t, simulator.PhoneRateLimitedFirst, 1)
		k := b.task(t, workflows.ActivitySendSMS)

		_, err := run[workflows.SendResult](k, stepOf(id))
		requireRetry(t, err, string(notification.ReasonSMSRateLimited))
		require.Nil(t, k.heartbeat, "it was recorded at once")

		k.heartbeat = activities.Refused(b.onlyAttempt(t, id), notification.ReasonSMSRateLimited)
		require.NoError(t, b.sim.SetFaults(simulator.Faults{TwilioTimeoutAfterAccepting: 1}))

		_, err = run[workflows.SendResult](k, stepOf(id))
		requireRetry(t, err, smsUncertain)

		require.NoError(t, b.sim.SetFaults(simulator.Faults{}))

		for range 2 {
			got, err := run[workflows.SendResult](k, stepOf(id))
			require.NoError(t, err)
			require.Equal(t, notification.HandOverSent, got.HandOver)
		}

		require.Len(t, b.received(t, id, simulator.ChannelTwilio), 1, "no second SMS")
	})
}

func TestEqualSMSAreNotMixedUp(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		// Both were taken and neither was answered.
		ids := []string{b.toPhone(t, simulator.PhoneTimeoutAfterAccepting, 1), b.toPhone(t, simulator.PhoneTimeoutAfterAccepting, 1)}
		tasks := []*task{b.task(t, workflows.ActivitySendSMS), b.task(t, workflows.ActivitySendSMS)}

		for i, id := range ids {
			_, err := run[workflows.SendResult](tasks[i], stepOf(id))
			requireRetry(t, err, smsUncertain)
		}

		for i, id := range ids {
			_, err := run[workflows.SendResult](tasks[i], stepOf(id))
			require.NoError(t, err)
		}

		one, other := b.onlyAttempt(t, ids[0]), b.onlyAttempt(t, ids[1])
		require.NotEqual(t, one.ProviderID, other.ProviderID)

		received := b.received(t, ids[0], simulator.ChannelTwilio)
		require.Len(t, received, 2)
		require.ElementsMatch(t, []string{one.ProviderID, other.ProviderID},
			[]string{received[0].ProviderID, received[1].ProviderID})
	})
}

func TestAnothersSMSIsNotTakenForOurs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		sent, lost := b.toPhone(t, simulator.PhoneDelivered, 1), b.toPhone(t, simulator.PhoneDelivered, 1)

		_, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendSMS), stepOf(sent))
		require.NoError(t, err)
		require.NoError(t, b.sim.SetFaults(simulator.Faults{Twilio500: 1}))

		k := b.task(t, workflows.ActivitySendSMS)
		_, err = run[workflows.SendResult](k, stepOf(lost))
		requireRetry(t, err, smsUncertain)
		require.NoError(t, b.sim.SetFaults(simulator.Faults{}))

		_, err = run[workflows.SendResult](k, stepOf(lost))
		requireRetry(t, err, smsUncertain)
		require.Equal(t, notification.AttemptSending, b.onlyAttempt(t, lost).Status)
		require.Empty(t, b.onlyAttempt(t, lost).ProviderID)
	})
}

func TestCallbackFasterThanTheAnswer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for name, test := range map[string]struct {
			serial int // of the phone
			news   db.AttemptChange
			status notification.AttemptStatus
			reason notification.Reason
		}{
			"the id alone": {1, db.AttemptChange{}, notification.AttemptSent, ""},
			"sent":         {2, db.AttemptChange{Status: notification.AttemptSent}, notification.AttemptSent, ""},
			"delivered": {
				3,
				db.AttemptChange{Status: notification.AttemptDelivered, Reason: notification.ReasonSMSDelivered},
				notification.AttemptDelivered, notification.ReasonSMSDelivered,
			},
			"not delivered": {
				4,
				db.AttemptChange{Status: notification.AttemptFailed, Reason: notification.ReasonSMSUnreachable},
				notification.AttemptFailed, notification.ReasonSMSUnreachable,
			},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				id := b.toPhone(t, simulator.PhoneTimeoutAfterAccepting, test.serial)
				k := b.task(t, workflows.ActivitySendSMS)

				_, err := run[workflows.SendResult](k, stepOf(id))
				requireRetry(t, err, smsUncertain)

				attempt := b.onlyAttempt(t, id)
				test.news.ProviderID = b.received(t, id, simulator.ChannelTwilio)[0].ProviderID
				b.recorded(t, attempt.ID, test.news)

				got, err := run[workflows.SendResult](k, stepOf(id))
				require.NoError(t, err)
				require.Equal(t, workflows.SendResult{
					AttemptID: attempt.ID, HandOver: notification.HandOverSent, Reason: test.reason,
				}, got)

				after := b.onlyAttempt(t, id)
				require.Equal(t, test.status, after.Status)
				require.Equal(t, test.news.ProviderID, after.ProviderID)
				require.Len(t, b.received(t, id, simulator.ChannelTwilio), 1)
			})
		}
	})
}
