package gateway_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const (
	messageSID = "SM00000000000000000000000000000001"
	otherSID   = "SM00000000000000000000000000000002"
)

func statusForm(status, errorCode string) url.Values {
	form := url.Values{
		"MessageSid": {messageSID}, "AccountSid": {"AC00000000000000000000000000000001"},
		"From": {"COMUNE"}, "To": {phone}, "MessageStatus": {status},
	}
	if errorCode != "" {
		form.Set("ErrorCode", errorCode)
	}

	return form
}

// sign computes Twilio's signature from its description: HMAC-SHA1 over the address and the sorted fields.
func sign(address string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(twilioToken))
	mac.Write([]byte(address))

	for _, name := range slices.Sorted(maps.Keys(form)) {
		mac.Write([]byte(name + form.Get(name)))
	}

	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// awaiting is an SMS that Twilio took over and has not reported on.
func (b bundle) awaiting(tb testing.TB) notification.Attempt {
	tb.Helper()

	return b.awaitingAs(tb, messageSID)
}

// awaitingAs is the same of a message of that name.
func (b bundle) awaitingAs(tb testing.TB, sid string) notification.Attempt {
	tb.Helper()

	return b.attempted(tb, b.begun(tb), notification.ChannelSMS,
		db.AttemptChange{Status: notification.AttemptSent, ProviderID: sid, ProviderStatus: "accepted"})
}

// otherForm is a report on another message.
func otherForm(status, errorCode string) url.Values {
	form := statusForm(status, errorCode)
	form.Set("MessageSid", otherSID)

	return form
}

// report is a well-signed callback about an attempt.
func (b bundle) report(t *testing.T, attemptID string, form url.Values) error {
	t.Helper()

	address := gateway.StatusCallback(publicURL, attemptID)

	return b.RecordTwilioStatus(t.Context(), strings.TrimPrefix(address, publicURL), form, sign(address, form))
}

func (b bundle) attempt(tb testing.TB, id string) notification.Attempt {
	tb.Helper()

	attempt, err := b.store.Attempt(tb.Context(), id)
	require.NoError(tb, err)

	return attempt
}

func TestATwilioStatusReachesTheRowAndTheWorkflow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		awaiting := b.awaiting(t)

		require.NoError(t, b.report(t, awaiting.ID, statusForm("sent", "")))
		require.Empty(t, b.temporal.signalled(), "only a final word moves the workflow")
		require.Equal(t, "sent", b.attempt(t, awaiting.ID).ProviderStatus)

		require.NoError(t, b.report(t, awaiting.ID, statusForm("undelivered", "30003")))

		attempt := b.attempt(t, awaiting.ID)
		require.Equal(t, notification.AttemptFailed, attempt.Status)
		require.Equal(t, notification.ReasonSMSUnreachable, attempt.Reason)
		require.Equal(t, "undelivered", attempt.ProviderStatus)

		signals := b.temporal.signalled()
		require.Len(t, signals, 1)
		require.Equal(t, workflows.SignalSMSStatus, signals[0].GetSignalName())
		require.Equal(t, "notification/"+awaiting.NotificationID, signals[0].GetWorkflowExecution().GetWorkflowId())

		var report workflows.SMSReport

		decode(t, signals[0].GetInput(), &report)
		require.Equal(t, workflows.SMSReport{
			AttemptID: awaiting.ID, Status: notification.AttemptFailed, Reason: notification.ReasonSMSUnreachable,
		}, report)
		requireNoPersonalData(t, signals[0])

		events, err := store.ProviderEvents(t.Context(), awaiting.ID)
		require.NoError(t, err)
		require.Len(t, events, 2, "the provider's words are kept raw")
		require.Equal(t, "sent", events[0].Status)
		require.Equal(t, "undelivered", events[1].Status)
	})
}

func TestCallbacksInAnyOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		awaiting := b.awaiting(t)

		for _, status := range []string{"queued", "delivered", "sent", "undelivered", "delivered"} {
			require.NoError(t, b.report(t, awaiting.ID, statusForm(status, "")))
		}

		attempt := b.attempt(t, awaiting.ID)
		require.Equal(t, notification.AttemptDelivered, attempt.Status)
		require.Equal(t, "delivered", attempt.ProviderStatus)

		for _, signal := range b.temporal.signalled() {
			var report workflows.SMSReport

			decode(t, signal.GetInput(), &report)
			require.Equal(t, notification.AttemptDelivered, report.Status, "the workflow is told what the row says")
		}
	})
}

func TestCallbacksThatNobodySigned(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		awaiting, other := b.awaiting(t), b.awaiting(t)
		form := statusForm("delivered", "")
		address := gateway.StatusCallback(publicURL, awaiting.ID)
		signature := sign(address, form)
		path := strings.TrimPrefix(address, publicURL)

		changed := maps.Clone(form)
		changed.Set("MessageStatus", "failed")

		tokenless := gateway.New(b.Config)
		tokenless.TwilioToken = ""

		for name, err := range map[string]error{
			"no signature":    b.RecordTwilioStatus(t.Context(), path, form, ""),
			"another form":    b.RecordTwilioStatus(t.Context(), path, changed, signature),
			"another attempt": b.RecordTwilioStatus(t.Context(), gateway.TwilioStatusPath+"?attempt="+other.ID, form, signature),
			"no token":        tokenless.RecordTwilioStatus(t.Context(), path, form, signature),
		} {
			require.ErrorIs(t, err, gateway.ErrUnauthenticated, name)
		}

		for _, attempt := range []notification.Attempt{awaiting, other} {
			require.Equal(t, attempt, b.attempt(t, attempt.ID))
		}
	})
}

