package main

import (
	"context"
	"net"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"

	"github.com/genio-gateway/genio/workflows"
)

type wakeRequest = workflowservice.SignalWithStartWorkflowExecutionRequest

// paceServer is as much of a Temporal server as is told of a quota.
type paceServer struct {
	workflowservice.UnimplementedWorkflowServiceServer

	told chan *wakeRequest
}

// SignalWithStartWorkflowExecution hands on what it is told.
func (s *paceServer) SignalWithStartWorkflowExecution(
	_ context.Context, request *wakeRequest,
) (*workflowservice.SignalWithStartWorkflowExecutionResponse, error) {
	s.told <- request

	return &workflowservice.SignalWithStartWorkflowExecutionResponse{RunId: uuid.NewString()}, nil
}

func TestQuota(t *testing.T) {
	t.Parallel()

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)

	plays := &paceServer{told: make(chan *wakeRequest, 1)}
	server := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, plays)

	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	t.Cleanup(func() {
		server.Stop()
		require.NoError(t, <-served)
	})

	o := newOffice(t)
	enteID := o.admin(t, "", "ente", "Comune di Prova", organizationCode)
	require.NotEmpty(t, o.admin(t, "", "quota", enteID, "250",
		"--temporal-address="+listener.Addr().String(), "--temporal-namespace=genio"))

	ente, err := o.opened(t).Store.Ente(t.Context(), enteID)
	require.NoError(t, err)
	require.Equal(t, 250, ente.IOCalls)

	told := <-plays.told
	require.Equal(t, "genio", told.GetNamespace())
	require.Equal(t, workflows.PaceID(enteID), told.GetWorkflowId())
	require.Equal(t, workflows.SignalQuota, told.GetSignalName())
}
