package gateway_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.uber.org/zap"
	"google.golang.org/protobuf/proto"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// run lets the starter work until the test ends, or until the returned function has stopped it.
func (b bundle) run(tb testing.TB) (stop func()) {
	tb.Helper()

	ctx, cancel := context.WithCancel(tb.Context())
	ended := make(chan struct{})

	go func() {
		defer close(ended)

		b.Starter.Run(ctx)
	}()

	stop = sync.OnceFunc(func() {
		cancel()
		<-ended
	})
	tb.Cleanup(stop)

	return stop
}

func (b bundle) runs(tb testing.TB, id string) []string {
	tb.Helper()

	runs, err := b.store.Runs(tb.Context(), id)
	require.NoError(tb, err)

	return runs
}

// waiting tells whether a sweep would still find the notification.
func (b bundle) waiting(tb testing.TB, id string) bool {
	tb.Helper()

	starts, err := b.store.Unstarted(tb.Context(), time.Now().Add(time.Hour), 1000)
	require.NoError(tb, err)

	for _, start := range starts {
		if start.ID == id {
			return true
		}
	}

	return false
}

func (b bundle) startOf(tb testing.TB, id string) db.Start {
	tb.Helper()

	start, err := b.store.StartOf(tb.Context(), id)
	require.NoError(tb, err)

	return start
}

// retried is a notification whose first run, known to Temporal as run-1, failed and was asked for again.
func (b bundle) retried(tb testing.TB) string {
	tb.Helper()

	id := b.in(tb, notification.StatusFailed, notification.ReasonIOUnavailable)
	_, err := b.store.ResetForRetry(tb.Context(), id)
	require.NoError(tb, err)

	return id
}

// beginning is the history of a run that has just begun.
func beginning(tb testing.TB, id string, run int) []*historypb.HistoryEvent {
	tb.Helper()

	return []*historypb.HistoryEvent{event(&historypb.HistoryEvent{
		EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
		Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
			WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{
				Input: payloads(tb, workflows.NotificationInput{ID: id, Run: run}),
			},
		},
	}, time.Now())}
}

func TestASubmissionIsStartedInTheBackground(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.run(t)

		submission := b.submission()
		submission.Priority = notification.PriorityUrgent
		submission.SendAt = time.Now().Add(time.Hour).UTC()
		submission.ExpiresAt = time.Now().Add(2 * time.Hour).UTC()

		receipt, err := b.Submit(t.Context(), b.application(), submission)
		require.NoError(t, err)
		until(t, func() bool { return len(b.runs(t, receipt.ID)) == 1 })
		require.False(t, b.waiting(t, receipt.ID))

		starts := b.temporal.startsOf("notification/" + receipt.ID)
		require.Len(t, starts, 1)

		request := starts[0]
		require.Equal(t, workflows.NotificationWorkflow, request.GetWorkflowType().GetName())
		require.Equal(t, workflows.TaskQueue, request.GetTaskQueue().GetName())
		require.Equal(t, enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE, request.GetWorkflowIdReusePolicy())
		require.Equal(t, enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL, request.GetWorkflowIdConflictPolicy())
		require.EqualValues(t, 1, request.GetPriority().GetPriorityKey())
		require.Equal(t, b.ente.ID, request.GetPriority().GetFairnessKey())

		var input workflows.NotificationInput

		decode(t, request.GetInput(), &input)
		require.Equal(t, receipt.ID, input.ID)
		require.Equal(t, b.ente.ID, input.EnteID)
		require.Equal(t, b.service.ID, input.ServiceID)
		require.Equal(t, notification.PriorityUrgent, input.Priority)
		require.Equal(t, notification.DefaultPolicy(), input.Policy)
		require.Equal(t, 1, input.Run)
		require.WithinDuration(t, submission.SendAt, input.SendAt, time.Microsecond)
		require.WithinDuration(t, submission.ExpiresAt, input.ExpiresAt, time.Microsecond)
		requireNoPersonalData(t, request)
	})
}

func requireNoPersonalData(tb testing.TB, request proto.Message) {
	tb.Helper()

	wire, err := proto.Marshal(request)
	require.NoError(tb, err)

	for _, secret := range []string{fiscalCode, phone, subject, markdown, "rinnovo", "pratica-42"} {
		require.NotContains(tb, strings.ToLower(string(wire)), strings.ToLower(secret))
	}
}

