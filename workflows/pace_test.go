package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/workflows"
)

// pacing is a run of Pace in the test environment.
type pacing struct {
	env    *testsuite.TestWorkflowEnvironment
	shares []int
	at     []time.Duration // since the start, when each share came into force
}

func newPacing(t *testing.T) *pacing {
	t.Helper()

	var suite testsuite.WorkflowTestSuite

	suite.SetLogger(quiet{})

	p := &pacing{env: suite.NewTestWorkflowEnvironment()}
	p.env.RegisterWorkflowWithOptions(workflows.Pace, workflow.RegisterOptions{Name: workflows.PaceWorkflow})
	p.env.RegisterActivity(&mover{})
	p.env.SetStartTime(departure())
	p.env.OnActivity(workflows.ActivityApplyPace, mock.Anything, mock.Anything).
		Return(func(_ context.Context, step workflows.PaceStep) error {
			p.shares = append(p.shares, step.Share)
			p.at = append(p.at, p.env.Now().Sub(departure()))

			return nil
		})

	return p
}

// mover stands where the activities would.
type mover struct{}

var _ workflows.PaceActivities = (*mover)(nil)

func (*mover) ApplyPace(context.Context, workflows.PaceStep) error { return errNotAnswered }

func (p *pacing) signal(name string, at ...time.Duration) {
	for _, after := range at {
		p.env.RegisterDelayedCallback(func() { p.env.SignalWorkflow(name, nil) }, after)
	}
}

func (p *pacing) run(t *testing.T) {
	t.Helper()

	p.env.ExecuteWorkflow(workflows.PaceWorkflow, workflows.PaceInput{EnteID: "ente-1"})
	require.True(t, p.env.IsWorkflowCompleted())
}

func TestPace(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		refused []time.Duration
		quota   []time.Duration
		shares  []int
	}{
		"one refusal":           {refused: []time.Duration{0}, shares: []int{70, 80, 90, 100}},
		"refusals of one burst": {refused: []time.Duration{0, time.Second, 4 * time.Second}, shares: []int{70, 80, 90, 100}},
		"refused again":         {refused: []time.Duration{0, 10 * time.Second}, shares: []int{70, 49, 59, 69, 79, 89, 99, 100}},
		"a changed quota":       {quota: []time.Duration{0}, shares: []int{100}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newPacing(t)
			p.signal(workflows.SignalRefused, test.refused...)
			p.signal(workflows.SignalQuota, test.quota...)
			p.run(t)

			require.NoError(t, p.env.GetWorkflowError())
			require.Equal(t, test.shares, p.shares)
		})
	}
}

func TestPaceIsLoweredAtOnceAndRaisedInCalm(t *testing.T) {
	t.Parallel()

	p := newPacing(t)
	p.signal(workflows.SignalRefused, 0)
	p.run(t)

	require.Equal(t, []time.Duration{0, 20 * time.Second, 40 * time.Second, time.Minute}, p.at)
}

func TestPaceNeverStopsAnEnte(t *testing.T) {
	t.Parallel()

	p := newPacing(t)

	for minute := range 100 {
		p.signal(workflows.SignalRefused, time.Duration(minute)*10*time.Second)
	}

	p.run(t)
	require.NoError(t, p.env.GetWorkflowError())
	require.Contains(t, p.shares, 10)
	require.NotContains(t, p.shares, 9)
	require.Equal(t, 100, p.shares[len(p.shares)-1])
}

func TestPaceOfAnEnteThatIsRefusedAllDayGoesOnAsNew(t *testing.T) {
	t.Parallel()

	p := newPacing(t)

	for step := range 210 {
		p.signal(workflows.SignalRefused, time.Duration(step)*15*time.Second)
	}

	p.run(t)

	var next *workflow.ContinueAsNewError

	require.ErrorAs(t, p.env.GetWorkflowError(), &next)
}

func TestPaceThatCannotBeAppliedFails(t *testing.T) {
	t.Parallel()

	var suite testsuite.WorkflowTestSuite

	suite.SetLogger(quiet{})

	env := suite.NewTestWorkflowEnvironment()
	env.RegisterActivity(&mover{})
	env.OnActivity(workflows.ActivityApplyPace, mock.Anything, mock.Anything).
		Return(temporal.NewNonRetryableApplicationError("not found", "internal_error", nil))
	env.ExecuteWorkflow(workflows.Pace, workflows.PaceInput{EnteID: "ente-1"})

	require.Error(t, env.GetWorkflowError())
}
