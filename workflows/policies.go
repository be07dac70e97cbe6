package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
)

const (
	// callTimeout bounds one activity attempt that only asks. It is a little above the providers' clients' own
	// time-out (20 s), and it is also how long a worker that died in a call goes unnoticed.
	callTimeout = 30 * time.Second
	// HandOverTimeout bounds one attempt to hand a message over: reading and claiming it, the call, and the
	// record of its outcome. Were it shorter than these together, a second try could begin beside the first.
	HandOverTimeout = 45 * time.Second
	// recordTimeout bounds one write to our own database.
	recordTimeout = 10 * time.Second
	// longestOutage is how long such a write is tried: longer than any that people live through.
	longestOutage = 365 * 24 * time.Hour

	firstRetry = time.Second
	lastRetry  = time.Minute
	backoff    = 2.0

	// Pauses before an uncertain message is sent again by policy; they double up to the last.
	firstResend        = 10 * time.Second
	lastResend         = 10 * time.Minute
	maxResendDoublings = 6

	// shortestQuietWait is how long an SMS waits at least for the end of quiet hours.
	shortestQuietWait = time.Minute
)

// Temporal's priority keys run from 1 (first) to 5.
const (
	priorityKeyUrgent = 1
	priorityKeyNormal = 3
	priorityKeyBulk   = 5
)

// PriorityOf gives Temporal the notification's place in the queue: urgent before normal before bulk, and
// among equals every Ente its fair share.
func PriorityOf(enteID string, p notification.Priority) temporal.Priority {
	key := priorityKeyNormal

	switch p {
	case notification.PriorityUrgent:
		key = priorityKeyUrgent
	case notification.PriorityBulk:
		key = priorityKeyBulk
	case notification.PriorityNormal:
	}

	return temporal.Priority{PriorityKey: key, FairnessKey: enteID}
}

// retryUntilDeadline never gives up by itself: the activity knows its deadline and answers with a result.
func retryUntilDeadline() *temporal.RetryPolicy {
	return &temporal.RetryPolicy{
		InitialInterval:    firstRetry,
		BackoffCoefficient: backoff,
		MaximumInterval:    lastRetry,
	}
}

// sending is for calls that hand a message over: once such a call runs, its outcome is waited for even if
// the notification is cancelled meanwhile.
func sending(ctx workflow.Context, taskQueue, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:             taskQueue,
		StartToCloseTimeout:   HandOverTimeout,
		RetryPolicy:           retryUntilDeadline(),
		WaitForCancellation:   true,
		DisableEagerExecution: true,
		Summary:               summary,
	})
}

// waiting is for calls that only ask; they may be dropped at any time.
func waiting(ctx workflow.Context, taskQueue, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:             taskQueue,
		StartToCloseTimeout:   callTimeout,
		RetryPolicy:           retryUntilDeadline(),
		DisableEagerExecution: true,
		Summary:               summary,
	})
}

// recording is for steps that only touch our own database: local activities, which cost one event.
func recording(ctx workflow.Context) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: recordTimeout,
		// Left out, it would be the time of one try, and a database that is away for longer would fail the notification.
		ScheduleToCloseTimeout: longestOutage,
		RetryPolicy:            retryUntilDeadline(),
	})
}
