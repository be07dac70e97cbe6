package db_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestBegin(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.accepted(t)

		begun, err := store.Begin(t.Context(), id, firstRun())
		require.NoError(t, err)
		require.Equal(t, notification.StatusInProgress, begun.Status)
		require.Equal(t, fiscalCode, begun.Recipient.FiscalCode)
		require.Equal(t, markdown, begun.Content.Markdown)
		require.Equal(t, notification.StatusInProgress, f.head(t, id).Status)

		claim, err := store.BeginAttempt(t.Context(), id, notification.ChannelIO, "")
		require.NoError(t, err)

		require.NoError(t, store.SetHold(t.Context(), id, notification.ReasonHeldByOperator))
		begun, err = store.Begin(t.Context(), id, firstRun())
		require.NoError(t, err)
		require.Equal(t, notification.StatusInProgress, begun.Status)
		require.Empty(t, begun.Reason)
		require.Equal(t, []notification.Attempt{claim.Attempt}, begun.Attempts)

		f.settle(t, id, notification.StatusCancelled, notification.ReasonPaid)
		_, err = store.Begin(t.Context(), id, firstRun())
		require.ErrorIs(t, err, db.ErrConflict, "a settled notification is not begun again")
		require.Equal(t, notification.StatusCancelled, f.head(t, id).Status)

		_, err = store.Begin(t.Context(), newID(t), firstRun())
		require.ErrorIs(t, err, db.ErrNotFound)
		_, err = store.Begin(t.Context(), "no UUID", firstRun())
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}

func TestBeginNotesItsRun(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.accepted(t)

		_, err := store.Begin(t.Context(), id, firstRun())
		require.NoError(t, err)

		runs, err := store.Runs(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, []string{firstRun().TemporalID}, runs, "noted without the starter")

		require.NoError(t, store.MarkStarted(t.Context(), id, 1, firstRun().TemporalID))

		runs, err = store.Runs(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, []string{firstRun().TemporalID}, runs, "and once only")
	})
}

func TestSettleTakesALateDelivery(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.begun(t)
		f.settle(t, id, notification.StatusNotDelivered, notification.ReasonSMSUnconfirmed)

		delivered := db.Settlement{
			Status: notification.StatusDelivered, Reason: notification.ReasonSMSDelivered, Channel: notification.ChannelSMS, Run: 1,
		}
		require.NoError(t, store.Settle(t.Context(), id, delivered))
		require.Equal(t, notification.StatusDelivered, f.head(t, id).Status)

		f.settle(t, id, notification.StatusNotDelivered, notification.ReasonSMSUnconfirmed)
		require.Equal(t, notification.StatusDelivered, f.head(t, id).Status, "a delivery is never taken back")
	})
}

func TestSettleTakesALateDeliveryOnlyWhereOneWasPossible(t *testing.T) {
	t.Parallel()

	const otherRun = 2

	for name, test := range map[string]struct {
		status    notification.Status
		reason    notification.Reason
		run       int
		corrected bool
	}{
		"IO said nothing in time":  {notification.StatusFailed, notification.ReasonIONotProcessedInTime, 1, true},
		"nobody knows of the SMS":  {notification.StatusFailed, notification.ReasonSMSOutcomeUncertain, 1, true},
		"of another run":           {notification.StatusNotDelivered, notification.ReasonSMSUnconfirmed, otherRun, false},
		"nothing was ever sent":    {notification.StatusFailed, notification.ReasonIOUnavailable, 1, false},
		"cancelled before":         {notification.StatusCancelled, notification.ReasonPaid, 1, false},
		"delivered by IO meantime": {notification.StatusDelivered, notification.ReasonIODelivered, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				f := newTenant(t, store)
				id := f.begun(t)
				f.settle(t, id, test.status, test.reason)
				before := f.head(t, id)

				require.NoError(t, store.Settle(t.Context(), id, db.Settlement{
					Status: notification.StatusDelivered, Reason: notification.ReasonSMSDelivered,
					Channel: notification.ChannelSMS, Run: test.run,
				}))

				if !test.corrected {
					require.Equal(t, before, f.head(t, id))

					return
				}

				require.Equal(t, notification.StatusDelivered, f.head(t, id).Status)
				require.Equal(t, notification.ReasonSMSDelivered, f.head(t, id).Reason)
			})
		})
	}
}

