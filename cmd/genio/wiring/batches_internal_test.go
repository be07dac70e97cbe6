package wiring

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// signalled is as much of a Temporal server as takes signals, or refuses them.
type signalled struct {
	workflowservice.UnimplementedWorkflowServiceServer

	refusal error

	mutex   sync.Mutex
	signals []*workflowservice.SignalWorkflowExecutionRequest
}

// SignalWorkflowExecution keeps the signal.
func (s *signalled) SignalWorkflowExecution(
	_ context.Context, request *workflowservice.SignalWorkflowExecutionRequest,
) (*workflowservice.SignalWorkflowExecutionResponse, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	s.signals = append(s.signals, request)

	return &workflowservice.SignalWorkflowExecutionResponse{}, s.refusal
}

func (s *signalled) client(t *testing.T) client.Client {
	t.Helper()

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)

	server := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, s)

	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	t.Cleanup(func() {
		server.Stop()
		require.NoError(t, <-served)
	})

	temporal, err := Temporal{Address: listener.Addr().String(), Namespace: "genio"}.Connect(zap.NewNop())
	require.NoError(t, err)
	t.Cleanup(temporal.Close)

	return temporal
}

// accepted is a notification that a batch may have made.
func accepted(t *testing.T, store *db.Store) string {
	t.Helper()

	ente := notification.Ente{ID: newID(t), Name: "Comune di Prova", FiscalCode: "00000000000", Active: true}
	require.NoError(t, store.CreateEnte(t.Context(), ente))

	service := notification.Service{
		ID: newID(t), EnteID: ente.ID, Name: "Anagrafe", Active: true, Policy: notification.DefaultPolicy(),
	}
	require.NoError(t, store.CreateService(t.Context(), service, notification.ServiceKeys{Primary: "key"}))

	id, _, err := store.Submit(t.Context(), db.Submission{Notification: notification.Notification{
		ID: newID(t), EnteID: ente.ID, ServiceID: service.ID, Policy: service.Policy, Priority: notification.PriorityBulk,
		Recipient:  notification.Recipient{FiscalCode: simulator.FiscalCode(simulator.CitizenDelivered, 1)},
		AcceptedAt: time.Now(),
	}})
	require.NoError(t, err)

	return id
}

func newID(t *testing.T) string {
	t.Helper()

	id, err := uuid.NewV7()
	require.NoError(t, err)

	return id.String()
}

func TestNotificationsOfACancelledBatchAreCancelled(t *testing.T) {
	t.Parallel()

	store, temporal := dbtest.Open(t, dbtest.EngineSQLite), &signalled{}
	connected := temporal.client(t)
	does := newOfBatches(store, connected, gateway.NewStarter(store, connected, zap.NewNop()), zap.NewNop())
	id := accepted(t, store)

	require.NoError(t, does.Cancel(t.Context(), id))
	require.Len(t, temporal.signals, 1)
	require.Equal(t, workflows.NotificationID(id), temporal.signals[0].GetWorkflowExecution().GetWorkflowId())
	require.Equal(t, workflows.SignalCancel, temporal.signals[0].GetSignalName())
	require.Contains(t, string(temporal.signals[0].GetInput().GetPayloads()[0].GetData()), notification.ReasonCancelledByEnte)

	// One that has ended meanwhile.
	require.NoError(t, store.Settle(t.Context(), id, db.Settlement{
		Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: notification.ChannelIO, Run: 1,
	}))
	require.NoError(t, does.Cancel(t.Context(), id))
	require.Len(t, temporal.signals, 1)

	require.ErrorIs(t, does.Cancel(t.Context(), newID(t)), gateway.ErrNotFound)
}

func TestNotificationThatCannotBeCancelledIsTold(t *testing.T) {
	t.Parallel()

	store, temporal := dbtest.Open(t, dbtest.EngineSQLite), &signalled{refusal: status.Error(codes.PermissionDenied, "no")}
	connected := temporal.client(t)
	does := newOfBatches(store, connected, gateway.NewStarter(store, connected, zap.NewNop()), zap.NewNop())

	require.ErrorContains(t, does.Cancel(t.Context(), accepted(t, store)), "cancelling a notification of a batch")
}
