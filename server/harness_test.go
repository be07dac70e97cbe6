package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/genio-gateway/genio/server"
)

// site is a server under test, over real HTTP.
type site struct {
	t       *testing.T
	gateway *gatewayInMemory
	url     string
	logs    *observer.ObservedLogs
	routes  routers.Router
}

func newSite(t *testing.T, change ...func(*server.Config)) *site {
	t.Helper()

	core, logs := observer.New(zap.DebugLevel)
	gateway := newGateway()
	config := server.Config{Gateway: gateway, Log: zap.New(core)}

	for _, apply := range change {
		apply(&config)
	}

	built, err := server.New(config)
	require.NoError(t, err)

	listening := httptest.NewServer(built.Handler())
	t.Cleanup(listening.Close)

	routes, err := contractRoutes()
	require.NoError(t, err)

	return &site{t: t, gateway: gateway, url: listening.URL, logs: logs, routes: routes}
}

// contractRoutes finds the operation of a call; read once, since reading takes longer than a test.
//
//nolint:gochecknoglobals // a cache
var contractRoutes = sync.OnceValues(func() (routers.Router, error) {
	contract, err := server.Contract("")
	if err != nil {
		return nil, fmt.Errorf("reading the contract: %w", err)
	}

	contract.Servers = openapi3.Servers{{URL: "/api/v1"}}

	return gorillamux.NewRouter(contract)
})

// call is a request; with the known key and as JSON unless it says otherwise.
type call struct {
	method, path, body string
	header             map[string]string
	anonymous          bool
}

// answer is a response, read.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()

	var decoded map[string]any

	require.NoError(t, json.Unmarshal([]byte(a.body), &decoded), a.body)

	return decoded
}

// send makes the call and checks the answer against the contract, whatever it is.
func (s *site) send(c call) answer {
	s.t.Helper()

	request := s.request(c)

	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)

	got := read(s.t, response)
	s.keepsContract(request, response, []byte(got.body))

	return got
}

func read(t *testing.T, response *http.Response) answer {
	t.Helper()

	defer func() { require.NoError(t, response.Body.Close()) }()

	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)

	return answer{status: response.StatusCode, header: response.Header, body: string(body)}
}

func (s *site) request(c call) *http.Request {
	s.t.Helper()

	request, err := http.NewRequestWithContext(s.t.Context(), c.method, s.url+c.path, strings.NewReader(c.body))
	require.NoError(s.t, err)

	if !c.anonymous {
		request.Header.Set("Authorization", "Bearer "+knownKey)
	}

	if c.body != "" {
		request.Header.Set("Content-Type", "application/json")
	}

	for name, value := range c.header {
		request.Header.Set(name, value)
	}

	return request
}

func (s *site) keepsContract(request *http.Request, response *http.Response, body []byte) {
	s.t.Helper()

	route, parameters, err := s.routes.FindRoute(request)
	if err != nil {
		return // outside the contract
	}

	require.NoError(s.t, openapi3filter.ValidateResponse(s.t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, PathParams: parameters, Route: route},
		Status:                 response.StatusCode,
		Header:                 response.Header,
		Body:                   io.NopCloser(bytes.NewReader(body)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}), "%s %s answered %d: %s", request.Method, request.URL.Path, response.StatusCode, body)
	require.Equal(s.t, "no-store", response.Header.Get("Cache-Control"))
	require.NotEmpty(s.t, response.Header.Get("X-Request-Id"))
}

// filled is a path of the contract with something that exists.
func filled(path string) string {
	return strings.NewReplacer("{id}", knownID, "{number}", "2").Replace(path)
}

// fieldErrors are the fields of a problem with their rules.
func (a answer) fieldErrors(t *testing.T) map[string]string {
	t.Helper()

	var problem struct {
		Errors []struct{ Field, Code, Message, Messaggio string } `json:"errors"`
	}

	require.NoError(t, json.Unmarshal([]byte(a.body), &problem))

	found := map[string]string{}

	for _, one := range problem.Errors {
		require.NotEmpty(t, one.Message)
		require.NotEmpty(t, one.Messaggio)
		require.NotContains(t, found, one.Field, "one error for each field")
		found[one.Field] = one.Code
	}

	return found
}

const validBody = `{
  "service_id": "01934f3e-6c1a-7d52-9c3b-5b8f2f1f4a10",
  "external_reference": "TARI-2026-000123",
  "recipient": {"fiscal_code": "RSSMRA80A01H501U", "phone": "+393331234567"},
  "content": {
    "subject": "Avviso di pagamento TARI 2026",
    "markdown": "È disponibile l'avviso di pagamento della tassa sui rifiuti per il 2026, che può pagare dall'app IO.",
    "due_date": "2026-12-31T23:59:59+01:00",
    "payment": {
      "notice_number": "301000000000012345", "amount_cents": 12350, "invalid_after_due_date": true, "payee_fiscal_code": "01234567897"
    },
    "sms_text": "Comune di Esempio: avviso TARI 2026 disponibile."
  },
  "priority": "urgent",
  "send_at": "2026-12-01T09:00:00+01:00",
  "expires_at": "2026-12-31T22:59:59Z"
}`

// with is the valid body with one part replaced.
func with(t *testing.T, old, replacement string) string {
	t.Helper()
	require.Contains(t, validBody, old)

	return strings.Replace(validBody, old, replacement, 1)
}
