package histories

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/genio-gateway/genio/worker"
	"github.com/genio-gateway/genio/workflows"
)

// The histories of the other workflows are beside those of the notifications: they tell no timeline.
const (
	notificationFolder = "notifications"
	otherFolder        = "others"
)

// Run is one run of a workflow that has ended.
type Run struct {
	// Workflow is the workflow's name, Events how long its history is, and Bytes how large.
	Workflow      string
	Events, Bytes int64

	info *workflowpb.WorkflowExecutionInfo
}

// Compare is positive where the run went through more of its workflow than another did, as far as can be told from outside: it has
// more events or, with as many, failures of tries in them.
func (r Run) Compare(other Run) int {
	return cmp.Or(cmp.Compare(r.Events, other.Events), cmp.Compare(r.Bytes, other.Bytes))
}

// OtherWorkflows are the names of all workflows but those of notifications.
func OtherWorkflows() []string {
	return slices.DeleteFunc(worker.Workflows(), func(name string) bool { return name == workflows.NotificationWorkflow })
}

// Others writes, of each of the named workflows that is there, the run that went through most, unless it is not wanted, and
// gives their names.
func (r Recorder) Others(ctx context.Context, names []string, wanted func(Run) bool) ([]string, error) {
	var written []string

	for _, name := range names {
		run, ran, err := r.longest(ctx, name)
		if err != nil {
			return written, err
		}

		if !ran || !wanted(run) {
			continue
		}

		history, err := worker.History(ctx, r.Temporal, run.info.GetExecution())
		if err != nil {
			return written, fmt.Errorf("reading what ran: %w", err)
		}

		if err := r.write(FileOf(name), history); err != nil {
			return written, err
		}

		written = append(written, name)
	}

	return written, nil
}

// FileOf is where the history of one of the other workflows is saved, in the folder of its release.
func FileOf(name string) string { return filepath.Join(otherFolder, strings.ToLower(name)+".json") }

// longest is the run that went through most.
func (r Recorder) longest(ctx context.Context, name string) (longest Run, ran bool, err error) {
	request := &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Completed'", name),
	}

	for {
		page, err := r.Temporal.ListWorkflow(ctx, request)
		if err != nil {
			return longest, ran, fmt.Errorf("listing workflows: %w", err)
		}

		for _, info := range page.GetExecutions() {
			run := Run{Workflow: name, Events: info.GetHistoryLength(), Bytes: info.GetHistorySizeBytes(), info: info}
			if !ran || run.Compare(longest) > 0 {
				longest, ran = run, true
			}
		}

		if request.NextPageToken = page.GetNextPageToken(); len(request.GetNextPageToken()) == 0 {
			return longest, ran, nil
		}
	}
}