func TestWhatWasAcceptedWhileTemporalWasAwayIsStartedWhenItReturns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		receipt, err := b.Submit(t.Context(), b.application(), b.submission())
		require.NoError(t, err)

		older := b.accepted(t)

		b.run(t)
		until(t, func() bool { return b.logs.FilterMessage("sweep for accepted notifications not finished").Len() > 0 })
		require.True(t, b.waiting(t, receipt.ID))
		require.True(t, b.waiting(t, older))

		b.temporal.comeUp()
		until(t, func() bool { return !b.waiting(t, receipt.ID) && !b.waiting(t, older) })
		require.Len(t, b.runs(t, receipt.ID), 1)
	})
}

func TestASweepFindsWhatAProcessThatDiedHadAccepted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		id := b.accepted(t)

		b.run(t)
		until(t, func() bool { return !b.waiting(t, id) })
		require.Len(t, b.temporal.startsOf(workflows.NotificationID(id)), 1)
	})
}

func TestABacklogThatIsFullIsLeftToTheSweep(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const moreThanFits = 5000

		b := withTemporal(t, store)
		id, first := b.accepted(t), b.accepted(t)
		start := b.startOf(t, first)

		for range moreThanFits {
			b.Starter.Offer(start)
		}

		b.Starter.Offer(b.startOf(t, id))

		b.run(t)
		until(t, func() bool { return !b.waiting(t, id) && !b.waiting(t, first) })
	})
}

// TestWhatASweepStartedIsNotStartedAgain: what waited for long in the queue of one server was found by the sweep of another.
func TestWhatASweepStartedIsNotStartedAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		found, waits := b.startOf(t, b.accepted(t)), b.startOf(t, b.accepted(t))
		require.NoError(t, store.MarkStarted(t.Context(), found.ID, found.Run, "run-of-the-sweep"))

		for _, start := range []db.Start{found, waits} {
			b.Starter.OfferSince(start, time.Now().Add(-time.Minute))
		}

		b.Starter.Finish(t.Context())

		require.Empty(t, b.temporal.startsOf(workflows.NotificationID(found.ID)))
		require.Len(t, b.temporal.startsOf(workflows.NotificationID(waits.ID)), 1)
	})
}

func TestOneRefusedNotificationDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		refused := b.accepted(t, func(n *notification.Notification) { n.AcceptedAt = n.AcceptedAt.Add(-time.Hour) })
		id := b.accepted(t)

		b.temporal.onStart = func(request *startRequest) (*startResponse, error) {
			if request.GetWorkflowId() == workflows.NotificationID(refused) {
				return nil, serviceerror.NewInvalidArgument("no")
			}

			return &startResponse{RunId: uuid.NewString()}, nil
		}

		b.run(t)
		until(t, func() bool { return !b.waiting(t, id) })
		require.True(t, b.waiting(t, refused))
	})
}

func TestWhatWasOfferedLastIsStartedInTheEnd(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const startedAtTheEnd = 40

		b := withTemporal(t, store)
		ids := make([]string, 0, startedAtTheEnd)

		for range startedAtTheEnd {
			id := b.accepted(t)
			b.Starter.Offer(b.startOf(t, id))
			ids = append(ids, id)
		}

		ended, cancel := context.WithCancel(t.Context())
		cancel()
		b.Starter.Finish(ended)
		require.Empty(t, b.temporal.started(), "there is no time left")

		b.Starter.Finish(t.Context())

		for _, id := range ids {
			require.False(t, b.waiting(t, id))
		}
	})
}

func TestARetryStartsOnlyAfterAFailure(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		id := b.retried(t)

		require.NoError(t, b.Starter.Start(t.Context(), b.startOf(t, id)))

		starts := b.temporal.startsOf(workflows.NotificationID(id))
		require.Len(t, starts, 1)
		require.Equal(t, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY, starts[0].GetWorkflowIdReusePolicy())

		var input workflows.NotificationInput

		decode(t, starts[0].GetInput(), &input)
		require.Equal(t, 2, input.Run)
		require.Len(t, b.runs(t, id), 2)
		require.False(t, b.waiting(t, id))
	})
}

func TestAStartThatHadHappenedIsNoted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		first, again := b.accepted(t), b.retried(t)

		b.temporal.onStart = func(request *startRequest) (*startResponse, error) {
			return nil, alreadyStarted("of " + request.GetWorkflowId())
		}
		b.temporal.historyOf(map[string][]*historypb.HistoryEvent{
			"of notification/" + first: beginning(t, first, 1),
			"of notification/" + again: beginning(t, again, 2),
		})

		require.NoError(t, b.Starter.Start(t.Context(), b.startOf(t, first)))
		require.Equal(t, []string{"of notification/" + first}, b.runs(t, first))

		require.NoError(t, b.Starter.Start(t.Context(), b.startOf(t, again)))
		require.Equal(t, []string{firstRun, "of notification/" + again}, b.runs(t, again))
	})
}

