package wiring

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

func TestTemporalsLinesHaveTheNamesOfOurs(t *testing.T) {
	t.Parallel()

	core, lines := observer.New(zap.DebugLevel)
	log := newTemporalLog(zap.New(core))

	log.Info("a", "WorkflowID", "notification/42", "RunID", "r", "ActivityType", "SendToIO", "ente_id", "e", "Attempt", int32(2))
	log.Error("b", "PanicError", `no "VRDLGU75B02F205K"`, "WorkflowID", "pace/e", "WorkflowID", "pace/f", "lonely")
	log.Warn("c", "Error", errors.New("away"))
	log.Debug("d")

	all := lines.All()
	require.Equal(t, "temporal", all[0].LoggerName)
	require.Equal(t, map[string]any{
		"workflow_id": "notification/42", "notification_id": "42", "run_id": "r", "activity_type": "SendToIO", "ente_id": "e",
		"attempt": int32(2),
	}, all[0].ContextMap())
	require.Equal(t, map[string]any{"panic_error": "no […]", "workflow_id": "pace/e"}, all[1].ContextMap())
	require.Equal(t, map[string]any{"error": "away"}, all[2].ContextMap())
	require.Empty(t, all[3].ContextMap())
}

func TestNamesOfTemporals(t *testing.T) {
	t.Parallel()

	for name, want := range map[string]string{
		"WorkflowID": "workflow_id", "TaskQueue": "task_queue", "RunID": "run_id", "notification_id": "notification_id",
		"HTTPStatus": "http_status", "Error": "error", "": "",
	} {
		require.Equal(t, want, nameOf(name))
	}
}
