package db_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestALostNotificationIsRestartedOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.begun(t)
		require.NoError(t, store.SetHold(t.Context(), id, notification.ReasonIOOutcomeUncertain))

		start, err := store.RestartLost(t.Context(), id, 1)
		require.NoError(t, err)
		require.Equal(t, []any{id, 2}, []any{start.ID, start.Run})

		head := f.head(t, id)
		require.Equal(t, []any{notification.StatusAccepted, notification.Reason(""), 2}, []any{head.Status, head.Reason, head.Run})

		unstarted, err := store.Unstarted(t.Context(), time.Now().Add(time.Hour), 10)
		require.NoError(t, err)
		require.Len(t, unstarted, 1, "the sweep would start it, too")

		for _, run := range []int{1, 2} {
			_, err = store.RestartLost(t.Context(), id, run)
			require.ErrorIs(t, err, db.ErrConflict, "not the present run, or one that was not started")
		}

		settled := f.begun(t)
		f.settle(t, settled, notification.StatusFailed, notification.ReasonInternalError)
		_, err = store.RestartLost(t.Context(), settled, 1)
		require.ErrorIs(t, err, db.ErrConflict)
		_, err = store.RestartLost(t.Context(), newID(t), 1)
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}

func TestOpenRunsComePageByPage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		f.accepted(t) // not started
		f.settle(t, f.begun(t), notification.StatusFailed, notification.ReasonInternalError)

		wanted := map[string]bool{f.begun(t): true, f.begun(t): true, f.begun(t): true}
		soon := time.Now().Add(time.Hour)

		var (
			after db.Cursor
			found = map[string]bool{}
		)

		for {
			page, err := store.OpenRuns(t.Context(), notification.StatusInProgress, soon, after, 2)
			require.NoError(t, err)

			for _, row := range page {
				require.Equal(t, []any{f.ente.ID, 1}, []any{row.EnteID, row.Run})

				found[row.ID] = true
				after = db.Cursor{AcceptedAt: row.AcceptedAt, ID: row.ID}
			}

			if len(page) < 2 {
				break
			}
		}

		require.Equal(t, wanted, found)

		none, err := store.OpenRuns(t.Context(), notification.StatusInProgress, moment(-600), db.Cursor{}, 2)
		require.NoError(t, err)
		require.Empty(t, none, "all of them became ready later")

		states, err := store.States(t.Context(), []string{"no id", newID(t)})
		require.NoError(t, err)
		require.Empty(t, states)
	})
}

func TestHandOversAreFound(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		open, ended := f.begun(t), f.begun(t)
		provider := "SM" + uuid.NewString()

		claim, err := store.BeginAttempt(t.Context(), open, notification.ChannelSMS, "")
		require.NoError(t, err)
		sending, err := store.BeginAttempt(t.Context(), ended, notification.ChannelIO, "")
		require.NoError(t, err)
		_, err = store.RecordAttempt(t.Context(), claim.Attempt.ID, db.AttemptChange{
			Status: notification.AttemptSent, ProviderID: provider,
		})
		require.NoError(t, err)
		f.settle(t, ended, notification.StatusFailed, notification.ReasonInternalError)

		period := db.CallFilter{From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)}

		all, err := store.Calls(t.Context(), period, db.Cursor{}, 1)
		require.NoError(t, err)
		require.Equal(t, claim.Attempt.ID, all[0].AttemptID)
		require.Equal(t, []any{open, f.ente.ID, f.service.ID, false},
			[]any{all[0].NotificationID, all[0].EnteID, all[0].ServiceID, all[0].Ended})

		rest, err := store.Calls(t.Context(), period, db.Cursor{AcceptedAt: all[0].CalledAt, ID: all[0].AttemptID}, 5)
		require.NoError(t, err)
		require.Len(t, rest, 1)
		require.Equal(t, sending.Attempt.ID, rest[0].AttemptID)
		require.True(t, rest[0].Ended)

		tests := map[string]struct {
			change func(*db.CallFilter)
			found  string
		}{
			"of a channel":  {func(f *db.CallFilter) { f.Channel = notification.ChannelIO }, sending.Attempt.ID},
			"of a status":   {func(f *db.CallFilter) { f.Statuses = []notification.AttemptStatus{notification.AttemptSent} }, claim.Attempt.ID},
			"taken over":    {func(f *db.CallFilter) { f.Taken = true }, claim.Attempt.ID},
			"of an end":     {func(f *db.CallFilter) { f.Ended = true }, sending.Attempt.ID},
			"of other days": {func(f *db.CallFilter) { f.To = f.From }, ""},
		}
		for name, test := range tests {
			filter := period
			test.change(&filter)

			rows, err := store.Calls(t.Context(), filter, db.Cursor{}, 5)
			require.NoError(t, err, name)

			if test.found == "" {
				require.Empty(t, rows, name)

				continue
			}

			require.Len(t, rows, 1, name)
			require.Equal(t, test.found, rows[0].AttemptID, name)
		}

		known, err := store.CallsByProvider(t.Context(), notification.ChannelSMS, []string{provider, "SM-unknown"})
		require.NoError(t, err)
		require.Len(t, known, 1)
		require.Equal(t, claim.Attempt.ID, known[provider].AttemptID)
	})
}

// TestSumsAgreeUntilSomebodyMeddles: whatever was folded, what is kept is what is counted.
func TestSumsAgreeUntilSomebodyMeddles(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		f.begun(t)

		for i, reason := range []notification.Reason{notification.ReasonInternalError, notification.ReasonIOKeyRejected} {
			f.settle(t, f.begun(t), notification.StatusFailed, reason)

			if i == 0 {
				_, err := store.FoldFigures(t.Context(), 100)
				require.NoError(t, err)
			}
		}

		require.Equal(t, map[string]int{"kept": 2, "counted": 2, "open": 1}, sumsOf(t, store))

		require.NoError(t, store.ORM().Exec("DELETE FROM figure_changes").Error)
		require.Equal(t, map[string]int{"kept": 1, "counted": 2, "open": 1}, sumsOf(t, store))

		rows, err := store.SumsOfDay(t.Context(), moment(0).AddDate(0, 0, 1))
		require.NoError(t, err)
		require.Empty(t, rows)
		require.Equal(t, "2026-11-23", store.ItalianDay(moment(0)))
	})
}

func sumsOf(t *testing.T, store *db.Store) map[string]int {
	t.Helper()

	rows, err := store.SumsOfDay(t.Context(), moment(0))
	require.NoError(t, err)

	sums := map[string]int{}

	for _, row := range rows {
		if row.Open {
			row.Source = "open"
		}

		sums[row.Source] += row.Total
	}

	return sums
}
