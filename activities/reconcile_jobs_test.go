package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

func TestStuckInterventions(t *testing.T) {
	t.Parallel()
	inspect(t, func(t *testing.T, i *inspection) {
		lost, stopped := newID(t), newID(t)

		for _, id := range []string{lost, stopped} {
			require.NoError(t, i.store.CreateIntervention(t.Context(), notification.Intervention{
				ID: id, Act: notification.InterventionRetry, Why: "chiave rinnovata", CreatedAt: time.Now().Add(-time.Hour),
			}))
			require.NoError(t, i.store.MarkInterventionStarted(t.Context(), id))
		}

		i.engine.known[workflows.InterventionID(stopped)] = workflows.Execution{State: workflows.ExecutionStopped}

		result := i.check(t, notification.CheckJobs)
		require.Equal(t, notification.CheckResult{
			Check: notification.CheckJobs, Looked: 2, Found: 2, Repaired: 1, Person: 1, Difference: 1,
		}, result)

		due, err := i.store.UnstartedInterventions(t.Context(), time.Now(), 10)
		require.NoError(t, err)
		require.Len(t, due, 1)
		require.Equal(t, lost, due[0].ID)
		require.Equal(t, stopped, i.open(t)[0].SubjectID)
	})
}

func TestStuckErasures(t *testing.T) {
	t.Parallel()
	inspect(t, func(t *testing.T, i *inspection) {
		ids := make([]string, 4)

		for n := range ids {
			ids[n] = newID(t)
			require.NoError(t, i.store.CreateErasure(t.Context(), notification.Erasure{
				ID: ids[n], EnteID: i.service.EnteID, Why: "Protocollo 4711 del 2026", OpenOnes: notification.OpenWait,
				ByID: newID(t), ByName: "Olga", CreatedAt: time.Now().Add(-time.Hour),
			}, "RSSMRA80A01H501U"))
			require.NoError(t, i.store.MarkErasureStarted(t.Context(), ids[n]))
		}

		waits, ended, lost, stopped := ids[0], ids[1], ids[2], ids[3]
		i.engine.known[workflows.ErasureID(waits)] = workflows.Execution{State: workflows.ExecutionRunning}
		i.engine.known[workflows.ErasureID(ended)] = workflows.Execution{State: workflows.ExecutionRunning}
		i.engine.known[workflows.ErasureID(stopped)] = workflows.Execution{State: workflows.ExecutionStopped}

		require.NoError(t, i.store.FinishErasure(t.Context(), ended))

		result := i.check(t, notification.CheckJobs)
		require.Equal(t, notification.CheckResult{
			Check: notification.CheckJobs, Looked: 3, Found: 2, Repaired: 1, Person: 1, Difference: 1,
		}, result)

		due, err := i.store.UnstartedErasures(t.Context(), time.Now(), 10)
		require.NoError(t, err)
		require.Len(t, due, 1)
		require.Equal(t, lost, due[0].ID)

		put := i.open(t)[0]
		require.Equal(t, []string{string(notification.FindingErasureStuck), notification.SubjectErasure, stopped, i.service.EnteID},
			[]string{string(put.Code), put.Subject, put.SubjectID, put.EnteID})
	})
}

// jobBench is an inspection with batches.
type jobBench struct {
	*inspection

	batches batchBench
}

func inspectBatches(t *testing.T, test func(t *testing.T, j jobBench)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		batches := newBatchBench(t, store)
		i := &inspection{bench: batches.bench, engine: &engine{store: store, known: map[string]workflows.Execution{}}}
		i.does.Executions = i.engine
		i.does.Grace = activities.Grace{Start: time.Nanosecond, Call: time.Nanosecond, Message: time.Nanosecond}
		i.begin(t)
		test(t, jobBench{i, batches})
	})
}

// begins notes that every workflow that batches wait for was started, and gives them.
func (j jobBench) begins(t *testing.T) []db.BatchStart {
	t.Helper()

	starts, err := j.store.UnstartedBatches(t.Context(), time.Now().Add(time.Hour), 10)
	require.NoError(t, err)

	for _, start := range starts {
		require.NoError(t, j.store.MarkBatchStarted(t.Context(), start))
	}

	return starts
}

