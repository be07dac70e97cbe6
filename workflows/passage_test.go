package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/temporal"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// paused lets an activity meet a pause once.
func (v *voyage) paused(name string, result any, why notification.Reason) {
	failure := temporal.NewApplicationErrorWithOptions(string(why), workflows.FailurePaused,
		temporal.ApplicationErrorOptions{NonRetryable: true, Details: []any{why}})
	v.env.OnActivity(name, mock.Anything, mock.Anything).Return(result, failure).Once()
}

// pauseLasts lets the wait for the end of the pause be answered then.
func (v *voyage) pauseLasts(until time.Duration) *[]workflows.Passage {
	var asked []workflows.Passage

	v.env.OnActivity(workflows.ActivityAwaitPassage, mock.Anything, mock.Anything).
		Return(func(_ context.Context, in workflows.Passage) error {
			asked = append(asked, in)

			if left := until - v.env.Now().Sub(departure()); left > 0 {
				return temporal.NewApplicationErrorWithOptions("", workflows.FailureStillWaiting,
					temporal.ApplicationErrorOptions{NextRetryDelay: left})
			}

			return nil
		})

	return &asked
}

func TestAPauseMakesTheStepWait(t *testing.T) {
	t.Parallel()

	const lasts = 30 * time.Hour

	cases := map[string]struct {
		sets    func(*voyage)
		channel notification.Channel
		last    string
		settled notification.Reason
	}{
		"before the profile": {
			func(v *voyage) {
				v.paused(workflows.ActivityCheckProfile, workflows.ProfileResult{}, notification.ReasonIOPaused)
				v.onIO()
				v.ioTakes()
				v.ioDelivers()
			}, notification.ChannelIO, workflows.ActivityCheckProfile, notification.ReasonIODelivered,
		},
		"before the message": {
			func(v *voyage) {
				v.onIO()
				v.paused(workflows.ActivitySendToIO, workflows.SendResult{}, notification.ReasonServicePaused)
				v.ioTakes()
				v.ioDelivers()
			}, notification.ChannelIO, workflows.ActivitySendToIO, notification.ReasonIODelivered,
		},
		"before the SMS": {
			func(v *voyage) {
				v.notOnIO(notification.ReasonIOProfileNotFound)
				v.paused(workflows.ActivitySendSMS, workflows.SendResult{}, notification.ReasonSMSPaused)
				v.bySMS()
			}, notification.ChannelSMS, workflows.ActivitySendSMS, notification.ReasonSMSDelivered,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := newVoyage(t)
			v.prepared(withPhone())
			c.sets(v)
			asked := v.pauseLasts(lasts)
			v.run()

			v.requireSettled(t, notification.StatusDelivered, c.settled, c.channel)
			require.Len(t, v.of(workflows.ActivityHold), 1)
			require.True(t, v.of(workflows.ActivityHold)[0].held.Reason.Paused())
			require.Len(t, v.of(workflows.ActivityResume), 1)
			require.Equal(t, c.channel, (*asked)[0].Channel)

			steps := v.of(c.last)
			require.Len(t, steps, 2, "the step is taken again")
			require.GreaterOrEqual(t, steps[1].at.Sub(departure()), lasts)
			require.Equal(t, steps[0].step, steps[1].step, "the activity itself knows how long the pause was")

			for _, call := range v.calls {
				if call.activity == workflows.ActivitySendSMS {
					require.Equal(t, notification.ChannelSMS, c.channel, "no SMS because of the pause")
				}
			}
		})
	}
}

func TestANotificationThatWaitsForAPauseCanBeCancelledAndHeld(t *testing.T) {
	t.Parallel()

	waiting := func(t *testing.T) *voyage {
		t.Helper()

		v := newVoyage(t)
		v.prepared(withPhone())
		v.paused(workflows.ActivityCheckProfile, workflows.ProfileResult{}, notification.ReasonIOPaused)

		return v
	}

	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()

		v := waiting(t)
		v.pauseLasts(100 * time.Hour)
		v.cancel(time.Hour, notification.ReasonPaid)
		v.run()
		v.requireSettled(t, notification.StatusCancelled, notification.ReasonPaid, "")
	})

	t.Run("expired", func(t *testing.T) {
		t.Parallel()

		v := waiting(t)
		v.in.ExpiresAt = departure().Add(time.Hour)
		v.pauseLasts(time.Hour + time.Minute) // the activity answers at the expiry
		v.run()
		v.requireSettled(t, notification.StatusExpired, notification.ReasonExpired, "")
	})

	t.Run("held", func(t *testing.T) {
		t.Parallel()

		v := waiting(t)
		v.onIO()
		v.ioTakes()
		v.ioDelivers()
		v.pauseLasts(2 * time.Hour)
		v.signal(time.Hour, workflows.SignalHold, nil)
		v.signal(9*time.Hour, workflows.SignalResume, nil)
		v.run()
		v.requireSettled(t, notification.StatusDelivered, notification.ReasonIODelivered, notification.ChannelIO)
		require.Equal(t, 9*time.Hour, v.of(workflows.ActivityCheckProfile)[1].at.Sub(departure()))
	})
}

// The step that met a pause is no fault, and the timeline tells none.
func TestTimelineTellsNoFaultOfAPause(t *testing.T) {
	t.Parallel()

	failed := &historypb.HistoryEvent{Attributes: &historypb.HistoryEvent_ActivityTaskFailedEventAttributes{
		ActivityTaskFailedEventAttributes: &historypb.ActivityTaskFailedEventAttributes{
			ScheduledEventId: 1,
			Failure: &failurepb.Failure{FailureInfo: &failurepb.Failure_ApplicationFailureInfo{
				ApplicationFailureInfo: &failurepb.ApplicationFailureInfo{Type: workflows.FailurePaused},
			}},
		},
	}}

	require.Empty(t, workflows.TimelineOf([]workflows.RunHistory{{Number: 1, Events: []*historypb.HistoryEvent{failed}}}).Entries)
}
