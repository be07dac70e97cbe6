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

// timepiece lets a test say what time it is.
type timepiece struct{ at time.Time }

func (c *timepiece) now() time.Time { return c.at }

func eachWithClock(t *testing.T, run func(t *testing.T, store *db.Store, clock *timepiece)) {
	t.Helper()

	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		clock := &timepiece{at: moment(0)}
		run(t, dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clock.now}), clock)
	})
}

func begin(t *testing.T, store *db.Store) string {
	t.Helper()

	id := newID(t)
	require.NoError(t, store.BeginReconciliation(t.Context(), notification.Reconciliation{ID: id, ByID: "user-1", ByName: "Anna"}))

	return id
}

func end(t *testing.T, store *db.Store, id string, results ...notification.CheckResult) {
	t.Helper()
	require.NoError(t, store.EndReconciliation(t.Context(), notification.Reconciliation{
		ID: id, Results: results, Sums: notification.Sums{Since: "2026-11-23", Accepted: 3, Settled: 2, Kept: 2, Open: 1},
	}))
}

func stray(runID, subject string, change ...func(*notification.Finding)) notification.Finding {
	finding := notification.Finding{
		Check: notification.CheckStray, Code: notification.FindingWithoutRow, Subject: notification.SubjectNotification,
		SubjectID: subject, Action: notification.ActionPerson, RunID: runID,
	}
	for _, c := range change {
		c(&finding)
	}

	return finding
}

func repaired(f *notification.Finding) { f.Action = notification.ActionRepaired }

func TestAReconciliationIsKept(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, store *db.Store, clock *timepiece) {
		first := begin(t, store)
		require.NoError(t, store.BeginReconciliation(t.Context(), notification.Reconciliation{ID: first}), "noted twice")

		clock.at = moment(1)
		result := notification.CheckResult{Check: notification.CheckStray, Looked: 7, Found: 2, Repaired: 1, Person: 1, Difference: 1}
		end(t, store, first, result)

		clock.at = moment(60)
		second := begin(t, store)

		runs, err := store.Reconciliations(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, runs, 2)
		require.Equal(t, second, runs[0].ID)
		require.True(t, runs[0].EndedAt.IsZero())
		require.Equal(t, notification.Reconciliation{
			ID: first, ByID: "user-1", ByName: "Anna", StartedAt: moment(0), EndedAt: moment(1),
			Results: []notification.CheckResult{result},
			Sums:    notification.Sums{Since: "2026-11-23", Accepted: 3, Settled: 2, Kept: 2, Open: 1},
		}, runs[1])
		require.Equal(t, 1, runs[1].Difference())

		read, err := store.Reconciliation(t.Context(), first)
		require.NoError(t, err)
		require.Equal(t, runs[1], read)

		require.NoError(t, store.ForgetReconciliation(t.Context(), first), "one that has ended stays")
		require.NoError(t, store.ForgetReconciliation(t.Context(), second))
		_, err = store.Reconciliation(t.Context(), second)
		require.ErrorIs(t, err, db.ErrNotFound)
		require.ErrorIs(t, store.BeginReconciliation(t.Context(), notification.Reconciliation{ID: "no id"}), db.ErrInvalid)
	})
}

// TestAFindingsLife: found, found again, gone, and back.
func TestAFindingsLife(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, store *db.Store, clock *timepiece) {
		note := func(finding notification.Finding) notification.Finding {
			kept, err := store.NoteFinding(t.Context(), finding)
			require.NoError(t, err)

			read, err := store.Finding(t.Context(), kept.ID)
			require.NoError(t, err)
			require.Equal(t, kept, read)

			return read
		}

		first := begin(t, store)
		found := note(stray(first, "a"))
		require.Equal(t, found, note(stray(first, "a")), "a repeated page")
		require.True(t, found.Open())
		require.NoError(t, store.AcknowledgeFinding(t.Context(), found.ID, "user-1", "Anna", "visto"))
		require.ErrorIs(t, store.AcknowledgeFinding(t.Context(), found.ID, "user-1", "Anna", "visto"), db.ErrConflict)
		require.ErrorIs(t, store.AcknowledgeFinding(t.Context(), newID(t), "user-1", "Anna", "visto"), db.ErrNotFound)
		end(t, store, first, notification.CheckResult{Check: notification.CheckStray})

		clock.at = moment(60)
		second := begin(t, store)
		again := note(stray(second, "a"))
		require.Equal(t, []any{found.ID, moment(0), moment(60), "visto"}, []any{again.ID, again.FirstSeen, again.LastSeen, again.Note})
		require.False(t, again.Open(), "the acknowledgement holds as long as nothing changes")
		end(t, store, second, notification.CheckResult{Check: notification.CheckStray})

		clock.at = moment(120)
		end(t, store, begin(t, store), notification.CheckResult{Check: notification.CheckStray, Failed: true})
		require.True(t, reread(t, store, found.ID).ResolvedAt.IsZero(), "a check that was not made tells nothing")

		clock.at = moment(180)
		end(t, store, begin(t, store), notification.CheckResult{Check: notification.CheckStray})
		require.Equal(t, []any{notification.ActionGone, moment(180)},
			[]any{reread(t, store, found.ID).Action, reread(t, store, found.ID).ResolvedAt})

		clock.at = moment(240)
		back := note(stray(begin(t, store), "a"))
		require.True(t, back.Open())
		require.Empty(t, back.Note)
	})
}

