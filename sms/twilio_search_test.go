package sms_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
)

func sendTo(t *testing.T, twilio sms.Provider, sender, text string) sms.Receipt {
	t.Helper()

	receipt, err := twilio.Send(t.Context(), sms.Message{To: citizen, Sender: sender, Text: text})
	require.NoError(t, err)

	return receipt
}

func TestTwilioFindComparesWhatTwilioMayChange(t *testing.T) {
	t.Parallel()

	const text = "L’ufficio è chiuso… "

	cases := map[string]struct {
		fields map[string]any
		found  bool
	}{
		"as sent":                   {map[string]any{}, true},
		"sent":                      {map[string]any{"status": "sent", "date_sent": time.Now().UTC().Format(time.RFC1123Z)}, true},
		"smart encoding, trimmed":   {map[string]any{"body": "L'ufficio è chiuso..."}, true},
		"trial account":             {map[string]any{"body": "Sent from your Twilio trial account - " + text}, true},
		"sender not known yet":      {map[string]any{"from": nil}, true},
		"a minute before us":        {map[string]any{"date_created": time.Now().Add(-time.Minute).UTC().Format(time.RFC1123Z)}, true},
		"another text":              {map[string]any{"body": "L'ufficio è aperto"}, false},
		"another sender":            {map[string]any{"from": "AltroComune"}, false},
		"an hour before us":         {map[string]any{"date_created": time.Now().Add(-time.Hour).UTC().Format(time.RFC1123Z)}, false},
		"received":                  {map[string]any{"direction": "inbound"}, false},
		"old and without its text":  {map[string]any{"body": "", "date_created": "Fri, 24 May 2019 17:44:46 +0000"}, false},
		"of a stranger, unexpected": {map[string]any{"to": citizen + "9"}, false},
	}

	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := newTwilioServer(t)
			receipt := sendTo(t, server.provider, alias, text)
			server.change(receipt.ProviderID, c.fields)

			found, err := server.provider.Find(t.Context(), sms.Search{To: citizen, Sender: alias, Text: text, Since: time.Now()})

			require.NoError(t, err)
			require.Equal(t, c.found, len(found) == 1)
		})
	}
}

func TestTwilioFindOfMessagingService(t *testing.T) {
	t.Parallel()

	server := newTwilioServer(t)
	receipt := sendTo(t, server.provider, messagingSID, "Ciao")
	require.Equal(t, "accepted", receipt.ProviderStatus)
	require.Zero(t, receipt.Segments)

	asked := sms.Search{To: citizen, Sender: messagingSID, Text: "Ciao", Since: time.Now()}
	found, err := server.provider.Find(t.Context(), asked)
	require.NoError(t, err)
	require.Equal(t, []sms.Receipt{receipt}, found)

	asked.Sender = strings.Replace(messagingSID, "0", "1", 1)
	found, err = server.provider.Find(t.Context(), asked)
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestTwilioFindReadsEveryPage(t *testing.T) {
	t.Parallel()

	server := newTwilioServer(t)
	first := sendTo(t, server.provider, alias, "Ciao")

	for range 2100 {
		server.take(map[string][]string{"To": {citizen}, "From": {alias}, "Body": {"Altro"}})
	}

	found, err := server.provider.Find(t.Context(), sms.Search{To: citizen, Sender: alias, Text: "Ciao", Since: time.Now()})

	require.NoError(t, err)
	require.Equal(t, []sms.Receipt{first}, found)
}

func TestTwilioFindGivesUp(t *testing.T) {
	t.Parallel()

	const message = `{"sid":"SM1","status":"sent","to":"` + citizen + `","from":"` + alias + `","direction":"outbound-api"`

	since := time.Now()
	now := since.UTC().Format(time.RFC1123Z)

	cases := map[string]struct {
		body   string
		reason notification.Reason
	}{
		"redacted text":   {`{"messages":[` + message + `,"body":"","date_created":"` + now + `"}]}`, notification.ReasonSMSOutcomeUncertain},
		"no date":         {`{"messages":[` + message + `,"body":"Ciao"}]}`, notification.ReasonSMSUnavailable},
		"unreadable date": {`{"messages":[` + message + `,"body":"Ciao","date_created":"oggi"}]}`, notification.ReasonSMSUnavailable},
		"no sid":          {`{"messages":[{"status":"sent"}]}`, notification.ReasonSMSUnavailable},
		"link to itself":  {`{"messages":[],"next_page_uri":"/x.json?Page=1&PageToken=PA1"}`, notification.ReasonSMSUnavailable},
		"link to nowhere": {`{"messages":[],"next_page_uri":"/x.json"}`, notification.ReasonSMSUnavailable},
		"link that isn't": {`{"messages":[],"next_page_uri":"http://["}`, notification.ReasonSMSUnavailable},
	}

	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			twilio, _ := recorder(t, http.StatusOK, c.body)

			found, err := twilio.Find(t.Context(), sms.Search{To: citizen, Sender: alias, Text: "Ciao", Since: since})

			require.Empty(t, found)
			require.Equal(t, c.reason, failure(t, err).Reason)
			require.Equal(t, notification.HandOverNotSent, failure(t, err).HandOver)
		})
	}
}

func TestSameText(t *testing.T) {
	t.Parallel()

	require.True(t, sms.SameText("L’ora è “qui”…", "L'ora è \"qui\"..."))
	require.True(t, sms.SameText("Ciao\n", "Ciao"))
	require.True(t, sms.SameText("È 😜", "È 😜"))
	require.False(t, sms.SameText("Ciao", "Ciao!"))
	require.False(t, sms.SameText("Ore 9", "Ore 19"))
	require.False(t, sms.SameText("Ciao", ""))
}
