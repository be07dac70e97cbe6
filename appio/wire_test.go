package appio_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/notification"
)

// An invented citizen, Ente and message.
const (
	fiscalCode = "RSSMRA80A01H501U"
	key        = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
	subject    = "Scadenza della carta d'identità"
	markdown   = "Gentile cittadina, gentile cittadino, la Sua carta d'identità **scade** fra trenta giorni. <Info & orari>"
	messageID  = "01HZX3T5Q8RVJ9K2M4N6P7S8TA"
	jsonType   = "application/json; charset=utf-8"
	problem    = "application/problem+json; charset=utf-8"
)

// received is a request as it arrived.
type received struct {
	method, path, query string
	header              http.Header
	body                string
}

// answering starts a server that gives every request the same answer and hands out what it received.
func answering(t *testing.T, status int, header http.Header, body string) (*appio.Client, <-chan received) {
	t.Helper()

	requests := make(chan received, 16)

	return serving(t, func(w http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		requests <- received{
			method: r.Method, path: r.URL.EscapedPath(), query: r.URL.RawQuery, header: r.Header, body: string(content),
		}

		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}), requests
}

func serving(t *testing.T, handler http.HandlerFunc) *appio.Client {
	t.Helper()

	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)

	return clientOf(t, appio.Config{BaseURL: server.URL + "/api/v1"})
}

func clientOf(t *testing.T, config appio.Config) *appio.Client {
	t.Helper()

	client, err := appio.New(config)
	require.NoError(t, err)

	return client
}

func contentType(value string) http.Header { return http.Header{"Content-Type": {value}} }

func simpleMessage() appio.Message {
	return appio.Message{
		FiscalCode: fiscalCode,
		Content:    notification.Content{Subject: subject, Markdown: markdown, SMSText: "not for IO"},
	}
}

func deliveryError(t *testing.T, err error) *notification.DeliveryError {
	t.Helper()

	var failure *notification.DeliveryError

	require.ErrorAs(t, err, &failure)
	require.Equal(t, notification.ChannelIO, failure.Channel)

	return failure
}

// requireHeaders tests what every call must carry, and what none may.
func requireHeaders(t *testing.T, header http.Header) {
	t.Helper()

	require.Equal(t, []string{key}, header["Ocp-Apim-Subscription-Key"])
	require.Empty(t, header.Values("Cookie"))
	require.Empty(t, header.Values("Authorization"))
	require.Empty(t, header.Values("Idempotency-Key"), "net/http sends a POST again where it has one")
	require.Empty(t, header.Values("Accept-Encoding"))
}

func TestProfileOnTheWire(t *testing.T) {
	t.Parallel()

	client, requests := answering(t, http.StatusOK, contentType(jsonType), `{"sender_allowed":true}`)

	_, err := client.Profile(t.Context(), key, fiscalCode)
	require.NoError(t, err)

	request := <-requests
	require.Equal(t, http.MethodPost, request.method)
	require.Equal(t, "/api/v1/profiles", request.path)
	require.Empty(t, request.query)
	require.Equal(t, "application/json", request.header.Get("Content-Type"))
	require.Equal(t, `{"fiscal_code":"RSSMRA80A01H501U"}`, request.body) //nolint:testifylint // the very bytes are meant
	requireHeaders(t, request.header)
}

func TestStatusOnTheWire(t *testing.T) {
	t.Parallel()

	client, requests := answering(t, http.StatusOK, contentType(jsonType), `{"message":{},"status":"ACCEPTED"}`)

	_, err := client.Status(t.Context(), key, fiscalCode, messageID)
	require.NoError(t, err)

	request := <-requests
	require.Equal(t, http.MethodGet, request.method)
	require.Equal(t, "/api/v1/messages/RSSMRA80A01H501U/01HZX3T5Q8RVJ9K2M4N6P7S8TA", request.path)
	require.Empty(t, request.query)
	require.Empty(t, request.body)
	requireHeaders(t, request.header)
}

func TestSubmitOnTheWire(t *testing.T) {
	t.Parallel()

	// 31 October as an Italian day, with more digits than IO keeps.
	rome := time.FixedZone("CET", 3600)
	dueDate := time.Date(2026, time.October, 31, 23, 59, 59, 123_999_999, rome)
	wholeSecond := time.Date(2026, time.October, 31, 22, 59, 59, 0, time.UTC)

	const start = `{"fiscal_code":"RSSMRA80A01H501U",`

	content := `"subject":"Scadenza della carta d'identità","markdown":"Gentile cittadina, gentile cittadino, ` +
		`la Sua carta d'identità **scade** fra trenta giorni. \u003cInfo \u0026 orari\u003e"`

	tests := map[string]struct {
		change func(*appio.Message)
		body   string
	}{
		"the least": {
			change: func(*appio.Message) {},
			body:   start + `"content":{` + content + `}}`,
		},
		"time to live": {
			change: func(m *appio.Message) { m.TimeToLive = 2*time.Hour + time.Millisecond },
			body:   start + `"time_to_live":7200,"content":{` + content + `}}`,
		},
		"due date": {
			change: func(m *appio.Message) { m.Content.DueDate = &dueDate },
			body:   start + `"content":{` + content + `,"due_date":"2026-10-31T22:59:59.123Z"}}`,
		},
		"due date with milliseconds even where there are none": {
			change: func(m *appio.Message) { m.Content.DueDate = &wholeSecond },
			body:   start + `"content":{` + content + `,"due_date":"2026-10-31T22:59:59.000Z"}}`,
		},
		"payment": {
			change: func(m *appio.Message) {
				m.Content.Payment = &notification.Payment{NoticeNumber: "302001234567890123", AmountCents: 9_999_999_999}
			},
			body: start + `"content":{` + content +
				`,"payment_data":{"amount":9999999999,"notice_number":"302001234567890123"}}}`,
		},
		"payment with everything": {
			change: func(m *appio.Message) {
				m.Content.Payment = &notification.Payment{
					NoticeNumber: "302001234567890123", AmountCents: 1, InvalidAfterDueDate: true, PayeeFiscalCode: "01234567890",
				}
			},
			body: start + `"content":{` + content + `,"payment_data":{"amount":1,"notice_number":"302001234567890123",` +
				`"invalid_after_due_date":true,"payee":{"fiscal_code":"01234567890"}}}}`,
		},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			client, requests := answering(t, http.StatusCreated, contentType(jsonType), `{"id":"`+messageID+`"}`)
			message := simpleMessage()
			test.change(&message)

			id, err := client.Submit(t.Context(), key, message)
			require.NoError(t, err)
			require.Equal(t, messageID, id)

			request := <-requests
			require.Equal(t, http.MethodPost, request.method)
			require.Equal(t, "/api/v1/messages", request.path)
			require.Empty(t, request.query)
			require.Equal(t, "application/json", request.header.Get("Content-Type"))
			require.Equal(t, test.body, request.body)
			require.NotContains(t, request.body, "null", "IO refuses null")
			requireHeaders(t, request.header)
		})
	}
}
