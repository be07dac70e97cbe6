package gateway

import (
	"context"
	"fmt"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// runningListed is how many running workflows one page of Temporal's index has.
const runningListed = 500

// Executions tells what Temporal knows of workflows.
type Executions struct {
	Temporal client.Client
}

// Running tells which of the workflows are running by Temporal's index.
func (e Executions) Running(ctx context.Context, workflowIDs []string) (map[string]bool, error) {
	running := make(map[string]bool, len(workflowIDs))

	for len(workflowIDs) > 0 {
		some := workflowIDs[:min(len(workflowIDs), idsOfQuery)]
		workflowIDs = workflowIDs[len(some):]

		query := "ExecutionStatus = 'Running' AND WorkflowId IN ('" + strings.Join(some, "', '") + "')"

		page, _, err := e.list(ctx, query, len(some), nil)
		if err != nil {
			return nil, err
		}

		for _, one := range page {
			running[one.ID] = true
		}
	}

	return running, nil
}

// idsOfQuery are named in one question to the index.
const idsOfQuery = 100

// RunningPage lists the running workflows of a type by the same index.
func (e Executions) RunningPage(
	ctx context.Context, workflowType string, token []byte,
) (page []workflows.RunningWorkflow, next []byte, err error) {
	return e.list(ctx, "ExecutionStatus = 'Running' AND WorkflowType = '"+workflowType+"'", runningListed, token)
}

func (e Executions) list(
	ctx context.Context, query string, size int, token []byte,
) (page []workflows.RunningWorkflow, next []byte, err error) {
	listed, err := e.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query: query, PageSize: int32(size), NextPageToken: token, //nolint:gosec // some hundreds.
	})
	if err != nil {
		return nil, nil, fmt.Errorf("listing running workflows: %w", err)
	}

	for _, one := range listed.GetExecutions() {
		page = append(page, workflows.RunningWorkflow{
			ID: one.GetExecution().GetWorkflowId(), RunID: one.GetExecution().GetRunId(),
		})
	}

	return page, listed.GetNextPageToken(), nil
}

// Look tells for certain how far a workflow has come.
func (e Executions) Look(ctx context.Context, workflowID string) (workflows.Execution, error) {
	described, err := e.Temporal.DescribeWorkflowExecution(ctx, workflowID, "")
	if isNotFound(err) {
		return workflows.Execution{State: workflows.ExecutionMissing}, nil
	}

	if err != nil {
		return workflows.Execution{}, fmt.Errorf("describing a workflow: %w", err)
	}

	info := described.GetWorkflowExecutionInfo()
	seen := workflows.Execution{State: stateOf(info.GetStatus()), RunID: info.GetExecution().GetRunId()}

	if info.GetCloseTime() != nil {
		seen.ClosedAt = info.GetCloseTime().AsTime()
	}

	for _, pending := range described.GetPendingActivities() {
		seen.Pending = append(seen.Pending, pending.GetActivityType().GetName())
	}

	return seen, nil
}

func stateOf(status enumspb.WorkflowExecutionStatus) workflows.ExecutionState {
	switch status {
	case enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, enumspb.WORKFLOW_EXECUTION_STATUS_FAILED:
		return workflows.ExecutionEnded
	case enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED, enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED,
		enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:
		return workflows.ExecutionStopped
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED,
		enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW, enumspb.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED:
	}

	// It goes on, in this run or in the next.
	return workflows.ExecutionRunning
}

// Number is the number of a notification's run, as its workflow was given it.
func (e Executions) Number(ctx context.Context, id, runID string) (int, error) {
	return numberOf(ctx, e.Temporal, id, runID)
}

// numberOf reads a run's number where it is beyond doubt, in its own input: the rows may lack a run whose start was not noted.
func numberOf(ctx context.Context, temporal client.Client, id, runID string) (int, error) {
	events := temporal.GetWorkflowHistory(
		ctx, workflows.NotificationID(id), runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	if !events.HasNext() {
		return 0, nil
	}

	first, err := events.Next()
	if err != nil {
		return 0, fmt.Errorf("reading the run that is there already: %w", err)
	}

	var given workflows.NotificationInput

	payload := first.GetWorkflowExecutionStartedEventAttributes().GetInput()
	if err := converter.GetDefaultDataConverter().FromPayloads(payload, &given); err != nil {
		return 0, fmt.Errorf("reading the input of the run that is there already: %w", err)
	}

	return given.Run, nil
}

// Result is how a notification's run ended by itself; ok is false where it does not say.
func (e Executions) Result(ctx context.Context, id, runID string) (result workflows.NotificationResult, ok bool, err error) {
	events := e.Temporal.GetWorkflowHistory(
		ctx, workflows.NotificationID(id), runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT)

	var last *historypb.HistoryEvent

	for events.HasNext() {
		if last, err = events.Next(); err != nil {
			return result, false, fmt.Errorf("reading a workflow's end: %w", err)
		}
	}

	payloads := last.GetWorkflowExecutionCompletedEventAttributes().GetResult()
	if payloads == nil {
		// A fault tells the same in the details of its error.
		failure := last.GetWorkflowExecutionFailedEventAttributes().GetFailure().GetApplicationFailureInfo()
		if failure.GetType() != workflows.FailureType {
			return result, false, nil
		}

		payloads = failure.GetDetails()
	}

	// What cannot be read says nothing, as what is not there.
	ok = payloads != nil && converter.GetDefaultDataConverter().FromPayloads(payloads, &result) == nil

	return result, ok, nil
}

// Stop asks a notification's run to end. One that has ended meanwhile is no error.
func (e Executions) Stop(ctx context.Context, id, runID string) error {
	err := e.Temporal.SignalWorkflow(ctx, workflows.NotificationID(id), runID, workflows.SignalCancel,
		workflows.Cancellation{Reason: notification.ReasonCancelledByOperator})
	if err != nil && !isNotFound(err) {
		return fmt.Errorf("asking a workflow to end: %w", err)
	}

	return nil
}
