package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
)

// shape is what Temporal keeps of workflows of one kind, each of which may differ a little from the others.
type shape struct {
	events, transitions []int64
	// tries are those of the activity that was tried most often, of one of the workflows.
	tries int32
}

// shapeOf looks at workflows that have ended.
func shapeOf(ctx context.Context, temporal client.Client, workflowIDs []string) (shape, error) {
	var seen shape

	for _, id := range workflowIDs {
		described, err := temporal.DescribeWorkflowExecution(ctx, id, "")
		if err != nil {
			return seen, fmt.Errorf("describing a workflow: %w", err)
		}

		info := described.GetWorkflowExecutionInfo()
		if info.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED {
			return seen, fmt.Errorf("workflow %s has not completed: %s", id, info.GetStatus())
		}

		seen.events = append(seen.events, info.GetHistoryLength())
		seen.transitions = append(seen.transitions, info.GetStateTransitionCount())
	}

	var err error
	if len(workflowIDs) > 0 {
		seen.tries, err = mostTries(ctx, temporal, workflowIDs[0])
	}

	return seen, err
}

// mostTries reads it in the history: an activity's start is written down with its last try.
func mostTries(ctx context.Context, temporal client.Client, workflowID string) (int32, error) {
	var most int32

	events := temporal.GetWorkflowHistory(ctx, workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return 0, fmt.Errorf("reading a history: %w", err)
		}

		most = max(most, event.GetActivityTaskStartedEventAttributes().GetAttempt())
	}

	return most, nil
}

// String tells what is usual, and the longest history where that is longer.
func (s shape) String() string {
	told := fmt.Sprintf("%d events, %d transitions", middle(s.events), middle(s.transitions))
	if longest := slices.Max(s.events); longest != middle(s.events) {
		told += fmt.Sprintf(" (longest: %d)", longest)
	}

	return told
}

// shortest is the history of a workflow that nothing disturbed: where a machine is crowded, workflow tasks time out and are
// written down again, with GeNIO's workflows and bare ones alike.
func (s shape) shortest() int64 { return slices.Min(s.events) }

// middle is the median; of two in the middle the greater one.
func middle[T cmp.Ordered](values []T) T {
	sorted := slices.Sorted(slices.Values(values))

	return sorted[len(sorted)/2]
}

// middleRate is the median of the rates of some rounds: of an even number, what lies between the two in the middle.
func middleRate(rates []float64) float64 {
	sorted := slices.Sorted(slices.Values(rates))

	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
