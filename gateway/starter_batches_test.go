package gateway_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// dueSteps are what batches still wait for.
func (b bundle) dueSteps(t *testing.T) []db.BatchStep {
	t.Helper()

	starts, err := b.store.UnstartedBatches(t.Context(), time.Now().Add(time.Hour), 100)
	require.NoError(t, err)

	steps := []db.BatchStep{}
	for _, start := range starts {
		steps = append(steps, start.Step)
	}

	return steps
}

func TestEachStepOfABatchIsAWorkflow(t *testing.T) {
	t.Parallel()

	const id = "0197f0c0-0000-7000-8000-000000000006"

	sendAt := time.Date(2026, time.December, 1, 8, 0, 0, 0, time.UTC)
	cases := map[db.BatchStep]struct {
		workflow, id string
		reuse        enumspb.WorkflowIdReusePolicy
		input        any
	}{
		db.BatchStepCheck: {
			workflows.BatchCheckWorkflow, workflows.BatchCheckID(id, 3), enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
			map[string]any{"batch_id": id, "ente_id": "ente", "check": 3.0},
		},
		db.BatchStepSample: {
			workflows.BatchSampleWorkflow, workflows.BatchSampleID(id, 3), enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
			map[string]any{"batch_id": id, "ente_id": "ente", "check": 3.0},
		},
		db.BatchStepSend: {
			workflows.BatchWorkflow, workflows.BatchID(id), enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
			map[string]any{"batch_id": id, "ente_id": "ente", "send_at": "2026-12-01T08:00:00Z"},
		},
	}

	b := withTemporal(t, dbtest.Open(t, dbtest.EngineSQLite))

	for step, test := range cases {
		t.Run(string(step), func(t *testing.T) {
			t.Parallel()

			// The batch is not there, so the start cannot be noted; it is made all the same.
			err := b.Starter.StartBatch(t.Context(), db.BatchStart{
				BatchID: id, EnteID: "ente", Step: step, Check: 3, Priority: notification.PriorityBulk, SendAt: sendAt,
			})
			require.ErrorIs(t, err, db.ErrNotFound)

			starts := b.temporal.startsOf(test.id)
			require.Len(t, starts, 1)
			require.Equal(t, test.workflow, starts[0].GetWorkflowType().GetName())
			require.Equal(t, workflows.TaskQueue, starts[0].GetTaskQueue().GetName())
			require.Equal(t, test.reuse, starts[0].GetWorkflowIdReusePolicy())
			require.Equal(t, enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL, starts[0].GetWorkflowIdConflictPolicy())
			require.Equal(t, "ente", starts[0].GetPriority().GetFairnessKey())
			require.EqualValues(t, 5, starts[0].GetPriority().GetPriorityKey())

			var input map[string]any

			decode(t, starts[0].GetInput(), &input)
			require.Equal(t, test.input, input)
		})
	}

	require.Error(t, b.Starter.StartBatch(t.Context(), db.BatchStart{BatchID: id, Step: "nap"}))
}

func TestABatchThatNobodyStartedIsFoundByASweep(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		// Uploaded while Temporal was away, by a process that has gone since.
		b := newBundle(t, store)
		uploaded := b.uploaded(t).ID
		confirmed := b.batchIn(t, notification.BatchSending)
		require.ElementsMatch(t, []db.BatchStep{db.BatchStepCheck, db.BatchStepSend}, b.dueSteps(t))

		other := withTemporal(t, store)
		stop := other.run(t)

		until(t, func() bool { return len(other.dueSteps(t)) == 0 })
		stop()

		require.Len(t, other.temporal.startsOf(workflows.BatchCheckID(uploaded, 1)), 1)
		require.Len(t, other.temporal.startsOf(workflows.BatchID(confirmed)), 1)
	})
}

func TestABatchIsStartedAsSoonAsItIsUploaded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		id := b.uploaded(t).ID

		b.Starter.Finish(t.Context())

		require.Len(t, b.temporal.startsOf(workflows.BatchCheckID(id, 1)), 1)
		require.Empty(t, b.dueSteps(t))
	})
}

func TestAStartOfABatchThatHadHappenedIsNoted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.temporal.onStart = func(*startRequest) (*startResponse, error) { return nil, alreadyStarted("run") }
		b.uploaded(t)

		b.Starter.Finish(t.Context())

		require.Empty(t, b.dueSteps(t))
	})
}

// The one that runs may be the sample before, which is just ending.
func TestASampleWhoseWorkflowRunsIsTriedAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		id := b.batchIn(t, notification.BatchDraft)
		b.temporal.onStart = func(*startRequest) (*startResponse, error) { return nil, alreadyStarted("run") }

		require.NoError(t, b.SampleBatch(t.Context(), b.application(), id))
		b.Starter.Finish(t.Context())
		require.Equal(t, []db.BatchStep{db.BatchStepSample}, b.dueSteps(t))
	})
}

func TestAStartThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		b.temporal.onStart = func(*startRequest) (*startResponse, error) {
			return nil, serviceerror.NewInvalidArgument("no")
		}
		b.temporal.comeUp()

		view, err := b.UploadBatch(t.Context(), b.user(gateway.RoleOperator), b.upload(t))
		require.NoError(t, err)

		b.Starter.Finish(t.Context())

		require.Equal(t, []db.BatchStep{db.BatchStepCheck}, b.dueSteps(t))

		warnings := b.logs.FilterMessage("workflow of a batch not started yet").All()
		require.Len(t, warnings, 1)
		require.Equal(t, view.ID, warnings[0].ContextMap()["batch_id"])
		require.Equal(t, "check", warnings[0].ContextMap()["step"])
	})
}
