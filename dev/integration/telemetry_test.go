package integration_test

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// testTelemetry looks at what GeNIO tells of itself, once everything has happened.
func (h *house) testTelemetry(t *testing.T) {
	t.Parallel()

	t.Run("every outcome has its story", h.testEveryOutcomeIsTold)
	t.Run("metrics", h.testMetrics)
	t.Run("one trace", h.testOneTrace)
	t.Run("a line for each step", h.testStepsAreLogged)
}

// testEveryOutcomeIsTold: what follows proves something about all that the simulators can do.
func (h *house) testEveryOutcomeIsTold(t *testing.T) {
	t.Parallel()

	citizens, phones := map[simulator.CitizenOutcome]bool{}, map[phone]bool{}

	for _, story := range h.stories() {
		phones[story.phone] = true

		if story.code == "" {
			citizens[story.citizen] = true
		}
	}

	for _, known := range simulator.MagicCitizens() {
		require.True(t, citizens[known.Outcome], known.DescriptionEN)
	}

	for _, known := range simulator.MagicPhones() {
		require.True(t, phones[phone(known.Outcome)], known.DescriptionEN)
	}
}

func (h *house) metrics(t *testing.T) []byte {
	t.Helper()

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.Addresses.Admin+"/metrics", http.NoBody)
	require.NoError(t, err)

	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)

	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)

	return text
}

func (h *house) testMetrics(t *testing.T) {
	t.Parallel()

	text := string(h.metrics(t))

	for _, pattern := range []string{
		`genio_notifications_accepted_total\{ente_id="` + h.tenant.id + `"\} [1-9]`,
		`genio_notifications_settled_total\{channel="io",reason="io_delivered",status="delivered"\} [1-9]`,
		`genio_notifications_settled_total\{channel="",reason="io_key_rejected",status="failed"\} [1-9]`,
		`genio_hand_overs_total\{channel="io",outcome="uncertain",reason="io_outcome_uncertain"\} [1-9]`,
		`genio_hand_overs_total\{channel="sms",outcome="sent",reason=""\} [1-9]`,
		`genio_time_to_hand_over_seconds_count\{channel="io"\} [1-9]`,
		`genio_provider_calls_total\{operation="submitMessage",provider="io",status="201"\} [1-9]`,
		`genio_provider_calls_total\{operation="submitMessage",provider="io",status="none"\} [1-9]`,
		`genio_provider_calls_total\{operation="create_message",provider="twilio",status="201"\} [1-9]`,
		`genio_provider_calls_total\{operation="list_messages",provider="twilio",status="200"\} [1-9]`,
		`genio_io_refusals_total\{ente_id="` + h.tenant.id + `"\} [1-9]`,
		`genio_http_requests_total\{method="POST",route="/api/v1/notifications",status="202"\} [1-9]`,
		`genio_http_requests_total\{method="POST",route="/webhooks/twilio/status",status="204"\} [1-9]`,
		`genio_outbox_notifications \d`, `genio_outbox_age_seconds \d`, `genio_database_up 1`, `genio_temporal_up 1`,
		`genio_notifications_open\{status="on_hold"\} [1-9]`,
		`genio_queue_pollers\{task_queue="genio-io",task_type="activity"\} [1-9]`,
		`genio_queue_pollers\{task_queue="genio",task_type="workflow"\} [1-9]`,
		`genio_queue_backlog_tasks\{task_queue="genio-sms",task_type="activity"\} \d`,
		`temporal_activity_schedule_to_start_latency_seconds_count\{[^}]*task_queue="genio(-|_)io"[^}]*\} [1-9]`,
	} {
		require.Regexp(t, `(?m)^`+pattern, text)
	}
}

// testOneTrace follows a notification from the request that it came with to the calls that it led to.
func (h *house) testOneTrace(t *testing.T) {
	t.Parallel()

	names := map[string][]string{}

	for _, span := range h.spans.GetSpans() {
		trace := span.SpanContext.TraceID().String()
		names[trace] = append(names[trace], span.Name)
	}

	whole := []string{
		"POST /api/v1/notifications", "StartWorkflow:Notification", "RunWorkflow:Notification",
		"RunActivity:Prepare", "RunActivity:CheckProfile", "io getProfileByPOST", "RunActivity:SendToIO", "io submitMessage",
		"RunActivity:AwaitIODelivery", "io getMessage", "RunActivity:Settle",
	}

	require.True(t, slices.ContainsFunc(h.spans.GetSpans(), func(span tracetest.SpanStub) bool {
		told := names[span.SpanContext.TraceID().String()]
		missing := slices.ContainsFunc(whole, func(name string) bool { return !slices.Contains(told, name) })

		return span.Name == "RunWorkflow:"+workflows.NotificationWorkflow && !missing
	}), "no trace has %v", whole)
}

func (h *house) testStepsAreLogged(t *testing.T) {
	t.Parallel()

	var id string

	for _, execution := range h.workflows(t) {
		of, _ := workflows.IDOfNotification(execution.GetExecution().GetWorkflowId())
		if of != "" && h.reference(t.Context(), of) == "not on IO" {
			id = of
		}
	}

	require.NotEmpty(t, id)

	var steps []string

	for line := range bytes.SplitSeq(h.logged.all(), []byte("\n")) {
		told := string(line)
		step := regexp.MustCompile(`"step":"([a-z_]+)"`).FindStringSubmatch(told)

		if step != nil && strings.Contains(told, `"notification_id":"`+id+`"`) && strings.Contains(told, `"level":"info"`) {
			require.Contains(t, told, `"ente_id":"`)
			require.Contains(t, told, `"service_id":"`)

			steps = append(steps, step[1])
		}
	}

	// Their order is that of the parts which take them, and these do not wait for one another's lines.
	require.ElementsMatch(t, []string{"accepted", "started", "fallback", "hand_over", "delivery", "settled"}, steps)
}

// testErrorsTellNothing: what is wrong with a request is said by the names of its fields.
func (h *house) testErrorsTellNothing(t *testing.T) {
	t.Helper()

	wrong := orderFor(h.standard, "xxxaaa00a01h501x", "+393700000001x")
	h.secrets.addOrder(wrong)

	whole, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.Addresses.Public+"/api/v1/notifications",
		strings.NewReader(`{"service_id":"`+h.standard.id+`","recipient":{"fiscal_code":"xxxaaa00a01h501x","phone":"+393700000001x"},`+
			`"content":{"subject":"`+confidential+`","markdown":"`+confidential+`"}}`))
	require.NoError(t, err)
	whole.Header.Set("Authorization", "Bearer "+h.tenant.key)
	whole.Header.Set("Content-Type", "application/json")

	response, err := http.DefaultClient.Do(whole)
	require.NoError(t, err)

	told, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.GreaterOrEqual(t, response.StatusCode, http.StatusBadRequest)
	require.NotEmpty(t, told)
	require.Empty(t, h.secrets.foundIn(told))
}
