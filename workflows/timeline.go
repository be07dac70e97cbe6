package workflows

import (
	"slices"
	"time"

	historypb "go.temporal.io/api/history/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/converter"

	"github.com/genio-gateway/genio/notification"
)

// RunHistory is what Temporal knows of one run of a notification's workflow.
type RunHistory struct {
	Number  int // 1, and one more for each retry
	Events  []*historypb.HistoryEvent
	Pending []*workflowpb.PendingActivityInfo // of a run that is still open
}

// TimelineOf derives the story of a notification from the histories of its runs. It is a pure function: the
// same histories always give the same timeline.
func TimelineOf(runs []RunHistory) notification.Timeline {
	timeline := notification.Timeline{Source: notification.TimelineFromHistory, Entries: []notification.Entry{}}

	for _, run := range runs {
		timeline.Entries = append(timeline.Entries, narrate(run)...)
	}

	return timeline
}

// narrator walks through one run's events and turns them into entries.
type narrator struct {
	run        int
	entries    []notification.Entry
	activities map[int64]*activityStory // by the id of the event that scheduled them
	payloads   converter.DataConverter
	ended      bool
}

// activityStory is what is known of one activity so far.
type activityStory struct {
	name       string
	tries      int
	lastReason notification.Reason
}

func narrate(run RunHistory) []notification.Entry {
	n := &narrator{
		run:        run.Number,
		activities: map[int64]*activityStory{},
		payloads:   converter.GetDefaultDataConverter(),
	}

	for _, event := range run.Events {
		n.tell(event)
	}

	// Temporal goes on listing an activity that ran when its workflow ended.
	if n.ended {
		return n.entries
	}

	for _, pending := range run.Pending {
		n.underWay(pending)
	}

	return n.entries
}

// tell adds what one event means. Temporal's own bookkeeping, such as workflow tasks, means nothing here.
func (n *narrator) tell(event *historypb.HistoryEvent) {
	at := event.GetEventTime().AsTime()

	switch attributes := event.GetAttributes().(type) {
	case *historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes:
		n.add(at, notification.Entry{Kind: notification.EntryStarted, State: notification.EntryDone, Run: n.run})
	case *historypb.HistoryEvent_TimerStartedEventAttributes:
		n.timerStarted(at, event, attributes.TimerStartedEventAttributes)
	case *historypb.HistoryEvent_MarkerRecordedEventAttributes:
		n.localActivityDone(at, attributes.MarkerRecordedEventAttributes)
	case *historypb.HistoryEvent_ActivityTaskScheduledEventAttributes:
		n.activities[event.GetEventId()] = &activityStory{
			name: attributes.ActivityTaskScheduledEventAttributes.GetActivityType().GetName(),
		}
	case *historypb.HistoryEvent_ActivityTaskStartedEventAttributes:
		n.activityStarted(attributes.ActivityTaskStartedEventAttributes)
	case *historypb.HistoryEvent_ActivityTaskCompletedEventAttributes:
		done := attributes.ActivityTaskCompletedEventAttributes
		n.activityDone(at, done.GetScheduledEventId(), done.GetResult())
	case *historypb.HistoryEvent_ActivityTaskFailedEventAttributes:
		failed := attributes.ActivityTaskFailedEventAttributes
		if failed.GetFailure().GetApplicationFailureInfo().GetType() == FailurePaused {
			// What follows tells of the wait.
			break
		}

		n.activityFailed(at, failed.GetScheduledEventId(), reasonOf(failed.GetFailure()))
	case *historypb.HistoryEvent_ActivityTaskTimedOutEventAttributes:
		n.activityFailed(at, attributes.ActivityTaskTimedOutEventAttributes.GetScheduledEventId(),
			notification.ReasonInternalError)
	case *historypb.HistoryEvent_WorkflowExecutionSignaledEventAttributes:
		n.signalled(at, attributes.WorkflowExecutionSignaledEventAttributes)
	default:
		n.tellEnd(at, event)
	}
}

// tellEnd adds the events that close a run.
func (n *narrator) tellEnd(at time.Time, event *historypb.HistoryEvent) {
	var result NotificationResult

	switch attributes := event.GetAttributes().(type) {
	case *historypb.HistoryEvent_WorkflowExecutionCompletedEventAttributes:
		n.read(attributes.WorkflowExecutionCompletedEventAttributes.GetResult(), &result)
	case *historypb.HistoryEvent_WorkflowExecutionFailedEventAttributes:
		failure := attributes.WorkflowExecutionFailedEventAttributes.GetFailure()
		n.read(failure.GetApplicationFailureInfo().GetDetails(), &result)
	case *historypb.HistoryEvent_WorkflowExecutionTerminatedEventAttributes,
		*historypb.HistoryEvent_WorkflowExecutionTimedOutEventAttributes,
		*historypb.HistoryEvent_WorkflowExecutionCanceledEventAttributes:
	default:
		return
	}

	n.ended = true
	n.settled(at, result)
}

func (n *narrator) add(at time.Time, entry notification.Entry) {
	if entry.Kind == notification.EntryDeliveredSMS && n.toldBefore(entry) {
		return
	}

	entry.At = at
	n.entries = append(n.entries, entry)
}

// toldBefore finds the end of an SMS that the run has told already: it may be heard twice, by a repeated callback or by
// the callback and the provider's answer.
func (n *narrator) toldBefore(entry notification.Entry) bool {
	return slices.ContainsFunc(n.entries, func(told notification.Entry) bool {
		return told.Kind == entry.Kind && told.State == entry.State && told.Reason == entry.Reason
	})
}

// read decodes a payload; what cannot be read leaves target as it was, because a timeline with a gap helps
// more than none.
func (n *narrator) read(payloads payloadsOf, target any) {
	if payloads != nil {
		_ = n.payloads.FromPayloads(payloads, target)
	}
}
