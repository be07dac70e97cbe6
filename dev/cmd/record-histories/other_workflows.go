package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/genio-gateway/genio/workflows"
)

// The histories of the other workflows are beside those of the notifications: they tell no timeline.
const (
	notificationFolder = "notifications"
	otherFolder        = "others"
)

// recordOthers writes one history of each other workflow that has run, and gives their names.
func (r recorder) recordOthers(ctx context.Context) ([]string, error) {
	var written []string

	for _, kind := range []string{
		workflows.BatchCheckWorkflow, workflows.BatchSampleWorkflow, workflows.BatchWorkflow, workflows.PaceWorkflow,
		workflows.ServiceImportWorkflow,
	} {
		recorded, err := r.recordLongest(ctx, kind)
		if err != nil {
			return written, err
		}

		if recorded {
			written = append(written, kind)
		}
	}

	return written, nil
}

// recordLongest takes the run with the most events: it went through most of the workflow.
func (r recorder) recordLongest(ctx context.Context, kind string) (bool, error) {
	page, err := r.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Completed'", kind),
	})
	if err != nil {
		return false, fmt.Errorf("listing workflows: %w", err)
	}

	runs := page.GetExecutions()
	if len(runs) == 0 {
		return false, nil
	}

	slices.SortFunc(runs, func(a, b *workflowpb.WorkflowExecutionInfo) int {
		return int(b.GetHistoryLength() - a.GetHistoryLength())
	})

	history, err := r.history(ctx, runs[0].GetExecution())
	if err != nil {
		return false, err
	}

	name := filepath.Join(otherFolder, strings.ToLower(kind))

	return true, r.write(name, history)
}
