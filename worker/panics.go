package worker

import (
	"context"
	"fmt"
	"runtime/debug"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"github.com/genio-gateway/genio/notification"
)

// panics keeps what an activity panics with out of the history, where Temporal's SDK would put it word for word: it may hold
// what the activity was working on. The log has it, redacted, with the place. The activity is tried again, as the SDK would.
type panics struct {
	interceptor.WorkerInterceptorBase
}

// InterceptActivity is Temporal's hook.
func (*panics) InterceptActivity(
	_ context.Context, next interceptor.ActivityInboundInterceptor,
) interceptor.ActivityInboundInterceptor {
	guarded := &guardedActivity{}
	guarded.Next = next

	return guarded
}

type guardedActivity struct {
	interceptor.ActivityInboundInterceptorBase
}

// ExecuteActivity runs the activity.
func (g *guardedActivity) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (result any, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			activity.GetLogger(ctx).Error("activity panicked", "PanicError", fmt.Sprint(cause), "StackTrace", string(debug.Stack()))

			err = temporal.NewApplicationError("panic", string(notification.ReasonInternalError))
		}
	}()

	return g.Next.ExecuteActivity(ctx, in) //nolint:wrapcheck // it only passes the call on.
}