func reread(t *testing.T, store *db.Store, id string) notification.Finding {
	t.Helper()

	found, err := store.Finding(t.Context(), id)
	require.NoError(t, err)

	return found
}

func TestRepairsAreCountedOncePerRun(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, store *db.Store, clock *timepiece) {
		for run := range 3 {
			clock.at = moment(60 * run)
			id := begin(t, store)

			before, err := store.RepairsOf(t.Context(), notification.CheckStray, "a", id)
			require.NoError(t, err)
			require.Equal(t, run, before)

			for range 2 {
				kept, err := store.NoteFinding(t.Context(), stray(id, "a", repaired))
				require.NoError(t, err)
				require.Equal(t, run+1, kept.Repairs)
				require.False(t, kept.Open())
			}

			before, err = store.RepairsOf(t.Context(), notification.CheckStray, "a", id)
			require.NoError(t, err)
			require.Equal(t, run, before, "a page that is repeated may repair as before")
		}
	})
}

// TestWhatWaitsForAPersonLasts: what was put before a person is found no more, and waits until somebody has acted.
func TestWhatWaitsForAPersonLasts(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, store *db.Store, clock *timepiece) {
		f := newTenant(t, store)
		waiting, retried := f.begun(t), f.begun(t)

		for _, id := range []string{waiting, retried} {
			f.settle(t, id, notification.StatusFailed, notification.ReasonWorkInterrupted)

			_, err := store.NoteFinding(t.Context(), stray(begin(t, store), id, func(found *notification.Finding) {
				found.Lasting, found.NotificationID, found.EnteID = true, id, f.ente.ID
			}))
			require.NoError(t, err)
		}

		_, err := store.ResetForRetry(t.Context(), retried)
		require.NoError(t, err)

		clock.at = moment(60)
		end(t, store, begin(t, store), notification.CheckResult{Check: notification.CheckStray})

		open, more, err := store.Findings(t.Context(), db.FindingFilter{Open: true}, db.Cursor{}, 10)
		require.NoError(t, err)
		require.False(t, more)
		require.Len(t, open, 1)
		require.Equal(t, waiting, open[0].NotificationID)

		count, err := store.CountOpenFindings(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, 1, count)

		all, more, err := store.Findings(t.Context(), db.FindingFilter{}, db.Cursor{}, 1)
		require.NoError(t, err)
		require.True(t, more)

		rest, more, err := store.Findings(t.Context(), db.FindingFilter{}, db.Cursor{AcceptedAt: all[0].LastSeen, ID: all[0].ID}, 1)
		require.NoError(t, err)
		require.False(t, more)
		require.NotEqual(t, all[0].ID, rest[0].ID)
	})
}

func TestOldReconciliationsAreForgotten(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, store *db.Store, clock *timepiece) {
		old := begin(t, store)
		over, err := store.NoteFinding(t.Context(), stray(old, "over", repaired))
		require.NoError(t, err)
		open, err := store.NoteFinding(t.Context(), stray(old, "open", func(f *notification.Finding) {
			f.Check, f.SubjectID = notification.CheckSums, "2026-11-23"
		}))
		require.NoError(t, err)

		clock.at = moment(0).AddDate(0, 0, 91)
		now := begin(t, store)
		end(t, store, now, notification.CheckResult{Check: notification.CheckStray})

		_, err = store.Reconciliation(t.Context(), old)
		require.ErrorIs(t, err, db.ErrNotFound)
		_, err = store.Finding(t.Context(), over.ID)
		require.ErrorIs(t, err, db.ErrNotFound)
		require.True(t, reread(t, store, open.ID).Open(), "nobody has seen to it")
	})
}

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

func TestOpenJobs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		wanted := notification.Intervention{
			ID: newID(t), EnteID: f.ente.ID, Act: notification.InterventionRetry, Why: "chiave rinnovata", CreatedAt: moment(0),
		}
		require.NoError(t, store.CreateIntervention(t.Context(), wanted))

		listed := func() []db.OpenJob {
			jobs, err := store.OpenInterventions(t.Context(), moment(5), "", 10)
			require.NoError(t, err)

			return jobs
		}

		require.Empty(t, listed(), "its workflow has to be started first")
		require.NoError(t, store.MarkInterventionStarted(t.Context(), wanted.ID))
		require.Equal(t, []db.OpenJob{{ID: wanted.ID, EnteID: f.ente.ID}}, listed())

		require.NoError(t, store.RestartIntervention(t.Context(), wanted.ID))
		require.Empty(t, listed())

		due, err := store.UnstartedInterventions(t.Context(), moment(5), 10)
		require.NoError(t, err)
		require.Len(t, due, 1)

		require.NoError(t, store.FinishIntervention(t.Context(), wanted.ID))
		require.ErrorIs(t, store.RestartIntervention(t.Context(), wanted.ID), db.ErrConflict)
	})
}
