package worker

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/genio-gateway/genio/workflows"
)

// DefaultIOCallsPerSecond is the pace of an Ente with IO's default quota of 150 calls in 5 seconds: 98 % of it. What
// Temporal lets a queue that was idle catch up at once is held back by appio.Windows.
const DefaultIOCallsPerSecond = 29.4

// Pacer tells Temporal how many calls each Ente may make to IO, over all its services and keys. The task queue's
// fairness key is the Ente.
type Pacer struct {
	Temporal  client.Client
	Namespace string
}

// Pace sets the rate of an Ente whose weight is 1, in calls per second.
func (p Pacer) Pace(ctx context.Context, callsPerSecond float32) error {
	return p.update(ctx, "setting the pace of calls to IO", &workflowservice.UpdateTaskQueueConfigRequest{
		UpdateFairnessKeyRateLimitDefault: &workflowservice.UpdateTaskQueueConfigRequest_RateLimitUpdate{
			RateLimit: &taskqueuepb.RateLimit{RequestsPerSecond: callsPerSecond},
			Reason:    "app IO's quota for each Ente",
		},
	})
}

// Weigh sets the rate of Enti to so many times the default one, from now on and for what waits already; 1 is what an
// Ente has of which nothing is said.
func (p Pacer) Weigh(ctx context.Context, weights map[string]float32) error {
	if len(weights) == 0 {
		return nil
	}

	change := &workflowservice.UpdateTaskQueueConfigRequest{SetFairnessWeightOverrides: map[string]float32{}}

	for enteID, weight := range weights {
		if weight == 1 {
			change.UnsetFairnessWeightOverrides = append(change.UnsetFairnessWeightOverrides, enteID)
		} else {
			change.SetFairnessWeightOverrides[enteID] = weight
		}
	}

	return p.update(ctx, "setting an Ente's pace", change)
}

func (p Pacer) update(ctx context.Context, doing string, change *workflowservice.UpdateTaskQueueConfigRequest) error {
	change.Namespace = p.Namespace
	change.TaskQueue = workflows.TaskQueueIO
	change.TaskQueueType = enumspb.TASK_QUEUE_TYPE_ACTIVITY

	if _, err := p.Temporal.WorkflowService().UpdateTaskQueueConfig(ctx, change); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	return nil
}

// brakePatience bounds the telling of a refusal: the call that was refused waits to have its outcome recorded, and is
// taken for uncertain where that comes too late. The next refusal is told again.
const brakePatience = time.Second

// Brake tells the workflows that mind the rates of Enti, and starts them where there are none.
type Brake struct {
	Temporal client.Client
}

// Refused lowers the rate of an Ente whose calls IO refuses.
func (b Brake) Refused(ctx context.Context, enteID string) error {
	ctx, done := context.WithTimeout(ctx, brakePatience)
	defer done()

	return b.tell(ctx, "telling of a refusal", enteID, workflows.SignalRefused)
}

// Quota puts an Ente's quota into force; a rate that was lowered stays so for its time.
func (b Brake) Quota(ctx context.Context, enteID string) error {
	return b.tell(ctx, "telling of a quota", enteID, workflows.SignalQuota)
}

func (b Brake) tell(ctx context.Context, doing, enteID, signal string) error {
	_, err := b.Temporal.SignalWithStartWorkflow(ctx, workflows.PaceID(enteID), signal, nil,
		client.StartWorkflowOptions{TaskQueue: workflows.TaskQueue}, workflows.PaceWorkflow, workflows.PaceInput{EnteID: enteID})
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	return nil
}