func TestARetryWaitsForTheEarlierRunToClose(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		id := b.retried(t)
		unnoted := b.unnotedFailure(t)

		b.temporal.historyOf(map[string][]*historypb.HistoryEvent{firstRun: beginning(t, id, 1)})

		var closed bool

		b.temporal.onStart = func(*startRequest) (*startResponse, error) {
			if !closed {
				return nil, alreadyStarted(firstRun)
			}

			return &startResponse{RunId: uuid.NewString()}, nil
		}

		require.Error(t, b.Starter.Start(t.Context(), b.startOf(t, id)))
		require.Error(t, b.Starter.Start(t.Context(), b.startOf(t, unnoted)))
		require.True(t, b.waiting(t, id))
		require.True(t, b.waiting(t, unnoted), "also where nobody noted the first run")

		b.temporal.mutex.Lock()
		closed = true
		b.temporal.mutex.Unlock()

		require.NoError(t, b.Starter.Start(t.Context(), b.startOf(t, id)))
		require.NoError(t, b.Starter.Start(t.Context(), b.startOf(t, unnoted)))
		require.False(t, b.waiting(t, id))
		require.False(t, b.waiting(t, unnoted))
	})
}

// unnotedFailure is a notification that is to be retried, whose first run was started and never noted: the
// database was away just then.
func (b bundle) unnotedFailure(tb testing.TB) string {
	tb.Helper()

	id := b.accepted(tb)
	b.settle(tb, id, notification.StatusFailed, notification.ReasonIOUnavailable)

	_, err := b.store.ResetForRetry(tb.Context(), id)
	require.NoError(tb, err)

	return id
}

func TestTheStarterEndsWithItsContext(t *testing.T) {
	t.Parallel()

	for name, comeUp := range map[string]bool{"with Temporal": true, "while Temporal is away": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))
			if comeUp {
				b.temporal.comeUp()
			}

			_, err := b.Submit(t.Context(), b.application(), b.submission())
			require.NoError(t, err)

			stop := b.run(t)
			stop()

			b.Starter.Offer(db.Start{})
			require.Zero(t, b.logs.FilterMessage("workflow not started yet").Len(), "being stopped is no fault")
		})
	}
}

func TestLogsHoldNoPersonalData(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))
	b.run(t)

	_, err := b.Submit(t.Context(), b.application(), b.submission())
	require.NoError(t, err)

	id := b.accepted(t)
	_, err = b.Timeline(shortly(t), b.application(), id)
	require.NoError(t, err)
	require.ErrorIs(t, b.Cancel(shortly(t), b.application(), id, notification.ReasonPaid), gateway.ErrUnavailable)
	until(t, func() bool { return b.logs.FilterLevelExact(zap.WarnLevel).Len() > 0 })
	require.Equal(t, 1, b.logs.FilterMessage("notification accepted").Len())

	for _, line := range b.logs.All() {
		require.NotContains(t, line.Message, fiscalCode)

		for _, value := range line.ContextMap() {
			require.NotContains(t, fmt.Sprint(value), fiscalCode)
			require.NotContains(t, fmt.Sprint(value), phone)
		}
	}
}

// An Ente's thousand may wait to be started; another's urgent notification does not wait behind them.
func TestTheUrgentIsStartedBeforeAFlood(t *testing.T) {
	t.Parallel()

	const flood = 200

	b := withTemporal(t, dbtest.Open(t, dbtest.EngineSQLite))

	for range flood {
		b.Starter.Offer(db.Start{ID: newID(t), EnteID: newID(t), Priority: notification.PriorityNormal, Run: 1})
	}

	urgent := db.Start{ID: newID(t), EnteID: newID(t), Priority: notification.PriorityUrgent, Run: 1}
	b.Starter.Offer(urgent)
	b.Starter.Finish(t.Context())

	started := b.temporal.started()
	require.Len(t, started, flood+1)

	place := slices.IndexFunc(started, func(request *startRequest) bool {
		return request.GetWorkflowId() == workflows.NotificationID(urgent.ID)
	})
	require.Less(t, place, flood/2)
}
