package appio_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/notification"
)

// outcome is what a failed call must report.
type outcome struct {
	reason     notification.Reason
	handOver   notification.HandOver
	retryable  bool
	retryAfter time.Duration
}

func requireOutcome(t *testing.T, expected outcome, status int, err error) {
	t.Helper()

	failure := deliveryError(t, err)
	require.Equal(t, expected, outcome{
		reason: failure.Reason, handOver: failure.HandOver, retryable: failure.Retryable, retryAfter: failure.RetryAfter,
	})
	require.Equal(t, status, failure.HTTPStatus)
	require.Empty(t, failure.ProviderCode)
}

func notSent(reason notification.Reason) outcome {
	return outcome{reason: reason, handOver: notification.HandOverNotSent}
}

func notSentRetryable(reason notification.Reason) outcome {
	return outcome{reason: reason, handOver: notification.HandOverNotSent, retryable: true}
}

func uncertain() outcome {
	return outcome{reason: notification.ReasonIOOutcomeUncertain, handOver: notification.HandOverUncertain}
}

// problemBody is an error as IO's functions write it, with a detail that repeats what was submitted.
func problemBody(status int, title string) string {
	return fmt.Sprintf(`{"detail":"value [%s] is not valid","status":%d,"title":%q}`, fiscalCode, status, title)
}

// apimBody is an error as IO's API gateway writes it.
func apimBody(status int, message string) string {
	return fmt.Sprintf(`{"statusCode":%d,"message":%q}`, status, message)
}

const html = "<!DOCTYPE html><html><body><h1>404 Not Found</h1><p>RSSMRA80A01H501U</p></body></html>"

func TestProfileAnswers(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		contentType, body string
		status            int
		profile           appio.Profile
	}{
		"allowed": {
			status: 200, contentType: jsonType, body: `{"sender_allowed":true,"preferred_languages":["it_IT","en_GB"]}`,
			profile: appio.Profile{Found: true, SenderAllowed: true, PreferredLanguages: []string{"it_IT", "en_GB"}},
		},
		"switched off": {
			status: 200, contentType: jsonType, body: `{"sender_allowed":false}`, profile: appio.Profile{Found: true},
		},
		"no languages and a field of tomorrow": {
			status: 200, contentType: jsonType, body: `{"sender_allowed":true,"preferred_languages":null,"new":{}}`,
			profile: appio.Profile{Found: true, SenderAllowed: true},
		},
		"a language of tomorrow, and what is none": {
			status: 200, contentType: jsonType, body: `{"sender_allowed":true,"preferred_languages":["sl_SI","` + fiscalCode + `"]}`,
			profile: appio.Profile{Found: true, SenderAllowed: true, PreferredLanguages: []string{"sl_SI"}},
		},
		"not on IO": {
			status: 404, contentType: problem, body: problemBody(404, "Profile not found"), profile: appio.Profile{},
		},
		"not on IO, without charset": {
			status: 404, contentType: "application/problem+json", body: problemBody(404, "Profile not found"), profile: appio.Profile{},
		},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			client, _ := answering(t, test.status, contentType(test.contentType), test.body)

			profile, err := client.Profile(t.Context(), key, fiscalCode)
			require.NoError(t, err)
			require.Equal(t, test.profile, profile)
		})
	}
}

// failingAnswer is one row of the error tables.
type failingAnswer struct {
	status   int
	header   http.Header
	body     string
	expected outcome
}

