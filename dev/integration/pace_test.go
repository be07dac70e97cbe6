package integration_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/worker"
	"github.com/genio-gateway/genio/workflows"
)

// burst makes twice as many calls to IO as an Ente may make in IO's window of five seconds.
const burst = 100

// testPace submits a burst of one Ente and looks whether IO ever had to refuse a call.
func (h *house) testPace(t *testing.T) {
	t.Parallel()

	// The worker sets it before it takes its first task, a moment after the start.
	require.Eventually(t, func() bool { return h.pace(t.Context()) == worker.DefaultIOCallsPerSecond }, patience, glance)

	ente := foundTenant(t, h.Gateway, h.Simulator, h.secrets, 1)
	service := ente.service(t, "burst", notification.DefaultPolicy())
	ids := make([]string, burst)

	for i := range ids {
		ids[i] = ente.submit(t, orderFor(service, simulator.FiscalCode(simulator.CitizenDelivered, 2*firstSerial+i), ""))
	}

	for _, id := range ids {
		require.Equal(t, "delivered", ente.await(t, id, notice.final).Status)
	}

	require.Equal(t, burst, h.Simulator.Counters().ProfileCalls[service.id])
	require.Zero(t, h.Simulator.Counters().RateLimited[ente.id])
}

// pace is how many calls to IO per second Temporal allows each Ente.
func (h *house) pace(ctx context.Context) float32 { return paceOf(ctx, h.Temporal) }

func paceOf(ctx context.Context, temporal client.Client) float32 {
	described, err := temporal.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: namespace, TaskQueue: &taskqueuepb.TaskQueue{Name: workflows.TaskQueueIO},
		TaskQueueType: enumspb.TASK_QUEUE_TYPE_ACTIVITY, ReportConfig: true,
	})
	if err != nil {
		return 0
	}

	return described.GetConfig().GetFairnessKeysRateLimitDefault().GetRateLimit().GetRequestsPerSecond()
}
