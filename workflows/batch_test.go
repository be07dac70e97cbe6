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

// shipper stands where the activities of batches would, and plays a database that knows whether the batch may go on.
type shipper struct {
	workflows.BatchActivities

	env *testsuite.TestWorkflowEnvironment

	pages  int // that the batch has
	halted workflows.BatchHalt

	after    []int // of each page that was asked for
	sentAt   []time.Time
	open     int // questions until every notification has ended
	ended    []workflows.BatchEnd
	stopped  int
	checked  []int
	sampled  workflows.SampleResult
	notReady map[int]bool // rows that IO does not answer for
}

const rowsOfAPage = 100

func (s *shipper) SendBatchPage(_ context.Context, page workflows.BatchPage) (workflows.BatchPageResult, error) {
	if s.halted != "" {
		return workflows.BatchPageResult{Last: page.After, Halted: s.halted}, nil
	}

	s.after = append(s.after, page.After)
	s.sentAt = append(s.sentAt, s.env.Now())

	return workflows.BatchPageResult{Last: page.After + rowsOfAPage, Done: len(s.after) >= s.pages}, nil
}

func (s *shipper) AwaitBatchEnd(context.Context, workflows.BatchEnd) error {
	if s.halted == workflows.HaltCancelled {
		return temporal.NewNonRetryableApplicationError("", workflows.FailureBatchCancelled, nil)
	}

	s.open--

	if s.open > 0 {
		return temporal.NewApplicationErrorWithOptions("", workflows.FailureStillWaiting,
			temporal.ApplicationErrorOptions{NextRetryDelay: time.Minute})
	}

	return nil
}

func (s *shipper) CancelOpenRows(context.Context, workflows.BatchEnd) error {
	s.stopped++

	return nil
}

func (s *shipper) FinishBatch(_ context.Context, end workflows.BatchEnd) error {
	s.ended = append(s.ended, end)

	return nil
}

func (s *shipper) CheckBatch(_ context.Context, in workflows.BatchCheckInput) error {
	s.checked = append(s.checked, in.Check)
	if len(s.checked) == 1 {
		return temporal.NewApplicationError("the database did not do it", "internal_error")
	}

	return nil
}

func (s *shipper) DrawSample(context.Context, workflows.BatchSampleInput) (workflows.SampleDraw, error) {
	return workflows.SampleDraw{Rows: []int{2, 3, 5, 8}}, nil
}

func (s *shipper) CheckBatchRow(_ context.Context, row workflows.SampleRow) (workflows.Reach, error) {
	switch {
	case s.notReady[row.Row]:
		return "", temporal.NewNonRetryableApplicationError("", "internal_error", nil)
	case row.Row == 8:
		return workflows.ReachSMS, nil
	}

	return workflows.ReachIO, nil
}

func (s *shipper) RecordSample(_ context.Context, result workflows.SampleResult) error {
	s.sampled = result

	return nil
}

func newShipper(t *testing.T, pages int) *shipper {
	t.Helper()

	var suite testsuite.WorkflowTestSuite

	suite.SetLogger(quiet{})

	s := &shipper{env: suite.NewTestWorkflowEnvironment(), pages: pages}
	s.env.SetStartTime(departure())
	s.env.RegisterActivity(s)

	return s
}

func (s *shipper) at(after time.Duration, do func()) { s.env.RegisterDelayedCallback(do, after) }

func (s *shipper) send(t *testing.T, in workflows.BatchInput) {
	t.Helper()

	in.BatchID, in.EnteID = "batch-1", "ente-1"
	s.env.ExecuteWorkflow(workflows.Batch, in)
	require.True(t, s.env.IsWorkflowCompleted())
}

func TestBatchSendsItsPagesInOrder(t *testing.T) {
	t.Parallel()

	s := newShipper(t, 3)
	s.open = 5
	s.send(t, workflows.BatchInput{})

	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []int{0, 100, 200}, s.after)
	require.Equal(t, []workflows.BatchEnd{{BatchID: "batch-1"}}, s.ended)
	require.Zero(t, s.open, "it ends with the last notification")
	require.Zero(t, s.stopped)
}

func TestBatchWaitsForItsTime(t *testing.T) {
	t.Parallel()

	at := departure().Add(72 * time.Hour)
	s := newShipper(t, 1)
	s.send(t, workflows.BatchInput{SendAt: at})

	require.NoError(t, s.env.GetWorkflowError())
	require.False(t, s.sentAt[0].Before(at))
}

func TestBatchCancelledBeforeItsTimeSendsNothing(t *testing.T) {
	t.Parallel()

	s := newShipper(t, 1)
	s.at(time.Hour, func() { s.env.SignalWorkflow(workflows.SignalCancelBatch, nil) })
	s.send(t, workflows.BatchInput{SendAt: departure().Add(72 * time.Hour)})

	require.NoError(t, s.env.GetWorkflowError())
	require.Empty(t, s.after)
	require.Equal(t, []workflows.BatchEnd{{BatchID: "batch-1", Cancelled: true}}, s.ended)
}