// commonFailures are those that mean the same to every call.
func commonFailures() map[string]failingAnswer {
	limited := apimBody(429, "Rate limit is exceeded. Try again in 3 seconds.")
	fault := notSentRetryable(notification.ReasonIORateLimited)
	limitedFor3s, limitedFor7s := fault, fault
	limitedFor3s.retryAfter = 3 * time.Second
	limitedFor7s.retryAfter = 7 * time.Second

	return map[string]failingAnswer{
		"401 of the API gateway": {
			401, contentType("application/json"),
			apimBody(401, "Access denied due to invalid subscription key."), notSent(notification.ReasonIOKeyRejected),
		},
		"401 without a body": {401, nil, "", notSent(notification.ReasonIOKeyRejected)},
		"403 of the group or the CIDR": {
			403, contentType(problem), problemBody(403, "You are not allowed here"), notSent(notification.ReasonIOForbidden),
		},
		"403 without a body": {403, nil, "", notSent(notification.ReasonIOForbidden)},
		"403 in HTML":        {403, contentType("text/html"), html, notSent(notification.ReasonIOForbidden)},
		"403 of the recipient": {
			403, contentType(problem), problemBody(403, "Recipient forbidden"), notSent(notification.ReasonIORecipientForbidden),
		},
		"403 that only resembles the recipient's": {
			403, contentType(problem), problemBody(403, "Recipient forbidden: "+fiscalCode), notSent(notification.ReasonIOForbidden),
		},
		"403 of the recipient, but not by IO": {
			403, contentType("application/json"), problemBody(403, "Recipient forbidden"), notSent(notification.ReasonIOForbidden),
		},
		"404 in HTML": {
			404, contentType("text/html; charset=utf-8"), html, notSentRetryable(notification.ReasonIOUnexpectedAnswer),
		},
		"404 without a body": {404, nil, "", notSentRetryable(notification.ReasonIOUnexpectedAnswer)},
		"404 of the API gateway": {
			404, contentType("application/json"), apimBody(404, "Resource not found"),
			notSentRetryable(notification.ReasonIOUnexpectedAnswer),
		},
		"404 in HTML that calls itself a problem": {
			404, contentType(problem), html, notSentRetryable(notification.ReasonIOUnexpectedAnswer),
		},
		"404 with a problem of another status": {
			404, contentType(problem), problemBody(500, "Profile not found"), notSentRetryable(notification.ReasonIOUnexpectedAnswer),
		},
		"404 with an empty object": {
			404, contentType(problem), `{}`, notSentRetryable(notification.ReasonIOUnexpectedAnswer),
		},
		"404 cut": {
			404, contentType(problem), `{"status":404,"title":"Profi`, notSentRetryable(notification.ReasonIOUnexpectedAnswer),
		},
		"404 without end": {
			404, contentType(problem), strings.Repeat(" ", 1<<20) + problemBody(404, "Profile not found"),
			notSentRetryable(notification.ReasonIOUnexpectedAnswer),
		},
		"408": {408, nil, "", notSentRetryable(notification.ReasonIOUnavailable)},
		"409": {409, nil, "", notSent(notification.ReasonIOUnexpectedAnswer)},
		"429 of the API gateway": {
			429, http.Header{"X-Rate-Limit-Retry-After": {"3"}, "Content-Type": {"application/json"}}, limited, limitedFor3s,
		},
		"429 with both headers": {
			429, http.Header{"X-Rate-Limit-Retry-After": {"3"}, "Retry-After": {"7"}}, limited, limitedFor3s,
		},
		"429 with the standard header": {429, http.Header{"Retry-After": {"7"}}, "", limitedFor7s},
		"429 with no header":           {429, nil, limited, fault},
	}
}

// serverFailures are the statuses after which a message may exist.
func serverFailures() map[string]failingAnswer {
	title := "Query error (TooManyRequests)"

	return map[string]failingAnswer{
		"500 of IO":             {status: 500, header: contentType(problem), body: problemBody(500, "Internal server error")},
		"500 of IO's database":  {status: 500, header: contentType(problem), body: problemBody(500, title)},
		"502 of a gateway":      {status: 502, header: contentType("text/html"), body: "<html>502 Bad Gateway</html>"},
		"503 of a gateway":      {status: 503},
		"504 of a gateway":      {status: 504, header: contentType("text/html"), body: "<html>504 Gateway Time-out</html>"},
		"a status beyond HTTP":  {status: 799},
		"500 with a large body": {status: 500, body: strings.Repeat("x", 1<<20)},
	}
}

