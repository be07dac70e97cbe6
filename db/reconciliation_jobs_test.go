package db_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

// openBatches are the batches that wait for a workflow that was started.
func (f tenant) openBatches(t *testing.T) []db.OpenJob {
	t.Helper()

	jobs, err := f.store.OpenBatches(t.Context(), farFuture(), "", 10)
	require.NoError(t, err)

	return jobs
}

// begins notes that every workflow that batches wait for was started, and gives them.
func (f tenant) begins(t *testing.T) []db.BatchStart {
	t.Helper()

	starts, err := f.store.UnstartedBatches(t.Context(), farFuture(), 10)
	require.NoError(t, err)

	for _, start := range starts {
		require.NoError(t, f.store.MarkBatchStarted(t.Context(), start))
	}

	return starts
}

func TestOpenBatches(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		// make gives a batch that waits for a workflow, which is due, and ends lets the workflow end.
		make func(t *testing.T, f tenant) string
		ends func(t *testing.T, f tenant, id string)
		step db.BatchStep
	}{
		"checking": {
			func(t *testing.T, f tenant) string { t.Helper(); return f.uploaded(t) },
			func(t *testing.T, f tenant, id string) {
				t.Helper()
				require.NoError(t, f.store.FinishCheck(t.Context(), id, 1, db.CheckOutcome{Status: draft}))
			},
			db.BatchStepCheck,
		},
		"sampling": {
			func(t *testing.T, f tenant) string {
				t.Helper()

				id, _ := f.drafted(t, good)
				f.begins(t)
				require.Empty(t, f.openBatches(t), "a draft waits for a person")
				require.NoError(t, f.store.WantSample(t.Context(), id))

				return id
			},
			func(t *testing.T, f tenant, id string) {
				t.Helper()
				require.NoError(t, f.store.RecordSample(t.Context(), id, 1, notification.BatchSample{State: notification.SampleDone}))
			},
			db.BatchStepSample,
		},
		"sending": {
			func(t *testing.T, f tenant) string { t.Helper(); id, _ := f.confirmed(t, false, good); return id },
			func(t *testing.T, f tenant, id string) {
				t.Helper()
				require.NoError(t, f.store.MoveBatch(t.Context(), id, []notification.BatchStatus{notification.BatchSending},
					notification.BatchCompleted))
			},
			db.BatchStepSend,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				f := newTenant(t, store)
				id := test.make(t, f)
				job := db.OpenJob{ID: id, EnteID: f.ente.ID, Step: test.step, Check: 1}

				require.Empty(t, f.openBatches(t), "its workflow has to be started first")
				f.begins(t)
				require.Equal(t, []db.OpenJob{job}, f.openBatches(t))

				soon, err := store.OpenBatches(t.Context(), moment(0), "", 10)
				require.NoError(t, err)
				require.Empty(t, soon, "it became due only just")

				waits, err := store.BatchWaits(t.Context(), job)
				require.NoError(t, err)
				require.True(t, waits)

				require.NoError(t, store.RestartBatch(t.Context(), job))
				require.Empty(t, f.openBatches(t))
				starts := f.begins(t)
				require.Len(t, starts, 1)
				require.Equal(t, []any{id, test.step, 1}, []any{starts[0].BatchID, starts[0].Step, starts[0].Check})

				test.ends(t, f, id)
				require.Empty(t, f.openBatches(t))

				waits, err = store.BatchWaits(t.Context(), job)
				require.NoError(t, err)
				require.False(t, waits)
				require.ErrorIs(t, store.RestartBatch(t.Context(), job), db.ErrConflict)
			})
		})
	}
}

// TestOpenBatchOfAnotherReading: of a layout that was put right since, nothing is started again.
func TestOpenBatchOfAnotherReading(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		earlier := db.OpenJob{ID: f.uploaded(t), Step: db.BatchStepCheck, Check: 2}

		require.ErrorIs(t, store.RestartBatch(t.Context(), earlier), db.ErrConflict)

		waits, err := store.BatchWaits(t.Context(), earlier)
		require.NoError(t, err)
		require.False(t, waits)
	})
}

func TestOpenInterventions(t *testing.T) {
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

func TestOpenErasures(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		first := f.asked(t, func(e *notification.Erasure) { e.CreatedAt = moment(0) })
		second := f.asked(t, func(e *notification.Erasure) { e.CreatedAt, e.EnteID = moment(0), "" })
		jobs := []db.OpenJob{{ID: first.ID, EnteID: f.ente.ID}, {ID: second.ID}}

		slices.SortFunc(jobs, func(a, b db.OpenJob) int { return strings.Compare(a.ID, b.ID) })

		listed := func(before time.Time, after string) []db.OpenJob {
			found, err := store.OpenErasures(t.Context(), before, after, 10)
			require.NoError(t, err)

			return found
		}

		require.Empty(t, listed(moment(5), ""), "their workflows have to be started first")

		for _, job := range jobs {
			require.NoError(t, store.MarkErasureStarted(t.Context(), job.ID))
		}

		require.Equal(t, jobs, listed(moment(5), ""))
		require.Equal(t, jobs[1:], listed(moment(5), jobs[0].ID))
		require.Empty(t, listed(moment(0), ""))

		require.NoError(t, store.RestartErasure(t.Context(), jobs[0].ID))
		require.Equal(t, jobs[1:], listed(moment(5), ""))

		due, err := store.UnstartedErasures(t.Context(), moment(5), 10)
		require.NoError(t, err)
		require.Len(t, due, 1)

		require.NoError(t, store.FinishErasure(t.Context(), jobs[1].ID))
		require.Empty(t, listed(moment(5), ""))
		require.ErrorIs(t, store.RestartErasure(t.Context(), jobs[1].ID), db.ErrConflict)
	})
}
