package appio_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/notification"
)

// echoed is what a detail of IO's says beside the submitted values; it must not come through either.
const echoed = "is not a valid [string that matches the pattern]"

// requireNoPersonalData looks at an error, and at all it wraps, in every way it may be written.
func requireNoPersonalData(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)

	inJSON, jsonErr := json.Marshal(deliveryError(t, err))
	require.NoError(t, jsonErr)

	texts := []string{string(inJSON)}
	for _, each := range chain(err) {
		texts = append(texts, each.Error(), fmt.Sprintf("%v|%+v|%#v|%q|%s|%x", each, each, each, each, each, each))
	}

	secrets := []string{
		fiscalCode, strings.ToLower(fiscalCode), fmt.Sprintf("%x", fiscalCode), key, subject, markdown, messageID,
		echoed, "not a valid", "/messages/", "http://", "Recipient forbidden:",
	}

	for _, text := range texts {
		for _, secret := range secrets {
			require.NotContains(t, text, secret)
		}
	}
}

// chain is err and everything below it.
func chain(err error) []error {
	if err == nil {
		return nil
	}

	all := []error{err}

	switch wrapper := err.(type) { //nolint:errorlint // it is the wrappers themselves that are looked for
	case interface{ Unwrap() error }:
		all = append(all, chain(wrapper.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, each := range wrapper.Unwrap() {
			all = append(all, chain(each)...)
		}
	}

	return all
}

func TestErrorsHoldNoPersonalDataWhateverIsAnswered(t *testing.T) {
	t.Parallel()

	everything := strings.Join([]string{fiscalCode, key, subject, markdown, messageID, echoed}, " ")
	detail, err := json.Marshal(everything)
	require.NoError(t, err)

	bodies := map[string]string{
		"problem":       `{"status":%d,"title":` + string(detail) + `,"detail":` + string(detail) + `,"type":` + string(detail) + `}`,
		"API gateway":   `{"statusCode":%d,"message":` + string(detail) + `}`,
		"success":       `{"id":` + string(detail) + `,"status":` + string(detail) + `,"sender_allowed":` + string(detail) + `}`,
		"text":          everything,
		"array of text": `[` + string(detail) + `]`,
		"large":         strings.Repeat(everything, 5000),
	}

	for name, body := range bodies {
		for _, status := range []int{200, 201, 202, 302, 400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 599} {
			t.Run(fmt.Sprintf("%s/%d", name, status), func(t *testing.T) {
				t.Parallel()

				content := body
				if strings.Contains(body, "%d") {
					content = fmt.Sprintf(body, status)
				}

				header := http.Header{
					"Content-Type": {problem}, "Location": {"/" + fiscalCode}, "Retry-After": {fiscalCode},
					"X-Rate-Limit-Retry-After": {key}, "Date": {fiscalCode}, "Www-Authenticate": {key},
				}
				client, _ := answering(t, status, header, content)

				for callName, test := range calls() {
					if name == "problem" && status == http.StatusNotFound && callName == "profile" {
						continue // the citizen is not on IO: no error
					}

					requireNoPersonalData(t, test.call(t, client))
				}
			})
		}
	}
}

func TestErrorsHoldNoPersonalDataWhateverBreaks(t *testing.T) {
	t.Parallel()

	everything := strings.Join([]string{fiscalCode, key, subject, messageID}, "")
	writing := func(text string) func(t *testing.T) *appio.Client {
		return func(t *testing.T) *appio.Client {
			t.Helper()

			return hijacking(t, func(conn net.Conn) { _, _ = io.WriteString(conn, text) })
		}
	}

	clients := map[string]func(t *testing.T) *appio.Client{
		"nothing":           writing(""),
		"no HTTP":           writing(everything + "\r\n\r\n"),
		"no status":         writing("HTTP/1.1 " + everything + "\r\n\r\n"),
		"no header":         writing("HTTP/1.1 200 OK\r\n" + everything + "\r\n\r\n"),
		"no length":         writing("HTTP/1.1 200 OK\r\nContent-Length: " + everything + "\r\n\r\n"),
		"no chunk":          writing("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + everything + "\r\n"),
		"no encoding":       writing("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + everything + "\r\n\r\n"),
		"no location":       writing("HTTP/1.1 302 Found\r\nLocation: http://%zz/" + everything + "\r\n\r\n"),
		"cut":               writing("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + everything),
		"a 404 that is cut": writing("HTTP/1.1 404 X\r\nContent-Length: 9999\r\nContent-Type: application/problem+json\r\n\r\n{" + everything),
		"refused": func(t *testing.T) *appio.Client {
			t.Helper()

			server := httptest.NewServer(http.NotFoundHandler())
			server.Close()

			return clientOf(t, appio.Config{BaseURL: server.URL})
		},
		"an error of the dialler": func(t *testing.T) *appio.Client {
			t.Helper()

			return failingDial(t, func(context.Context) error { return errors.New(everything) })
		},
		"an error of the transport": func(t *testing.T) *appio.Client {
			t.Helper()

			return clientOf(t, appio.Config{
				BaseURL: "http://io.invalid",
				HTTPClient: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
					return nil, fmt.Errorf("%s %s %v: %w", everything, r.URL, r.Header, io.ErrUnexpectedEOF)
				})},
			})
		},
	}

	for name, makeClient := range clients {
		for callName, test := range calls() {
			t.Run(name+"/"+callName, func(t *testing.T) {
				t.Parallel()
				requireNoPersonalData(t, test.call(t, makeClient(t)))
			})
		}
	}
}

func TestErrorsHoldNoPersonalDataOfTheCaller(t *testing.T) {
	t.Parallel()

	client, requests := answering(t, http.StatusOK, nil, "")

	cancelled, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New(fiscalCode))

	_, err := client.Status(cancelled, key, fiscalCode, messageID)
	requireNoPersonalData(t, err)

	for name, malformed := range map[string]string{
		"empty": "", "newline": key + "\r\nX-Injected: " + key, "space": key + " ", "not ASCII": key + "à", "delete": key + "\x7f",
	} {
		for callName, call := range map[string]func() error{
			"profile": func() error { _, err := client.Profile(t.Context(), malformed, fiscalCode); return err },
			"submit":  func() error { _, err := client.Submit(t.Context(), malformed, simpleMessage()); return err },
			"status":  func() error { _, err := client.Status(t.Context(), malformed, fiscalCode, messageID); return err },
		} {
			err := call()
			requireNoPersonalData(t, err)
			requireOutcome(t, notSent(notification.ReasonIOKeyRejected), 0, err)
			require.ErrorIs(t, err, appio.ErrKeyMalformed, "%s/%s", name, callName)
		}
	}

	for _, malformed := range []string{
		"", "rssmra80a01h501u", "61492729001", fiscalCode + "\n", "../" + fiscalCode[3:], fiscalCode + "/x", "RSSMRA80A01H501?",
	} {
		_, err := client.Status(t.Context(), key, malformed, messageID)
		requireNoPersonalData(t, err)
		requireOutcome(t, notSent(notification.ReasonFiscalCodeInvalid), 0, err)
	}

	for _, malformed := range []string{"", ".", "..", "a/b", "a?b", "a#b", "a b", messageID + "\n", strings.Repeat("A", 65), "%2e%2e"} {
		_, err := client.Status(t.Context(), key, fiscalCode, malformed)
		requireNoPersonalData(t, err)
		requireOutcome(t, notSent(notification.ReasonIONotFound), 0, err)
	}

	require.Empty(t, requests, "none of these is worth a call")
}

func TestMessagesDoNotPrintThemselves(t *testing.T) {
	t.Parallel()

	message := simpleMessage()

	text := fmt.Sprintf("%v %+v %#v %s %v", message, message, message, message, []appio.Message{message})
	require.NotContains(t, text, fiscalCode)
	require.NotContains(t, text, subject)
}
