package telemetry

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// The providers.
const (
	ProviderIO     = "io"
	ProviderTwilio = "twilio"
)

// noAnswer is the status of a call to which no answer came.
const noAnswer = "none"

// Watch is told of each call to a provider as it begins, by the name of its operation. It gives the context to make the call
// in, and what to call with the answer's HTTP status; 0: none came.
type Watch func(ctx context.Context, operation string) (calling context.Context, ended func(status int))

// Calls watches the calls to a provider. Their addresses hold recipients, so that neither a metric nor a span knows them;
// nor does a provider learn the trace.
func (t *Telemetry) Calls(provider string) Watch {
	metrics, tracing := t.Measures(), t.Traces()

	return func(ctx context.Context, operation string) (context.Context, func(int)) {
		begin := time.Now()
		ctx, span := tracing.start(ctx, provider+" "+operation, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
			attribute.String("peer.service", provider), attribute.String("rpc.method", operation)))

		return ctx, func(status int) {
			metrics.called(provider, operation, status, time.Since(begin))

			if status != 0 {
				span.SetAttributes(attribute.Int("http.response.status_code", status))
			}

			if status == 0 || status >= http.StatusInternalServerError || status == http.StatusTooManyRequests {
				span.SetStatus(codes.Error, "")
			}

			span.End()
		}
	}
}

func (m *Metrics) called(provider, operation string, status int, took time.Duration) {
	if m == nil {
		return
	}

	told := noAnswer
	if status != 0 {
		told = strconv.Itoa(status)
	}

	m.calls.WithLabelValues(provider, operation, told).Inc()
	m.callSeconds.WithLabelValues(provider).Observe(took.Seconds())
}
