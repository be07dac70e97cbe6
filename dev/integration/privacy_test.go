package integration_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/genio-gateway/genio/workflows"
)

// Limits of a workflow's history: those of the cheapest ways, and of one that waits for both channels' time to end.
const (
	maxEventsByIO     = 26
	maxEventsBySMS    = 28
	maxEventsTimedOut = 40
)

// testPrivacy looks for personal data and keys wherever they may not be, once everything has happened.
func (h *house) testPrivacy(t *testing.T) {
	t.Parallel()

	t.Run("histories", func(t *testing.T) {
		t.Parallel()

		known := h.workflows(t)
		require.GreaterOrEqual(t, len(known), len(h.stories())+burst)

		for _, execution := range known {
			told := h.everythingAbout(t, execution)
			require.Empty(t, h.secrets.foundIn(told), execution.GetExecution().GetWorkflowId())

			// What has to be there is found, so that what may not be there would be.
			id, isNotification := workflows.IDOfNotification(execution.GetExecution().GetWorkflowId())
			if isNotification {
				require.True(t, bytes.Contains(told, []byte(`{"id":"`+id)), id)
			}
		}
	})

	t.Run("logs", func(t *testing.T) {
		t.Parallel()

		logged := h.logged.all()
		require.Empty(t, h.secrets.foundIn(logged))
		require.True(t, bytes.Contains(logged, []byte("/api/v1/notifications")), "the access log")
		require.True(t, bytes.Contains(logged, []byte(`"logger":"temporal"`)), "the log of Temporal's SDK")
	})

	t.Run("metrics", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, h.secrets.foundIn(h.metrics(t)))
	})

	t.Run("spans", func(t *testing.T) {
		t.Parallel()

		spans, err := json.Marshal(h.spans.GetSpans().Snapshots())
		require.NoError(t, err)
		require.Empty(t, h.secrets.foundIn(spans))
		require.Empty(t, h.secrets.foundIn(fmt.Appendf(nil, "%+v", h.spans.GetSpans())))
	})

	t.Run("errors of the API", func(t *testing.T) {
		t.Parallel()
		h.testErrorsTellNothing(t)
	})

	t.Run("files", func(t *testing.T) {
		t.Parallel()

		for _, pattern := range []string{"genio.db*", "temporal.db*"} {
			files, err := filepath.Glob(filepath.Join(h.data, pattern))
			require.NoError(t, err)
			require.NotEmpty(t, files)

			for _, file := range files {
				stored, err := os.ReadFile(file)
				require.NoError(t, err)
				require.Empty(t, h.secrets.foundIn(stored), filepath.Base(file))
			}
		}
	})

	t.Run("lengths of histories", func(t *testing.T) {
		t.Parallel()
		h.testHistoryLengths(t)
	})
}

func (h *house) workflows(t *testing.T) []*workflowpb.WorkflowExecutionInfo {
	t.Helper()

	var (
		known []*workflowpb.WorkflowExecutionInfo
		next  []byte
	)

	for {
		page, err := h.Temporal.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{NextPageToken: next})
		require.NoError(t, err)

		known = append(known, page.GetExecutions()...)
		if next = page.GetNextPageToken(); len(next) == 0 {
			return known
		}
	}
}

// everythingAbout is all that Temporal knows of a workflow, with its payloads as they are.
func (h *house) everythingAbout(t *testing.T, execution *workflowpb.WorkflowExecutionInfo) []byte {
	t.Helper()

	id, run := execution.GetExecution().GetWorkflowId(), execution.GetExecution().GetRunId()
	described, err := h.Temporal.DescribeWorkflowExecution(t.Context(), id, run)
	require.NoError(t, err)

	told := h.asText(t, described)
	history := h.Temporal.GetWorkflowHistory(t.Context(), id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)

	for history.HasNext() {
		event, err := history.Next()
		require.NoError(t, err)

		told = append(told, h.asText(t, event)...)
	}

	return told
}

// asText is a message in both of its forms: the binary one holds payloads as they are, the text is what tools show.
func (h *house) asText(t *testing.T, message proto.Message) []byte {
	t.Helper()

	wire, err := proto.Marshal(message)
	require.NoError(t, err)

	return append(append(wire, '\n'), prototext.Format(message)...)
}

func (h *house) testHistoryLengths(t *testing.T) {
	t.Helper()

	limits := map[string]int{
		"delivered": maxEventsByIO, "not on IO": maxEventsBySMS, "rejected": maxEventsTimedOut, "never processed": maxEventsTimedOut,
		"SMS unconfirmed": maxEventsTimedOut, "time-out after accepting": maxEventsTimedOut,
	}

	for _, execution := range h.workflows(t) {
		id, isNotification := workflows.IDOfNotification(execution.GetExecution().GetWorkflowId())
		if !isNotification {
			continue
		}

		reference := h.reference(t.Context(), id)
		if limit, limited := limits[reference]; limited {
			t.Logf("events of %q: %d", reference, execution.GetHistoryLength())
			require.LessOrEqual(t, int(execution.GetHistoryLength()), limit, reference)
			delete(limits, reference)
		}
	}

	require.Empty(t, limits, "stories not found")
}

func (h *house) reference(ctx context.Context, id string) string {
	head, err := h.Store.Notification(ctx, id)
	if err != nil {
		return ""
	}

	return strings.TrimSpace(head.ExternalReference)
}
