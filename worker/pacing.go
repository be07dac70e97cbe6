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

// DefaultIOCallsPerSecond keeps each Ente below app IO's 150 calls in any 5 seconds. Temporal lets a key that was idle
// begin with the calls of one second at once, so a window may hold those of six seconds: 144. The rest is for calls that
// take different times on their way.
const DefaultIOCallsPerSecond = 24

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
