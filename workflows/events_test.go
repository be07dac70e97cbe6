package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// chronicle builds a history by hand, one event a second.
type chronicle struct {
	t      *testing.T
	events []*historypb.HistoryEvent
}

func newChronicle(t *testing.T) *chronicle {
	t.Helper()

	return &chronicle{t: t}
}

// at is the time of the n-th event, counted from 1.
func at(n int) time.Time { return departure().Add(time.Duration(n) * time.Second) }

func (c *chronicle) add(kind enumspb.EventType) *historypb.HistoryEvent {
	id := len(c.events) + 1
	event := &historypb.HistoryEvent{EventId: int64(id), EventTime: timestamppb.New(at(id)), EventType: kind}
	c.events = append(c.events, event)

	return event
}

func (c *chronicle) payloads(value any) *commonpb.Payloads {
	c.t.Helper()

	encoded, err := converter.GetDefaultDataConverter().ToPayloads(value)
	require.NoError(c.t, err)

	return encoded
}

func (c *chronicle) started() *chronicle {
	c.add(enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED).Attributes = &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
		WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{},
	}

	return c
}

func (c *chronicle) timer(summary string, wait time.Duration) {
	c.t.Helper()

	encoded, err := converter.GetDefaultDataConverter().ToPayload(summary)
	require.NoError(c.t, err)

	event := c.add(enumspb.EVENT_TYPE_TIMER_STARTED)
	event.UserMetadata = &sdkpb.UserMetadata{Summary: encoded}
	event.Attributes = &historypb.HistoryEvent_TimerStartedEventAttributes{
		TimerStartedEventAttributes: &historypb.TimerStartedEventAttributes{StartToFireTimeout: durationpb.New(wait)},
	}
}

// local is the marker of a local activity, as the SDK writes it.
func (c *chronicle) local(activity string, result any) {
	c.t.Helper()

	c.marker("LocalActivity", map[string]*commonpb.Payloads{
		"data":   c.payloads(map[string]any{"ActivityID": "1", "ActivityType": activity, "Attempt": 1}),
		"result": c.payloads(result),
	}, nil)
}

func (c *chronicle) marker(
	name string, details map[string]*commonpb.Payloads, failure *failurepb.Failure,
) {
	c.add(enumspb.EVENT_TYPE_MARKER_RECORDED).Attributes = &historypb.HistoryEvent_MarkerRecordedEventAttributes{
		MarkerRecordedEventAttributes: &historypb.MarkerRecordedEventAttributes{
			MarkerName: name, Details: details, Failure: failure,
		},
	}
}

// begun schedules and starts an activity, at its last try, and gives the id that its end refers to.
func (c *chronicle) begun(activity string, tries int32, before *failurepb.Failure) int64 {
	scheduled := c.add(enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
	scheduled.Attributes = &historypb.HistoryEvent_ActivityTaskScheduledEventAttributes{
		ActivityTaskScheduledEventAttributes: &historypb.ActivityTaskScheduledEventAttributes{
			ActivityType: &commonpb.ActivityType{Name: activity},
		},
	}
	c.add(enumspb.EVENT_TYPE_ACTIVITY_TASK_STARTED).Attributes = &historypb.HistoryEvent_ActivityTaskStartedEventAttributes{
		ActivityTaskStartedEventAttributes: &historypb.ActivityTaskStartedEventAttributes{
			ScheduledEventId: scheduled.GetEventId(), Attempt: tries, LastFailure: before,
		},
	}

	return scheduled.GetEventId()
}

func (c *chronicle) done(activity string, result any) {
	c.doneAfter(activity, result, 1, nil)
}

func (c *chronicle) doneAfter(activity string, result any, tries int32, before *failurepb.Failure) {
	c.t.Helper()
	c.completed(c.begun(activity, tries, before), c.payloads(result))
}

func (c *chronicle) completed(scheduled int64, result *commonpb.Payloads) {
	c.add(enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED).Attributes = &historypb.HistoryEvent_ActivityTaskCompletedEventAttributes{
		ActivityTaskCompletedEventAttributes: &historypb.ActivityTaskCompletedEventAttributes{
			ScheduledEventId: scheduled, Result: result,
		},
	}
}

func (c *chronicle) failed(scheduled int64, failure *failurepb.Failure) {
	c.add(enumspb.EVENT_TYPE_ACTIVITY_TASK_FAILED).Attributes = &historypb.HistoryEvent_ActivityTaskFailedEventAttributes{
		ActivityTaskFailedEventAttributes: &historypb.ActivityTaskFailedEventAttributes{
			ScheduledEventId: scheduled, Failure: failure,
		},
	}
}

func (c *chronicle) timedOut(scheduled int64) {
	c.add(enumspb.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT).Attributes = &historypb.HistoryEvent_ActivityTaskTimedOutEventAttributes{
		ActivityTaskTimedOutEventAttributes: &historypb.ActivityTaskTimedOutEventAttributes{ScheduledEventId: scheduled},
	}
}

func (c *chronicle) signalled(name string, payload any) *chronicle {
	c.t.Helper()

	var input *commonpb.Payloads
	if payload != nil {
		input = c.payloads(payload)
	}

	c.add(enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED).Attributes = &historypb.HistoryEvent_WorkflowExecutionSignaledEventAttributes{
		WorkflowExecutionSignaledEventAttributes: &historypb.WorkflowExecutionSignaledEventAttributes{
			SignalName: name, Input: input,
		},
	}

	return c
}

func (c *chronicle) ended(result any) *chronicle {
	c.t.Helper()
	c.add(enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED).Attributes = &historypb.HistoryEvent_WorkflowExecutionCompletedEventAttributes{
		WorkflowExecutionCompletedEventAttributes: &historypb.WorkflowExecutionCompletedEventAttributes{
			Result: c.payloads(result),
		},
	}

	return c
}

func (c *chronicle) endedByFault(result any) *chronicle {
	c.t.Helper()

	failure := failureOf(workflows.FailureType)
	failure.GetApplicationFailureInfo().Details = c.payloads(result)

	c.add(enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED).Attributes = &historypb.HistoryEvent_WorkflowExecutionFailedEventAttributes{
		WorkflowExecutionFailedEventAttributes: &historypb.WorkflowExecutionFailedEventAttributes{Failure: failure},
	}

	return c
}

// entries are those of the first run.
func (c *chronicle) entries() []notification.Entry {
	return workflows.TimelineOf([]workflows.RunHistory{{Number: 1, Events: c.events}}).Entries
}

// failureOf is an activity's failure of that type.
func failureOf(kind string) *failurepb.Failure {
	return &failurepb.Failure{FailureInfo: &failurepb.Failure_ApplicationFailureInfo{
		ApplicationFailureInfo: &failurepb.ApplicationFailureInfo{Type: kind},
	}}
}

// unreadable is what a payload of another program, or of another time, may look like.
func unreadable() *commonpb.Payloads {
	return &commonpb.Payloads{Payloads: []*commonpb.Payload{
		{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`{"status":`)},
	}}
}
