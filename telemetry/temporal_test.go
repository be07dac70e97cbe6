package telemetry_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/telemetry"
)

// outbound is the end of what a client passes through.
type outbound struct {
	interceptor.ClientOutboundInterceptorBase

	schedules int
}

func (o *outbound) CreateSchedule(context.Context, *interceptor.ScheduleClientCreateInput) (client.ScheduleHandle, error) {
	o.schedules++

	return nil, nil //nolint:nilnil // nobody uses it.
}

// A schedule would carry the trace of whoever made it into every run that it ever starts.
func TestSchedulesBelongToNoTrace(t *testing.T) {
	t.Parallel()

	all, spans := traced(t)

	var options client.Options

	require.NoError(t, all.Temporal(&options, zap.NewNop()))
	require.NotNil(t, options.MetricsHandler)
	require.Len(t, options.Interceptors, 1)
	require.Implements(t, (*interceptor.WorkerInterceptor)(nil), options.Interceptors[0])

	var end outbound

	follows := options.Interceptors[0].InterceptClient(&end)

	_, err := follows.CreateSchedule(t.Context(), &interceptor.ScheduleClientCreateInput{Options: &client.ScheduleOptions{ID: "fold"}})
	require.NoError(t, err)
	require.Equal(t, 1, end.schedules)
	require.Empty(t, spans.GetSpans())
}

func TestNobodyMeasuresTemporal(t *testing.T) {
	t.Parallel()

	var (
		nobody  *telemetry.Telemetry
		options client.Options
	)

	require.NoError(t, nobody.Temporal(&options, zap.NewNop()))
	require.Nil(t, options.MetricsHandler)
	require.Empty(t, options.Interceptors, "no header where there are no traces")
}

// What Temporal's SDK counts is told under names that Prometheus and the alarms know.
func TestMetricsOfTemporalsSDK(t *testing.T) {
	t.Parallel()

	all := telemetry.New()

	var options client.Options

	require.NoError(t, all.Temporal(&options, zap.NewNop()))

	tagged := options.MetricsHandler.WithTags(map[string]string{"task_queue": "genio-io", "workflow_type": "Notification"})
	tagged.Counter("temporal_workflow_task_execution_failed").Inc(2)
	tagged.Counter("temporal_request_failure").Inc(1)
	tagged.Timer("temporal_activity_schedule_to_start_latency").Record(2_000_000_000)
	tagged.Gauge("temporal_num_pollers").Update(3)

	text := told(t, all.Metrics)

	for _, line := range []string{
		`temporal_workflow_task_execution_failed_total{task_queue="genio-io",workflow_type="Notification"} 2`,
		`temporal_request_failure_total{task_queue="genio-io",workflow_type="Notification"} 1`,
		`temporal_activity_schedule_to_start_latency_seconds_bucket{task_queue="genio-io",workflow_type="Notification",le="1"} 0`,
		`temporal_activity_schedule_to_start_latency_seconds_bucket{task_queue="genio-io",workflow_type="Notification",le="5"} 1`,
		`temporal_num_pollers{task_queue="genio-io",workflow_type="Notification"} 3`,
	} {
		require.Contains(t, text, line)
	}
}
