package telemetry

import (
	"context"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// instrumentation names who makes the spans.
const instrumentation = "github.com/genio-gateway/genio/telemetry"

// tracesPath is where OTLP/HTTP takes traces, below the collector's endpoint (OpenTelemetry, "OTLP Exporter Configuration").
const tracesPath = "/v1/traces"

// Tracing makes spans. A nil one makes none, at no cost: then no workflow's header names a trace either.
type Tracing struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// OpenTracing sends spans to an OTLP/HTTP endpoint, such as http://127.0.0.1:4318. Everything else, such as the sampler,
// follows the environment variables that OpenTelemetry defines. service names the process; OTEL_SERVICE_NAME goes before.
func OpenTracing(ctx context.Context, endpoint, service string) (*Tracing, error) {
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(strings.TrimRight(endpoint, "/")+tracesPath))
	if err != nil {
		return nil, fmt.Errorf("preparing the export of traces: %w", err)
	}

	return newTracing(ctx, service, sdktrace.WithBatcher(exporter))
}

// TraceTo hands each span to the exporter as soon as it ends: for tests.
func TraceTo(ctx context.Context, exporter sdktrace.SpanExporter) (*Tracing, error) {
	return newTracing(ctx, "genio", sdktrace.WithSyncer(exporter))
}

func newTracing(ctx context.Context, service string, to sdktrace.TracerProviderOption) (*Tracing, error) {
	described, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", service)), resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("describing the process to traces: %w", err)
	}

	provider := sdktrace.NewTracerProvider(to, sdktrace.WithResource(described))

	return &Tracing{provider: provider, tracer: provider.Tracer(instrumentation)}, nil
}

// Close exports what is left.
func (t *Tracing) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}

	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("exporting the last traces: %w", err)
	}

	return nil
}

// start begins a span.
func (t *Tracing) start(
	ctx context.Context, name string, options ...trace.SpanStartOption,
) (context.Context, trace.Span) {
	if t == nil {
		return ctx, noop.Span{}
	}

	return t.tracer.Start(ctx, name, options...) //nolint:spancheck // the caller ends it.
}

// Carried is the trace that a context belongs to in its W3C form, for what goes on with it in the background; empty: none.
func Carried(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)

	return carrier[traceparent]
}

const traceparent = "traceparent"

// Apart leaves the trace of a context: what is started from there is followed by itself. A batch would otherwise make one
// trace of 100,000 notifications.
func Apart(ctx context.Context) context.Context {
	return trace.ContextWithSpanContext(ctx, trace.SpanContext{})
}

// Carry goes on with a trace that Carried gave; anything else begins none.
func Carry(ctx context.Context, carried string) context.Context {
	if carried == "" {
		return ctx
	}

	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{traceparent: carried})
}
