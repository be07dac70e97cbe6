package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// Names of the bare workflow and of what it asks for.
const (
	bareWorkflowName = "Bare"

	barePrepare = "BarePrepare"
	bareProfile = "BareProfile"
	bareSend    = "BareSend"
	bareAwait   = "BareAwait"
	bareSettle  = "BareSettle"

	bareIDPrefix = "bare/"
)

// Options of package workflows' own activities.
const (
	bareCallTimeout   = 30 * time.Second
	bareRecordTimeout = 10 * time.Second
)

// bareWorkflow is what workflows.Notification is to Temporal where IO delivers, and nothing besides: the same number and kinds
// of activities, with the same options and inputs of the same size. The benchmark compares the lengths of the two
// histories: where GeNIO's workflow gets another shape, this one has to follow.
func bareWorkflow(ctx workflow.Context, in workflows.NotificationInput) (workflows.NotificationResult, error) {
	result := workflows.NotificationResult{
		Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: notification.ChannelIO,
	}

	var plan workflows.Plan

	step := workflows.Step{NotificationID: in.ID, Run: in.Run}
	if err := workflow.ExecuteLocalActivity(bareRecording(ctx), barePrepare, step).Get(ctx, &plan); err != nil {
		return result, err //nolint:wrapcheck // nobody reads it.
	}

	step = workflows.Step{NotificationID: in.ID, Deadline: workflow.Now(ctx).Add(in.Policy.IODeadline)}

	var profile workflows.ProfileResult
	if err := workflow.ExecuteActivity(bareCalling(ctx, bareCallTimeout, false), bareProfile, step).Get(ctx, &profile); err != nil {
		return result, err //nolint:wrapcheck // as above.
	}

	var sent workflows.SendResult
	if err := workflow.ExecuteActivity(bareCalling(ctx, workflows.HandOverTimeout, true), bareSend, step).Get(ctx, &sent); err != nil {
		return result, err //nolint:wrapcheck // as above.
	}

	var delivery workflows.DeliveryResult

	step.AttemptID = sent.AttemptID
	if err := workflow.ExecuteActivity(bareCalling(ctx, bareCallTimeout, false), bareAwait, step).Get(ctx, &delivery); err != nil {
		return result, err //nolint:wrapcheck // as above.
	}

	settlement := workflows.SettleInput{NotificationID: in.ID, Run: in.Run, NotificationResult: result}
	err := workflow.ExecuteLocalActivity(bareRecording(ctx), bareSettle, settlement).Get(ctx, nil)

	return result, err //nolint:wrapcheck // as above.
}

func bareCalling(ctx workflow.Context, timeout time.Duration, uncut bool) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue: workflows.TaskQueueIO, StartToCloseTimeout: timeout, RetryPolicy: bareRetry(), WaitForCancellation: uncut,
		DisableEagerExecution: true, Summary: "what does it do?",
	})
}

func bareRecording(ctx workflow.Context) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: bareRecordTimeout, RetryPolicy: bareRetry(),
	})
}

func bareRetry() *temporal.RetryPolicy {
	return &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute}
}

// bareActivities have empty bodies, but for what tells the benchmark how far it is.
type bareActivities struct {
	mutex sync.Mutex
	tells io.Writer
}

func (b *bareActivities) register(registry sdk.ActivityRegistry) {
	for name, body := range map[string]any{
		barePrepare: b.prepare, bareProfile: b.profile, bareSend: b.send, bareAwait: b.await, bareSettle: b.settle,
	} {
		registry.RegisterActivityWithOptions(body, activity.RegisterOptions{Name: name})
	}
}

func (*bareActivities) prepare(context.Context, workflows.Step) (workflows.Plan, error) {
	return workflows.Plan{HasPhone: true}, nil
}

func (*bareActivities) profile(context.Context, workflows.Step) (workflows.ProfileResult, error) {
	return workflows.ProfileResult{Reachable: true}, nil
}

func (*bareActivities) send(context.Context, workflows.Step) (workflows.SendResult, error) {
	return workflows.SendResult{AttemptID: uuid.NewString(), HandOver: notification.HandOverSent}, nil
}

// await fails at first, as GeNIO's does, which never asks right after the hand-over.
func (*bareActivities) await(ctx context.Context, _ workflows.Step) (workflows.DeliveryResult, error) {
	if activity.GetInfo(ctx).Attempt == 1 {
		return workflows.DeliveryResult{}, temporal.NewApplicationErrorWithOptions(
			"not final yet", workflows.FailureStillWaiting, temporal.ApplicationErrorOptions{
				NextRetryDelay: activities.DefaultIOCadence()[0], Category: temporal.ApplicationErrorCategoryBenign,
			})
	}

	return workflows.DeliveryResult{Status: notification.AttemptDelivered, Reason: notification.ReasonIODelivered}, nil
}

func (b *bareActivities) settle(_ context.Context, in workflows.SettleInput) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()

	_, err := fmt.Fprintln(b.tells, bareSettled{ID: in.NotificationID, At: time.Now()})

	return err //nolint:wrapcheck // nobody reads it.
}
