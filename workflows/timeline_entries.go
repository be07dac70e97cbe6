package workflows

import (
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	workflowpb "go.temporal.io/api/workflow/v1"

	"github.com/genio-gateway/genio/notification"
)

type payloadsOf = *commonpb.Payloads

// Names that the Go SDK gives to the marker of a local activity and to its parts.
const (
	markerLocalActivity = "LocalActivity"
	markerData          = "data"
	markerResult        = "result"
)

func (n *narrator) timerStarted(
	at time.Time, event *historypb.HistoryEvent, timer *historypb.TimerStartedEventAttributes,
) {
	var summary string
	if metadata := event.GetUserMetadata().GetSummary(); metadata != nil {
		_ = n.payloads.FromPayload(metadata, &summary)
	}

	if summary == summaryOfSendTime {
		n.add(at, notification.Entry{
			Kind: notification.EntryScheduled, State: notification.EntryDone,
			Until: at.Add(timer.GetStartToFireTimeout().AsDuration()),
		})
	}
}

func (n *narrator) localActivityDone(at time.Time, marker *historypb.MarkerRecordedEventAttributes) {
	if marker.GetMarkerName() != markerLocalActivity || marker.GetFailure() != nil {
		return
	}

	var call struct{ ActivityType string }

	n.read(marker.GetDetails()[markerData], &call)
	result := marker.GetDetails()[markerResult]

	switch call.ActivityType {
	case ActivityPrepare:
		var plan Plan

		n.read(result, &plan)
		n.add(at, notification.Entry{
			Kind: notification.EntryValidated, State: stateFor(plan.Reason == ""), Reason: plan.Reason,
		})
	case ActivitySkipChannel:
		var skip SkipInput

		n.read(result, &skip)
		n.add(at, notification.Entry{
			Kind: notification.EntrySkipped, State: notification.EntryNegative, Channel: skip.Channel, Reason: skip.Reason,
		})
	case ActivityHold:
		var hold HoldInput

		n.read(result, &hold)
		n.add(at, notification.Entry{Kind: notification.EntryOnHold, State: notification.EntryNegative, Reason: hold.Reason})
	case ActivityResume:
		n.add(at, notification.Entry{Kind: notification.EntryResumed, State: notification.EntryDone})
	}
}

func (n *narrator) activityStarted(started *historypb.ActivityTaskStartedEventAttributes) {
	if story, ok := n.activities[started.GetScheduledEventId()]; ok {
		story.tries = int(started.GetAttempt())
		story.lastReason = reasonOf(started.GetLastFailure())
	}
}

func (n *narrator) activityDone(at time.Time, scheduled int64, result payloadsOf) {
	story, ok := n.activities[scheduled]
	if !ok {
		return
	}

	kind, channel := kindOf(story.name)
	if kind == "" {
		return
	}

	if until := n.quietUntil(story.name, result); !until.IsZero() {
		n.add(at, notification.Entry{
			Kind: notification.EntryQuietHours, Channel: channel, State: notification.EntryDone, Until: until,
		})

		return
	}

	well, reason := n.answer(story.name, result)
	n.add(at, notification.Entry{
		Kind: kind, Channel: channel, State: outcomeState(well, reason), Reason: reason,
		Tries: story.tries, LastReason: story.lastReason,
	})
}

// quietUntil is when an SMS may be sent that the service's quiet hours kept back; zero: they did not.
func (n *narrator) quietUntil(activity string, result payloadsOf) time.Time {
	var sent SendResult

	if activity == ActivitySendSMS {
		n.read(result, &sent)
	}

	return sent.NotBefore
}

// answer reads whether an activity's result is what the sender wished for, and the reason it gives.
func (n *narrator) answer(activity string, result payloadsOf) (well bool, reason notification.Reason) {
	switch activity {
	case ActivityCheckProfile:
		var profile ProfileResult

		n.read(result, &profile)

		return profile.Reachable, profile.Reason
	case ActivitySendToIO, ActivitySendSMS:
		var sent SendResult

		n.read(result, &sent)

		return sent.HandOver == notification.HandOverSent, sent.Reason
	default:
		var delivery DeliveryResult

		n.read(result, &delivery)

		return delivery.Status == notification.AttemptDelivered, delivery.Reason
	}
}

func (n *narrator) activityFailed(at time.Time, scheduled int64, reason notification.Reason) {
	story, ok := n.activities[scheduled]
	if !ok {
		return
	}

	kind, channel := kindOf(story.name)
	if kind == "" {
		return
	}

	n.add(at, notification.Entry{
		Kind: kind, Channel: channel, State: notification.EntryFault, Reason: reason, Tries: story.tries,
	})
}

