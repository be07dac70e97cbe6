package main

import (
	"context"
	"encoding/json"
	"net"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/grpc"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// reconcileServer is as much of a Temporal server, and of a worker, as makes a reconciliation.
type reconcileServer struct {
	workflowservice.UnimplementedWorkflowServiceServer

	store      *db.Store
	difference int
}

// StartWorkflowExecution makes the reconciliation at once.
func (s *reconcileServer) StartWorkflowExecution(
	ctx context.Context, request *workflowservice.StartWorkflowExecutionRequest,
) (*workflowservice.StartWorkflowExecutionResponse, error) {
	var in workflows.ReconciliationInput
	if err := converter.GetDefaultDataConverter().FromPayloads(request.GetInput(), &in); err != nil {
		return nil, err
	}

	return &workflowservice.StartWorkflowExecutionResponse{RunId: uuid.NewString()},
		s.store.EndReconciliation(ctx, notification.Reconciliation{
			ID: in.ID, Sums: notification.Sums{Since: "2026-11-24", Accepted: 9, Settled: 7, Kept: 7, Open: 2, OnHold: 1},
			Results: []notification.CheckResult{{Check: notification.CheckSums, Looked: 9, Difference: s.difference}},
		})
}

func TestReconcile(t *testing.T) {
	t.Parallel()

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)

	o := newOffice(t)
	plays := &reconcileServer{store: o.opened(t).Store}
	server := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, plays)

	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	t.Cleanup(func() {
		server.Stop()
		require.NoError(t, <-served)
	})

	temporal := []string{"--temporal-address=" + listener.Addr().String(), "--temporal-namespace=genio"}
	answer := o.admin(t, "", append([]string{"reconcile"}, temporal...)...)
	require.Contains(t, answer, "CHECK  COMPARED  FOUND  REPAIRED  FOR A PERSON  DIFFERENCE")
	require.Contains(t, answer, "since 2026-11-24: accepted 9 = settled 7 + open 2 (0 scheduled, 1 on hold); figures keep 7 settled")
	require.Contains(t, answer, "open findings: 0, difference: 0")

	var result told

	require.NoError(t, json.Unmarshal([]byte(o.admin(t, "", append([]string{"reconcile", "--last", "--json"}, temporal...)...)), &result))
	require.True(t, result.Agrees)
	require.Equal(t, 9, result.Checks[0].Looked)

	plays.difference = 3

	var person shell

	line := append(append([]string{"admin", "reconcile"}, temporal...), o.database...)
	require.ErrorIs(t, person.run(t.Context(), t, "", line...), errDisagrees)
	require.Contains(t, person.out.String(), "difference: 3")
}
