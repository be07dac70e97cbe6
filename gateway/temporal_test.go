package gateway_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// closedPort is tcpmux's, which nobody serves any more: a connection is refused at once.
const closedPort = "127.0.0.1:1"

type (
	startRequest     = workflowservice.StartWorkflowExecutionRequest
	startResponse    = workflowservice.StartWorkflowExecutionResponse
	signalRequest    = workflowservice.SignalWorkflowExecutionRequest
	signalResponse   = workflowservice.SignalWorkflowExecutionResponse
	wakeRequest      = workflowservice.SignalWithStartWorkflowExecutionRequest
	wakeResponse     = workflowservice.SignalWithStartWorkflowExecutionResponse
	historyRequest   = workflowservice.GetWorkflowExecutionHistoryRequest
	historyResponse  = workflowservice.GetWorkflowExecutionHistoryResponse
	describeRequest  = workflowservice.DescribeWorkflowExecutionRequest
	describeResponse = workflowservice.DescribeWorkflowExecutionResponse
)

// temporalServer speaks Temporal's protocol as far as the use cases need it. Its answers are scripted: a start
// gives a new run and a signal is taken, unless a test says otherwise; histories there are none.
type temporalServer struct {
	workflowservice.UnimplementedWorkflowServiceServer

	address atomic.Pointer[string]
	listens string

	mutex   sync.Mutex
	starts  []*startRequest
	signals []*signalRequest
	wakes   []*wakeRequest

	onStart    func(*startRequest) (*startResponse, error)
	onSignal   func(*signalRequest) (*signalResponse, error)
	onHistory  func(context.Context, *historyRequest) (*historyResponse, error)
	onDescribe func(*describeRequest) (*describeResponse, error)
}

// newTemporal serves on the loopback. Its client reaches it once the server is up; until then, Temporal is away.
func newTemporal(tb testing.TB) (*temporalServer, client.Client) {
	tb.Helper()

	var listening net.ListenConfig

	listener, err := listening.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	require.NoError(tb, err)

	temporal := &temporalServer{
		listens:    listener.Addr().String(),
		onStart:    func(*startRequest) (*startResponse, error) { return &startResponse{RunId: uuid.NewString()}, nil },
		onSignal:   func(*signalRequest) (*signalResponse, error) { return &signalResponse{}, nil },
		onHistory:  func(context.Context, *historyRequest) (*historyResponse, error) { return nil, workflowGone() },
		onDescribe: func(*describeRequest) (*describeResponse, error) { return nil, workflowGone() },
	}
	temporal.goAway()

	server := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, temporal)
	healthpb.RegisterHealthServer(server, healthyServer())

	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	tb.Cleanup(func() {
		server.Stop()

		// A test may be over before the server has begun to listen.
		if err := <-served; !errors.Is(err, grpc.ErrServerStopped) {
			require.NoError(tb, err)
		}
	})

	connected := temporal.client(tb)

	return temporal, connected
}

func healthyServer() *health.Server {
	healthy := health.NewServer()
	healthy.SetServingStatus(workflowservice.WorkflowService_ServiceDesc.ServiceName, healthpb.HealthCheckResponse_SERVING)

	return healthy
}

func (s *temporalServer) client(tb testing.TB) client.Client {
	tb.Helper()

	const retryAfter = 20 * time.Millisecond

	reconnecting := backoff.Config{BaseDelay: retryAfter, Multiplier: 1, MaxDelay: retryAfter}

	temporal, err := client.NewLazyClient(client.Options{
		HostPort: "passthrough:///temporal",
		Logger:   quiet{},
		ConnectionOptions: client.ConnectionOptions{DialOptions: []grpc.DialOption{
			grpc.WithConnectParams(grpc.ConnectParams{Backoff: reconnecting, MinConnectTimeout: time.Minute}),
			grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
				address := *s.address.Load()
				if address == "" {
					<-ctx.Done()

					return nil, ctx.Err()
				}

				var dialer net.Dialer

				return dialer.DialContext(ctx, "tcp", address)
			}),
		}},
	})
	require.NoError(tb, err)
	tb.Cleanup(temporal.Close)

	return temporal
}