func callProfile(t *testing.T, client *appio.Client) error {
	t.Helper()

	profile, err := client.Profile(t.Context(), key, fiscalCode)
	require.Equal(t, appio.Profile{}, profile)

	return err
}

func callSubmit(t *testing.T, client *appio.Client) error {
	t.Helper()

	id, err := client.Submit(t.Context(), key, simpleMessage())
	require.Empty(t, id)

	return err
}

func callStatus(t *testing.T, client *appio.Client) error {
	t.Helper()

	status, err := client.Status(t.Context(), key, fiscalCode, messageID)
	require.Equal(t, appio.MessageStatus{}, status)

	return err
}

func runFailures(t *testing.T, failures map[string]failingAnswer, call func(*testing.T, *appio.Client) error) {
	t.Helper()

	for name, test := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			client, requests := answering(t, test.status, test.header, test.body)
			err := call(t, client)
			requireOutcome(t, test.expected, test.status, err)
			require.Len(t, requests, 1, "one call is one request")
		})
	}
}

func TestProfileFailures(t *testing.T) {
	t.Parallel()

	failures := commonFailures()

	for name, failure := range serverFailures() {
		failure.expected = notSentRetryable(notification.ReasonIOUnavailable)
		failures[name] = failure
	}

	malformed := notSentRetryable(notification.ReasonIOUnexpectedAnswer)
	for name, body := range map[string]string{
		"200 empty": "", "200 in HTML": html, "200 cut": `{"sender_allowed":tr`, "200 null": "null",
		"200 without the answer": `{"preferred_languages":["it_IT"]}`, "200 with a word": `{"sender_allowed":"true"}`,
		"200 with null": `{"sender_allowed":null}`, "200 with an array": `[true]`,
		"200 with something behind": `{"sender_allowed":true}{}`,
		"200 without end":           `{"sender_allowed":true,"x":"` + strings.Repeat("x", 1<<20) + `"}`,
	} {
		failures[name] = failingAnswer{200, contentType(jsonType), body, malformed}
	}

	failures["204"] = failingAnswer{204, nil, "", notSent(notification.ReasonIOUnexpectedAnswer)}
	failures["400 of IO"] = failingAnswer{
		400, contentType(problem), problemBody(400, "Invalid fiscal code"), notSent(notification.ReasonFiscalCodeInvalid),
	}
	failures["400 of a gateway"] = failingAnswer{400, contentType("text/html"), html, notSent(notification.ReasonIOUnexpectedAnswer)}

	runFailures(t, failures, callProfile)
}

func TestSubmitFailures(t *testing.T) {
	t.Parallel()

	failures := commonFailures()

	for name, failure := range serverFailures() {
		failure.expected = uncertain()
		failures[name] = failure
	}

	for _, title := range []string{"Invalid message structure", "Bad parameters", "Error while sending payment metadata"} {
		failures["400 "+title] = failingAnswer{
			400, contentType(problem), problemBody(400, title), notSent(notification.ReasonIOMessageRefused),
		}
	}

	for _, title := range []string{
		"Production call forbidden", "Anonymous user", "User has no valid scopes",
		"No configuration id for remote content", "Not your configuration", "Attachments call forbidden",
	} {
		failures["403 "+title] = failingAnswer{403, contentType(problem), problemBody(403, title), notSent(notification.ReasonIOForbidden)}
	}

	failures["400 without a body"] = failingAnswer{400, nil, "", notSent(notification.ReasonIOMessageRefused)}
	failures["404 of the remote content"] = failingAnswer{
		404, contentType(problem), problemBody(404, "Remote Content Configuration NOT FOUND"), notSent(notification.ReasonIONotFound),
	}
	failures["413 of a gateway"] = failingAnswer{413, contentType("text/html"), html, notSent(notification.ReasonIOMessageRefused)}
	failures["422"] = failingAnswer{422, contentType(problem), "", notSent(notification.ReasonIOMessageRefused)}
	failures["200 with an id"] = failingAnswer{200, contentType(jsonType), `{"id":"` + messageID + `"}`, uncertain()}
	failures["202"] = failingAnswer{202, nil, "", uncertain()}
	failures["204"] = failingAnswer{204, nil, "", uncertain()}
	failures["200 of a captive portal"] = failingAnswer{200, contentType("text/html"), html, uncertain()}

	runFailures(t, failures, callSubmit)
}