// Why nobody waits any longer is news of an attempt that is still no more than sent.
func TestSentKeepsItsNewReason(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.claim(t, f.begun(t), "").Attempt.ID
		f.record(t, id, db.AttemptChange{Status: notification.AttemptSent})

		late := db.AttemptChange{Status: notification.AttemptSent, Reason: notification.ReasonIONotProcessedInTime}
		require.Equal(t, late.Reason, f.record(t, id, late).Reason)

		// A repetition without a reason takes none away, and a final state keeps its own.
		require.Equal(t, late.Reason, f.record(t, id, db.AttemptChange{Status: notification.AttemptSent}).Reason)

		delivered := db.AttemptChange{Status: notification.AttemptDelivered, Reason: notification.ReasonIODelivered}
		f.record(t, id, delivered)
		require.Equal(t, delivered.Reason, f.record(t, id, late).Reason)

		delivered.Reason = notification.ReasonSMSDelivered
		require.Equal(t, notification.ReasonIODelivered, f.record(t, id, delivered).Reason)
	})
}

func TestHold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.begun(t)

		require.NoError(t, store.ClearHold(t.Context(), id))
		require.Equal(t, notification.StatusInProgress, f.head(t, id).Status)

		require.NoError(t, store.SetHold(t.Context(), id, notification.ReasonIOOutcomeUncertain))
		require.Equal(t, notification.StatusOnHold, f.head(t, id).Status)
		require.Equal(t, notification.ReasonIOOutcomeUncertain, f.head(t, id).Reason)

		require.NoError(t, store.ClearHold(t.Context(), id))
		require.Equal(t, notification.StatusInProgress, f.head(t, id).Status)
		require.Empty(t, f.head(t, id).Reason)

		f.settle(t, id, notification.StatusDelivered, notification.ReasonIODelivered)
		require.NoError(t, store.SetHold(t.Context(), id, notification.ReasonHeldByOperator))
		require.NoError(t, store.ClearHold(t.Context(), id))
		require.Equal(t, notification.StatusDelivered, f.head(t, id).Status)

		require.ErrorIs(t, store.SetHold(t.Context(), newID(t), notification.ReasonHeldByOperator), db.ErrNotFound)
	})
}

func TestSettle(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(10)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f := newTenant(t, store)
		id := f.begun(t)

		require.ErrorIs(t, store.Settle(t.Context(), id, db.Settlement{Status: notification.StatusOnHold}), db.ErrInvalid)
		require.ErrorIs(t, store.Settle(t.Context(), newID(t), db.Settlement{Status: notification.StatusFailed}), db.ErrNotFound)

		delivered := db.Settlement{
			Status: notification.StatusDelivered, Reason: notification.ReasonSMSDelivered, Channel: notification.ChannelSMS, Run: 1,
		}
		require.NoError(t, store.Settle(t.Context(), id, delivered))

		now = moment(20)

		require.NoError(t, store.Settle(t.Context(), id, delivered))
		f.settle(t, id, notification.StatusFailed, notification.ReasonInternalError)

		head := f.head(t, id)
		require.Equal(t, notification.StatusDelivered, head.Status)
		require.Equal(t, notification.ReasonSMSDelivered, head.Reason)
		require.Equal(t, notification.ChannelSMS, head.Channel)
		require.Equal(t, moment(10), head.SettledAt)
	})
}

func TestSettleConcurrently(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.begun(t)
		ends := []db.Settlement{
			{Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: io},
			{Status: notification.StatusCancelled, Reason: notification.ReasonCancelledByEnte},
			{Status: notification.StatusExpired, Reason: notification.ReasonExpired},
			{Status: notification.StatusFailed, Reason: notification.ReasonInternalError},
		}
		errs, seen := make([]error, len(ends)), make([]notification.Status, len(ends))

		together(t, store, len(ends), func(i int) {
			if errs[i] = store.Settle(t.Context(), id, ends[i]); errs[i] == nil {
				var head notification.Notification

				head, errs[i] = store.Head(t.Context(), id)
				seen[i] = head.Status
			}
		})

		for i, err := range errs {
			require.NoError(t, err)
			require.Equal(t, seen[0], seen[i], "the first settlement stands")
		}
	})
}

