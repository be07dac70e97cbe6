package appio_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/notification"
)

// FuzzAnswers puts any answer before the calls and holds what they make of it against the rules that
// everything else relies on.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []struct {
		status           uint16
		kind, retryAfter string
		location, body   string
	}{
		{200, jsonType, "", "", `{"sender_allowed":true,"preferred_languages":["it_IT"],"status":"PROCESSED"}`},
		{201, jsonType, "", "/api/v1/messages/" + fiscalCode + "/" + messageID, `{"id":"` + messageID + `"}`},
		{404, problem, "", "", problemBody(404, "Profile not found")},
		{404, "text/html", "", "", html},
		{403, problem, "", "", problemBody(403, "Recipient forbidden")},
		{429, "application/json", "5", "", apimBody(429, "Rate limit is exceeded. Try again in 5 seconds.")},
		{503, "", "Mon, 17 Aug 2026 10:02:00 GMT", "", ""},
		{101, "", "-1", "", "\x00"},
		{
			200, jsonType, "", "",
			`{"value":[{"id":"01JQ","status":{"value":"approved"},"name":"Tributi","max_allowed_payment_amount":5}],"pagination":{"count":1}}`,
		},
		{200, jsonType, "", "", `{"primary_key":"0a1b","secondary_key":"2c3d"}`},
		{200, jsonType, "", "", `{"value":[null]}`},
		{999, "application/problem+json;", "99999999999999999999", "http://%zz", `{"status":999}`},
	} {
		f.Add(seed.status, seed.kind, seed.retryAfter, seed.location, []byte(seed.body))
	}

	f.Fuzz(func(t *testing.T, rawStatus uint16, kind, retryAfter, location string, body []byte) {
		status := int(rawStatus % 1000)
		header := http.Header{
			"Content-Type": {kind}, "X-Rate-Limit-Retry-After": {retryAfter}, "Retry-After": {retryAfter}, "Location": {location},
		}
		client := clientOf(t, appio.Config{
			BaseURL: "http://io.invalid",
			HTTPClient: &http.Client{Transport: roundTripper(func(request *http.Request) (*http.Response, error) {
				_, _ = io.Copy(io.Discard, request.Body)

				return &http.Response{
					StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), Request: request,
				}, nil
			})},
		})

		checkProfile(t, client, status)
		checkSubmit(t, client, status)
		checkStatus(t, client, status)
		checkManage(t, client, status)
	})
}

func checkProfile(t *testing.T, client *appio.Client, status int) {
	t.Helper()

	profile, err := client.Profile(t.Context(), key, fiscalCode)
	if err != nil {
		checkFailure(t, err)
		require.Equal(t, notification.HandOverNotSent, deliveryError(t, err).HandOver)

		return
	}

	require.Equal(t, profile.Found, status == http.StatusOK)
	require.Equal(t, !profile.Found, status == http.StatusNotFound)
}

func checkSubmit(t *testing.T, client *appio.Client, status int) {
	t.Helper()

	id, err := client.Submit(t.Context(), key, simpleMessage())
	if err == nil {
		require.Equal(t, http.StatusCreated, status)
		require.Regexp(t, `^[0-9A-Za-z_-]{1,64}$`, id)

		return
	}

	checkFailure(t, err)
	require.Empty(t, id)

	failure := deliveryError(t, err)
	if failure.HTTPStatus == 0 {
		require.Equal(t, notification.HandOverUncertain, failure.HandOver, "the body was read, no answer came")

		return
	}

	require.Equal(t, failure.HandOver == notification.HandOverNotSent, status >= 400 && status < 500)
	require.Equal(t, failure.HandOver == notification.HandOverSent, status == http.StatusCreated)
	require.Equal(t, failure.HandOver == notification.HandOverUncertain, failure.Reason == notification.ReasonIOOutcomeUncertain)
}

func checkStatus(t *testing.T, client *appio.Client, status int) {
	t.Helper()

	answer, err := client.Status(t.Context(), key, fiscalCode, messageID)
	if err == nil {
		require.Equal(t, http.StatusOK, status)
		require.Regexp(t, `^[A-Z_]{1,40}$`, answer.Raw)

		if answer.State != appio.MessageStatusUnknown {
			require.Equal(t, answer.Raw, string(answer.State))
		}

		return
	}

	checkFailure(t, err)
	require.Equal(t, notification.HandOverNotSent, deliveryError(t, err).HandOver)
}

func checkManage(t *testing.T, client *appio.Client, status int) {
	t.Helper()

	services, err := client.Services(t.Context(), key, 2, 0)
	if err != nil {
		checkFailure(t, err)
		require.Equal(t, notification.HandOverNotSent, deliveryError(t, err).HandOver)
	} else {
		require.Equal(t, http.StatusOK, status)
		require.LessOrEqual(t, len(services), 2)
	}

	for _, service := range services {
		require.Regexp(t, `^[0-9A-Za-z_-]{1,64}$`, service.ID)
		require.NotEmpty(t, service.Name)
		require.GreaterOrEqual(t, service.MaxPaymentCents, int64(0))
		require.Contains(t, []string{"", "draft", "submitted", "approved", "rejected", "deleted"}, service.Lifecycle)
	}

	keys, err := client.ServiceKeys(t.Context(), key, "01JQ")
	if err != nil {
		checkFailure(t, err)
		require.Empty(t, keys)
	} else {
		require.Equal(t, http.StatusOK, status)
		require.Regexp(t, `^[!-~]{1,256}$`, keys.Primary)
	}

	publication, err := client.ServicePublication(t.Context(), key, "01JQ")
	if err != nil {
		checkFailure(t, err)
	} else {
		require.Contains(t, []string{"published", "unpublished"}, publication)
	}
}

func checkFailure(t *testing.T, err error) {
	t.Helper()

	failure := deliveryError(t, err)
	require.True(t, strings.HasPrefix(string(failure.Reason), "io_") || failure.Reason == notification.ReasonFiscalCodeInvalid)
	require.GreaterOrEqual(t, failure.RetryAfter.Minutes(), 0.0)
	require.LessOrEqual(t, failure.RetryAfter.Minutes(), 10.0)
	requireNoPersonalData(t, err)
}
