package telemetry

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
	"go.uber.org/zap"
)

// Temporal puts metrics and traces into the options of a client of Temporal's; its workers take them over. Spans follow a
// notification by a header of its workflow and activities, which adds no event to the history and names nothing but the trace.
func (t *Telemetry) Temporal(options *client.Options, log *zap.Logger) error {
	if metrics := t.Measures(); metrics != nil {
		handler, err := metrics.temporal(log)
		if err != nil {
			return err
		}

		options.MetricsHandler = handler
	}

	if tracing := t.Traces(); tracing != nil {
		follow, err := tracing.temporal()
		if err != nil {
			return err
		}

		options.Interceptors = append(options.Interceptors, follow)
	}

	return nil
}

// temporalSeconds are the bounds of what Temporal's SDK measures: calls of milliseconds, and tasks that wait for hours for
// their Ente's turn.
func temporalSeconds() []float64 {
	return []float64{0.005, 0.02, 0.1, 0.5, 1, 5, 30, 120, 600, 3600, 21600}
}

func (m *Metrics) temporal(log *zap.Logger) (client.MetricsHandler, error) {
	exporter, err := otelprometheus.New(
		otelprometheus.WithRegisterer(m.registry), otelprometheus.WithoutScopeInfo(), otelprometheus.WithoutTargetInfo(),
	)
	if err != nil {
		return nil, fmt.Errorf("preparing the metrics of Temporal's SDK: %w", err)
	}

	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter), sdkmetric.WithView(sdkmetric.NewView(
		sdkmetric.Instrument{Kind: sdkmetric.InstrumentKindHistogram},
		sdkmetric.Stream{Aggregation: sdkmetric.AggregationExplicitBucketHistogram{Boundaries: temporalSeconds()}},
	)))

	return opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter:                provider.Meter("temporal-sdk-go"),
		InitialAttributes:    attribute.NewSet(),
		OnError:              func(err error) { log.Warn("a metric of Temporal's SDK is not told", zap.Error(err)) },
		UseMonotonicCounters: true,
	}), nil
}

func (t *Tracing) temporal() (interceptor.Interceptor, error) {
	follow, err := opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
		Tracer: t.tracer,
		// The trace and nothing that a caller may have put beside it.
		TextMapPropagator: propagation.TraceContext{},
		DisableBaggage:    true,
		// A notification is asked for its state again and again by whoever looks at it.
		DisableQueryTracing: true,
		// What was started by a version without traces, or while they were off, goes on.
		AllowInvalidParentSpans: true,
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the traces of Temporal's SDK: %w", err)
	}

	return apartFromSchedules{follow}, nil
}

// apartFromSchedules follows everything but the making of schedules: their header would put every run, for ever, into the trace
// of the process that once made them.
type apartFromSchedules struct {
	interceptor.Interceptor
}

// InterceptClient is Temporal's hook.
func (a apartFromSchedules) InterceptClient(next interceptor.ClientOutboundInterceptor) interceptor.ClientOutboundInterceptor {
	following := &outboundApart{apart: next}
	following.Next = a.Interceptor.InterceptClient(next)

	return following
}

type outboundApart struct {
	interceptor.ClientOutboundInterceptorBase

	apart interceptor.ClientOutboundInterceptor
}

// CreateSchedule makes a schedule without a header.
func (o *outboundApart) CreateSchedule(
	ctx context.Context, in *interceptor.ScheduleClientCreateInput,
) (client.ScheduleHandle, error) {
	return o.apart.CreateSchedule(ctx, in) //nolint:wrapcheck // it only passes the call on.
}
