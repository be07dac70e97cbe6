package workflows_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// inspector stands where the activities of reconciliations would.
type inspector struct {
	env *testsuite.TestWorkflowEnvironment

	pages map[notification.Check]int // beyond the first
	fails notification.Check
	asks  int // questions to IO; the first is not answered

	begun   []string
	cursors map[notification.Check][]string
	ended   []workflows.ReconciliationEnd
}

func (i *inspector) BeginReconciliation(_ context.Context, id string) error {
	i.begun = append(i.begun, id)

	return nil
}

func (i *inspector) ReconcilePage(
	_ context.Context, page workflows.ReconciliationPage,
) (workflows.ReconciliationPageResult, error) {
	var result workflows.ReconciliationPageResult

	if page.Check == i.fails {
		return result, temporal.NewNonRetryableApplicationError("", string(notification.ReasonInternalError), nil)
	}

	i.cursors[page.Check] = append(i.cursors[page.Check], page.Cursor)
	result.CheckResult = notification.CheckResult{Looked: 2, Found: 1, Repaired: 1}

	if i.pages[page.Check] > 0 {
		i.pages[page.Check]--
		result.Next = page.Cursor + "+"
	}

	switch page.Check {
	case notification.CheckSums:
		result.Sums = notification.Sums{Since: "2026-11-26", Accepted: 1, Open: 1}
	case notification.CheckIO:
		for n := range i.asks {
			question := workflows.IOQuestion{ID: page.ID, AttemptID: "answered", EnteID: "ente"}
			if n == 0 {
				question.AttemptID = "silent"
			}

			result.Ask = append(result.Ask, question)
		}
	default:
	}

	return result, nil
}

func (*inspector) CompareWithIO(_ context.Context, question workflows.IOQuestion) (notification.CheckResult, error) {
	if question.AttemptID == "silent" {
		return notification.CheckResult{}, temporal.NewApplicationError("", string(notification.ReasonIOUnavailable))
	}

	return notification.CheckResult{Looked: 1, Found: 1, Person: 1, Difference: 1}, nil
}

func (i *inspector) EndReconciliation(_ context.Context, end workflows.ReconciliationEnd) error {
	i.ended = append(i.ended, end)

	return nil
}

func newInspector(t *testing.T) *inspector {
	t.Helper()

	var suite testsuite.WorkflowTestSuite

	suite.SetLogger(quiet{})

	i := &inspector{
		env: suite.NewTestWorkflowEnvironment(), pages: map[notification.Check]int{}, cursors: map[notification.Check][]string{},
	}
	i.env.RegisterWorkflowWithOptions(workflows.Reconciliation, workflow.RegisterOptions{Name: workflows.ReconciliationWorkflow})
	i.env.RegisterActivity(i)

	return i
}

func (i *inspector) result(check notification.Check) notification.CheckResult {
	for _, result := range i.ended[0].Results {
		if result.Check == check {
			return result
		}
	}

	return notification.CheckResult{}
}

func TestReconciliationMakesEveryCheck(t *testing.T) {
	t.Parallel()

	i := newInspector(t)
	i.pages[notification.CheckLost], i.pages[notification.CheckSums] = 2, 1
	i.fails, i.asks = notification.CheckSMS, 3
	i.env.ExecuteWorkflow(workflows.ReconciliationWorkflow, workflows.ReconciliationInput{ID: "run"})

	require.NoError(t, i.env.GetWorkflowError())
	require.Equal(t, []string{"run"}, i.begun)
	require.Len(t, i.ended, 1)
	require.Len(t, i.ended[0].Results, len(notification.Checks()))
	require.Equal(t, []string{"", "+", "++"}, i.cursors[notification.CheckLost])
	require.Equal(t, notification.CheckResult{Check: notification.CheckLost, Looked: 6, Found: 3, Repaired: 3},
		i.result(notification.CheckLost))
	require.Equal(t, notification.CheckResult{Check: notification.CheckSMS, Failed: true}, i.result(notification.CheckSMS))
	require.Equal(t, notification.CheckResult{
		Check: notification.CheckIO, Looked: 4, Found: 3, Repaired: 1, Person: 2, Difference: 2,
	}, i.result(notification.CheckIO), "what IO does not answer is not compared")
	require.Equal(t, notification.Sums{Since: "2026-11-26", Accepted: 2, Open: 2}, i.ended[0].Sums)
}

func TestReconciliationOfTheScheduleIsNamedByItsRun(t *testing.T) {
	t.Parallel()

	i := newInspector(t)
	i.env.ExecuteWorkflow(workflows.ReconciliationWorkflow, workflows.ReconciliationInput{})
	require.NoError(t, i.env.GetWorkflowError())
	require.NotEmpty(t, i.begun[0])
	require.Equal(t, i.begun[0], i.ended[0].ID)
}

// TestLongReconciliationGoesOn: a history has room for so many pages; the next run goes on where this one was.
func TestLongReconciliationGoesOn(t *testing.T) {
	t.Parallel()

	i := newInspector(t)
	i.pages[notification.CheckLost] = 1000
	i.env.ExecuteWorkflow(workflows.ReconciliationWorkflow, workflows.ReconciliationInput{ID: "run"})

	var next *workflow.ContinueAsNewError

	require.ErrorAs(t, i.env.GetWorkflowError(), &next)
	require.Empty(t, i.ended)
	require.Len(t, i.cursors[notification.CheckLost], 299)
}
