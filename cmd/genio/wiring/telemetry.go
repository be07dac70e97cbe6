package wiring

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/telemetry"
	"github.com/genio-gateway/genio/worker"
)

// Traces says where traces go. What else OpenTelemetry's environment variables say, as OTEL_TRACES_SAMPLER, holds too.
type Traces struct {
	//nolint:lll // a tag has one line
	Endpoint string `env:"OTEL_EXPORTER_OTLP_ENDPOINT" help:"OTLP/HTTP endpoint that takes traces, such as http://127.0.0.1:4318; empty: none are made."`
}

// exportPatience bounds the export of the last traces.
const exportPatience = 5 * time.Second

// Telemetry is that of a process; service is its name in traces. closing exports what is left.
func (t Traces) Telemetry(ctx context.Context, service string, log *zap.Logger) (told *telemetry.Telemetry, closing func(), err error) {
	told = telemetry.New()
	if t.Endpoint == "" {
		return told, func() {}, nil
	}

	if told.Tracing, err = telemetry.OpenTracing(ctx, t.Endpoint, service); err != nil {
		return nil, nil, fmt.Errorf("preparing traces: %w", err)
	}

	// It would write to the standard error output, past the log.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces not exported", zap.Error(err)) }))

	return told, func() {
		patience, done := context.WithTimeout(context.WithoutCancel(ctx), exportPatience)
		defer done()

		if err := told.Tracing.Close(patience); err != nil {
			log.Warn("traces not exported", zap.Error(err))
		}
	}, nil
}

// outboxCounted bounds the count of what waits in the outbox; more would say nothing new.
const outboxCounted = 100_000

// Readings are what a server tells of the database and of Temporal with each scrape.
func Readings(store *db.Store, temporal client.Client, namespace string) telemetry.Readings {
	return telemetry.Readings{
		Outbox: func(ctx context.Context) (int, time.Time, error) {
			state, err := store.Outbox(ctx, outboxCounted)

			return state.Size, state.Oldest, err //nolint:wrapcheck // it is told as a gauge.
		},
		Open: func(ctx context.Context) (map[string]int, error) {
			counts, err := store.OpenByStatus(ctx)
			open := make(map[string]int, len(counts))

			for status, count := range counts {
				open[string(status)] = count
			}

			return open, err //nolint:wrapcheck // as above.
		},
		Queues:      worker.Queues{Temporal: temporal, Namespace: namespace}.Look,
		Differences: func(ctx context.Context) (map[string]int, error) { return differences(ctx, store) },
		Undone:      func(ctx context.Context) (map[string]time.Time, error) { return undone(ctx, store) },
	}
}

// undone is since when retention and reconciliation have not been done.
func undone(ctx context.Context, store *db.Store) (map[string]time.Time, error) {
	done, err := store.Upkeep(ctx)
	if err != nil {
		return nil, err //nolint:wrapcheck // it is told as a gauge.
	}

	since := map[string]time.Time{}

	for name, at := range map[string]time.Time{"retention": done.Retention, "reconciliation": done.Reconciliation} {
		if !at.IsZero() {
			since[name] = at
		}
	}

	return since, nil
}

// reconciliationsRead is enough to find one that has ended: two are never under way at the same time.
const reconciliationsRead = 2

// differences are those of the last reconciliation that has ended.
func differences(ctx context.Context, store *db.Store) (map[string]int, error) {
	run, ended, err := lastReconciliation(ctx, store)
	if err != nil || !ended {
		return nil, err
	}

	found := make(map[string]int, len(run.Results))
	for _, result := range run.Results {
		found[string(result.Check)] = result.Difference
	}

	return found, nil
}

// lastReconciliation is the last one that has ended; false where none has.
func lastReconciliation(ctx context.Context, store *db.Store) (run notification.Reconciliation, found bool, err error) {
	runs, err := store.Reconciliations(ctx, reconciliationsRead)
	if err != nil {
		return notification.Reconciliation{}, false, fmt.Errorf("reading the last reconciliation: %w", err)
	}

	for _, run := range runs {
		if !run.EndedAt.IsZero() {
			return run, true, nil
		}
	}

	return notification.Reconciliation{}, false, nil
}
