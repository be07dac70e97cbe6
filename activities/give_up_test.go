package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// TestSendingPastTheDeadline looks at every state in which an earlier try may have left the attempt.
func TestSendingPastTheDeadline(t *testing.T) {
	t.Parallel()

	const (
		sent      = notification.HandOverSent
		notSent   = notification.HandOverNotSent
		uncertain = notification.HandOverUncertain
	)

	type change = db.AttemptChange

	// The reasons are those of IO; the same states of an SMS have the SMS's.
	for name, test := range map[string]struct {
		left     []change // after the attempt began
		handOver notification.HandOver
		reason   notification.Reason
		status   notification.AttemptStatus
	}{
		"sending": {nil, uncertain, notification.ReasonIOOutcomeUncertain, notification.AttemptUncertain},
		"pending": {
			[]change{{Status: notification.AttemptPending}},
			notSent, notification.ReasonIOUnavailable, notification.AttemptFailed,
		},
		"pending after too many calls": {
			[]change{{Status: notification.AttemptPending, Reason: notification.ReasonIORateLimited}},
			notSent, notification.ReasonIORateLimited, notification.AttemptFailed,
		},
		"sent": {
			[]change{{Status: notification.AttemptSent, ProviderID: "ID"}},
			sent, "", notification.AttemptSent,
		},
		"delivered": {
			[]change{{Status: notification.AttemptDelivered, ProviderID: "ID", Reason: notification.ReasonIODelivered}},
			sent, notification.ReasonIODelivered, notification.AttemptDelivered,
		},
		"taken over and then failed": {
			[]change{{Status: notification.AttemptFailed, ProviderID: "ID", Reason: notification.ReasonIORejected}},
			sent, notification.ReasonIORejected, notification.AttemptFailed,
		},
		"refused": {
			[]change{{Status: notification.AttemptFailed, Reason: notification.ReasonIOMessageRefused}},
			notSent, notification.ReasonIOMessageRefused, notification.AttemptFailed,
		},
		"uncertain": {
			[]change{{Status: notification.AttemptUncertain, Reason: notification.ReasonIOOutcomeUncertain}},
			uncertain, notification.ReasonIOOutcomeUncertain, notification.AttemptUncertain,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				b := newBench(t, store)
				id := b.toCitizen(t, simulator.CitizenDelivered, 1)
				attempt := b.begun(t, id, notification.ChannelIO)

				for _, left := range test.left {
					b.recorded(t, attempt.ID, left)
				}

				got, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendToIO).again(),
					workflows.Step{NotificationID: id, Deadline: overdue()})
				require.NoError(t, err)

				got.SentAt = time.Time{} // when it was is told by the attempt

				require.Equal(t, workflows.SendResult{AttemptID: attempt.ID, HandOver: test.handOver, Reason: test.reason}, got)

				after := b.onlyAttempt(t, id)
				require.Equal(t, test.status, after.Status)
				require.Equal(t, test.reason, after.Reason)
				require.Empty(t, b.received(t, id, simulator.ChannelIO))
			})
		})
	}
}

func TestNothingBegunBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for activity, test := range map[string]struct {
			channel     notification.Channel
			unavailable notification.Reason
			doubt       notification.Reason
		}{
			workflows.ActivitySendToIO: {
				notification.ChannelIO, notification.ReasonIOUnavailable, notification.ReasonIOOutcomeUncertain,
			},
			workflows.ActivitySendSMS: {
				notification.ChannelSMS, notification.ReasonSMSUnavailable, notification.ReasonSMSOutcomeUncertain,
			},
		} {
			t.Run(activity, func(t *testing.T) {
				t.Parallel()

				id := b.toPhone(t, simulator.PhoneDelivered, 1)
				want := workflows.SendResult{HandOver: notification.HandOverNotSent, Reason: test.unavailable}

				got, err := run[workflows.SendResult](b.task(t, activity).again(), workflows.Step{NotificationID: id, Deadline: overdue()})
				require.NoError(t, err)
				require.Equal(t, want, got)
				require.Empty(t, b.attempts(t, id))

				// Where a further attempt was wished for, the doubt about the earlier one stands.
				uncertain := b.begun(t, id, test.channel)
				b.recorded(t, uncertain.ID, db.AttemptChange{Status: notification.AttemptUncertain, Reason: test.doubt})

				want = workflows.SendResult{
					AttemptID: uncertain.ID, HandOver: notification.HandOverNotSent, Reason: test.doubt,
				}

				got, err = run[workflows.SendResult](b.task(t, activity).again(),
					workflows.Step{NotificationID: id, Deadline: overdue(), Supersedes: uncertain.ID})
				require.NoError(t, err)
				require.Equal(t, want, got)
				require.Equal(t, notification.AttemptUncertain, b.onlyAttempt(t, id).Status)
			})
		}
	})
}

// TestUncertainSMSPastTheDeadlineIsLookedUp: the provider can still be asked when nothing may be sent any more.
func TestUncertainSMSPastTheDeadlineIsLookedUp(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for name, test := range map[string]struct {
			phone    simulator.PhoneOutcome
			handOver notification.HandOver
			reason   notification.Reason
			status   notification.AttemptStatus
		}{
			"found": {simulator.PhoneTimeoutAfterAccepting, notification.HandOverSent, "", notification.AttemptSent},
			"not found": {
				simulator.PhoneTimeoutNothingStored, notification.HandOverUncertain,
				notification.ReasonSMSOutcomeUncertain, notification.AttemptUncertain,
			},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				id := b.toPhone(t, test.phone, 1)
				k := b.task(t, workflows.ActivitySendSMS).again()

				_, err := run[workflows.SendResult](k, stepOf(id))
				requireRetry(t, err, string(notification.ReasonSMSOutcomeUncertain))

				got, err := run[workflows.SendResult](k, workflows.Step{NotificationID: id, Deadline: overdue()})
				require.NoError(t, err)

				attempt := b.onlyAttempt(t, id)
				got.SentAt = time.Time{} // when it was is told by the attempt

				require.Equal(t, workflows.SendResult{AttemptID: attempt.ID, HandOver: test.handOver, Reason: test.reason}, got)
				require.Equal(t, test.status, attempt.Status)
			})
		}
	})
}