// A 201 without an id: the message exists, nobody will ever know what became of it.
func TestSubmitCreatedWithoutID(t *testing.T) {
	t.Parallel()

	failures := map[string]failingAnswer{}
	expected := outcome{reason: notification.ReasonIOUnexpectedAnswer, handOver: notification.HandOverSent}

	for name, body := range map[string]string{
		"empty": "", "HTML": html, "cut": `{"id":"` + messageID, "null": "null", "no id": "{}", "null id": `{"id":null}`,
		"number": `{"id":1}`, "empty id": `{"id":""}`, "an id with a path": `{"id":"../profiles"}`,
		"an id with a newline": `{"id":"01HZX\n"}`, "an id without end": `{"id":"` + strings.Repeat("A", 65) + `"}`,
		"a body without end": strings.Repeat(" ", 1<<20) + `{"id":"` + messageID + `"}`,
	} {
		failures[name] = failingAnswer{201, contentType(jsonType), body, expected}
	}

	failures["a location that ends with the codice fiscale"] = failingAnswer{
		201, http.Header{"Location": {"/api/v1/messages/" + fiscalCode}}, "", expected,
	}

	runFailures(t, failures, callSubmit)
}

func TestSubmitTakesTheIDFromLocationWhereTheBodyIsCut(t *testing.T) {
	t.Parallel()

	location := http.Header{"Location": {"/api/v1/messages/" + fiscalCode + "/" + messageID}}
	client, _ := answering(t, http.StatusCreated, location, `{"id":"01HZX`)

	id, err := client.Submit(t.Context(), key, simpleMessage())
	require.NoError(t, err)
	require.Equal(t, messageID, id)
}

func TestSubmitTakesIDsThatAreNoULIDs(t *testing.T) {
	t.Parallel()

	client, _ := answering(t, http.StatusCreated, contentType(jsonType), `{"id":"0190b4f2-7c2e-7a55-9d3e-6f1a2b3c4d5e"}`)

	id, err := client.Submit(t.Context(), key, simpleMessage())
	require.NoError(t, err)
	require.Equal(t, "0190b4f2-7c2e-7a55-9d3e-6f1a2b3c4d5e", id)
}

func TestStatusAnswers(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		state appio.MessageStatusValue
		final bool
	}{
		"ACCEPTED":  {appio.MessageAccepted, false},
		"THROTTLED": {appio.MessageThrottled, false},
		"PROCESSED": {appio.MessageProcessed, true},
		"REJECTED":  {appio.MessageRejected, true},
		"FAILED":    {appio.MessageFailed, true},
		"ON_HOLD":   {appio.MessageStatusUnknown, false},
	}

	for word, test := range tests {
		t.Run(word, func(t *testing.T) {
			t.Parallel()

			body := fmt.Sprintf(`{"message":{"id":%q,"fiscal_code":%q,"time_to_live":3600,`+
				`"created_at":"2026-08-17T10:00:00.000Z","content":{"subject":%q,"markdown":%q},`+
				`"sender_service_id":"01HZX3T5Q8RVJ9K2M4N6P7S8TB","feature_level_type":"STANDARD"},"status":%q}`,
				messageID, fiscalCode, subject, strings.Repeat("è", 10_000), word)
			client, _ := answering(t, http.StatusOK, contentType(jsonType), body)

			status, err := client.Status(t.Context(), key, fiscalCode, messageID)
			require.NoError(t, err)
			require.Equal(t, appio.MessageStatus{State: test.state, Raw: word}, status)
			require.Equal(t, test.final, status.State.Final())
		})
	}
}

