package histories

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/sdk/client"
)

// A recording of the same demonstration must give the same files, or the replay test would keep stale ones.
func TestRecordedHistoriesHaveTheirNamesAndForm(t *testing.T) {
	t.Parallel()

	files, err := filepath.Glob(filepath.Join("..", "..", "workflows", "testdata", "histories", "unreleased", "notifications", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)

	shapes := map[string]string{}

	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)

		history, err := client.HistoryFromJSON(bytes.NewReader(content), client.HistoryJSONOptions{})
		require.NoError(t, err)

		way := wayOf(history)
		require.Equal(t, filepath.Base(file), way.name+".json")
		require.Empty(t, shapes[way.shape], "%s went the same way", way.name)

		shapes[way.shape] = way.name

		forgetMachine(history.ProtoReflect())

		encoded, err := encode(history)
		require.NoError(t, err)
		require.Equal(t, string(content), string(encoded), file)
	}
}

func TestForgetMachine(t *testing.T) {
	t.Parallel()

	queue := func(kind enumspb.TaskQueueKind) *taskqueuepb.TaskQueue {
		return &taskqueuepb.TaskQueue{Name: "host-17:queue", Kind: kind}
	}
	history := &historypb.History{Events: []*historypb.HistoryEvent{
		{TaskId: 7, Attributes: &historypb.HistoryEvent_WorkflowTaskScheduledEventAttributes{
			WorkflowTaskScheduledEventAttributes: &historypb.WorkflowTaskScheduledEventAttributes{
				TaskQueue: queue(enumspb.TASK_QUEUE_KIND_STICKY),
			},
		}},
		{Attributes: &historypb.HistoryEvent_ActivityTaskStartedEventAttributes{
			ActivityTaskStartedEventAttributes: &historypb.ActivityTaskStartedEventAttributes{
				Identity: "4711@host-17", RequestId: "r", Attempt: 2,
				LastFailure: &failurepb.Failure{Message: "m", Cause: &failurepb.Failure{StackTrace: "main.go:1"}},
			},
		}},
		{Attributes: &historypb.HistoryEvent_MarkerRecordedEventAttributes{
			MarkerRecordedEventAttributes: &historypb.MarkerRecordedEventAttributes{
				Failure: &failurepb.Failure{StackTrace: "main.go:1"},
			},
		}},
	}}

	forgetMachine(history.ProtoReflect())

	queued := history.GetEvents()[0].GetWorkflowTaskScheduledEventAttributes().GetTaskQueue()
	require.Equal(t, stickyQueue, queued.GetName())
	require.Zero(t, history.GetEvents()[0].GetTaskId())

	started := history.GetEvents()[1].GetActivityTaskStartedEventAttributes()
	require.Empty(t, started.GetIdentity())
	require.Empty(t, started.GetRequestId())
	require.EqualValues(t, 2, started.GetAttempt())
	require.Equal(t, "m", started.GetLastFailure().GetMessage())
	require.Empty(t, started.GetLastFailure().GetCause().GetStackTrace())
	require.Empty(t, history.GetEvents()[2].GetMarkerRecordedEventAttributes().GetFailure().GetStackTrace())
}
