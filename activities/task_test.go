package activities_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/encoding/prototext"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/notification"
)

// task is one activity as Temporal runs it: try after try, each knowing its number and the latest heartbeat of
// those before it, which Temporal keeps however many tries ago it came.
type task struct {
	interceptor.WorkerInterceptorBase

	t    *testing.T
	does *activities.Activities
	name string
	// ctx is the worker's: cancelling it cancels the activity.
	ctx context.Context //nolint:containedctx // the SDK's test environment takes it as an option, not as an argument

	tries     int
	heartbeat any
	// beats counts the heartbeats; onBeat happens at each.
	beats  int
	onBeat func()
	// scheduled is when the task was, where that is not now.
	scheduled time.Time
	// told is all that Temporal got to see, as it would store it.
	told []string
}

func (b bench) task(t *testing.T, name string) *task {
	t.Helper()

	return &task{t: t, does: b.does, name: name, ctx: context.WithoutCancel(t.Context())}
}

// again is the task after a first try: that one is made however late its turn comes.
func (k *task) again() *task {
	k.tries++

	return k
}

// run runs the activity once more.
func run[R any](k *task, input ...any) (result R, err error) {
	k.t.Helper()

	k.tries++

	encoded, err := k.environment().ExecuteActivity(k.name, input...)
	if err != nil {
		failure := temporal.GetDefaultFailureConverter().ErrorToFailure(err)
		k.told = append(k.told, prototext.Format(failure), err.Error())

		return result, err
	}

	if encoded.HasValue() {
		require.NoError(k.t, encoded.Get(&result))
	}

	k.tell(result)

	return result, nil
}

func (k *task) environment() *testsuite.TestActivityEnvironment {
	var suite testsuite.WorkflowTestSuite

	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))

	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(k.does)
	env.SetWorkerOptions(worker.Options{
		Interceptors: []interceptor.WorkerInterceptor{k}, BackgroundActivityContext: k.ctx,
	})

	if k.heartbeat != nil {
		env.SetHeartbeatDetails(k.heartbeat)
	}

	return env
}

func (k *task) tell(what any) {
	k.t.Helper()

	encoded, err := json.Marshal(what)
	require.NoError(k.t, err)

	k.told = append(k.told, string(encoded))
}

// requireFailure is the activity's own error.
func requireFailure(t *testing.T, err error) *temporal.ApplicationError {
	t.Helper()

	var failure *temporal.ApplicationError

	require.ErrorAs(t, err, &failure)

	return failure
}

// requireRetry demands an error that lets Temporal try again, with this type, and gives the pause before.
func requireRetry(t *testing.T, err error, kind string) time.Duration {
	t.Helper()

	failure := requireFailure(t, err)
	require.Equal(t, kind, failure.Type())
	require.False(t, failure.NonRetryable())
	require.NoError(t, failure.Unwrap())

	return failure.NextRetryDelay()
}

// requireFinal demands an error that Temporal does not retry.
func requireFinal(t *testing.T, err error) {
	t.Helper()

	failure := requireFailure(t, err)
	require.True(t, failure.NonRetryable())
	require.Equal(t, string(notification.ReasonInternalError), failure.Type())
}

// InterceptActivity lets the activity see its number and leaves its heartbeats with the task.
func (k *task) InterceptActivity(
	_ context.Context, next interceptor.ActivityInboundInterceptor,
) interceptor.ActivityInboundInterceptor {
	in := &inbound{task: k}
	in.Next = next

	return in
}

type inbound struct {
	interceptor.ActivityInboundInterceptorBase

	task *task
}

// Init puts the task between the activity and the SDK.
func (i *inbound) Init(next interceptor.ActivityOutboundInterceptor) error {
	out := &outgoing{task: i.task}
	out.Next = next

	return i.Next.Init(out)
}

type outgoing struct {
	interceptor.ActivityOutboundInterceptorBase

	task *task
}

// GetInfo tells the number of the try.
func (o *outgoing) GetInfo(ctx context.Context) activity.Info {
	info := o.Next.GetInfo(ctx)
	info.Attempt = int32(o.task.tries)

	if !o.task.scheduled.IsZero() {
		info.ScheduledTime = o.task.scheduled
	}

	return info
}

// RecordHeartbeat keeps the heartbeat for the tries to come.
func (o *outgoing) RecordHeartbeat(ctx context.Context, details ...any) {
	o.task.beats++

	if len(details) > 0 {
		o.task.heartbeat = details[0]
		o.task.tell(details[0])
	}

	if o.task.onBeat != nil {
		o.task.onBeat()
	}

	o.Next.RecordHeartbeat(ctx, details...)
}
