package worker

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/genio-gateway/genio/workflows"
)

// DefaultIOCallsPerSecond is a little below app IO's 150 calls in 5 seconds for each Ente, since IO counts in a
// sliding window and the calls of an Ente's other software count too.
const DefaultIOCallsPerSecond = 28

// Pace tells Temporal how many calls per second each Ente may make to IO, over all its services and keys. The
// task queue's fairness key is the Ente.
func Pace(ctx context.Context, temporal client.Client, namespace string, callsPerSecond float32) error {
	_, err := temporal.WorkflowService().UpdateTaskQueueConfig(ctx, &workflowservice.UpdateTaskQueueConfigRequest{
		Namespace:     namespace,
		TaskQueue:     workflows.TaskQueueIO,
		TaskQueueType: enumspb.TASK_QUEUE_TYPE_ACTIVITY,
		UpdateFairnessKeyRateLimitDefault: &workflowservice.UpdateTaskQueueConfigRequest_RateLimitUpdate{
			RateLimit: &taskqueuepb.RateLimit{RequestsPerSecond: callsPerSecond},
			Reason:    "app IO's quota for each Ente",
		},
	})
	if err != nil {
		return fmt.Errorf("setting the pace of calls to IO: %w", err)
	}

	return nil
}