func TestResetForRetry(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.begun(t)
		require.NoError(t, store.MarkStarted(t.Context(), id, 1, "run-1"))

		_, err := store.ResetForRetry(t.Context(), id)
		require.ErrorIs(t, err, db.ErrConflict)

		claim, err := store.BeginAttempt(t.Context(), id, notification.ChannelIO, "")
		require.NoError(t, err)
		failed, err := store.RecordAttempt(t.Context(), claim.Attempt.ID,
			db.AttemptChange{Status: notification.AttemptFailed, Reason: notification.ReasonIOKeyRejected})
		require.NoError(t, err)
		f.settle(t, id, notification.StatusFailed, notification.ReasonIOKeyRejected)

		head, err := store.ResetForRetry(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, f.head(t, id), head)
		require.Equal(t, notification.StatusAccepted, head.Status)
		require.Equal(t, 2, head.Run)
		require.Empty(t, head.Reason)
		require.Zero(t, head.SettledAt)

		_, err = store.Begin(t.Context(), id, firstRun())
		require.ErrorIs(t, err, db.ErrConflict, "an earlier run has nothing to do any more")

		begun, err := store.Begin(t.Context(), id, db.Run{Number: 2, TemporalID: "run-2"})
		require.NoError(t, err)
		require.Equal(t, []notification.Attempt{failed}, begun.Attempts)

		late := db.Settlement{Status: notification.StatusFailed, Reason: notification.ReasonInternalError, Run: 1}
		require.NoError(t, store.Settle(t.Context(), id, late))
		require.Equal(t, notification.StatusInProgress, f.head(t, id).Status, "an earlier run cannot end a later one")

		_, err = store.ResetForRetry(t.Context(), newID(t))
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}

func TestUpgradeSettlement(t *testing.T) {
	t.Parallel()

	tests := []struct {
		status   notification.Status
		reason   notification.Reason
		upgraded bool
	}{
		{notification.StatusNotDelivered, notification.ReasonSMSUnreachable, true},
		{notification.StatusNotDelivered, notification.ReasonSMSUnconfirmed, true},
		{notification.StatusFailed, notification.ReasonSMSUnconfirmed, true},
		{notification.StatusFailed, notification.ReasonIOOutcomeUncertain, true},
		{notification.StatusFailed, notification.ReasonSMSCredentialsRejected, false},
		{notification.StatusCancelled, notification.ReasonPaid, false},
		{notification.StatusExpired, notification.ReasonExpired, false},
		{notification.StatusDelivered, notification.ReasonIODelivered, false},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s %s", test.status, test.reason), func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				f := newTenant(t, store)
				id := f.begun(t)
				f.settle(t, id, test.status, test.reason)
				before := f.head(t, id)

				require.NoError(t, store.UpgradeSettlement(t.Context(), id, db.Settlement{
					Status: notification.StatusDelivered, Reason: notification.ReasonSMSDelivered, Channel: notification.ChannelSMS,
				}))

				if !test.upgraded {
					require.Equal(t, before, f.head(t, id))

					return
				}

				require.Equal(t, notification.StatusDelivered, f.head(t, id).Status)
				require.Equal(t, notification.ReasonSMSDelivered, f.head(t, id).Reason)
				require.Equal(t, notification.ChannelSMS, f.head(t, id).Channel)
			})
		})
	}
}

func TestUpgradeSettlementLeavesOpenNotifications(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.begun(t)

		require.NoError(t, store.UpgradeSettlement(t.Context(), id, db.Settlement{Status: notification.StatusDelivered}))
		require.Equal(t, notification.StatusInProgress, f.head(t, id).Status)

		err := store.UpgradeSettlement(t.Context(), id, db.Settlement{Status: notification.StatusFailed})
		require.ErrorIs(t, err, db.ErrInvalid)
	})
}
