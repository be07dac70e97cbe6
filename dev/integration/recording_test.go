package integration_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/genio-gateway/genio/dev/histories"
)

//nolint:gochecknoglobals // the flag package wants it.
var recordTo = flag.String("record", "", "save what this folder of histories lacks of other workflows than notifications")

// recordings are what the tests of this process saved: of the runs of all of them, the longest of each workflow.
//
//nolint:gochecknoglobals // the tests share nothing else.
var recordings = struct {
	mu   sync.Mutex
	runs map[string]histories.Run
}{runs: make(map[string]histories.Run)}

// record saves what the folder of -record lacks from a Temporal on which everything has happened.
func record(t *testing.T, temporal client.Client) {
	t.Helper()

	if *recordTo == "" {
		return
	}

	recordings.mu.Lock()
	defer recordings.mu.Unlock()

	ctx := context.WithoutCancel(t.Context()) // the test has ended
	written, err := histories.Recorder{Temporal: temporal, Folder: *recordTo}.Others(ctx, histories.OtherWorkflows(), isToRecord)
	require.NoError(t, err)
	t.Log("recorded:", written)
}

// isToRecord tells whether nothing was saved of the run's workflow, or less by another test.
func isToRecord(run histories.Run) bool {
	before, ours := recordings.runs[run.Workflow]
	_, err := os.Stat(filepath.Join(*recordTo, histories.FileOf(run.Workflow)))

	if ours && run.Compare(before) <= 0 || !ours && err == nil {
		return false
	}

	recordings.runs[run.Workflow] = run

	return true
}
