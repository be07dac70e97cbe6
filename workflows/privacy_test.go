package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/workflows"
)

var _ workflows.PrivacyActivities = (*keeper)(nil)

// keeper stands where the activities of privacy would.
type keeper struct {
	env *testsuite.TestWorkflowEnvironment

	enti    []string
	pages   int             // that each Ente needs
	faulty  map[string]bool // Enti of which nothing can be removed; the empty one: what is nobody's
	open    int             // how often something has not ended yet
	did     []string
	removed map[string]int
}

func newKeeper(t *testing.T, enti ...string) *keeper {
	t.Helper()

	var suite testsuite.WorkflowTestSuite

	suite.SetLogger(quiet{})

	k := &keeper{env: suite.NewTestWorkflowEnvironment(), enti: enti, pages: 1, faulty: map[string]bool{}, removed: map[string]int{}}
	k.env.SetStartTime(departure())
	k.env.RegisterActivity(k)

	return k
}

func fault() error { return temporal.NewNonRetryableApplicationError("", "internal_error", nil) }

func (k *keeper) BeginRetention(context.Context, workflows.RetentionInput) ([]string, error) {
	k.did = append(k.did, "begin")

	return k.enti, nil
}

func (k *keeper) RemoveOfEnte(_ context.Context, removal workflows.RetentionRemoval) (workflows.RetentionResult, error) {
	if k.faulty[removal.EnteID] {
		return workflows.RetentionResult{}, fault()
	}

	k.removed[removal.EnteID]++

	return workflows.RetentionResult{Done: k.removed[removal.EnteID] >= k.pages}, nil
}

func (k *keeper) RemoveShared(context.Context, workflows.RetentionRemoval) error {
	if k.faulty[""] {
		return fault()
	}

	k.did = append(k.did, "shared")

	return nil
}

func (k *keeper) NoteRetentionFault(_ context.Context, removal workflows.RetentionRemoval) error {
	k.did = append(k.did, "fault "+removal.EnteID)

	return nil
}

func (k *keeper) FinishRetention(context.Context, workflows.RetentionRemoval) error {
	k.did = append(k.did, "finish")

	return nil
}

func (k *keeper) CancelForErasure(context.Context, workflows.ErasureInput) error {
	k.did = append(k.did, "cancel")

	return nil
}

func (k *keeper) EraseCitizen(context.Context, workflows.ErasureInput) error {
	if k.open > 0 {
		k.open--

		return temporal.NewApplicationErrorWithOptions("", workflows.FailureStillWaiting,
			temporal.ApplicationErrorOptions{NextRetryDelay: 20 * time.Minute})
	}

	k.did = append(k.did, "erase")

	return nil
}

func (k *keeper) FinishErasure(context.Context, workflows.ErasureInput) error {
	k.did = append(k.did, "finish")

	return nil
}

func TestRetentionSeesToEachEnteAndThenToTheRest(t *testing.T) {
	t.Parallel()

	k := newKeeper(t, "one", "two")
	k.pages = 3
	k.env.ExecuteWorkflow(workflows.Retention, workflows.RetentionInput{})

	require.NoError(t, k.env.GetWorkflowError())
	require.Equal(t, map[string]int{"one": 3, "two": 3}, k.removed)
	require.Equal(t, []string{"begin", "shared", "finish"}, k.did)
}

func TestRetentionOfOneEnteDoesNotWaitForAnother(t *testing.T) {
	t.Parallel()

	k := newKeeper(t, "one", "two")
	k.faulty["one"], k.faulty[""] = true, true
	k.env.ExecuteWorkflow(workflows.Retention, workflows.RetentionInput{})

	require.NoError(t, k.env.GetWorkflowError())
	require.Equal(t, map[string]int{"two": 1}, k.removed)
	require.Equal(t, []string{"begin", "fault one", "fault ", "finish"}, k.did)
}

func TestALongRetentionGoesOnInANewRun(t *testing.T) {
	t.Parallel()

	k := newKeeper(t, "one")
	k.pages = 1000
	k.env.ExecuteWorkflow(workflows.Retention, workflows.RetentionInput{})

	var next *workflow.ContinueAsNewError

	require.ErrorAs(t, k.env.GetWorkflowError(), &next)

	later := newKeeper(t)
	later.env.ExecuteWorkflow(workflows.Retention, workflows.RetentionInput{RunID: "run", EnteIDs: []string{"one"}})
	require.NoError(t, later.env.GetWorkflowError())
	require.Equal(t, []string{"shared", "finish"}, later.did, "it does not begin again")
}

func TestErasureWaitsForWhatHasNotEnded(t *testing.T) {
	t.Parallel()

	k := newKeeper(t)
	k.open = 2
	k.env.ExecuteWorkflow(workflows.Erasure, workflows.ErasureInput{ID: "request"})

	require.NoError(t, k.env.GetWorkflowError())
	require.Equal(t, []string{"cancel", "erase", "finish"}, k.did)
}
