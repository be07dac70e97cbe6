package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

func TestTimelineOfNothing(t *testing.T) {
	t.Parallel()

	for name, runs := range map[string][]workflows.RunHistory{
		"no run": nil, "a run without events": {{Number: 1}},
	} {
		timeline := workflows.TimelineOf(runs)
		require.Equal(t, notification.TimelineFromHistory, timeline.Source, name)
		require.NotNil(t, timeline.Entries, name)
		require.Empty(t, timeline.Entries, name)
	}
}

func TestTimelineTellsRunAfterRun(t *testing.T) {
	t.Parallel()

	first := newChronicle(t).started().endedByFault(workflows.NotificationResult{
		Status: notification.StatusFailed, Reason: notification.ReasonIOKeyRejected,
	})
	second := newChronicle(t).started()

	require.Equal(t, []notification.Entry{
		{At: at(1), Kind: notification.EntryStarted, State: notification.EntryDone, Run: 1},
		{
			At: at(2), Kind: notification.EntrySettled, State: notification.EntryFault,
			Status: notification.StatusFailed, Reason: notification.ReasonIOKeyRejected,
		},
		{At: at(1), Kind: notification.EntryStarted, State: notification.EntryDone, Run: 2},
	}, workflows.TimelineOf([]workflows.RunHistory{
		{Number: 1, Events: first.events}, {Number: 2, Events: second.events},
	}).Entries)
}

func TestTimelineOfSteps(t *testing.T) {
	t.Parallel()

	const (
		io, sms = notification.ChannelIO, notification.ChannelSMS

		well     = notification.EntryDone
		unwanted = notification.EntryNegative
		fault    = notification.EntryFault
	)

	profile := func(answer workflows.ProfileResult) func(*chronicle) {
		return func(c *chronicle) { c.done(workflows.ActivityCheckProfile, answer) }
	}
	delivery := func(activity string, status notification.AttemptStatus, why notification.Reason) func(*chronicle) {
		return func(c *chronicle) { c.done(activity, workflows.DeliveryResult{Status: status, Reason: why}) }
	}

	cases := map[string]struct {
		build func(*chronicle)
		want  notification.Entry // At is of the last event
	}{
		"prepared": {
			func(c *chronicle) { c.local(workflows.ActivityPrepare, workflows.Plan{HasPhone: true}) },
			notification.Entry{Kind: notification.EntryValidated, State: well},
		},
		"invalid codice fiscale": {
			func(c *chronicle) {
				c.local(workflows.ActivityPrepare, workflows.Plan{Reason: notification.ReasonFiscalCodeInvalid})
			},
			notification.Entry{
				Kind: notification.EntryValidated, State: unwanted, Reason: notification.ReasonFiscalCodeInvalid,
			},
		},
		"channel left out": {
			func(c *chronicle) {
				c.local(workflows.ActivitySkipChannel, workflows.SkipInput{Channel: sms, Reason: notification.ReasonSMSNoPhone})
			},
			notification.Entry{
				Kind: notification.EntrySkipped, State: unwanted, Channel: sms, Reason: notification.ReasonSMSNoPhone,
			},
		},
		"on hold": {
			func(c *chronicle) {
				c.local(workflows.ActivityHold, workflows.HoldInput{Reason: notification.ReasonIOOutcomeUncertain})
			},
			notification.Entry{
				Kind: notification.EntryOnHold, State: unwanted, Reason: notification.ReasonIOOutcomeUncertain,
			},
		},
		"resumed": {
			func(c *chronicle) { c.local(workflows.ActivityResume, nil) },
			notification.Entry{Kind: notification.EntryResumed, State: well},
		},
		"on IO": {
			profile(workflows.ProfileResult{Reachable: true}),
			notification.Entry{Kind: notification.EntryProfile, State: well, Channel: io, Tries: 1},
		},
		"not on IO": {
			profile(workflows.ProfileResult{Reason: notification.ReasonIOProfileNotFound}),
			notification.Entry{
				Kind: notification.EntryProfile, State: unwanted, Channel: io, Tries: 1,
				Reason: notification.ReasonIOProfileNotFound,
			},
		},
		"key rejected": {
			profile(workflows.ProfileResult{Reason: notification.ReasonIOKeyRejected}),
			notification.Entry{
				Kind: notification.EntryProfile, State: fault, Channel: io, Tries: 1,
				Reason: notification.ReasonIOKeyRejected,
			},
		},
		"handed to IO": {
			func(c *chronicle) { c.done(workflows.ActivitySendToIO, sent(ioAttempt)) },
			notification.Entry{Kind: notification.EntrySentIO, State: well, Channel: io, Tries: 1},
		},
		"in doubt": {
			func(c *chronicle) {
				c.done(workflows.ActivitySendToIO, uncertain(ioAttempt, notification.ReasonIOOutcomeUncertain))
			},
			notification.Entry{
				Kind: notification.EntrySentIO, State: fault, Channel: io, Tries: 1,
				Reason: notification.ReasonIOOutcomeUncertain,
			},
		},
		"delivered by IO": {
			delivery(workflows.ActivityAwaitIODelivery, notification.AttemptDelivered, notification.ReasonIODelivered),
			notification.Entry{
				Kind: notification.EntryDeliveredIO, State: well, Channel: io, Tries: 1,
				Reason: notification.ReasonIODelivered,
			},
		},
		"rejected by IO": {
			delivery(workflows.ActivityAwaitIODelivery, notification.AttemptFailed, notification.ReasonIORejected),
			notification.Entry{
				Kind: notification.EntryDeliveredIO, State: unwanted, Channel: io, Tries: 1,
				Reason: notification.ReasonIORejected,
			},
		},
		"SMS refused": {
			func(c *chronicle) {
				c.done(workflows.ActivitySendSMS, notSent(smsAttempt, notification.ReasonSMSOptedOut))
			},
			notification.Entry{
				Kind: notification.EntrySentSMS, State: unwanted, Channel: sms, Tries: 1,
				Reason: notification.ReasonSMSOptedOut,
			},
		},
		"SMS unconfirmed": {
			delivery(workflows.ActivityAwaitSMSDelivery, notification.AttemptSent, notification.ReasonSMSUnconfirmed),
			notification.Entry{
				Kind: notification.EntryDeliveredSMS, State: unwanted, Channel: sms, Tries: 1,
				Reason: notification.ReasonSMSUnconfirmed,
			},
		},
		"scheduled": {
			func(c *chronicle) { c.timer("waiting for the sending time", time.Hour) },
			notification.Entry{Kind: notification.EntryScheduled, State: well, Until: at(1).Add(time.Hour)},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			story := newChronicle(t)
			c.build(story)

			c.want.At = at(len(story.events))
			require.Equal(t, []notification.Entry{c.want}, story.entries())
		})
	}
}

