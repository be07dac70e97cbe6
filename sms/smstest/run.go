package smstest

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
)

// The message of most tests, for invented people.
const (
	recipient = "+393330000001"
	stranger  = "+393330000002"
	sender    = "ComuneProva"
	body      = "Comune di Prova: la carta d'identità è pronta. Info: https://example.org/ci"
	callback  = "https://genio.example.org/webhooks/twilio?attempt=0190a1b2"
	validity  = 2 * time.Hour
	patience  = 10 * time.Second
	tick      = 5 * time.Millisecond
)

// Run puts a provider through the suite. Each subtest asks for a harness of its own.
func Run(t *testing.T, newHarness func(t *testing.T) Harness) {
	t.Helper()

	for name, test := range map[string]func(t *testing.T, h Harness){
		"has a name":                           testName,
		"hands a message over":                 testSend,
		"leaves out what is not given":         testSendMinimal,
		"keeps concurrent messages apart":      testConcurrentSends,
		"recovers after an outage":             testRecovery,
		"gives up a hanging call when told to": testCancelHanging,
		"sends nothing once cancelled":         testCancelledBefore,
		"reads the delivery":                   testDeliveries,
		"reports an unreadable delivery":       testStatusFailures,
		"finds a message":                      testFind,
		"reports a failed search":              testFindFailures,
		"reconciles":                           testReconcile,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newHarness(t))
		})
	}

	t.Run("classifies a failed hand-over", func(t *testing.T) {
		t.Parallel()
		testSendFailures(t, newHarness)
	})
}

func message() sms.Message {
	return sms.Message{
		AttemptID: "0190a1b2-0000-7000-8000-000000000001", To: recipient, Sender: sender, Text: body,
		StatusCallback: callback, Validity: validity,
	}
}

func send(t *testing.T, h Harness, m sms.Message) sms.Receipt {
	t.Helper()

	receipt, err := h.Provider().Send(t.Context(), m)
	require.NoError(t, err)
	require.NotEmpty(t, receipt.ProviderID)

	return receipt
}

// requireFailure checks an error's facts, and that neither it nor its causes tell who was to get what.
func requireFailure(t *testing.T, err error, want expectation) {
	t.Helper()

	var failed *notification.DeliveryError

	require.ErrorAs(t, err, &failed)
	require.Equal(t, notification.ChannelSMS, failed.Channel)
	require.Equal(t, want.reason, failed.Reason)
	require.Equal(t, want.handOver, failed.HandOver)
	require.Equal(t, want.retryAfter, failed.RetryAfter)

	if want.handOver == notification.HandOverNotSent {
		require.Equal(t, want.retryable, failed.Retryable)
	}

	told := err.Error()
	if failed.Cause != nil {
		told += failed.Cause.Error()
	}

	require.NotContains(t, told, recipient[1:])
	require.NotContains(t, told, "carta d'identità")
}

func testName(t *testing.T, h Harness) {
	t.Helper()

	require.Regexp(t, `^[a-z][a-z0-9_]*$`, h.Provider().Name())
}

func testSend(t *testing.T, h Harness) {
	t.Helper()

	receipt := send(t, h, message())

	require.NotEmpty(t, receipt.ProviderStatus)
	require.GreaterOrEqual(t, receipt.Segments, 0)
	require.Equal(t, []Taken{{
		ProviderID: receipt.ProviderID, To: recipient, Sender: sender, Text: body, StatusCallback: callback, Validity: validity,
	}}, h.Taken())
}

func testSendMinimal(t *testing.T, h Harness) {
	t.Helper()

	receipt := send(t, h, sms.Message{To: recipient, Sender: sender, Text: "È già l’ora: 100 € 😜"})

	require.Equal(t, []Taken{{
		ProviderID: receipt.ProviderID, To: recipient, Sender: sender, Text: "È già l’ora: 100 € 😜",
	}}, h.Taken())
}

func testConcurrentSends(t *testing.T, h Harness) {
	t.Helper()

	const count = 8

	var (
		group sync.WaitGroup
		ids   sync.Map
	)

	for i := range count {
		group.Go(func() {
			m := message()
			m.Text = strconv.Itoa(i)

			receipt, err := h.Provider().Send(t.Context(), m)
			if err == nil {
				ids.Store(receipt.ProviderID, m.Text)
			}
		})
	}

	group.Wait()

	taken := h.Taken()
	require.Len(t, taken, count)

	for _, one := range taken {
		text, found := ids.Load(one.ProviderID)
		require.True(t, found)
		require.Equal(t, one.Text, text)
	}
}

