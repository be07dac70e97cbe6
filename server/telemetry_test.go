package server_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/genio-gateway/genio/server"
	"github.com/genio-gateway/genio/telemetry"
)

// Requests are measured and followed by the templates of their routes, whatever stands in their addresses.
func TestRequestsAreMeasuredAndFollowed(t *testing.T) {
	t.Parallel()

	spans := tracetest.NewInMemoryExporter()
	tracing, err := telemetry.TraceTo(t.Context(), spans)
	require.NoError(t, err)

	all := &telemetry.Telemetry{Metrics: telemetry.NewMetrics(), Tracing: tracing}
	site := newSite(t, func(config *server.Config) { config.Telemetry = all })

	for _, c := range []call{
		{method: "GET", path: "/api/v1/notifications/" + sentinel},
		{method: "GET", path: "/api/v1/" + sentinel},
		{method: sentinel, path: "/api/v1/services"},
		{method: "GET", path: "/" + sentinel},
		{method: "GET", path: "/healthz"},
	} {
		site.send(c)
	}

	answer := httptest.NewRecorder()
	all.Metrics.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))

	text := answer.Body.String()
	require.Contains(t, text, `genio_http_requests_total{method="GET",route="/api/v1/notifications/:id",status="404"} 1`)
	require.Contains(t, text, `genio_http_requests_total{method="GET",route="/healthz",status="200"} 1`)
	require.Contains(t, text, `genio_http_request_seconds_count{kind="api"} 3`)
	require.Contains(t, text, `genio_http_request_seconds_count{kind="page"} 1`)
	require.NotContains(t, text, sentinel)

	made := spans.GetSpans()
	require.Len(t, made, 5)
	require.Equal(t, "GET /api/v1/notifications/:id", made[0].Name)

	for _, span := range made {
		require.NotContains(t, span.Name, sentinel)

		for _, told := range span.Attributes {
			require.NotContains(t, told.Value.String(), sentinel)
		}
	}

	traces := 0

	for _, line := range site.logs.FilterMessage("request").All() {
		if line.ContextMap()["trace_id"] == made[0].SpanContext.TraceID().String() {
			traces++
		}
	}

	require.Equal(t, 1, traces, "the access log names the trace")
}