func TestTimelineCountsTheTries(t *testing.T) {
	t.Parallel()

	taken := workflows.DeliveryResult{Status: notification.AttemptDelivered, Reason: notification.ReasonIODelivered}

	cases := map[string]struct {
		before *failurepb.Failure
		want   notification.Reason
	}{
		"after a known trouble":         {failureOf(string(notification.ReasonIORateLimited)), notification.ReasonIORateLimited},
		"after an answer not final yet": {failureOf(workflows.FailureStillWaiting), ""},
		"after a trouble nobody knows":  {failureOf("panic"), notification.ReasonInternalError},
		"after a time-out": {
			&failurepb.Failure{FailureInfo: &failurepb.Failure_TimeoutFailureInfo{}}, notification.ReasonInternalError,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			story := newChronicle(t)
			story.doneAfter(workflows.ActivityAwaitIODelivery, taken, 5, c.before)

			entries := story.entries()
			require.Len(t, entries, 1)
			require.Equal(t, 5, entries[0].Tries)
			require.Equal(t, c.want, entries[0].LastReason)
			require.Equal(t, notification.EntryDone, entries[0].State)
		})
	}
}

func TestTimelineOfActivitiesThatFailed(t *testing.T) {
	t.Parallel()

	story := newChronicle(t)
	story.failed(story.begun(workflows.ActivityCheckProfile, 3, nil), failureOf(string(notification.ReasonInternalError)))
	story.timedOut(story.begun(workflows.ActivitySendSMS, 2, nil))
	story.failed(story.begun("Unknown", 1, nil), failureOf("x"))
	story.failed(99, failureOf("x"))
	story.completed(98, nil)

	require.Equal(t, []notification.Entry{
		{
			At: at(3), Kind: notification.EntryProfile, State: notification.EntryFault, Channel: notification.ChannelIO,
			Reason: notification.ReasonInternalError, Tries: 3,
		},
		{
			At: at(6), Kind: notification.EntrySentSMS, State: notification.EntryFault, Channel: notification.ChannelSMS,
			Reason: notification.ReasonInternalError, Tries: 2,
		},
	}, story.entries())
}