func TestStatusFailures(t *testing.T) {
	t.Parallel()

	failures := commonFailures()

	for name, failure := range serverFailures() {
		failure.expected = notSentRetryable(notification.ReasonIOUnavailable)
		failures[name] = failure
	}

	malformed := notSentRetryable(notification.ReasonIOUnexpectedAnswer)
	for name, body := range map[string]string{
		"200 empty": "", "200 in HTML": html, "200 cut": `{"status":"PROCESSED"`, "200 without a status": `{"message":{}}`,
		"200 with a number": `{"status":1}`, "200 with an empty status": `{"status":""}`,
		"200 with a status that is no word": `{"status":"` + fiscalCode + `"}`,
		"200 in lower case":                 `{"status":"processed"}`,
	} {
		failures[name] = failingAnswer{200, contentType(jsonType), body, malformed}
	}

	failures["400"] = failingAnswer{400, contentType(problem), problemBody(400, "x"), notSent(notification.ReasonIOUnexpectedAnswer)}
	failures["403 of another service's message"] = failingAnswer{
		403, contentType(problem), problemBody(403, "You are not allowed to read this message, you can only read messages that you have sent"),
		notSent(notification.ReasonIOForbidden),
	}
	failures["404 of IO"] = failingAnswer{
		404, contentType(problem), problemBody(404, "Message not found"), notSentRetryable(notification.ReasonIONotFound),
	}

	runFailures(t, failures, callStatus)
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()

	const date = "Mon, 17 Aug 2026 10:00:00 GMT"

	tests := map[string]struct {
		header   http.Header
		expected time.Duration
	}{
		"seconds":               {http.Header{"X-Rate-Limit-Retry-After": {"5"}}, 5 * time.Second},
		"zero":                  {http.Header{"X-Rate-Limit-Retry-After": {"0"}}, 0},
		"spaces":                {http.Header{"Retry-After": {" 5 "}}, 5 * time.Second},
		"a date":                {http.Header{"Date": {date}, "Retry-After": {"Mon, 17 Aug 2026 10:02:00 GMT"}}, 2 * time.Minute},
		"a date in IO's header": {http.Header{"Date": {date}, "X-Rate-Limit-Retry-After": {"Mon, 17 Aug 2026 10:02:00 GMT"}}, 2 * time.Minute},
		"a date gone by":        {http.Header{"Date": {date}, "Retry-After": {"Mon, 17 Aug 2026 09:00:00 GMT"}}, 0},
		"a date far off":        {http.Header{"Date": {date}, "Retry-After": {"Tue, 17 Aug 2027 10:00:00 GMT"}}, 10 * time.Minute},
		"a date gone by, measured by the own clock": {
			http.Header{"Date": {""}, "Retry-After": {"Mon, 02 Jan 2006 15:04:05 GMT"}}, 0,
		},
		"an hour":            {http.Header{"Retry-After": {"3600"}}, 10 * time.Minute},
		"more than fits":     {http.Header{"Retry-After": {"99999999999999999999999"}}, 10 * time.Minute},
		"negative":           {http.Header{"Retry-After": {"-5"}}, 0},
		"a fraction":         {http.Header{"Retry-After": {"1.5"}}, 0},
		"a word":             {http.Header{"Retry-After": {"soon"}}, 0},
		"IO's is a word":     {http.Header{"X-Rate-Limit-Retry-After": {"soon"}, "Retry-After": {"5"}}, 5 * time.Second},
		"milliseconds? none": {http.Header{"Retry-After": {"5000ms"}}, 0},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			client, _ := answering(t, http.StatusTooManyRequests, test.header, "")
			require.Equal(t, test.expected, deliveryError(t, callProfile(t, client)).RetryAfter)
		})
	}
}
