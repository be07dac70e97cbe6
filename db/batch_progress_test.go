package db_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

// settleBy ends a notification that a channel delivered.
func (f tenant) settleBy(tb testing.TB, id string, channel notification.Channel) {
	tb.Helper()
	require.NoError(tb, f.store.Settle(tb.Context(), id, db.Settlement{
		Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: channel,
	}))
}

func TestBatchProgress(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		progress := func(id string) notification.BatchProgress {
			got, err := store.BatchProgress(t.Context(), id)
			require.NoError(t, err)

			return got
		}

		draftID, _ := f.drafted(t, good, duplicate, bad)
		require.Equal(t, notification.BatchProgress{ToSend: 1, Queued: 1}, progress(draftID))

		withDuplicates, _ := f.confirmed(t, true, good, duplicate, bad)
		require.Equal(t, notification.BatchProgress{ToSend: 2, Queued: 2}, progress(withDuplicates))

		id, rows := f.confirmed(t, false, append(slices.Repeat(states(good), 12), bad, duplicate)...)
		f.accept(t, id, rows[:11]...)
		f.accepted(t) // of another batch

		f.settleBy(t, rows[0].NotificationID, notification.ChannelIO)
		f.settleBy(t, rows[1].NotificationID, notification.ChannelIO)
		f.settleBy(t, rows[2].NotificationID, notification.ChannelSMS)

		for i, status := range []notification.Status{
			notification.StatusNotDelivered, notification.StatusFailed, notification.StatusCancelled, notification.StatusExpired,
		} {
			f.settle(t, rows[3+i].NotificationID, status, notification.ReasonIOUnavailable)
		}

		_, err := store.Begin(t.Context(), rows[7].NotificationID, firstRun())
		require.NoError(t, err)
		require.NoError(t, store.SetHold(t.Context(), rows[8].NotificationID, notification.ReasonIOOutcomeUncertain))

		got := progress(id)
		require.Equal(t, notification.BatchProgress{
			ToSend: 12, Queued: 1, InProgress: 3, OnHold: 1, DeliveredIO: 2, DeliveredSMS: 1, NotDelivered: 1, Failed: 1, Cancelled: 1,
			Expired: 1,
		}, got)
		require.Equal(t, 7, got.Ended())

		_, err = store.BatchProgress(t.Context(), newID(t))
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}

func TestBatchLoad(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id, rows := f.confirmed(t, false, slices.Repeat(states(good), 6)...)
		requireLoad := func(want db.BatchLoad) {
			got, err := store.BatchLoad(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}

		requireLoad(db.BatchLoad{})
		f.accept(t, id, rows...)
		f.accepted(t) // of another batch
		requireLoad(db.BatchLoad{Open: 6, Waiting: 6})

		// Known not to have been handed over, skipped, being handed over, handed over twice, ended.
		f.record(t, f.claim(t, rows[0].NotificationID, "").Attempt.ID, db.AttemptChange{Release: true})
		require.NoError(t, store.SkipAttempt(t.Context(), rows[1].NotificationID, io, notification.ReasonIOProfileNotFound))
		f.claim(t, rows[2].NotificationID, "")
		uncertain := f.claim(t, rows[3].NotificationID, "").Attempt.ID
		f.record(t, uncertain, db.AttemptChange{Status: notification.AttemptUncertain})
		f.record(t, f.claim(t, rows[3].NotificationID, uncertain).Attempt.ID, db.AttemptChange{Status: notification.AttemptSent})
		f.settle(t, rows[4].NotificationID, notification.StatusFailed, notification.ReasonIOUnavailable)
		requireLoad(db.BatchLoad{Open: 5, Waiting: 3})

		_, err := store.ResetForRetry(t.Context(), rows[4].NotificationID)
		require.NoError(t, err)
		requireLoad(db.BatchLoad{Open: 6, Waiting: 4})
	})
}

// What rests until its time, or before a person, keeps no other row from being sent.
func TestBatchLoadOfWhatRests(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id, rows := f.confirmed(t, false, good, good, good)

		later := f.notificationOf(t, id, rows[0])
		later.SendAt = farFuture()

		_, err := store.AcceptRows(t.Context(), []notification.Notification{later})
		require.NoError(t, err)
		f.accept(t, id, rows[1:]...)
		require.NoError(t, store.SetHold(t.Context(), rows[1].NotificationID, notification.ReasonHeldByOperator))

		got, err := store.BatchLoad(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, db.BatchLoad{Open: 3, Waiting: 1}, got)

		// Its time has come.
		_, err = store.Begin(t.Context(), later.ID, firstRun())
		require.NoError(t, err)
		require.NoError(t, store.ClearHold(t.Context(), rows[1].NotificationID))

		got, err = store.BatchLoad(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, db.BatchLoad{Open: 3, Waiting: 3}, got)
	})
}

func TestSettledSince(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(10)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f := newTenant(t, store)
		id, rows := f.confirmed(t, false, good, good, good, good)
		f.accept(t, id, rows...)
		f.settle(t, f.accepted(t), notification.StatusCancelled, notification.ReasonPaid) // of another batch

		for i, r := range rows[:3] {
			now = moment(10 + i)

			f.settle(t, r.NotificationID, notification.StatusCancelled, notification.ReasonPaid)
		}

		for minute, want := range map[int]int{0: 3, 10: 3, 11: 2, 12: 1, 13: 0} {
			got, err := store.SettledSince(t.Context(), id, moment(minute))
			require.NoError(t, err)
			require.Equal(t, want, got, minute)
		}
	})
}

func TestOpenOfBatch(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id, rows := f.confirmed(t, false, slices.Repeat(states(good), 5)...)
		f.accept(t, id, rows...)
		f.accepted(t) // of another batch

		slices.SortFunc(rows, func(a, b db.BatchRow) int { return cmp.Compare(a.NotificationID, b.NotificationID) })
		f.settle(t, rows[1].NotificationID, notification.StatusCancelled, notification.ReasonPaid)

		want := []string{rows[0].NotificationID, rows[2].NotificationID, rows[3].NotificationID, rows[4].NotificationID}

		first, err := store.OpenOfBatch(t.Context(), id, "", 3)
		require.NoError(t, err)
		require.Equal(t, want[:3], first)

		rest, err := store.OpenOfBatch(t.Context(), id, first[2], 3)
		require.NoError(t, err)
		require.Equal(t, want[3:], rest)

		none, err := store.OpenOfBatch(t.Context(), id, rest[0], 3)
		require.NoError(t, err)
		require.Empty(t, none)
	})
}
