package worker

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/genio-gateway/genio/telemetry"
	"github.com/genio-gateway/genio/workflows"
)

// queueOfActivities is how metrics name that side of a task queue.
const queueOfActivities = "activity"

// Queues looks at the task queues from outside, so that it is seen when no worker is left.
type Queues struct {
	Temporal  client.Client
	Namespace string
}

// Look asks for every queue that GeNIO works on.
func (q Queues) Look(ctx context.Context) ([]telemetry.Queue, error) {
	var seen []telemetry.Queue

	for _, one := range []struct {
		name, tells string
		kind        enumspb.TaskQueueType
	}{
		{workflows.TaskQueue, "workflow", enumspb.TASK_QUEUE_TYPE_WORKFLOW},
		{workflows.TaskQueue, queueOfActivities, enumspb.TASK_QUEUE_TYPE_ACTIVITY},
		{workflows.TaskQueueIO, queueOfActivities, enumspb.TASK_QUEUE_TYPE_ACTIVITY},
		{workflows.TaskQueueSMS, queueOfActivities, enumspb.TASK_QUEUE_TYPE_ACTIVITY},
		{workflows.TaskQueueWebhooks, queueOfActivities, enumspb.TASK_QUEUE_TYPE_ACTIVITY},
	} {
		answer, err := q.Temporal.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
			Namespace:     q.Namespace,
			TaskQueue:     &taskqueuepb.TaskQueue{Name: one.name, Kind: enumspb.TASK_QUEUE_KIND_NORMAL},
			TaskQueueType: one.kind,
			ReportStats:   true,
		})
		if err != nil {
			return nil, fmt.Errorf("looking at a task queue: %w", err)
		}

		seen = append(seen, telemetry.Queue{
			Name: one.name, Type: one.tells, Pollers: len(answer.GetPollers()),
			Backlog: answer.GetStats().GetApproximateBacklogCount(),
			Age:     answer.GetStats().GetApproximateBacklogAge().AsDuration(),
		})
	}

	return seen, nil
}
