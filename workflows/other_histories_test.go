package workflows_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/workflows"
)

// otherWorkflows are those beside notifications whose runs last, so that a new version may find them open.
func otherWorkflows() map[string]any {
	return map[string]any{
		workflows.BatchCheckWorkflow:  workflows.BatchCheck,
		workflows.BatchSampleWorkflow: workflows.BatchSample,
		workflows.BatchWorkflow:       workflows.Batch,
		workflows.PaceWorkflow:        workflows.Pace,

		workflows.ServiceImportWorkflow: workflows.ServiceImport,
	}
}

// Batches that began with an earlier version must be able to go on with this one.
func TestReplayOfOtherWorkflows(t *testing.T) {
	t.Parallel()

	ours, err := filepath.Glob(filepath.Join("testdata", "histories", unreleased, "others", "*.json"))
	require.NoError(t, err)
	require.Len(t, ours, len(otherWorkflows()))

	files, err := filepath.Glob(filepath.Join("testdata", "histories", "*", "others", "*.json"))
	require.NoError(t, err)

	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			t.Parallel()

			content, err := os.ReadFile(file)
			require.NoError(t, err)

			history, err := client.HistoryFromJSON(bytes.NewReader(content), client.HistoryJSONOptions{})
			require.NoError(t, err)

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
