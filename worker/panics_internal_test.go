package worker

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"
)

// What an activity panics with may hold what it was working on, and histories are read by many.
func TestPanicsTellTheHistoryNothing(t *testing.T) {
	t.Parallel()

	var suite testsuite.WorkflowTestSuite

	environment := suite.NewTestActivityEnvironment()
	environment.SetWorkerOptions(options(""))

	clumsy := func(context.Context, string) error { panic("cannot read VRDLGU75B02F205K") }
	environment.RegisterActivity(clumsy)

	_, err := environment.ExecuteActivity(clumsy, "id")
	require.ErrorContains(t, err, "panic")
	require.ErrorContains(t, err, "internal_error")
	require.NotContains(t, err.Error(), "VRDLGU75B02F205K")
}

func TestActivitiesThatDoNotPanicAreLeftAlone(t *testing.T) {
	t.Parallel()

	var suite testsuite.WorkflowTestSuite

	environment := suite.NewTestActivityEnvironment()
	environment.SetWorkerOptions(options(""))

	well := func(context.Context) (int, error) { return 42, nil }
	environment.RegisterActivity(well)

	answer, err := environment.ExecuteActivity(well)
	require.NoError(t, err)

	var told int

	require.NoError(t, answer.Get(&told))
	require.Equal(t, 42, told)
}