func (s *temporalServer) comeUp() { s.address.Store(&s.listens) }

// fallSilent makes every connection hang, as behind a firewall that drops packets.
func (s *temporalServer) fallSilent() { s.address.Store(new(string)) }

func (s *temporalServer) goAway() {
	away := closedPort
	s.address.Store(&away)
}

// GetSystemInfo is the first thing a client asks.
func (s *temporalServer) GetSystemInfo(
	context.Context, *workflowservice.GetSystemInfoRequest,
) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{
		Capabilities: &workflowservice.GetSystemInfoResponse_Capabilities{InternalErrorDifferentiation: true},
	}, nil
}

// StartWorkflowExecution notes the request and answers as scripted.
func (s *temporalServer) StartWorkflowExecution(_ context.Context, request *startRequest) (*startResponse, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	s.starts = append(s.starts, request)

	response, err := s.onStart(request)

	return response, onTheWire(err)
}

// SignalWorkflowExecution notes the request and answers as scripted.
func (s *temporalServer) SignalWorkflowExecution(_ context.Context, request *signalRequest) (*signalResponse, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	s.signals = append(s.signals, request)

	response, err := s.onSignal(request)

	return response, onTheWire(err)
}

// GetWorkflowExecutionHistory answers as scripted.
func (s *temporalServer) GetWorkflowExecutionHistory(
	ctx context.Context, request *historyRequest,
) (*historyResponse, error) {
	response, err := s.onHistory(ctx, request)

	return response, onTheWire(err)
}

// DescribeWorkflowExecution answers as scripted.
func (s *temporalServer) DescribeWorkflowExecution(
	_ context.Context, request *describeRequest,
) (*describeResponse, error) {
	response, err := s.onDescribe(request)

	return response, onTheWire(err)
}

// onTheWire writes a service error as Temporal's server does.
func onTheWire(err error) error {
	if err == nil {
		return nil
	}

	return serviceerror.ToStatus(err).Err()
}

func (s *temporalServer) started() []*startRequest {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	return append([]*startRequest{}, s.starts...)
}

// startsOf are the starts of one workflow.
func (s *temporalServer) startsOf(workflowID string) []*startRequest {
	var found []*startRequest

	for _, request := range s.started() {
		if request.GetWorkflowId() == workflowID {
			found = append(found, request)
		}
	}

	return found
}

func (s *temporalServer) signalled() []*signalRequest {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	return append([]*signalRequest{}, s.signals...)
}

// historyOf scripts the histories, by run.
func (s *temporalServer) historyOf(runs map[string][]*historypb.HistoryEvent) {
	s.onHistory = func(_ context.Context, request *historyRequest) (*historyResponse, error) {
		events, known := runs[request.GetExecution().GetRunId()]
		if !known {
			return nil, workflowGone()
		}

		return &historyResponse{History: &historypb.History{Events: events}}, nil
	}
	s.onDescribe = func(*describeRequest) (*describeResponse, error) { return &describeResponse{}, nil }
}

func workflowGone() error { return serviceerror.NewNotFound("workflow not found") }

func alreadyStarted(runID string) error {
	return serviceerror.NewWorkflowExecutionAlreadyStarted("already started", uuid.NewString(), runID)
}

func payloads(tb testing.TB, value any) *commonpb.Payloads {
	tb.Helper()

	encoded, err := converter.GetDefaultDataConverter().ToPayloads(value)
	require.NoError(tb, err)

	return encoded
}

func decode(tb testing.TB, encoded *commonpb.Payloads, target any) {
	tb.Helper()
	require.NoError(tb, converter.GetDefaultDataConverter().FromPayloads(encoded, target))
}

// quiet is a Temporal logger that says nothing: being away is what these tests are about.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
