package server_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/server"
)

// Whatever is posted, the answer is an acceptance or a problem, never a fault, and what is accepted is JSON that holds
// what the gateway was given.
func FuzzIntake(f *testing.F) {
	for _, seed := range []string{
		validBody, "", "{}", "[]", "null", `"\ud83d\ude00"`, `"\ud83d"`, `{"a":{"a":{"a":[1,2,{}]}}}`, `{"a":1,"a":2}`, "{}{}", "\xff", "1e999",
		`{"service_id":"\\u"}`, strings.Repeat("[", 3000), `{"content":{"payment":{"amount_cents":1.0}}}`, "\ufeff{}", `"\`, `{"\u0061":1,"a":2}`,
	} {
		f.Add([]byte(seed))
	}

	target := newTarget(f)

	f.Fuzz(func(t *testing.T, body []byte) {
		answered, submission := target.post(t, body, "")
		require.Less(t, answered.Code, http.StatusInternalServerError, answered.Body.String())
		require.True(t, json.Valid(answered.Body.Bytes()))

		if answered.Code != http.StatusAccepted {
			require.Equal(t, "application/problem+json", answered.Header().Get("Content-Type"))
			require.Equal(t, gateway.Submission{}, submission)

			return
		}

		var sent struct {
			Content struct{ Subject, Markdown string }
		}

		require.NoError(t, json.Unmarshal(body, &sent))
		require.True(t, utf8.Valid(body))
		require.Equal(t, sent.Content.Subject, submission.Content.Subject)
		require.Equal(t, sent.Content.Markdown, submission.Content.Markdown)
	})
}

// Whatever is posted as a bulk, the answer is a problem or has one result for each item, and the gateway was given as
// many items as were accepted.
func FuzzBulk(f *testing.F) {
	for _, seed := range []string{
		bulkOf(filledItem), bulkOf(filledItem, "{}", filledItem), bulkOf("null", "[]", `"x"`, "1e999"), bulkOf(), "{}", "[]", `{"items":null}`,
		bulkOf(validBody), bulkOf(`{"idempotency_key":"é"}`), bulkOf(strings.Repeat("{},", 1000) + "{}"), `{"items":[],"items":[]}`,
	} {
		f.Add([]byte(seed))
	}

	site := newTarget(f)

	f.Fuzz(func(t *testing.T, body []byte) {
		site.gateway.bulk = gateway.Bulk{}
		answered := site.postTo(t, bulkPath, "application/json", body)
		require.Less(t, answered.Code, http.StatusInternalServerError, answered.Body.String())

		if answered.Code != http.StatusAccepted {
			require.Equal(t, "application/problem+json", answered.Header().Get("Content-Type"))
			require.Empty(t, site.gateway.bulk.Items)

			return
		}

		var (
			sent     struct{ Items []json.RawMessage }
			received struct {
				Items              []bulkResult
				Accepted, Rejected int
			}
		)

		require.NoError(t, json.Unmarshal(body, &sent))
		require.NoError(t, json.Unmarshal(answered.Body.Bytes(), &received))
		require.Len(t, received.Items, len(sent.Items))
		require.Equal(t, len(sent.Items), received.Accepted+received.Rejected)
		require.Len(t, site.gateway.bulk.Items, received.Accepted)
	})
}

// Any Accept-Language is answered, in Italian or in English.
func FuzzAcceptLanguage(f *testing.F) {
	for _, seed := range []string{"", "it", "en-GB,en;q=0.9", "en;q=NaN", "en;q=1e400,it", ",,;;", "en;q=+Inf"} {
		f.Add(seed)
	}

	target := newTarget(f)

	f.Fuzz(func(t *testing.T, header string) {
		answered, _ := target.post(t, []byte("["), header)
		require.Equal(t, http.StatusBadRequest, answered.Code)
		require.Contains(t, []string{"it", "en"}, answered.Header().Get("Content-Language"))
	})
}

// target answers one input after the other.
type target struct {
	gateway *gatewayInMemory
	handler http.Handler
}

func newTarget(tb testing.TB) target {
	tb.Helper()

	memory := newGateway()
	built, err := server.New(server.Config{Gateway: memory, Log: zap.NewNop()})
	require.NoError(tb, err)

	return target{gateway: memory, handler: built.Handler()}
}

// postTo sends a body anywhere.
func (g target) postTo(tb testing.TB, path, mediaType string, body []byte) *httptest.ResponseRecorder {
	tb.Helper()

	request := httptest.NewRequestWithContext(tb.Context(), http.MethodPost, path, bytes.NewReader(body))
	request.Header["Authorization"] = []string{"Bearer " + knownKey}
	request.Header["Content-Type"] = []string{mediaType}

	answered := httptest.NewRecorder()
	g.handler.ServeHTTP(answered, request)

	return answered
}

func (g target) post(tb testing.TB, body []byte, language string) (*httptest.ResponseRecorder, gateway.Submission) {
	tb.Helper()

	g.gateway.submission = gateway.Submission{}

	request := httptest.NewRequestWithContext(tb.Context(), http.MethodPost, "/api/v1/notifications", bytes.NewReader(body))
	request.Header["Authorization"] = []string{"Bearer " + knownKey}
	request.Header["Content-Type"] = []string{"application/json"}
	request.Header["Accept-Language"] = []string{language}

	answered := httptest.NewRecorder()
	g.handler.ServeHTTP(answered, request)

	return answered, g.gateway.submission
}
