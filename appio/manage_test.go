package appio_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/notification"
)

const (
	serviceOnIO = "01JQ8Z6M3T5V7W9X1Y2A3B4C5D"

	listedService = `{"id":"` + serviceOnIO + `","status":{"value":"approved"},"last_update":1767225600,"name":" Tributi ",
		"description":"Avvisi","organization":{"name":"Comune","fiscal_code":"80000000002"},"max_allowed_payment_amount":100000,
		"metadata":{"scope":"LOCAL"},"something_new":{"x":[1]}}`
	draftService = `{"id":"S2","status":{"value":"a new word"},"name":"Biblioteca"}`
)

func TestServicesOnTheWire(t *testing.T) {
	t.Parallel()

	client, requests := answering(t, http.StatusOK, contentType(jsonType),
		`{"value":[`+listedService+`,`+draftService+`],"pagination":{"offset":50,"limit":50,"count":2}}`)

	services, err := client.Services(t.Context(), key, 50, 100)
	require.NoError(t, err)
	require.Equal(t, []appio.Service{
		{ID: serviceOnIO, Name: "Tributi", Lifecycle: "approved", MaxPaymentCents: 100_000}, {ID: "S2", Name: "Biblioteca"},
	}, services)

	request := <-requests
	require.Equal(t, http.MethodGet, request.method)
	require.Equal(t, "/api/v1/manage/services", request.path)
	require.Equal(t, "limit=50&offset=100", request.query)
	require.Empty(t, request.body)
	requireHeaders(t, request.header)
}

func TestServiceKeysOnTheWire(t *testing.T) {
	t.Parallel()

	client, requests := answering(t, http.StatusOK, contentType(jsonType), `{"primary_key":"one","secondary_key":"two"}`)

	keys, err := client.ServiceKeys(t.Context(), key, serviceOnIO)
	require.NoError(t, err)
	require.Equal(t, notification.ServiceKeys{Primary: "one", Secondary: "two"}, keys)

	request := <-requests
	require.Equal(t, http.MethodGet, request.method)
	require.Equal(t, "/api/v1/manage/services/"+serviceOnIO+"/keys", request.path)
	requireHeaders(t, request.header)
}

func TestServicePublicationOnTheWire(t *testing.T) {
	t.Parallel()

	client, requests := answering(t, http.StatusOK, contentType(jsonType), `{"status":"published"}`)

	publication, err := client.ServicePublication(t.Context(), key, serviceOnIO)
	require.NoError(t, err)
	require.Equal(t, appio.Published, publication)
	require.Equal(t, "/api/v1/manage/services/"+serviceOnIO+"/release", (<-requests).path)

	client, _ = answering(t, http.StatusNotFound, contentType(problem), problemBody(404, "Not found"))
	publication, err = client.ServicePublication(t.Context(), key, serviceOnIO)
	require.NoError(t, err)
	require.Equal(t, appio.Unpublished, publication, "it was never published")
}

func TestRefusalsOfTheManageAPI(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		status     int
		header     http.Header
		body       string
		reason     notification.Reason
		retryable  bool
		retryAfter time.Duration
	}{
		"key not in force": {401, contentType("application/json"), apimBody(401, "Access denied"), notification.ReasonIOKeyRejected, false, 0},
		"no manage key":    {403, contentType(problem), problemBody(403, "You are not allowed here"), notification.ReasonIOForbidden, false, 0},
		"too many": {
			429,
			http.Header{"Content-Type": {"application/json"}, "X-Rate-Limit-Retry-After": {"3"}},
			apimBody(429, "Rate limit"),
			notification.ReasonIORateLimited, true, 3 * time.Second,
		},
		"throttled inside": {500, contentType(problem), problemBody(500, "Query error"), notification.ReasonIOUnavailable, true, 0},
		"a gateway":        {502, contentType("text/html"), html, notification.ReasonIOUnavailable, true, 0},
		"a lost address":   {404, contentType("text/html"), html, notification.ReasonIOUnexpectedAnswer, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			client, _ := answering(t, test.status, test.header, test.body)

			_, listing := client.Services(t.Context(), key, 50, 0)
			_, keys := client.ServiceKeys(t.Context(), key, serviceOnIO)
			_, publication := client.ServicePublication(t.Context(), key, serviceOnIO)

			for _, err := range []error{listing, keys, publication} {
				failure := deliveryError(t, err)
				require.Equal(t, test.reason, failure.Reason)
				require.Equal(t, test.retryable, failure.Retryable)
				require.Equal(t, test.retryAfter, failure.RetryAfter)
				require.Equal(t, notification.HandOverNotSent, failure.HandOver)
				require.NotContains(t, err.Error(), key)
			}
		})
	}
}

func TestAnswersOfTheManageAPIThatAreNone(t *testing.T) {
	t.Parallel()

	for name, body := range map[string]string{
		"no JSON": "{", "no list": `{}`, "null": `{"value":null}`, "no service": `{"value":[null]}`,
		"too many":              `{"value":[` + draftService + `,` + draftService + `,` + draftService + `]}`,
		"no id":                 `{"value":[{"name":"Tributi"}]}`,
		"an id that is none":    `{"value":[{"id":"../keys","name":"Tributi"}]}`,
		"no name":               `{"value":[{"id":"S1","name":" "}]}`,
		"an endless name":       `{"value":[{"id":"S1","name":"` + strings.Repeat("x", 1001) + `"}]}`,
		"a negative ceiling":    `{"value":[{"id":"S1","name":"Tributi","max_allowed_payment_amount":-1}]}`,
		"a key with a line end": `{"primary_key":"one\n","secondary_key":"two"}`,
		"an endless key":        `{"primary_key":"` + strings.Repeat("k", 257) + `","secondary_key":"two"}`,
		"a wrong second key":    `{"primary_key":"one","secondary_key":"t w o"}`,
		"another word":          `{"status":"visible"}`,
		"larger than any":       `{"value":[` + strings.Repeat(" ", 4<<20) + `]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			client, _ := answering(t, http.StatusOK, contentType(jsonType), body)

			_, listing := client.Services(t.Context(), key, 2, 0)
			_, keys := client.ServiceKeys(t.Context(), key, serviceOnIO)
			_, publication := client.ServicePublication(t.Context(), key, serviceOnIO)

			for _, err := range []error{listing, keys, publication} {
				failure := deliveryError(t, err)
				require.Equal(t, notification.ReasonIOUnexpectedAnswer, failure.Reason)
				require.True(t, failure.Retryable)
			}
		})
	}
}

func TestNoServiceIsAskedAboutThatCannotBeOne(t *testing.T) {
	t.Parallel()

	client, requests := answering(t, http.StatusOK, contentType(jsonType), `{}`)

	for _, id := range []string{"", "../x", "a/b", "a?b", "à", strings.Repeat("x", 65)} {
		_, err := client.ServiceKeys(t.Context(), key, id)
		require.Equal(t, notification.ReasonIONotFound, deliveryError(t, err).Reason)
		require.ErrorIs(t, err, appio.ErrServiceIDMalformed)
	}

	require.Empty(t, requests)
}
