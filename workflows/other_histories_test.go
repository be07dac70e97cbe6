package workflows_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	registered "github.com/genio-gateway/genio/worker"
	"github.com/genio-gateway/genio/workflows"
)

// otherWorkflows are all but that of notifications, whose histories tell a timeline besides.
func otherWorkflows() map[string]any {
	return map[string]any{
		workflows.ArchiveTimelinesWorkflow: workflows.ArchiveTimelines,
		workflows.BatchCheckWorkflow:       workflows.BatchCheck,
		workflows.BatchSampleWorkflow:      workflows.BatchSample,
		workflows.BatchWorkflow:            workflows.Batch,
		workflows.ErasureWorkflow:          workflows.Erasure,
		workflows.FoldFiguresWorkflow:      workflows.FoldFigures,
		workflows.InterventionWorkflow:     workflows.Intervention,
		workflows.KeyTestWorkflow:          workflows.KeyTest,
		workflows.PaceWorkflow:             workflows.Pace,
		workflows.RecipientCheckWorkflow:   workflows.RecipientCheck,
		workflows.ReconciliationWorkflow:   workflows.Reconciliation,
		workflows.ReencryptionWorkflow:     workflows.Reencryption,
		workflows.RetentionWorkflow:        workflows.Retention,
		workflows.ServiceImportWorkflow:    workflows.ServiceImport,
		workflows.WebhookWorkflow:          workflows.Webhook,
	}
}

// TestEachWorkflowHasAHistory: one that workers run and that no history was saved of could change its steps unnoticed.
func TestEachWorkflowHasAHistory(t *testing.T) {
	t.Parallel()

	known := append(slices.Collect(maps.Keys(otherWorkflows())), workflows.NotificationWorkflow)
	require.ElementsMatch(t, registered.Workflows(), known, "the replay test has to know each workflow")

	files, err := filepath.Glob(filepath.Join("testdata", "histories", unreleased, "others", "*.json"))
	require.NoError(t, err)

	saved := []string{workflows.NotificationWorkflow}

	for _, file := range files {
		begun := historyIn(t, file).GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
		saved = append(saved, begun.GetWorkflowType().GetName())
	}

	require.ElementsMatch(t, registered.Workflows(), saved, "record the missing ones, see dev/cmd/record-histories")
}

func historyIn(t *testing.T, file string) *historypb.History {
	t.Helper()

	content, err := os.ReadFile(file)
	require.NoError(t, err)

	history, err := client.HistoryFromJSON(bytes.NewReader(content), client.HistoryJSONOptions{})
	require.NoError(t, err, file)

	return history
}

// What began with an earlier version must be able to go on with this one.
func TestReplayOfOtherWorkflows(t *testing.T) {
	t.Parallel()

	files, err := filepath.Glob(filepath.Join("testdata", "histories", "*", "others", "*.json"))
	require.NoError(t, err)

	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			t.Parallel()

			history := historyIn(t, file)

			var words []string

			collect(history.ProtoReflect(), &words)

			for what, pattern := range personal() {
				require.NotRegexp(t, pattern, strings.Join(words, "\n"), what)
			}

			replay := func() error {
				replayer := worker.NewWorkflowReplayer()
				for name, definition := range otherWorkflows() {
					replayer.RegisterWorkflowWithOptions(definition, workflow.RegisterOptions{Name: name})
				}

				return replayer.ReplayWorkflowHistory(quiet{}, history)
			}

			require.NoError(t, replay())

			for _, event := range history.GetEvents() {
				if scheduled := event.GetActivityTaskScheduledEventAttributes(); scheduled != nil {
					scheduled.ActivityType.Name = "Elsewhere"
				}

				if started := event.GetTimerStartedEventAttributes(); started != nil {
					started.TimerId += "0"
				}
			}

			require.ErrorContains(t, replay(), "TMPRL1100", "a step that the code no longer takes is noticed")
		})
	}
}