func TestTimelineOfSignals(t *testing.T) {
	t.Parallel()

	report := func(status notification.AttemptStatus, why notification.Reason) workflows.SMSReport {
		return workflows.SMSReport{AttemptID: smsAttempt, Status: status, Reason: why}
	}

	cases := map[string]struct {
		signal  string
		payload any
		want    notification.Entry
	}{
		"cancelled": {
			workflows.SignalCancel,
			workflows.Cancellation{Reason: notification.ReasonPaid},
			notification.Entry{Kind: notification.EntryCancelAsked, Reason: notification.ReasonPaid},
		},
		"held":    {workflows.SignalHold, nil, notification.Entry{Kind: notification.EntryHoldAsked}},
		"resumed": {workflows.SignalResume, nil, notification.Entry{Kind: notification.EntryResumeAsked}},
		"decided": {
			workflows.SignalDecide, workflows.DecisionResend,
			notification.Entry{Kind: notification.EntryDecided, Detail: "resend"},
		},
		"reported on its way": {
			workflows.SignalSMSStatus, report(notification.AttemptSent, ""),
			notification.Entry{Kind: notification.EntrySMSReport, Channel: notification.ChannelSMS},
		},
		"reported delivered": {
			workflows.SignalSMSStatus, report(notification.AttemptDelivered, notification.ReasonSMSDelivered),
			notification.Entry{
				Kind: notification.EntryDeliveredSMS, Channel: notification.ChannelSMS, Reason: notification.ReasonSMSDelivered,
			},
		},
		"reported undelivered": {
			workflows.SignalSMSStatus, report(notification.AttemptFailed, notification.ReasonSMSUnreachable),
			notification.Entry{
				Kind: notification.EntryDeliveredSMS, State: notification.EntryNegative,
				Channel: notification.ChannelSMS, Reason: notification.ReasonSMSUnreachable,
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			c.want.At = at(1)
			if c.want.State == "" {
				c.want.State = notification.EntryDone
			}

			require.Equal(t, []notification.Entry{c.want}, newChronicle(t).signalled(c.signal, c.payload).entries())
		})
	}
}

func TestTimelineOfEndings(t *testing.T) {
	t.Parallel()

	states := map[notification.Status]notification.EntryState{
		notification.StatusDelivered:    notification.EntryDone,
		notification.StatusNotDelivered: notification.EntryNegative,
		notification.StatusCancelled:    notification.EntryNegative,
		notification.StatusExpired:      notification.EntryNegative,
	}
	for status, state := range states {
		result := workflows.NotificationResult{
			Status: status, Reason: notification.ReasonExpired, Channel: notification.ChannelIO,
		}
		require.Equal(t, []notification.Entry{{
			At: at(1), Kind: notification.EntrySettled, State: state,
			Status: status, Reason: result.Reason, Channel: result.Channel,
		}}, newChronicle(t).ended(result).entries(), status)
	}
}

// An administrator may end a workflow by force, which leaves no result.
func TestTimelineOfEndingsByForce(t *testing.T) {
	t.Parallel()

	endings := map[string]*historypb.HistoryEvent{
		"terminated": {Attributes: &historypb.HistoryEvent_WorkflowExecutionTerminatedEventAttributes{}},
		"timed out":  {Attributes: &historypb.HistoryEvent_WorkflowExecutionTimedOutEventAttributes{}},
		"cancelled":  {Attributes: &historypb.HistoryEvent_WorkflowExecutionCanceledEventAttributes{}},
		"failed without a result": {
			Attributes: &historypb.HistoryEvent_WorkflowExecutionFailedEventAttributes{},
		},
	}
	for name, event := range endings {
		event.EventTime = timestamppb.New(at(1))

		story := newChronicle(t)
		story.events = append(story.events, event)

		require.Equal(t, []notification.Entry{{
			At: at(1), Kind: notification.EntrySettled, State: notification.EntryFault,
			Status: notification.StatusFailed, Reason: notification.ReasonInternalError,
		}}, story.entries(), name)
	}
}