// underWay tells an activity that has not ended: its tries and its last failure are not in the history yet.
func (n *narrator) underWay(pending *workflowpb.PendingActivityInfo) {
	kind, channel := kindOf(pending.GetActivityType().GetName())
	if kind == "" {
		return
	}

	entry := notification.Entry{
		Kind: kind, Channel: channel, State: notification.EntryRunning,
		Tries: int(pending.GetAttempt()), LastReason: reasonOf(pending.GetLastFailure()),
	}

	if next := pending.GetNextAttemptScheduleTime(); next != nil &&
		pending.GetState() == enumspb.PENDING_ACTIVITY_STATE_SCHEDULED {
		entry.NextTry = next.AsTime()
	}

	at := pending.GetScheduledTime().AsTime()
	if started := pending.GetLastStartedTime(); started != nil {
		at = started.AsTime()
	}

	n.add(at, entry)
}

func (n *narrator) signalled(at time.Time, signal *historypb.WorkflowExecutionSignaledEventAttributes) {
	entry := notification.Entry{State: notification.EntryDone}

	switch signal.GetSignalName() {
	case SignalCancel:
		var asked Cancellation

		n.read(signal.GetInput(), &asked)
		entry.Kind, entry.Reason = notification.EntryCancelAsked, asked.Reason
	case SignalHold:
		entry.Kind = notification.EntryHoldAsked
	case SignalResume:
		entry.Kind = notification.EntryResumeAsked
	case SignalDecide:
		n.read(signal.GetInput(), &entry.Detail)
		entry.Kind = notification.EntryDecided
	case SignalSMSStatus:
		var report SMSReport

		n.read(signal.GetInput(), &report)
		entry.Kind, entry.Channel, entry.Reason = notification.EntrySMSReport, notification.ChannelSMS, report.Reason

		if report.Status.Final() {
			entry.Kind = notification.EntryDeliveredSMS
			entry.State = outcomeState(report.Status == notification.AttemptDelivered, report.Reason)
		}
	default:
		return
	}

	n.add(at, entry)
}

// settled closes the story of a run. A workflow that an administrator ended by force left no result.
func (n *narrator) settled(at time.Time, result NotificationResult) {
	if result.Status == "" {
		result = NotificationResult{Status: notification.StatusFailed, Reason: notification.ReasonInternalError}
	}

	state := notification.EntryNegative

	switch result.Status {
	case notification.StatusDelivered:
		state = notification.EntryDone
	case notification.StatusFailed:
		state = notification.EntryFault
	case notification.StatusAccepted, notification.StatusScheduled, notification.StatusInProgress,
		notification.StatusOnHold, notification.StatusNotDelivered, notification.StatusCancelled,
		notification.StatusExpired:
	}

	n.add(at, notification.Entry{
		Kind: notification.EntrySettled, State: state,
		Status: result.Status, Reason: result.Reason, Channel: result.Channel,
	})
}

// kindOf is what the timeline calls an activity; empty for those that it does not tell.
func kindOf(activity string) (notification.EntryKind, notification.Channel) {
	switch activity {
	case ActivityCheckProfile:
		return notification.EntryProfile, notification.ChannelIO
	case ActivitySendToIO:
		return notification.EntrySentIO, notification.ChannelIO
	case ActivityAwaitIODelivery:
		return notification.EntryDeliveredIO, notification.ChannelIO
	case ActivitySendSMS:
		return notification.EntrySentSMS, notification.ChannelSMS
	case ActivityAwaitSMSDelivery:
		return notification.EntryDeliveredSMS, notification.ChannelSMS
	}

	return "", ""
}

func stateFor(ok bool) notification.EntryState {
	if ok {
		return notification.EntryDone
	}

	return notification.EntryNegative
}

// outcomeState tells an unwelcome answer from a fault, by the reason's own consequence.
func outcomeState(ok bool, reason notification.Reason) notification.EntryState {
	if !ok && reason.Ending() == notification.StatusFailed {
		return notification.EntryFault
	}

	return stateFor(ok)
}

// reasonOf reads the reason code that an activity's failure carries; "not final yet" is none.
func reasonOf(failure *failurepb.Failure) notification.Reason {
	if failure == nil {
		return ""
	}

	if info := failure.GetApplicationFailureInfo(); info != nil {
		if reason := notification.Reason(info.GetType()); reason.Known() {
			return reason
		}

		if info.GetType() == FailureStillWaiting {
			return ""
		}
	}

	return notification.ReasonInternalError
}
