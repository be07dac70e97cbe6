package workflows_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const (
	theNotification = "notification-1"
	ioAttempt       = "io-attempt-1"
	nextIOAttempt   = "io-attempt-2"
	smsAttempt      = "sms-attempt-1"
	nextSMSAttempt  = "sms-attempt-2"
)

// departure is when every voyage begins.
func departure() time.Time { return time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC) }

// voyage plays one run of a notification's workflow, in a time that skips its waits. An activity for which no answer
// was set fails the test.
type voyage struct {
	in    workflows.NotificationInput
	env   *testsuite.TestWorkflowEnvironment
	calls []call
}

// call is one call of an activity, in the order in which they began.
type call struct {
	activity string
	at       time.Time
	step     workflows.Step               // of the activities that take one, and of Settle what it shares with it
	settled  workflows.NotificationResult // of Settle
	skipped  workflows.SkipInput          // of SkipChannel
	held     workflows.HoldInput          // of Hold
}

// newVoyage begins with a first run under the default policy, for a citizen with a phone.
func newVoyage(t *testing.T) *voyage {
	t.Helper()

	var suite testsuite.WorkflowTestSuite

	suite.SetLogger(quiet{})

	v := &voyage{
		env: suite.NewTestWorkflowEnvironment(),
		in: workflows.NotificationInput{
			ID: theNotification, EnteID: "ente-1", ServiceID: "service-1",
			Priority: notification.PriorityNormal, Policy: notification.DefaultPolicy(), Run: 1,
		},
	}
	v.env.SetStartTime(departure())
	v.observe(nil)
	v.env.RegisterActivity(&outside{})
	v.record()

	return v
}

// observe notes by activity with which options it is called.
func (v *voyage) observe(options map[string]workflow.ActivityOptions) {
	v.env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&serverLike{options: options}}})
}

// record writes down every call of an activity.
func (v *voyage) record() {
	v.env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, args converter.EncodedValues) {
		v.note(info.ActivityType.Name, args)
	})
	v.env.SetOnLocalActivityStartedListener(func(info *activity.Info, _ context.Context, args []any) {
		made := call{activity: info.ActivityType.Name, at: v.env.Now()}

		switch in := args[0].(type) {
		case workflows.Step:
			made.step = in
		case workflows.SkipInput:
			made.skipped = in
		case workflows.HoldInput:
			made.held = in
		case workflows.SettleInput:
			made.settled = in.NotificationResult
			made.step.NotificationID, made.step.Run = in.NotificationID, in.Run
		}

		v.calls = append(v.calls, made)
	})
}

func (v *voyage) note(name string, args converter.EncodedValues) {
	made := call{activity: name, at: v.env.Now()}
	_ = args.Get(&made.step) // an input of another shape leaves a step without a notification, which tests would see.
	v.calls = append(v.calls, made)
}

// answers sets what an activity answers; more than one call of it sets its later answers.
func (v *voyage) answers(name string, result any) *testsuite.MockCallWrapper {
	return v.env.OnActivity(name, mock.Anything, mock.Anything).Return(result, nil).Once()
}

// fails sets that an activity fails for good; set before any answer, for the first one set comes first.
func (v *voyage) fails(name string) *testsuite.MockCallWrapper {
	fault := temporal.NewNonRetryableApplicationError("not found", string(notification.ReasonInternalError), nil)
	results := []any{fault}

	method, _ := reflect.TypeFor[*outside]().MethodByName(name)
	if method.Type.NumOut() > 1 {
		results = []any{reflect.Zero(method.Type.Out(0)).Interface(), fault}
	}

	return v.env.OnActivity(name, mock.Anything, mock.Anything).Return(results...)
}

func (v *voyage) prepared(plan workflows.Plan) { v.answers(workflows.ActivityPrepare, plan) }

// onIO lets the citizen be found on IO.
func (v *voyage) onIO() {
	v.answers(workflows.ActivityCheckProfile, workflows.ProfileResult{Reachable: true})
}

func (v *voyage) notOnIO(why notification.Reason) {
	v.answers(workflows.ActivityCheckProfile, workflows.ProfileResult{Reason: why})
}

func (v *voyage) ioTakes() *testsuite.MockCallWrapper {
	return v.answers(workflows.ActivitySendToIO, sent(ioAttempt))
}

func (v *voyage) ioDoubts(attempt string) *testsuite.MockCallWrapper {
	return v.answers(workflows.ActivitySendToIO, uncertain(attempt, notification.ReasonIOOutcomeUncertain))
}

func (v *voyage) ioDelivers() *testsuite.MockCallWrapper {
	return v.answers(workflows.ActivityAwaitIODelivery,
		workflows.DeliveryResult{Status: notification.AttemptDelivered, Reason: notification.ReasonIODelivered})
}

func (v *voyage) ioEnds(status notification.AttemptStatus, why notification.Reason) *testsuite.MockCallWrapper {
	return v.answers(workflows.ActivityAwaitIODelivery, workflows.DeliveryResult{Status: status, Reason: why})
}

