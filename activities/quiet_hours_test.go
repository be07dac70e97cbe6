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

// quietNow is quiet from an hour ago until three hours from now.
func quietNow() notification.QuietHours {
	clock := func(d time.Duration) notification.DayTime {
		local := notification.InItaly(time.Now().Add(d))

		return notification.DayTime(local.Hour()*60 + local.Minute())
	}

	return notification.QuietHours{From: clock(-time.Hour), Until: clock(3 * time.Hour)}
}

func (b bench) quietly(t *testing.T, priority notification.Priority) string {
	t.Helper()

	policy := notification.DefaultPolicy()
	policy.Quiet = quietNow()

	id, _, err := b.store.Submit(t.Context(), db.Submission{Notification: notification.Notification{
		ID: newID(t), EnteID: b.service.EnteID, ServiceID: b.service.ID,
		Recipient: notification.Recipient{
			FiscalCode: simulator.FiscalCode(simulator.CitizenNotOnIO, 1), Phone: simulator.Phone(simulator.PhoneDelivered, 7),
		},
		Content: notification.Content{Subject: subject, Markdown: markdown, SMSText: smsText}, Policy: policy, Priority: priority,
	}})
	require.NoError(t, err)

	return id
}

func TestNoSMSInQuietHours(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.quietly(t, notification.PriorityNormal)

		got, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendSMS), stepOf(id))
		require.NoError(t, err)
		require.Equal(t, notification.HandOverNotSent, got.HandOver)
		require.True(t, got.NotBefore.After(time.Now().Add(time.Hour)))
		require.Empty(t, b.attempts(t, id))
		require.Empty(t, b.received(t, id, simulator.ChannelTwilio))
	})
}

func TestUrgentSMSInQuietHours(t *testing.T) {
	t.Parallel()

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	id := b.quietly(t, notification.PriorityUrgent)

	got, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendSMS), stepOf(id))
	require.NoError(t, err)
	require.Equal(t, notification.HandOverSent, got.HandOver)
	require.Zero(t, got.NotBefore)
}

// Quiet hours may begin between two tries: what was refused before waits, what may have been sent is looked for at once.
func TestQuietHoursBetweenTwoTries(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.quietly(t, notification.PriorityNormal)

		attempt := b.begun(t, id, notification.ChannelSMS)
		b.recorded(t, attempt.ID, db.AttemptChange{Status: notification.AttemptPending, Reason: notification.ReasonSMSUnavailable})

		got, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendSMS).again(), stepOf(id))
		require.NoError(t, err)
		require.False(t, got.NotBefore.IsZero())

		b.begun(t, id, notification.ChannelSMS)

		_, err = run[workflows.SendResult](b.task(t, workflows.ActivitySendSMS).again(), stepOf(id))
		requireRetry(t, err, smsUncertain)
		require.Empty(t, b.received(t, id, simulator.ChannelTwilio))
	})
}
