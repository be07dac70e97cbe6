package integration_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/workflows"
)

// forget makes Temporal lose a workflow, with its history.
func forget(t *testing.T, temporal client.Client, workflowID string) {
	t.Helper()

	seen, err := gateway.Executions{Temporal: temporal}.Look(t.Context(), workflowID)
	require.NoError(t, err)

	request := &workflowservice.DeleteWorkflowExecutionRequest{Namespace: namespace, WorkflowExecution: &commonpb.WorkflowExecution{
		WorkflowId: workflowID, RunId: seen.RunID,
	}}
	_, err = temporal.WorkflowService().DeleteWorkflowExecution(t.Context(), request)
	require.NoError(t, err)
	awaitState(t, temporal, workflowID, workflows.ExecutionMissing)
}

// awaitState waits until Temporal says that a workflow is as wanted.
func awaitState(t *testing.T, temporal client.Client, workflowID string, wanted workflows.ExecutionState) {
	t.Helper()

	asks := gateway.Executions{Temporal: temporal}

	require.Eventually(t, func() bool {
		seen, err := asks.Look(t.Context(), workflowID)

		return err == nil && seen.State == wanted
	}, patience, glance)
}
