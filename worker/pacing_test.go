package worker_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/genio-gateway/genio/worker"
	"github.com/genio-gateway/genio/workflows"
)

// UpdateTaskQueueConfig keeps the change.
func (f *frontend) UpdateTaskQueueConfig(
	_ context.Context, request *workflowservice.UpdateTaskQueueConfigRequest,
) (*workflowservice.UpdateTaskQueueConfigResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()

	f.changes = append(f.changes, request)

	return &workflowservice.UpdateTaskQueueConfigResponse{}, f.refusal
}

// SignalWithStartWorkflowExecution keeps the signal.
func (f *frontend) SignalWithStartWorkflowExecution(
	_ context.Context, request *workflowservice.SignalWithStartWorkflowExecutionRequest,
) (*workflowservice.SignalWithStartWorkflowExecutionResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()

	f.wakes = append(f.wakes, request)

	return &workflowservice.SignalWithStartWorkflowExecutionResponse{RunId: uuid.NewString()}, f.refusal
}

func TestPacerChangesTheQueueOfCallsToIO(t *testing.T) {
	t.Parallel()

	frontend, address := newFrontend(t, nil)
	pacer := worker.Pacer{Temporal: connected(t, address), Namespace: "genio"}

	require.NoError(t, pacer.Pace(t.Context(), worker.DefaultIOCallsPerSecond))
	require.NoError(t, pacer.Weigh(t.Context(), map[string]float32{"usual": 1, "fast": 2, "slow": 0.5}))
	require.NoError(t, pacer.Weigh(t.Context(), nil))
	require.Len(t, frontend.changes, 2, "nothing to weigh is no change")

	for _, change := range frontend.changes {
		require.Equal(t, "genio", change.GetNamespace())
		require.Equal(t, workflows.TaskQueueIO, change.GetTaskQueue())
		require.Equal(t, enumspb.TASK_QUEUE_TYPE_ACTIVITY, change.GetTaskQueueType())
	}

	pace, weights := frontend.changes[0], frontend.changes[1]
	require.InDelta(t, worker.DefaultIOCallsPerSecond,
		pace.GetUpdateFairnessKeyRateLimitDefault().GetRateLimit().GetRequestsPerSecond(), 1e-6)
	require.Empty(t, pace.GetSetFairnessWeightOverrides())

	require.Nil(t, weights.GetUpdateFairnessKeyRateLimitDefault())
	require.Equal(t, map[string]float32{"fast": 2, "slow": 0.5}, weights.GetSetFairnessWeightOverrides())
	require.Equal(t, []string{"usual"}, weights.GetUnsetFairnessWeightOverrides())
}

func TestBrakeWakesTheEntesPace(t *testing.T) {
	t.Parallel()

	frontend, address := newFrontend(t, nil)
	brake := worker.Brake{Temporal: connected(t, address)}

	require.NoError(t, brake.Refused(t.Context(), "ente"))
	require.NoError(t, brake.Quota(t.Context(), "ente"))
	require.Len(t, frontend.wakes, 2)

	for i, signal := range []string{workflows.SignalRefused, workflows.SignalQuota} {
		wake := frontend.wakes[i]
		require.Equal(t, workflows.PaceID("ente"), wake.GetWorkflowId())
		require.Equal(t, workflows.PaceWorkflow, wake.GetWorkflowType().GetName())
		require.Equal(t, signal, wake.GetSignalName())
		require.Equal(t, workflows.TaskQueue, wake.GetTaskQueue().GetName())
		require.JSONEq(t, `{"ente_id": "ente"}`, string(wake.GetInput().GetPayloads()[0].GetData()))
	}
}

func TestPaceThatTemporalRefuses(t *testing.T) {
	t.Parallel()

	_, address := newFrontend(t, status.Error(codes.PermissionDenied, "not this namespace"))
	temporal := connected(t, address)
	pacer := worker.Pacer{Temporal: temporal, Namespace: "genio"}

	require.ErrorContains(t, pacer.Pace(t.Context(), 1), "setting the pace of calls to IO")
	require.ErrorContains(t, pacer.Weigh(t.Context(), map[string]float32{"ente": 2}), "setting an Ente's pace")
	require.ErrorContains(t, worker.Brake{Temporal: temporal}.Refused(t.Context(), "ente"), "telling of a refusal")
}