// TestCallbacksWhileTokensAreExchanged: whichever of the two tokens Twilio signs with.
func TestCallbacksWhileTokensAreExchanged(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		config := b.Config
		config.TwilioToken, config.TwilioOtherToken = "the next token", b.TwilioToken
		both := gateway.New(config)

		awaiting := b.awaiting(t)
		form := statusForm("delivered", "")
		address := gateway.StatusCallback(publicURL, awaiting.ID)
		path := strings.TrimPrefix(address, publicURL)

		require.NoError(t, both.RecordTwilioStatus(t.Context(), path, form, sign(address, form)))
		require.Equal(t, notification.AttemptDelivered, b.attempt(t, awaiting.ID).Status)
		require.ErrorIs(t, both.RecordTwilioStatus(t.Context(), path, form, "neither"), gateway.ErrUnauthenticated)
	})
}

func TestCallbacksAboutNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		awaiting := b.awaiting(t)

		for _, id := range []string{newID(t), "no id", ""} {
			require.ErrorIs(t, b.report(t, id, statusForm("delivered", "")), gateway.ErrNotFound)
		}

		require.ErrorIs(t, b.report(t, awaiting.ID, otherForm("delivered", "")), gateway.ErrNotFound)
		require.Equal(t, awaiting, b.attempt(t, awaiting.ID))

		requireFields(t, b.report(t, awaiting.ID, statusForm("", "")), map[string]string{"MessageStatus": "required"})
	})
}

func TestAnUncertainAttemptLearnsItsProvidersID(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		uncertain := b.attempted(t, b.begun(t), notification.ChannelSMS,
			db.AttemptChange{Status: notification.AttemptUncertain, Reason: notification.ReasonSMSOutcomeUncertain})

		require.NoError(t, b.report(t, uncertain.ID, statusForm("sent", "")))

		attempt := b.attempt(t, uncertain.ID)
		require.Equal(t, messageSID, attempt.ProviderID)
		require.Equal(t, notification.AttemptSent, attempt.Status)
	})
}

func TestAReportEndsTheDoubt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		uncertain := b.attempted(t, b.begun(t), notification.ChannelSMS,
			db.AttemptChange{Status: notification.AttemptUncertain, Reason: notification.ReasonSMSOutcomeUncertain})
		sending := b.attempted(t, b.begun(t), notification.ChannelSMS)

		require.NoError(t, b.report(t, uncertain.ID, statusForm("sent", "")))
		require.NoError(t, b.report(t, uncertain.ID, statusForm("sent", "")))
		// The activity that is still at work with this one finds it in the row.
		require.NoError(t, b.report(t, sending.ID, otherForm("sent", "")))

		signals := b.temporal.signalled()
		require.Len(t, signals, 1, "a doubt ends once")

		var report workflows.SMSReport

		decode(t, signals[0].GetInput(), &report)
		require.Equal(t, workflows.SMSReport{AttemptID: uncertain.ID, Status: notification.AttemptSent}, report)
	})
}

func TestAMessageBelongsToOneAttempt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		owner := b.awaiting(t)
		other := b.attempted(t, b.begun(t), notification.ChannelSMS)

		require.ErrorIs(t, b.report(t, other.ID, statusForm("delivered", "")), gateway.ErrNotFound)
		require.Equal(t, other, b.attempt(t, other.ID))
		require.Equal(t, owner, b.attempt(t, owner.ID))
	})
}

func TestADeliveryThatComesWhileTheWorkflowIsEnding(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store) // which takes the signal
		awaiting := b.awaiting(t)
		b.settle(t, awaiting.NotificationID, notification.StatusNotDelivered, notification.ReasonSMSUnconfirmed)

		require.NoError(t, b.report(t, awaiting.ID, statusForm("delivered", "")))
		require.Equal(t, notification.StatusDelivered, b.stored(t, awaiting.NotificationID).Status)
	})
}

func TestALateDeliveryCorrectsTheOutcome(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.temporal.onSignal = func(*signalRequest) (*signalResponse, error) { return nil, workflowGone() }

		confirmed, refused := b.awaiting(t), b.awaitingAs(t, otherSID)
		for _, attempt := range []notification.Attempt{confirmed, refused} {
			b.settle(t, attempt.NotificationID, notification.StatusNotDelivered, notification.ReasonSMSUnconfirmed)
		}

		require.NoError(t, b.report(t, confirmed.ID, statusForm("delivered", "")))
		require.NoError(t, b.report(t, refused.ID, otherForm("undelivered", "30003")))

		n := b.stored(t, confirmed.NotificationID)
		require.Equal(t, notification.StatusDelivered, n.Status)
		require.Equal(t, notification.ReasonSMSDelivered, n.Reason)
		require.Equal(t, notification.ChannelSMS, n.Channel)

		n = b.stored(t, refused.NotificationID)
		require.Equal(t, notification.StatusNotDelivered, n.Status)
		require.Equal(t, notification.ReasonSMSUnconfirmed, n.Reason)
	})
}

func TestACallbackWhileTemporalIsAwayIsKept(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))
	awaiting := b.awaiting(t)
	form := statusForm("delivered", "")
	address := gateway.StatusCallback(publicURL, awaiting.ID)

	err := b.RecordTwilioStatus(shortly(t), strings.TrimPrefix(address, publicURL), form, sign(address, form))

	require.NoError(t, err, "the workflow finds it in the row")
	require.Equal(t, notification.AttemptDelivered, b.attempt(t, awaiting.ID).Status)
	require.Equal(t, notification.StatusInProgress, b.stored(t, awaiting.NotificationID).Status)
}

func TestACallbackWithoutADatabaseIsAskedForAgain(t *testing.T) {
	t.Parallel()

	b := withoutDatabase(t)
	require.ErrorIs(t, b.report(t, newID(t), statusForm("delivered", "")), gateway.ErrUnavailable)
}
