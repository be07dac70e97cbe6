package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

// TestSignature holds the vector of twilio-go's request validator.
func TestSignature(t *testing.T) {
	t.Parallel()

	form := url.Values{
		"Digits": {"1234"}, "CallSid": {"CA1234567890ABCDE"}, "To": {"+18005551212"}, "Caller": {"+14158675309"},
		"From": {"+14158675309"}, "ReasonConferenceEnded": {"test"}, "Reason": {"Participant"},
	}
	require.Equal(t, "vOEb5UThFn24KEfnOFLQY2AE5FY=",
		simulator.SignTwilioCallback("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", form))
}

// listener receives callbacks and fails the first ones it is told to.
type listener struct {
	url string

	mu       sync.Mutex
	failing  int
	received []received
}

type received struct {
	form   url.Values
	token  string
	signed bool
}

func newListener(t *testing.T, failing int) *listener {
	t.Helper()

	l := &listener{failing: failing}
	server := httptest.NewServer(http.HandlerFunc(l.receive))
	t.Cleanup(server.Close)
	l.url = server.URL + "/callback?attempt=42&x=%C3%A8"

	return l
}

func (l *listener) receive(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()

	if err := r.ParseForm(); err != nil {
		w.WriteHeader(http.StatusBadRequest)

		return
	}

	signature := simulator.SignTwilioCallback(authToken, l.url, r.PostForm)
	l.received = append(l.received, received{
		form: r.PostForm, token: r.Header.Get("I-Twilio-Idempotency-Token"), signed: signature == r.Header.Get("X-Twilio-Signature"),
	})

	if len(l.received) <= l.failing {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (l *listener) all() []received {
	l.mu.Lock()
	defer l.mu.Unlock()

	return append([]received{}, l.received...)
}

// await waits until so many callbacks have come and the sender has counted them.
func (l *listener) await(t *testing.T, sim bench, sent int) []received {
	t.Helper()
	require.Eventually(t, func() bool { return sim.Counters().CallbacksSent >= sent }, patience, glance)

	return l.all()
}

func statuses(callbacks []received) []string {
	words := make([]string, 0, len(callbacks))
	for _, callback := range callbacks {
		words = append(words, callback.form.Get("MessageStatus"))
	}

	return words
}

func TestCallbacksAreSignedAndInOrder(t *testing.T) {
	t.Parallel()

	sim, ente := newBench(t, nil), newListener(t, 0)
	message := sim.sent(phone(simulator.PhoneUnreachable), "StatusCallback", ente.url+"#rc=5")
	callbacks := ente.await(t, sim, 2)

	require.Equal(t, []string{"sent", "undelivered"}, statuses(callbacks), "none for the initial status")

	for _, callback := range callbacks {
		require.True(t, callback.signed)
		require.NotEmpty(t, callback.token)
	}

	require.Equal(t, url.Values{
		"MessageSid": {message.SID}, "SmsSid": {message.SID}, "AccountSid": {account}, "ApiVersion": {"2010-04-01"},
		"From": {"ComuneProva"}, "To": {phone(simulator.PhoneUnreachable)},
		"MessageStatus": {"undelivered"}, "SmsStatus": {"undelivered"}, "ErrorCode": {"30003"},
	}, callbacks[1].form)
	require.NotContains(t, callbacks[0].form, "ErrorCode")
}

func TestCallbackOfDelivery(t *testing.T) {
	t.Parallel()

	sim, ente := newBench(t, nil), newListener(t, 0)
	sim.sent(phone(simulator.PhoneDelivered), "StatusCallback", ente.url, "From", "", "MessagingServiceSid", "MG1")
	callbacks := ente.await(t, sim, 3)

	require.Equal(t, []string{"queued", "sent", "delivered"}, statuses(callbacks))
	require.Regexp(t, `^\d{10}$`, callbacks[2].form.Get("RawDlrDoneDate"))
	require.Equal(t, "MG1", callbacks[2].form.Get("MessagingServiceSid"))
}

func TestCallbacksOfOutcomes(t *testing.T) {
	t.Parallel()

	for outcome, want := range map[simulator.PhoneOutcome][]string{
		simulator.PhoneFiltered:              {"failed"},
		simulator.PhoneUnconfirmed:           {"sent"},
		simulator.PhoneCallbacksReordered:    {"delivered", "sent"},
		simulator.PhoneCallbacksDuplicated:   {"sent", "sent", "delivered", "delivered"},
		simulator.PhoneTimeoutAfterAccepting: {"sent", "delivered"},
	} {
		sim, ente := newBench(t, nil), newListener(t, 0)
		sim.sms(phone(outcome), "StatusCallback", ente.url)
		callbacks := ente.await(t, sim, len(want))
		require.Equal(t, want, statuses(callbacks), outcome)
	}
}

func TestDuplicatedCallbacksShareTheirToken(t *testing.T) {
	t.Parallel()

	sim, ente := newBench(t, nil), newListener(t, 0)
	sim.sent(phone(simulator.PhoneCallbacksDuplicated), "StatusCallback", ente.url)
	callbacks := ente.await(t, sim, 4)

	require.Equal(t, callbacks[0].token, callbacks[1].token)
	require.NotEqual(t, callbacks[1].token, callbacks[2].token)
}

func TestNoCallback(t *testing.T) {
	t.Parallel()

	sim, ente := newBench(t, nil), newListener(t, 0)
	silent := sim.sent(phone(simulator.PhoneNoCallback), "StatusCallback", ente.url)
	sim.sent(phone(simulator.PhoneDelivered), "StatusCallback", ente.url)

	// Both are delivered at once, so the other message's callbacks show that the silent one had its chance.
	for _, callback := range ente.await(t, sim, 2) {
		require.NotEqual(t, silent.SID, callback.form.Get("MessageSid"))
	}

	require.Equal(t, "delivered", sim.fetched(silent.SID).Status)
}

func TestCallbackIsRetriedOnce(t *testing.T) {
	t.Parallel()

	sim, ente := newBench(t, nil), newListener(t, 1)
	sim.sent(phone(simulator.PhoneFiltered), "StatusCallback", ente.url)
	callbacks := ente.await(t, sim, 1)
	require.Len(t, callbacks, 2)
	require.Equal(t, callbacks[0], callbacks[1], "same form, same token")

	stubborn := newListener(t, 2)
	sim.sent(phone(simulator.PhoneFiltered), "StatusCallback", stubborn.url)
	require.Eventually(t, func() bool { return sim.Counters().CallbacksFailed == 1 }, patience, glance)
	require.Len(t, stubborn.all(), 2)
}

func TestCloseEndsCallbacks(t *testing.T) {
	t.Parallel()

	sim, ente := newBench(t, func(config *simulator.Config) { config.Twilio.CallbackRetryAfter = time.Hour }), newListener(t, 9)
	sim.sent(phone(simulator.PhoneFiltered), "StatusCallback", ente.url)
	require.Eventually(t, func() bool { return len(ente.all()) == 1 }, patience, glance)

	sim.Close() // returns though a retry is an hour away
	require.Len(t, ente.all(), 1)
}