func TestTimelineOfWorkUnderWay(t *testing.T) {
	t.Parallel()

	soon := at(9)
	kind := func(name string) *commonpb.ActivityType { return &commonpb.ActivityType{Name: name} }

	entries := workflows.TimelineOf([]workflows.RunHistory{{Number: 1, Pending: []*workflowpb.PendingActivityInfo{
		{
			ActivityType: kind(workflows.ActivitySendToIO), Attempt: 4,
			State:                   enumspb.PENDING_ACTIVITY_STATE_SCHEDULED,
			ScheduledTime:           timestamppb.New(at(1)),
			LastStartedTime:         timestamppb.New(at(3)),
			NextAttemptScheduleTime: timestamppb.New(soon),
			LastFailure:             failureOf(string(notification.ReasonIORateLimited)),
		},
		{
			ActivityType: kind(workflows.ActivityAwaitSMSDelivery), Attempt: 2,
			State:                   enumspb.PENDING_ACTIVITY_STATE_STARTED,
			ScheduledTime:           timestamppb.New(at(2)),
			NextAttemptScheduleTime: timestamppb.New(soon),
			LastFailure:             failureOf(workflows.FailureStillWaiting),
		},
		{ActivityType: kind(workflows.ActivityArchiveTimelines), Attempt: 1, ScheduledTime: timestamppb.New(at(2))},
	}}}).Entries

	require.Equal(t, []notification.Entry{
		{
			At: at(3), Kind: notification.EntrySentIO, State: notification.EntryRunning, Channel: notification.ChannelIO,
			Tries: 4, LastReason: notification.ReasonIORateLimited, NextTry: soon,
		},
		{
			At: at(2), Kind: notification.EntryDeliveredSMS, State: notification.EntryRunning,
			Channel: notification.ChannelSMS, Tries: 2,
		},
	}, entries)
}

func TestTimelinePassesOverWhatMeansNothing(t *testing.T) {
	t.Parallel()

	story := newChronicle(t)
	story.add(enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED)
	story.add(enumspb.EVENT_TYPE_UNSPECIFIED)
	story.events = append(story.events, nil, &historypb.HistoryEvent{})
	story.timer("expiry", time.Hour)
	story.timer("pause before sending again", time.Minute)
	story.marker("Version", nil, nil)
	story.marker("LocalActivity", nil, failureOf("x"))
	story.local(workflows.ActivitySettle, nil)
	story.local("Unknown", nil)
	story.done("Unknown", 7)
	story.signalled("unheard-of", 7)

	require.Empty(t, story.entries())
}

func TestTimelineHasGapsWhereItCannotRead(t *testing.T) {
	t.Parallel()

	story := newChronicle(t).started()
	story.marker("LocalActivity", map[string]*commonpb.Payloads{"data": unreadable(), "result": unreadable()}, nil)
	story.completed(story.begun(workflows.ActivityCheckProfile, 1, nil), unreadable())
	story.signalled(workflows.SignalCancel, nil)
	story.events[len(story.events)-1].GetWorkflowExecutionSignaledEventAttributes().Input = unreadable()
	story.signalled(workflows.SignalHold, nil)

	entries := story.entries()
	require.Len(t, entries, 4)
	require.Equal(t, notification.EntryStarted, entries[0].Kind)
	require.Equal(t, notification.EntryProfile, entries[1].Kind)
	require.NotEqual(t, notification.EntryDone, entries[1].State)
	require.Equal(t, notification.EntryCancelAsked, entries[2].Kind)
	require.Empty(t, entries[2].Reason)
	require.Equal(t, notification.EntryHoldAsked, entries[3].Kind)
}
