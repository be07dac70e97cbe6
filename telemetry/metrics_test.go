package telemetry_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/telemetry"
)

// told is what Prometheus reads.
func told(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()

	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	require.Equal(t, http.StatusOK, answer.Code)

	return answer.Body.String()
}

func TestWhatIsCountedIsTold(t *testing.T) {
	t.Parallel()

	m := telemetry.NewMetrics()
	m.Accepted("ente-1", 2)
	m.Accepted("ente-1", 1)
	m.Accepted("ente-2", 0)
	m.Settled(notification.StatusDelivered, notification.ReasonIODelivered, notification.ChannelIO)
	m.HandedOver(notification.ChannelIO, notification.HandOverSent, "", time.Now().Add(-3*time.Second))
	m.HandedOver(notification.ChannelSMS, notification.HandOverSent, "", time.Time{})
	m.HandedOver(notification.ChannelIO, notification.HandOverUncertain, notification.ReasonIOOutcomeUncertain, time.Now())
	m.RefusedByIO("ente-1")
	m.Requested(telemetry.Request{Method: "GET", Route: "/api/v1/services", Kind: "api", Status: 200, Took: time.Millisecond})

	text := told(t, m)

	for _, line := range []string{
		`genio_notifications_accepted_total{ente_id="ente-1"} 3`,
		`genio_notifications_settled_total{channel="io",reason="io_delivered",status="delivered"} 1`,
		`genio_hand_overs_total{channel="io",outcome="sent",reason=""} 1`,
		`genio_hand_overs_total{channel="io",outcome="uncertain",reason="io_outcome_uncertain"} 1`,
		// Only what was sent, and for which it is known since when it waited.
		`genio_time_to_hand_over_seconds_bucket{channel="io",le="2"} 0`,
		`genio_time_to_hand_over_seconds_bucket{channel="io",le="5"} 1`,
		`genio_time_to_hand_over_seconds_count{channel="io"} 1`,
		`genio_io_refusals_total{ente_id="ente-1"} 1`,
		`genio_http_requests_total{method="GET",route="/api/v1/services",status="200"} 1`,
		`genio_http_request_seconds_count{kind="api"} 1`,
		"genio_build_info{",
		"go_goroutines ",
	} {
		require.Contains(t, text, line)
	}

	require.NotContains(t, text, "ente-2", "nothing of it was accepted")
	require.NotContains(t, text, `genio_time_to_hand_over_seconds_count{channel="sms"}`)
}

func TestNobodyTellsAnything(t *testing.T) {
	t.Parallel()

	var nobody *telemetry.Telemetry

	m := nobody.Measures()
	m.Accepted("ente", 1)
	m.Settled(notification.StatusDelivered, notification.ReasonIODelivered, notification.ChannelIO)
	m.HandedOver(notification.ChannelIO, notification.HandOverSent, "", time.Now())
	m.RefusedByIO("ente")
	m.Requested(telemetry.Request{})
	m.Read(telemetry.Readings{})
	m.Pool(nil)

	ctx, ended := nobody.Calls(telemetry.ProviderIO)(t.Context(), "submitMessage")
	ended(http.StatusCreated)
	require.Equal(t, t.Context(), ctx)

	require.NoError(t, nobody.Traces().Close(t.Context()))
	require.Empty(t, telemetry.Carried(ctx))
}

func TestReadingsAreReadForEachScrape(t *testing.T) {
	t.Parallel()

	waiting := 4
	m := telemetry.NewMetrics()
	m.Read(telemetry.Readings{
		Outbox: func(context.Context) (int, time.Time, error) { return waiting, time.Now().Add(-time.Minute), nil },
		Open: func(context.Context) (map[string]int, error) {
			return map[string]int{"on_hold": 2, "in_progress": 0}, nil
		},
		Queues: func(context.Context) ([]telemetry.Queue, error) {
			return []telemetry.Queue{{Name: "genio-io", Type: "activity", Backlog: 7, Age: time.Second, Pollers: 3}}, nil
		},
		Differences: func(context.Context) (map[string]int, error) { return map[string]int{"never_started": 1}, nil },
		Undone: func(context.Context) (map[string]time.Time, error) {
			return map[string]time.Time{"retention": time.Now().Add(-30 * time.Hour)}, nil
		},
	})

	text := told(t, m)

	for _, line := range []string{
		"genio_database_up 1", "genio_temporal_up 1", "genio_outbox_notifications 4", "genio_outbox_age_seconds 6",
		`genio_notifications_open{status="on_hold"} 2`, `genio_notifications_open{status="in_progress"} 0`,
		`genio_queue_backlog_tasks{task_queue="genio-io",task_type="activity"} 7`,
		`genio_queue_backlog_age_seconds{task_queue="genio-io",task_type="activity"} 1`,
		`genio_queue_pollers{task_queue="genio-io",task_type="activity"} 3`,
		`genio_reconciliation_difference{check="never_started"} 1`,
		`genio_upkeep_age_seconds{upkeep="retention"} 10800`,
	} {
		require.Contains(t, text, line)
	}

	waiting = 5

	require.Contains(t, told(t, m), "genio_outbox_notifications 5")
}

// What cannot be read is left out, and everything else is told.
func TestReadingsThatFail(t *testing.T) {
	t.Parallel()

	away := errors.New("away")
	m := telemetry.NewMetrics()
	m.Accepted("ente-1", 1)
	m.Read(telemetry.Readings{
		Outbox:      func(context.Context) (int, time.Time, error) { return 0, time.Time{}, away },
		Open:        func(context.Context) (map[string]int, error) { return nil, away },
		Queues:      func(context.Context) ([]telemetry.Queue, error) { return nil, away },
		Differences: func(context.Context) (map[string]int, error) { return nil, away },
		Undone:      func(context.Context) (map[string]time.Time, error) { return nil, away },
	})

	text := told(t, m)
	require.Contains(t, text, "genio_database_up 0")
	require.Contains(t, text, "genio_temporal_up 0")
	require.Contains(t, text, `genio_notifications_accepted_total{ente_id="ente-1"} 1`)

	for _, gone := range []string{"genio_outbox_", "genio_notifications_open", "genio_queue_", "genio_reconciliation_", "genio_upkeep_"} {
		require.NotContains(t, text, gone)
	}
}

func TestReadingsThatDoNotAnswerAreGivenUp(t *testing.T) {
	t.Parallel()

	m := telemetry.NewMetrics()
	m.Read(telemetry.Readings{Outbox: func(ctx context.Context) (int, time.Time, error) {
		<-ctx.Done()

		return 0, time.Time{}, ctx.Err()
	}})

	require.Contains(t, told(t, m), "genio_database_up 0")
}
