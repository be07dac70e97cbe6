package telemetry

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/telemetry/logfield"
)

// Served begins the span of a request that is answered here. A trace that the caller names is linked to and not gone on with:
// whether GeNIO records one is not for its callers to decide, nor what else travels with it. end is called with the template
// of the route, which names the span as the address never does, and with the answer's status.
func (t *Tracing) Served(r *http.Request, method string) (ctx context.Context, end func(route string, status int)) {
	if t == nil {
		return r.Context(), func(string, int) {}
	}

	theirs := propagation.TraceContext{}.Extract(context.Background(), propagation.HeaderCarrier(r.Header))
	options := []trace.SpanStartOption{
		trace.WithNewRoot(),
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("http.request.method", method)),
	}

	if named := trace.SpanContextFromContext(theirs); named.IsValid() {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: named.WithTraceState(trace.TraceState{})}))
	}

	ctx, span := t.start(r.Context(), method, options...)

	return ctx, func(route string, status int) {
		span.SetName(method + " " + route)
		span.SetAttributes(attribute.String("http.route", route), attribute.Int("http.response.status_code", status))

		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}

		span.End()
	}
}

// TraceID names the trace of a context in the log, if there is one.
func TraceID(ctx context.Context) zap.Field {
	if told := trace.SpanContextFromContext(ctx); told.IsValid() {
		return zap.Stringer(logfield.TraceID, told.TraceID())
	}

	return zap.Skip()
}