// drafted is a batch that was checked.
func drafted(t *testing.T, j jobBench) string {
	t.Helper()

	id := j.batches.uploaded(t, fileOf(columns, citizenRows(3)...))
	j.batches.check(t, id)
	j.begins(t)

	return id
}

// sampling is a draft whose sample is under way.
func sampling(t *testing.T, j jobBench) string {
	t.Helper()

	id := drafted(t, j)
	require.NoError(t, j.store.WantSample(t.Context(), id))

	return id
}

// sending is a batch that is being sent.
func sending(t *testing.T, j jobBench) string {
	t.Helper()

	id := drafted(t, j)
	require.NoError(t, j.store.ConfirmBatch(t.Context(), id, 1, time.Time{}, true))

	return id
}

func TestStuckBatches(t *testing.T) {
	t.Parallel()

	checkID := func(id string) string { return workflows.BatchCheckID(id, 1) }
	sampleID := func(id string) string { return workflows.BatchSampleID(id, 1) }

	for name, test := range map[string]struct {
		make       func(*testing.T, jobBench) string
		step       db.BatchStep
		workflowID func(string) string
		// stopped tells what comes of a batch whose workflow somebody ended by force.
		stopped notification.FindingAction
	}{
		"checking": {
			func(t *testing.T, j jobBench) string { t.Helper(); return j.batches.uploaded(t, fileOf(columns)) },
			db.BatchStepCheck, checkID, notification.ActionPerson,
		},
		"sampling": {sampling, db.BatchStepSample, sampleID, notification.ActionRepaired},
		"sending":  {sending, db.BatchStepSend, workflows.BatchID, notification.ActionPerson},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inspectBatches(t, func(t *testing.T, j jobBench) {
				id := test.make(t, j)
				j.begins(t)

				j.engine.known[test.workflowID(id)] = workflows.Execution{State: workflows.ExecutionRunning}
				require.Equal(t, notification.CheckResult{Check: notification.CheckJobs, Looked: 1}, j.check(t, notification.CheckJobs))

				// Temporal does not know it any more.
				clear(j.engine.known)
				require.Equal(t, notification.CheckResult{Check: notification.CheckJobs, Looked: 1, Found: 1, Repaired: 1},
					j.check(t, notification.CheckJobs))
				require.Empty(t, j.open(t))

				starts := j.begins(t)
				require.Len(t, starts, 1)
				require.Equal(t, []any{id, test.step}, []any{starts[0].BatchID, starts[0].Step})

				j.engine.known[test.workflowID(id)] = workflows.Execution{State: workflows.ExecutionStopped}
				j.begin(t)

				result := j.check(t, notification.CheckJobs)
				require.Equal(t, 1, result.Found)

				if test.stopped == notification.ActionRepaired {
					require.Equal(t, 1, result.Repaired)
					require.Len(t, j.begins(t), 1)

					return
				}

				require.Equal(t, []int{1, 1}, []int{result.Person, result.Difference})
				require.Empty(t, j.begins(t))
				require.Equal(t, []any{notification.FindingBatchStuck, id}, []any{j.open(t)[0].Code, j.open(t)[0].SubjectID})
			})
		})
	}
}

// TestBatchLostAgainAndAgain: what Temporal loses whenever it is begun anew is put before a person in the end.
func TestBatchLostAgainAndAgain(t *testing.T) {
	t.Parallel()
	inspectBatches(t, func(t *testing.T, j jobBench) {
		sending(t, j)

		for range 3 {
			j.begins(t)
			require.Equal(t, 1, j.check(t, notification.CheckJobs).Repaired)
			j.begin(t)
		}

		j.begins(t)
		require.Equal(t, 1, j.check(t, notification.CheckJobs).Person)
		require.Empty(t, j.begins(t))
	})
}

// TestBatchThatEndsMeanwhile: its workflow ends after it was listed, and is not running when it is looked at.
func TestBatchThatEndsMeanwhile(t *testing.T) {
	t.Parallel()
	inspectBatches(t, func(t *testing.T, j jobBench) {
		id := sending(t, j)
		j.begins(t)

		j.engine.onLook = func() {
			require.NoError(t, j.store.MoveBatch(t.Context(), id, []notification.BatchStatus{notification.BatchSending},
				notification.BatchCompleted))
		}

		require.Zero(t, j.check(t, notification.CheckJobs).Found)
		require.Empty(t, j.begins(t))
	})
}
