package workflows_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"google.golang.org/protobuf/proto"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// FuzzTimelineOfAnyEvents derives timelines from histories put together at random, broken payloads and dangling
// references included.
func FuzzTimelineOfAnyEvents(f *testing.F) {
	for seed := range uint64(50) {
		f.Add(seed, uint8(seed*5))
	}

	f.Fuzz(func(t *testing.T, seed uint64, length uint8) {
		t.Parallel()

		chaos := &chaos{chronicle: newChronicle(t), random: rand.New(rand.NewPCG(seed, seed))}
		for range length {
			chaos.happen()
		}

		pending := []*workflowpb.PendingActivityInfo{nil, {}, {ActivityType: &commonpb.ActivityType{Name: chaos.activity()}}}
		runs := []workflows.RunHistory{{Number: 1, Events: chaos.events, Pending: pending}}

		timeline := workflows.TimelineOf(runs)
		require.Equal(t, timeline, workflows.TimelineOf(runs), "the same history gives the same timeline")

		for _, entry := range timeline.Entries {
			require.NotEmpty(t, entry.Kind)
			require.NotEmpty(t, entry.State)
			require.NotEmpty(t, entry.Sentence(notification.Italian))
		}
	})
}

// FuzzTimelineOfAnyBytes derives timelines from whatever protobuf can make of any bytes.
func FuzzTimelineOfAnyBytes(f *testing.F) {
	for status := range 3 {
		story := &historypb.History{Events: []*historypb.HistoryEvent{
			{EventId: 1, EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED},
			{EventId: 2, Attributes: &historypb.HistoryEvent_MarkerRecordedEventAttributes{
				MarkerRecordedEventAttributes: &historypb.MarkerRecordedEventAttributes{
					MarkerName: "LocalActivity", Details: map[string]*commonpb.Payloads{"data": unreadable()},
				},
			}},
		}[:status]}

		seed, err := proto.Marshal(story)
		require.NoError(f, err)
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, wire []byte) {
		t.Parallel()

		var history historypb.History
		if proto.Unmarshal(wire, &history) != nil {
			return
		}

		workflows.TimelineOf([]workflows.RunHistory{{Number: 1, Events: history.GetEvents()}})
	})
}

// chaos writes events in no order that Temporal would.
type chaos struct {
	*chronicle

	random *rand.Rand
}

func (c *chaos) happen() {
	scheduled := int64(c.random.IntN(len(c.events) + 2))
	kinds := []func(){
		func() { c.started() },
		func() { c.local(c.activity(), c.payload()) },
		func() { c.done(c.activity(), c.payload()) },
		func() { c.begun(c.activity(), 3, failureOf("x")) },
		func() { c.completed(scheduled, unreadable()) },
		func() { c.failed(scheduled, nil) },
		func() { c.timedOut(scheduled) },
		func() { c.signalled(c.signal(), c.payload()) },
		func() { c.ended(c.payload()) },
		func() { c.endedByFault(c.payload()) },
		func() { c.marker("LocalActivity", map[string]*commonpb.Payloads{"data": unreadable()}, nil) },
		func() { c.events = append(c.events, nil) },
		func() { c.add(enumspb.EventType(c.random.IntN(60))) },
		func() {
			c.add(enumspb.EVENT_TYPE_TIMER_STARTED).Attributes = &historypb.HistoryEvent_TimerStartedEventAttributes{}
		},
		func() {
			c.add(enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED).Attributes = &historypb.HistoryEvent_ActivityTaskScheduledEventAttributes{}
		},
	}
	kinds[c.random.IntN(len(kinds))]()
}

func (c *chaos) activity() string {
	return pick(c, workflows.ActivityPrepare, workflows.ActivityCheckProfile, workflows.ActivitySendToIO,
		workflows.ActivityAwaitIODelivery, workflows.ActivitySkipChannel, workflows.ActivitySendSMS,
		workflows.ActivityAwaitSMSDelivery, workflows.ActivityHold, workflows.ActivityResume, "Unknown", "")
}

func (c *chaos) signal() string {
	return pick(c, workflows.SignalCancel, workflows.SignalHold, workflows.SignalResume, workflows.SignalDecide,
		workflows.SignalSMSStatus, "unheard-of")
}

func (c *chaos) payload() any {
	return pick[any](c, nil, 7, "close", []string{"x"}, workflows.Cancellation{Reason: "odd"},
		workflows.DeliveryResult{Status: "odd"}, workflows.NotificationResult{Status: "odd"},
		workflows.SMSReport{Status: notification.AttemptFailed}, uncertain("", ""))
}

func pick[T any](c *chaos, from ...T) T { return from[c.random.IntN(len(from))] }
