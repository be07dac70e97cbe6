package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// quiet lets the next try of the SMS find quiet hours, which end so long after the departure.
func (v *voyage) quiet(until time.Duration) {
	v.answers(workflows.ActivitySendSMS, workflows.SendResult{
		HandOver: notification.HandOverNotSent, NotBefore: departure().Add(until),
	})
}

// byNight is a citizen who is not on IO, reached when no SMS goes out.
func byNight(t *testing.T, until time.Duration) *voyage {
	t.Helper()

	v := newVoyage(t)
	v.prepared(withPhone())
	v.notOnIO(notification.ReasonIOProfileNotFound)
	v.quiet(until)

	return v
}

func TestSMSWaitsForTheEndOfQuietHours(t *testing.T) {
	t.Parallel()

	const night = 34 * time.Hour

	v := byNight(t, night)
	v.bySMS()
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)
	v.requireRoute(t, workflows.ActivityCheckProfile, workflows.ActivitySendSMS, workflows.ActivitySendSMS, workflows.ActivityAwaitSMSDelivery)

	tries := v.of(workflows.ActivitySendSMS)
	require.Equal(t, night, tries[1].at.Sub(departure()))
	require.Equal(t, night, tries[1].step.Deadline.Sub(tries[0].step.Deadline), "the wait does not count")
}

// The last minute before the end may have begun anew by the time that the activity's turn comes.
func TestSMSWaitsAgainWhereItsTurnComesLate(t *testing.T) {
	t.Parallel()

	v := byNight(t, time.Hour)
	v.quiet(25 * time.Hour)
	v.bySMS()
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)
	require.Equal(t, 25*time.Hour, v.of(workflows.ActivitySendSMS)[2].at.Sub(departure()))
}

func TestSMSDoesNotRunInCirclesBehindASlowClock(t *testing.T) {
	t.Parallel()

	v := byNight(t, -time.Minute)
	v.bySMS()
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)
	require.Equal(t, time.Minute, v.of(workflows.ActivitySendSMS)[1].at.Sub(departure()))
}

func TestCancelWhileQuiet(t *testing.T) {
	t.Parallel()

	v := byNight(t, 10*time.Hour)
	v.cancel(time.Hour, notification.ReasonPaid)
	v.run()

	v.requireSettled(t, notification.StatusCancelled, notification.ReasonPaid, "")
	require.Equal(t, time.Hour, v.of(workflows.ActivitySettle)[0].at.Sub(departure()))
}

func TestCancelledWorkflowWhileQuiet(t *testing.T) {
	t.Parallel()

	v := byNight(t, 10*time.Hour)
	v.env.RegisterDelayedCallback(v.env.CancelWorkflow, time.Hour)
	v.run()

	v.requireSettled(t, notification.StatusCancelled, notification.ReasonCancelledByOperator, "")
}

func TestHoldWhileQuiet(t *testing.T) {
	t.Parallel()

	v := byNight(t, 10*time.Hour)
	v.signal(time.Hour, workflows.SignalHold, nil)
	v.signal(14*time.Hour, workflows.SignalResume, nil)
	v.bySMS()
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)
	require.Equal(t, time.Hour, v.of(workflows.ActivityHold)[0].at.Sub(departure()), "it is held at once")

	tries := v.of(workflows.ActivitySendSMS)
	require.Equal(t, 14*time.Hour, tries[1].at.Sub(departure()), "not while it is held")
	require.Equal(t, 14*time.Hour, tries[1].step.Deadline.Sub(tries[0].step.Deadline))
}

func TestExpiryWhileQuiet(t *testing.T) {
	t.Parallel()

	v := byNight(t, 10*time.Hour)
	v.in.ExpiresAt = departure().Add(3 * time.Hour)
	v.run()

	v.requireSettled(t, notification.StatusExpired, notification.ReasonExpired, "")
	require.Len(t, v.of(workflows.ActivitySendSMS), 1, "nothing is sent any more")
	require.Equal(t, 3*time.Hour, v.of(workflows.ActivitySettle)[0].at.Sub(departure()))
}

func TestQuietHoursAreToldInTheTimeline(t *testing.T) {
	t.Parallel()

	c := newChronicle(t).started()
	opens := departure().Add(10 * time.Hour)
	c.done(workflows.ActivitySendSMS, workflows.SendResult{HandOver: notification.HandOverNotSent, NotBefore: opens})
	c.timer("waiting for the end of the quiet hours", 10*time.Hour)

	entries := workflows.TimelineOf([]workflows.RunHistory{{Number: 1, Events: c.events}}).Entries
	require.Len(t, entries, 2)
	require.Equal(t, notification.Entry{
		At: entries[1].At, Kind: notification.EntryQuietHours, State: notification.EntryDone, Channel: notification.ChannelSMS, Until: opens,
	}, entries[1])
}

func TestKeyTest(t *testing.T) {
	t.Parallel()

	options := map[string]workflow.ActivityOptions{}
	in := workflows.KeyTestInput{ServiceID: "service-1", EnteID: "ente-1", Slot: notification.KeySecondary, Number: 3}

	v := newVoyage(t)
	v.observe(options)
	v.answers(workflows.ActivityTestKey, notification.KeyRefused)
	v.env.ExecuteWorkflow(workflows.KeyTest, in)

	var got notification.KeyOutcome

	require.NoError(t, v.env.GetWorkflowError())
	require.NoError(t, v.env.GetWorkflowResult(&got))
	require.Equal(t, notification.KeyRefused, got)
	require.Equal(t, workflows.TaskQueueIO, options[workflows.ActivityTestKey].TaskQueue)
	require.Equal(t, "key-test/x", workflows.KeyTestID("x"))
}
