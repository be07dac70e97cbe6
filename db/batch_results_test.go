package db_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestRowResults(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(10)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f := newTenant(t, store)
		id, rows := f.confirmed(t, true, good, bad, duplicate, good)
		f.accept(t, id, rows[0], rows[2])

		// To IO, then twice by SMS: both were paid for.
		first := rows[0].NotificationID
		f.record(t, f.claim(t, first, "").Attempt.ID, db.AttemptChange{Status: notification.AttemptSent})

		now = moment(11)
		failed := f.sms(t, first, "", db.AttemptChange{Status: notification.AttemptSent, Segments: 2})
		f.record(t, failed, db.AttemptChange{Status: notification.AttemptFailed})

		now = moment(12)

		f.sms(t, first, failed, db.AttemptChange{Status: notification.AttemptDelivered, Segments: 3})
		f.settleBy(t, first, notification.ChannelSMS)

		// Not sent: its parts cost nothing.
		f.sms(t, rows[2].NotificationID, "", db.AttemptChange{Status: notification.AttemptFailed, Segments: 4})

		want := []db.RowResult{
			{
				Number: 2, NotificationID: first, ExternalReference: "pratica-42", FiscalCode: fiscalCode,
				Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: notification.ChannelSMS,
				AcceptedAt: moment(1), SentToIOAt: moment(10), SentBySMSAt: moment(12), SettledAt: moment(12), SMSParts: 5,
			},
			{
				Number: 4, NotificationID: rows[2].NotificationID, ExternalReference: "pratica-42", FiscalCode: fiscalCode,
				Status: notification.StatusAccepted, AcceptedAt: moment(1),
			},
			{Number: 5, NotificationID: rows[3].NotificationID, Payload: rows[3].Payload},
		}

		all, err := store.RowResults(t.Context(), id, 0, 10)
		require.NoError(t, err)
		require.Equal(t, want, all)

		page, err := store.RowResults(t.Context(), id, 2, 1)
		require.NoError(t, err)
		require.Equal(t, want[1:2], page)

		end, err := store.RowResults(t.Context(), id, 5, 10)
		require.NoError(t, err)
		require.Empty(t, end)

		_, err = store.RowResults(t.Context(), newID(t), 0, 10)
		require.ErrorIs(t, err, db.ErrNotFound)

		withoutDuplicates, _ := f.confirmed(t, false, duplicate, good)
		results, err := store.RowResults(t.Context(), withoutDuplicates, 0, 10)
		require.NoError(t, err)
		require.Len(t, results, 1)
		require.Equal(t, 3, results[0].Number)
	})
}

// sms makes an attempt by SMS of which there is news, and gives its id.
func (f tenant) sms(tb testing.TB, id, supersedes string, news db.AttemptChange) string {
	tb.Helper()

	claim, err := f.store.BeginAttempt(tb.Context(), id, notification.ChannelSMS, supersedes)
	require.NoError(tb, err)
	require.True(tb, claim.Call)
	f.record(tb, claim.Attempt.ID, news)

	return claim.Attempt.ID
}
