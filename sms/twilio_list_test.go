package sms_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/sms/smstest"
)

func TestTwilioListsWhatWasSentInAPeriod(t *testing.T) {
	t.Parallel()

	server := newTwilioServer(t)
	now := time.Now().UTC()
	sent := func(fields map[string]any) string {
		receipt := sendTo(t, server.provider, alias, "Avviso")
		server.change(receipt.ProviderID, fields)

		return receipt.ProviderID
	}
	at := func(moment time.Time) string { return moment.Format(time.RFC1123Z) }

	delivered := sent(map[string]any{"status": "delivered", "date_sent": at(now.Add(-time.Hour))})
	failed := sent(map[string]any{"status": "undelivered", "error_code": 30005, "date_sent": at(now.Add(-time.Hour))})
	sent(map[string]any{"status": "delivered", "date_sent": at(now.Add(-48 * time.Hour))})
	sent(map[string]any{"status": "received", "direction": "inbound", "date_sent": at(now.Add(-time.Hour))})
	sent(nil)

	page, next, err := server.provider.List(t.Context(), now.Add(-24*time.Hour), now, "")
	require.NoError(t, err)
	require.Empty(t, next)

	found := map[string]notification.Reason{}
	for _, one := range page {
		found[one.ProviderID] = one.Reason

		require.WithinDuration(t, now, one.CreatedAt, time.Minute)
	}

	require.Equal(t, map[string]notification.Reason{
		delivered: notification.ReasonSMSDelivered, failed: notification.ReasonSMSUnknownNumber,
	}, found)
}

func TestTwilioListsPageByPage(t *testing.T) {
	t.Parallel()

	const messages = 1001 // one more than a page has

	server := newTwilioServer(t)
	sent := map[string]any{"status": "sent", "date_sent": time.Now().UTC().Format(time.RFC1123Z)}

	for range messages {
		server.change(sendTo(t, server.provider, alias, "Avviso").ProviderID, sent)
	}

	from, to := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	first, next, err := server.provider.List(t.Context(), from, to, "")
	require.NoError(t, err)
	require.NotEmpty(t, next)

	second, last, err := server.provider.List(t.Context(), from, to, next)
	require.NoError(t, err)
	require.Empty(t, last)
	require.Len(t, append(first, second...), messages)
}

func TestTwilioThatDoesNotListIsAnError(t *testing.T) {
	t.Parallel()

	server := newTwilioServer(t)
	server.Play(smstest.Garble)

	_, _, err := server.provider.List(t.Context(), time.Now().Add(-time.Hour), time.Now(), "")
	require.Error(t, err)
	require.False(t, sms.IsUnknown(err))
}

func TestAnUnknownMessageIsToldApart(t *testing.T) {
	t.Parallel()

	_, err := newTwilioServer(t).provider.Status(t.Context(), "SM00000000000000000000000000000000")
	require.True(t, sms.IsUnknown(err))
	require.False(t, sms.IsUnknown(nil))
}
