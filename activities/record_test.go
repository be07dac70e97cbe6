package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// twice runs an activity two times, as Temporal does where the first answer got lost on its way.
func twice[R any](t *testing.T, k *task, input ...any) R {
	t.Helper()

	first, err := run[R](k, input...)
	require.NoError(t, err)

	second, err := run[R](k, input...)
	require.NoError(t, err)
	require.Equal(t, first, second)

	return second
}

func (b bench) head(t *testing.T, id string) notification.Notification {
	t.Helper()

	head, err := b.store.Head(t.Context(), id)
	require.NoError(t, err)

	return head
}

func TestSkipChannel(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		skip := workflows.SkipInput{
			NotificationID: b.toCitizen(t, simulator.CitizenDelivered, 1), Channel: notification.ChannelSMS, Reason: notification.ReasonSMSNoPhone,
		}

		require.Equal(t, skip, twice[workflows.SkipInput](t, b.task(t, workflows.ActivitySkipChannel), skip))

		skipped := b.onlyAttempt(t, skip.NotificationID)
		require.Equal(t, notification.AttemptSkipped, skipped.Status)
		require.Equal(t, skip.Channel, skipped.Channel)
		require.Equal(t, skip.Reason, skipped.Reason)
	})
}

func TestSkipChannelThatMayHaveBeenUsed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toPhone(t, simulator.PhoneDelivered, 1)
		b.begun(t, id, notification.ChannelSMS)

		_, err := run[any](b.task(t, workflows.ActivitySkipChannel), workflows.SkipInput{
			NotificationID: id, Channel: notification.ChannelSMS, Reason: notification.ReasonSMSNotEnabled,
		})
		requireFinal(t, err)
		require.Equal(t, notification.AttemptSending, b.onlyAttempt(t, id).Status)
	})
}

func TestHoldAndResume(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toCitizen(t, simulator.CitizenDelivered, 1)
		hold := workflows.HoldInput{NotificationID: id, Reason: notification.ReasonIOOutcomeUncertain}

		require.Equal(t, hold, twice[workflows.HoldInput](t, b.task(t, workflows.ActivityHold), hold))

		held := b.head(t, id)
		require.Equal(t, notification.StatusOnHold, held.Status)
		require.Equal(t, hold.Reason, held.Reason)

		twice[any](t, b.task(t, workflows.ActivityResume), stepOf(id))

		resumed := b.head(t, id)
		require.Equal(t, notification.StatusInProgress, resumed.Status)
		require.Empty(t, resumed.Reason)
	})
}

func TestSettle(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toCitizen(t, simulator.CitizenDelivered, 1)

		settle := func(status notification.Status, reason notification.Reason, channel notification.Channel) {
			twice[any](t, b.task(t, workflows.ActivitySettle), workflows.SettleInput{
				NotificationID:     id,
				NotificationResult: workflows.NotificationResult{Status: status, Reason: reason, Channel: channel},
			})
		}

		settle(notification.StatusDelivered, notification.ReasonIODelivered, notification.ChannelIO)

		settled := b.head(t, id)
		require.Equal(t, notification.StatusDelivered, settled.Status)
		require.Equal(t, notification.ReasonIODelivered, settled.Reason)
		require.Equal(t, notification.ChannelIO, settled.Channel)

		// The first end stands.
		settle(notification.StatusFailed, notification.ReasonInternalError, "")
		require.Equal(t, settled, b.head(t, id))

		_, err := run[workflows.HoldInput](b.task(t, workflows.ActivityHold), workflows.HoldInput{NotificationID: id})
		require.NoError(t, err)
		require.Equal(t, settled, b.head(t, id))
	})
}

func TestSettleNeedsAFinalStatus(t *testing.T) {
	t.Parallel()

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	id := b.toCitizen(t, simulator.CitizenDelivered, 1)

	_, err := run[any](b.task(t, workflows.ActivitySettle), workflows.SettleInput{
		NotificationID: id, NotificationResult: workflows.NotificationResult{Status: notification.StatusOnHold},
	})
	requireFinal(t, err)
	require.Equal(t, notification.StatusAccepted, b.head(t, id).Status)
}
