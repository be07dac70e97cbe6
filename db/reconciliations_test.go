package db_test

import (
	"testing"
	"time"

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
