package worker_test

import (
	"context"
	"maps"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
)

const (
	taskType = "no-such-type"
	// started is the number of the event with which a workflow task began.
	started = 3
)

// frontend is as much of a Temporal server as workers talk to. To the first poll of each task queue it hands a
// task that no worker knows; the answer tells what they do know.
type frontend struct {
	workflowservice.UnimplementedWorkflowServiceServer

	refusal error

	mu    sync.Mutex
	given map[string]bool
	// unknown are the answers by kind of task and task queue.
	unknown map[string]string
	// changes and wakes are what it was told of the pace.
	changes []*workflowservice.UpdateTaskQueueConfigRequest
	wakes   []*workflowservice.SignalWithStartWorkflowExecutionRequest
}

func newFrontend(t *testing.T, refusal error) (*frontend, string) {
	t.Helper()

	plays := &frontend{refusal: refusal, given: map[string]bool{}, unknown: map[string]string{}}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)

	server := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, plays)

	var serving sync.WaitGroup

	serving.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(serving.Wait)
	t.Cleanup(server.Stop)

	return plays, listener.Addr().String()
}

// answers are those that came so far.
func (f *frontend) answers() map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()

	return maps.Clone(f.unknown)
}

func (f *frontend) first(kind, queue string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()

	name := kind + " " + queue
	if f.given[name] {
		return false
	}

	f.given[name] = true

	return true
}

func (f *frontend) answered(token []byte, answer string) {
	f.mu.Lock()
	defer f.mu.Unlock()

	f.unknown[string(token)] = answer
}

// DescribeNamespace is asked before a worker starts.
func (f *frontend) DescribeNamespace(
	context.Context, *workflowservice.DescribeNamespaceRequest,
) (*workflowservice.DescribeNamespaceResponse, error) {
	return &workflowservice.DescribeNamespaceResponse{}, f.refusal
}

// PollActivityTaskQueue hands an unknown activity out once.
func (f *frontend) PollActivityTaskQueue(
	ctx context.Context, request *workflowservice.PollActivityTaskQueueRequest,
) (*workflowservice.PollActivityTaskQueueResponse, error) {
	queue := request.GetTaskQueue().GetName()
	if !f.first("activity", queue) {
		<-ctx.Done()

		return nil, ctx.Err()
	}

	return &workflowservice.PollActivityTaskQueueResponse{
		TaskToken:         []byte("activity " + queue),
		WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: "workflow", RunId: "run on " + queue},
		WorkflowType:      &commonpb.WorkflowType{Name: taskType},
		ActivityType:      &commonpb.ActivityType{Name: taskType},
		ActivityId:        "1",
		Attempt:           1,
	}, nil
}

// RespondActivityTaskFailed keeps the answer.
func (f *frontend) RespondActivityTaskFailed(
	_ context.Context, request *workflowservice.RespondActivityTaskFailedRequest,
) (*workflowservice.RespondActivityTaskFailedResponse, error) {
	f.answered(request.GetTaskToken(), request.GetFailure().GetMessage())

	return &workflowservice.RespondActivityTaskFailedResponse{}, nil
}

// PollWorkflowTaskQueue hands an unknown workflow out once.
func (f *frontend) PollWorkflowTaskQueue(
	ctx context.Context, request *workflowservice.PollWorkflowTaskQueueRequest,
) (*workflowservice.PollWorkflowTaskQueueResponse, error) {
	queue := request.GetTaskQueue()
	if queue.GetKind() == enumspb.TASK_QUEUE_KIND_STICKY || !f.first("workflow", queue.GetName()) {
		<-ctx.Done()

		return nil, ctx.Err()
	}

	return &workflowservice.PollWorkflowTaskQueueResponse{
		TaskToken:         []byte("workflow " + queue.GetName()),
		WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: "workflow", RunId: "run on " + queue.GetName()},
		WorkflowType:      &commonpb.WorkflowType{Name: taskType},
		StartedEventId:    started,
		Attempt:           1,
		History:           &historypb.History{Events: beginning(queue)},
	}, nil
}

// RespondWorkflowTaskFailed keeps the answer.
func (f *frontend) RespondWorkflowTaskFailed(
	_ context.Context, request *workflowservice.RespondWorkflowTaskFailedRequest,
) (*workflowservice.RespondWorkflowTaskFailedResponse, error) {
	f.answered(request.GetTaskToken(), request.GetFailure().GetMessage())

	return &workflowservice.RespondWorkflowTaskFailedResponse{}, nil
}

// beginning is the history of a workflow whose first task was handed out.
func beginning(queue *taskqueuepb.TaskQueue) []*historypb.HistoryEvent {
	return []*historypb.HistoryEvent{
		{
			EventId: 1, EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
			Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
				WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{
					WorkflowType: &commonpb.WorkflowType{Name: taskType}, TaskQueue: queue, Attempt: 1,
				},
			},
		},
		{
			EventId: 2, EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
			Attributes: &historypb.HistoryEvent_WorkflowTaskScheduledEventAttributes{
				WorkflowTaskScheduledEventAttributes: &historypb.WorkflowTaskScheduledEventAttributes{TaskQueue: queue, Attempt: 1},
			},
		},
		{
			EventId: started, EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_STARTED,
			Attributes: &historypb.HistoryEvent_WorkflowTaskStartedEventAttributes{
				WorkflowTaskStartedEventAttributes: &historypb.WorkflowTaskStartedEventAttributes{ScheduledEventId: 2},
			},
		},
	}
}
