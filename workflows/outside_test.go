package workflows_test

import (
	"context"
	"errors"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// errNotAnswered is what an activity says for which a test set no answer.
var errNotAnswered = errors.New("no answer set")

// outside stands where the activities would; each test sets the answers it wants.
type outside struct{}

var _ workflows.Activities = (*outside)(nil)

func (*outside) Prepare(context.Context, workflows.Step) (workflows.Plan, error) {
	return workflows.Plan{}, errNotAnswered
}

func (*outside) CheckProfile(context.Context, workflows.Step) (workflows.ProfileResult, error) {
	return workflows.ProfileResult{}, errNotAnswered
}

func (*outside) SendToIO(context.Context, workflows.Step) (workflows.SendResult, error) {
	return workflows.SendResult{}, errNotAnswered
}

func (*outside) AwaitIODelivery(context.Context, workflows.Step) (workflows.DeliveryResult, error) {
	return workflows.DeliveryResult{}, errNotAnswered
}

func (*outside) SkipChannel(_ context.Context, in workflows.SkipInput) (workflows.SkipInput, error) {
	return in, errNotAnswered
}

func (*outside) SendSMS(context.Context, workflows.Step) (workflows.SendResult, error) {
	return workflows.SendResult{}, errNotAnswered
}

func (*outside) AwaitSMSDelivery(context.Context, workflows.Step) (workflows.DeliveryResult, error) {
	return workflows.DeliveryResult{}, errNotAnswered
}

func (*outside) Hold(_ context.Context, in workflows.HoldInput) (workflows.HoldInput, error) {
	return in, errNotAnswered
}

func (*outside) Resume(context.Context, workflows.Step) error { return errNotAnswered }

func (*outside) AwaitPassage(context.Context, workflows.Passage) error { return errNotAnswered }

func (*outside) Settle(context.Context, workflows.SettleInput) error { return errNotAnswered }

func (*outside) CheckRecipient(context.Context, workflows.RecipientCheckInput) (workflows.ProfileResult, error) {
	return workflows.ProfileResult{}, errNotAnswered
}

func (*outside) TestKey(context.Context, workflows.KeyTestInput) (notification.KeyOutcome, error) {
	return "", errNotAnswered
}

func (*outside) ArchiveTimelines(context.Context) (int, error) { return 0, errNotAnswered }

// serverLike makes the test environment wait for the outcome of a cancelled activity where the workflow wants that,
// as the server does: by itself the environment drops every cancelled activity at once. It also shows the options.
type serverLike struct {
	interceptor.WorkerInterceptorBase

	options map[string]workflow.ActivityOptions
}

func (s *serverLike) InterceptWorkflow(
	_ workflow.Context, next interceptor.WorkflowInboundInterceptor,
) interceptor.WorkflowInboundInterceptor {
	inbound := &inboundLike{server: s}
	inbound.Next = next

	return inbound
}

type inboundLike struct {
	interceptor.WorkflowInboundInterceptorBase

	server *serverLike
}

func (i *inboundLike) Init(next interceptor.WorkflowOutboundInterceptor) error {
	outbound := &outboundLike{server: i.server}
	outbound.Next = next

	return i.Next.Init(outbound)
}

type outboundLike struct {
	interceptor.WorkflowOutboundInterceptorBase

	server *serverLike
}

func (o *outboundLike) ExecuteActivity(ctx workflow.Context, activity string, args ...any) workflow.Future {
	options := workflow.GetActivityOptions(ctx)
	if o.server.options != nil {
		o.server.options[activity] = options
	}

	if options.WaitForCancellation && ctx.Err() == nil {
		ctx, _ = workflow.NewDisconnectedContext(ctx)
	}

	return o.Next.ExecuteActivity(ctx, activity, args...)
}

// quiet keeps what a workflow logs out of the test's output.
type quiet struct{}

var _ log.Logger = quiet{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
