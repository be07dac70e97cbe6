package telemetry_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/genio-gateway/genio/telemetry"
)

const theirTrace = "0af7651916cd43dd8448eb211c80319c"

func traced(t *testing.T) (*telemetry.Telemetry, *tracetest.InMemoryExporter) {
	t.Helper()

	spans := tracetest.NewInMemoryExporter()
	tracing, err := telemetry.TraceTo(t.Context(), spans)
	require.NoError(t, err)

	return &telemetry.Telemetry{Metrics: telemetry.NewMetrics(), Tracing: tracing}, spans
}

// A trace goes from the request through what is started in the background to the provider, and knows templates only.
func TestOneTraceFromTheRequestToTheProvider(t *testing.T) {
	t.Parallel()

	all, spans := traced(t)
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/notifications/secret?of=citizen", http.NoBody)
	request.Header.Set("Traceparent", "00-"+theirTrace+"-b7ad6b7169203331-01")
	request.Header.Set("Tracestate", "vendor=secret")
	request.Header.Set("Baggage", "fiscal_code=secret")

	ctx, answered := all.Tracing.Served(request, "POST")
	later := telemetry.Carry(t.Context(), telemetry.Carried(ctx))

	answered("/api/v1/notifications/:id", http.StatusAccepted)

	_, ended := all.Calls(telemetry.ProviderIO)(later, "submitMessage")
	ended(http.StatusCreated)

	made := spans.GetSpans()
	require.Len(t, made, 2)
	require.Equal(t, []string{"POST /api/v1/notifications/:id", "io submitMessage"}, []string{made[0].Name, made[1].Name})
	require.Equal(t, made[0].SpanContext.TraceID(), made[1].SpanContext.TraceID())
	require.Equal(t, made[0].SpanContext.SpanID(), made[1].Parent.SpanID())

	// The caller's own trace is linked to, and nothing else of it taken over.
	require.NotEqual(t, theirTrace, made[0].SpanContext.TraceID().String())
	require.Len(t, made[0].Links, 1)
	require.Equal(t, theirTrace, made[0].Links[0].SpanContext.TraceID().String())
	require.NotContains(t, fmt.Sprintf("%+v", made), "secret")
}

func TestSpansOfFaults(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		status int
		code   codes.Code
	}{
		"none":   {0, codes.Error},
		"429":    {http.StatusTooManyRequests, codes.Error},
		"503":    {http.StatusServiceUnavailable, codes.Error},
		"404":    {http.StatusNotFound, codes.Unset},
		"answer": {http.StatusOK, codes.Unset},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			all, spans := traced(t)
			_, ended := all.Calls(telemetry.ProviderTwilio)(t.Context(), "create_message")
			ended(test.status)

			require.Equal(t, test.code, spans.GetSpans()[0].Status.Code)
		})
	}
}

func TestServerErrorsAreFaults(t *testing.T) {
	t.Parallel()

	all, spans := traced(t)
	_, answered := all.Tracing.Served(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody), "GET")
	answered("/*", http.StatusInternalServerError)
	require.Equal(t, codes.Error, spans.GetSpans()[0].Status.Code)
}

func TestCallsAreCounted(t *testing.T) {
	t.Parallel()

	all := telemetry.New()

	for _, status := range []int{http.StatusOK, http.StatusOK, 0} {
		_, ended := all.Calls(telemetry.ProviderIO)(t.Context(), "getProfileByPOST")
		ended(status)
	}

	text := told(t, all.Metrics)
	require.Contains(t, text, `genio_provider_calls_total{operation="getProfileByPOST",provider="io",status="200"} 2`)
	require.Contains(t, text, `genio_provider_calls_total{operation="getProfileByPOST",provider="io",status="none"} 1`)
	require.Contains(t, text, `genio_provider_call_seconds_count{provider="io"} 3`)
}

func TestWhatIsNoTraceIsNotCarried(t *testing.T) {
	t.Parallel()

	for _, carried := range []string{"", "nonsense", "00-00000000000000000000000000000000-0000000000000000-01"} {
		ctx := telemetry.Carry(t.Context(), carried)
		require.False(t, trace.SpanContextFromContext(ctx).IsValid(), carried)
	}
}

func TestWhatIsStartedApartIsFollowedByItself(t *testing.T) {
	t.Parallel()

	all, _ := traced(t)
	ctx, answered := all.Tracing.Served(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody), "POST")
	t.Cleanup(func() { answered("/*", http.StatusOK) })

	require.NotEmpty(t, telemetry.Carried(ctx))
	require.Empty(t, telemetry.Carried(telemetry.Apart(ctx)))
}

// FuzzCarry: whatever stands there, it never fails and gives no trace that is none.
func FuzzCarry(f *testing.F) {
	f.Add("")
	f.Add("00-" + theirTrace + "-b7ad6b7169203331-01")

	f.Fuzz(func(t *testing.T, carried string) {
		ctx := telemetry.Carry(t.Context(), carried)
		if named := trace.SpanContextFromContext(ctx); named.IsValid() {
			require.Contains(t, carried, named.TraceID().String())
		}
	})
}

// A collector that takes OTLP over HTTP gets the spans at the end at the latest.
func TestSpansAreExported(t *testing.T) {
	t.Parallel()

	paths := make(chan string, 1)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { paths <- r.URL.Path }))
	t.Cleanup(collector.Close)

	tracing, err := telemetry.OpenTracing(t.Context(), collector.URL+"/", "genio-test")
	require.NoError(t, err)

	_, answered := tracing.Served(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody), "GET")
	answered("/*", http.StatusOK)

	require.NoError(t, tracing.Close(t.Context()))
	require.Equal(t, "/v1/traces", <-paths)
}