func TestBatchPauses(t *testing.T) {
	t.Parallel()

	s := newShipper(t, 3)
	// The status in the database is what counts: the activity says that it is paused.
	s.halted = workflows.HaltPaused

	s.at(time.Hour, func() {
		require.Empty(t, s.after)

		s.halted = ""
		s.env.SignalWorkflow(workflows.SignalResumeBatch, nil)
	})
	s.send(t, workflows.BatchInput{})

	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []int{0, 100, 200}, s.after)
	require.GreaterOrEqual(t, s.sentAt[0].Sub(departure()), time.Hour)
}

// The signal of whoever resumes a batch may be lost: then it goes on a little later.
func TestBatchResumedUnheardGoesOn(t *testing.T) {
	t.Parallel()

	s := newShipper(t, 3)
	s.halted = workflows.HaltPaused
	s.at(time.Hour, func() { s.halted = "" })
	s.send(t, workflows.BatchInput{})

	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []int{0, 100, 200}, s.after)
	require.Less(t, s.sentAt[0].Sub(departure()), 2*time.Hour)
}

func TestBatchCancelledWhilePausedEnds(t *testing.T) {
	t.Parallel()

	s := newShipper(t, 3)
	s.halted = workflows.HaltPaused
	s.at(time.Hour, func() { s.env.SignalWorkflow(workflows.SignalCancelBatch, nil) })
	s.send(t, workflows.BatchInput{})

	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, 1, s.stopped, "what is under way is cancelled too")
	require.Equal(t, []workflows.BatchEnd{{BatchID: "batch-1", Cancelled: true}}, s.ended)
}

func TestBatchFoundCancelledEnds(t *testing.T) {
	t.Parallel()

	s := newShipper(t, 3)
	s.halted = workflows.HaltCancelled // whose signal got lost
	s.send(t, workflows.BatchInput{})

	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []workflows.BatchEnd{{BatchID: "batch-1", Cancelled: true}}, s.ended)
}

func TestBatchCancelledWhileTheLastAreAwaitedEndsAtOnce(t *testing.T) {
	t.Parallel()

	s := newShipper(t, 1)
	s.open = 1000
	s.at(5*time.Minute, func() { s.env.SignalWorkflow(workflows.SignalCancelBatch, nil) })
	s.send(t, workflows.BatchInput{})

	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, 1, s.stopped)
	require.Less(t, s.env.Now().Sub(departure()), 9*time.Minute)
}

func TestBatchFoundCancelledWhileTheLastAreAwaitedEnds(t *testing.T) {
	t.Parallel()

	s := newShipper(t, 1)
	s.open = 1000
	s.at(5*time.Minute, func() { s.halted = workflows.HaltCancelled }) // whose signal got lost
	s.send(t, workflows.BatchInput{})

	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, 1, s.stopped)
	require.Equal(t, []workflows.BatchEnd{{BatchID: "batch-1", Cancelled: true}}, s.ended)
}

func TestALongBatchContinuesAsNewWhereItWas(t *testing.T) {
	t.Parallel()

	s := newShipper(t, 1000)
	s.send(t, workflows.BatchInput{After: 50})

	var next *workflow.ContinueAsNewError

	require.ErrorAs(t, s.env.GetWorkflowError(), &next)
	require.Equal(t, 50, s.after[0])
	require.Len(t, s.after, 300)
	require.Empty(t, s.ended)
}

func TestBatchCheckIsRepeatedUntilTheFileIsRead(t *testing.T) {
	t.Parallel()

	s := newShipper(t, 0)
	s.env.ExecuteWorkflow(workflows.BatchCheck, workflows.BatchCheckInput{BatchID: "batch-1", Check: 4})

	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []int{4, 4}, s.checked)
}

func TestBatchSampleCountsWhatIOSays(t *testing.T) {
	t.Parallel()

	s := newShipper(t, 0)
	s.notReady = map[int]bool{5: true}
	s.env.ExecuteWorkflow(workflows.BatchSample, workflows.BatchSampleInput{BatchID: "batch-1", Check: 2})

	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, workflows.SampleResult{
		BatchID: "batch-1", Check: 2,
		Answers: map[workflows.Reach]int{workflows.ReachIO: 2, workflows.ReachSMS: 1, workflows.ReachUnknown: 1},
	}, s.sampled)
}

func TestBatchSampleThatCannotBeDrawnFails(t *testing.T) {
	t.Parallel()

	s := newShipper(t, 0)
	s.env.OnActivity(workflows.ActivityDrawSample, mock.Anything, mock.Anything).
		Return(workflows.SampleDraw{}, temporal.NewNonRetryableApplicationError("", "internal_error", nil))
	s.env.ExecuteWorkflow(workflows.BatchSample, workflows.BatchSampleInput{BatchID: "batch-1", Check: 2})

	require.Error(t, s.env.GetWorkflowError())
}