func testSendFailures(t *testing.T, newHarness func(t *testing.T) Harness) {
	t.Helper()

	rate := notSentYet(notification.ReasonSMSRateLimited)
	rate.retryAfter = RetryAfter

	for _, c := range []staged{
		{RefusePhone, notSent(notification.ReasonSMSPhoneInvalid)},
		{RefuseLandline, notSent(notification.ReasonSMSPhoneNotMobile)},
		{RefuseOptedOut, notSent(notification.ReasonSMSOptedOut)},
		{RefuseCountry, notSent(notification.ReasonSMSCountryNotEnabled)},
		{RefuseRoute, notSent(notification.ReasonSMSUnroutable)},
		{RefuseSender, notSent(notification.ReasonSMSSenderInvalid)},
		{RefuseCredentials, notSent(notification.ReasonSMSCredentialsRejected)},
		{RefuseQueueFull, notSentYet(notification.ReasonSMSQueueFull)},
		{RefuseUnknown, notSent(notification.ReasonSMSRequestRefused)},
		{RefuseRate, rate},
		{Offline, notSentYet(notification.ReasonSMSUnavailable)},
		{Break, uncertain()},
		{BreakAtProxy, uncertain()},
		{Garble, uncertain()},
		{AcceptAndDrop, uncertain()},
	} {
		t.Run(string(c.scene), func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			h.Play(c.scene)

			receipt, err := h.Provider().Send(t.Context(), message())

			requireFailure(t, err, c.want)
			require.Empty(t, receipt)

			if c.want.handOver == notification.HandOverNotSent {
				require.Empty(t, h.Taken())
			} else {
				require.LessOrEqual(t, len(h.Taken()), 1, "an uncertain call was repeated")
			}
		})
	}
}

func testRecovery(t *testing.T, h Harness) {
	t.Helper()

	const count = 3

	send(t, h, message())
	h.Play(AcceptAndDrop)

	_, err := h.Provider().Send(t.Context(), message())
	requireFailure(t, err, uncertain())

	h.Play(Accept)
	send(t, h, message())

	require.Len(t, h.Taken(), count)
}

func testCancelHanging(t *testing.T, h Harness) {
	t.Helper()

	h.Play(AcceptAndHang)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	result := make(chan error, 1)

	go func() {
		_, err := h.Provider().Send(ctx, message())
		result <- err
	}()

	require.Eventually(t, func() bool { return len(h.Taken()) == 1 }, patience, tick)
	cancel()

	// The harness holds its answer back for as long as the caller waits, so only the cancellation ends this.
	err := <-result

	requireFailure(t, err, uncertain())
	require.ErrorIs(t, err, context.Canceled)
}

func testCancelledBefore(t *testing.T, h Harness) {
	t.Helper()

	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	_, err := h.Provider().Send(ctx, message())

	requireFailure(t, err, notSentYet(notification.ReasonSMSUnavailable))
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, h.Taken())
}

func testDeliveries(t *testing.T, h Harness) {
	t.Helper()

	cases := map[Outcome]struct {
		status    notification.AttemptStatus
		reason    notification.Reason
		retryable bool
	}{
		Queued:      {notification.AttemptSent, "", false},
		SentOn:      {notification.AttemptSent, "", false},
		Delivered:   {notification.AttemptDelivered, notification.ReasonSMSDelivered, false},
		Unreachable: {notification.AttemptFailed, notification.ReasonSMSUnreachable, true},
		Unknown:     {notification.AttemptFailed, notification.ReasonSMSUnknownNumber, false},
		Blocked:     {notification.AttemptFailed, notification.ReasonSMSBlocked, false},
		Unexplained: {notification.AttemptFailed, notification.ReasonSMSUndelivered, false},
	}

	for outcome, want := range cases {
		receipt := send(t, h, message())
		h.Settle(receipt.ProviderID, outcome)

		delivery, err := h.Provider().Status(t.Context(), receipt.ProviderID)

		require.NoError(t, err, outcome)
		require.Equal(t, want.status, delivery.Status, outcome)
		require.Equal(t, want.reason, delivery.Reason, outcome)
		require.Equal(t, want.retryable, delivery.Retryable, outcome)
		require.NotEmpty(t, delivery.ProviderStatus, outcome)
	}
}

func testStatusFailures(t *testing.T, h Harness) {
	t.Helper()

	receipt := send(t, h, message())

	for _, c := range readFailures() {
		h.Play(c.scene)

		delivery, err := h.Provider().Status(t.Context(), receipt.ProviderID)

		requireFailure(t, err, c.want)
		require.Empty(t, delivery)
	}

	h.Play(Accept)

	for _, id := range []string{"", "SM00000000000000000000000000000000", "../Messages", "a/b?c=d"} {
		_, err := h.Provider().Status(t.Context(), id)
		requireFailure(t, err, notSent(notification.ReasonSMSRequestRefused))
	}
}

// readFailures are of calls that hand nothing over: never uncertain.
func readFailures() []staged {
	rate := notSentYet(notification.ReasonSMSRateLimited)
	rate.retryAfter = RetryAfter

	return []staged{
		{RefuseCredentials, notSent(notification.ReasonSMSCredentialsRejected)},
		{RefuseRate, rate},
		{Break, notSentYet(notification.ReasonSMSUnavailable)},
		{BreakAtProxy, notSentYet(notification.ReasonSMSUnavailable)},
		{Garble, notSentYet(notification.ReasonSMSUnavailable)},
		{AcceptAndDrop, notSentYet(notification.ReasonSMSUnavailable)},
	}
}
