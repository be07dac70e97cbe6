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

// helper stands where the activities of interventions would.
type helper struct {
	env *testsuite.TestWorkflowEnvironment

	pages     int // that the intervention has
	trouble   int // times that a page fails first
	stopped   bool
	collected int
	after     []int
	finished  int
}

func (h *helper) CollectItems(context.Context, workflows.InterventionInput) error {
	h.collected++

	return nil
}

func (h *helper) ActOnItems(_ context.Context, page workflows.InterventionPage) (workflows.InterventionPageResult, error) {
	if h.stopped {
		return workflows.InterventionPageResult{Last: page.After, Done: true}, nil
	}

	if h.trouble > 0 {
		h.trouble--

		return workflows.InterventionPageResult{}, temporal.NewApplicationErrorWithOptions("", "internal_error",
			temporal.ApplicationErrorOptions{NextRetryDelay: time.Minute})
	}

	h.after = append(h.after, page.After)

	return workflows.InterventionPageResult{Last: page.After + rowsOfAPage, Done: len(h.after) >= h.pages}, nil
}

func (h *helper) FinishIntervention(context.Context, workflows.InterventionInput) error {
	h.finished++

	return nil
}

func newHelper(t *testing.T, pages int) *helper {
	t.Helper()

	var suite testsuite.WorkflowTestSuite

	suite.SetLogger(quiet{})

	h := &helper{env: suite.NewTestWorkflowEnvironment(), pages: pages}
	h.env.SetStartTime(departure())
	h.env.RegisterActivity(h)

	return h
}

func (h *helper) run(t *testing.T, in workflows.InterventionInput) {
	t.Helper()

	in.ID = "intervention-1"
	h.env.ExecuteWorkflow(workflows.Intervention, in)
	require.True(t, h.env.IsWorkflowCompleted())
}

func TestInterventionListsOnceAndThenActsPageByPage(t *testing.T) {
	t.Parallel()

	h := newHelper(t, 3)
	h.trouble = 2
	h.run(t, workflows.InterventionInput{})

	require.NoError(t, h.env.GetWorkflowError())
	require.Equal(t, 1, h.collected)
	require.Equal(t, []int{0, 100, 200}, h.after)
	require.Equal(t, 1, h.finished)
}

func TestInterventionStopped(t *testing.T) {
	t.Parallel()

	for name, heard := range map[string]bool{"by the signal": true, "whose signal was lost": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHelper(t, 3)
			h.trouble = 30 // it is being tried again and again
			h.env.RegisterDelayedCallback(func() {
				h.stopped = true

				if heard {
					h.env.SignalWorkflow(workflows.SignalStopIntervention, nil)
				}
			}, 10*time.Minute)
			h.run(t, workflows.InterventionInput{})

			require.NoError(t, h.env.GetWorkflowError())
			require.Empty(t, h.after)
			require.Equal(t, 1, h.finished)
			require.Less(t, h.env.Now().Sub(departure()), 12*time.Minute)
		})
	}
}

func TestALongInterventionContinuesAsNewWhereItWas(t *testing.T) {
	t.Parallel()

	h := newHelper(t, 1000)
	h.run(t, workflows.InterventionInput{Collected: true, After: 50})

	var next *workflow.ContinueAsNewError

	require.ErrorAs(t, h.env.GetWorkflowError(), &next)
	require.Zero(t, h.collected)
	require.Equal(t, 50, h.after[0])
	require.Zero(t, h.finished)
}