func (v *voyage) smsTakes() *testsuite.MockCallWrapper {
	return v.answers(workflows.ActivitySendSMS, sent(smsAttempt))
}

func (v *voyage) smsDoubts(attempt string) {
	v.answers(workflows.ActivitySendSMS, uncertain(attempt, notification.ReasonSMSOutcomeUncertain))
}

func (v *voyage) smsDelivers() *testsuite.MockCallWrapper {
	return v.answers(workflows.ActivityAwaitSMSDelivery,
		workflows.DeliveryResult{Status: notification.AttemptDelivered, Reason: notification.ReasonSMSDelivered})
}

func (v *voyage) smsEnds(status notification.AttemptStatus, why notification.Reason) {
	v.answers(workflows.ActivityAwaitSMSDelivery, workflows.DeliveryResult{Status: status, Reason: why})
}

// bySMS is the whole way by SMS, confirmed when asked.
func (v *voyage) bySMS() {
	v.smsTakes()
	v.smsDelivers()
}

// signal tells the workflow something, so long after its departure.
func (v *voyage) signal(after time.Duration, name string, payload any) {
	v.env.RegisterDelayedCallback(func() { v.env.SignalWorkflow(name, payload) }, after)
}

func (v *voyage) cancel(after time.Duration, why notification.Reason) {
	v.signal(after, workflows.SignalCancel, workflows.Cancellation{Reason: why})
}

func (v *voyage) run() {
	echo := func(_ context.Context, in workflows.SkipInput) (workflows.SkipInput, error) { return in, nil }
	hold := func(_ context.Context, in workflows.HoldInput) (workflows.HoldInput, error) { return in, nil }

	v.env.OnActivity(workflows.ActivitySkipChannel, mock.Anything, mock.Anything).Return(echo).Maybe()
	v.env.OnActivity(workflows.ActivityHold, mock.Anything, mock.Anything).Return(hold).Maybe()
	v.env.OnActivity(workflows.ActivityResume, mock.Anything, mock.Anything).Return(nil).Maybe()
	v.env.OnActivity(workflows.ActivitySettle, mock.Anything, mock.Anything).Return(nil).Maybe()
	v.env.ExecuteWorkflow(workflows.Notification, v.in)
}

// route lists the activities in the order of their calls.
func (v *voyage) route() []string {
	names := make([]string, 0, len(v.calls))
	for _, made := range v.calls {
		names = append(names, made.activity)
	}

	return names
}

// of lists the calls of one activity.
func (v *voyage) of(name string) []call {
	var found []call

	for _, made := range v.calls {
		if made.activity == name {
			found = append(found, made)
		}
	}

	return found
}

// requireSettled checks the ending, that the database heard of it once, and that Temporal calls Failed what support
// may retry, and nothing else.
func (v *voyage) requireSettled(
	t *testing.T, status notification.Status, why notification.Reason, channel notification.Channel,
) {
	t.Helper()
	require.True(t, v.env.IsWorkflowCompleted())

	want := workflows.NotificationResult{Status: status, Reason: why, Channel: channel}

	settled := v.of(workflows.ActivitySettle)
	require.Len(t, settled, 1)
	require.Equal(t, want, settled[0].settled)
	require.Equal(t, theNotification, settled[0].step.NotificationID)
	require.Equal(t, v.in.Run, settled[0].step.Run)

	var got workflows.NotificationResult

	if status == notification.StatusFailed {
		var failure *temporal.ApplicationError

		require.ErrorAs(t, v.env.GetWorkflowError(), &failure)
		require.Equal(t, workflows.FailureType, failure.Type())
		require.Equal(t, string(why), failure.Message())
		require.NoError(t, failure.Details(&got))
	} else {
		require.NoError(t, v.env.GetWorkflowError())
		require.NoError(t, v.env.GetWorkflowResult(&got))
	}

	require.Equal(t, want, got)
}

// requireRoute checks which activities were called between the first and the last, which every voyage has.
func (v *voyage) requireRoute(t *testing.T, between ...string) {
	t.Helper()

	want := append([]string{workflows.ActivityPrepare}, between...)
	require.Equal(t, append(want, workflows.ActivitySettle), v.route())
}

func sent(attempt string) workflows.SendResult {
	return workflows.SendResult{AttemptID: attempt, HandOver: notification.HandOverSent}
}

func notSent(attempt string, why notification.Reason) workflows.SendResult {
	return workflows.SendResult{AttemptID: attempt, HandOver: notification.HandOverNotSent, Reason: why}
}

func uncertain(attempt string, why notification.Reason) workflows.SendResult {
	return workflows.SendResult{AttemptID: attempt, HandOver: notification.HandOverUncertain, Reason: why}
}

func withPhone() workflows.Plan { return workflows.Plan{HasPhone: true} }
