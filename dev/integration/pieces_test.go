package integration_test

import (
	"context"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/dev/temporalserver"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/worker"
	"github.com/genio-gateway/genio/workflows"
)

const (
	namespace     = "genio"
	twilioAccount = "ACintegration00000000000000000000"
	twilioToken   = "integrationtoken"
)

// pieces are GeNIO's parts, each of which can be taken away and put back at the same place. At the beginning all but
// the worker are there.
type pieces struct {
	tenant tenant

	store    *db.Store
	plays    *simulator.Simulator
	gate     *gate
	database wiring.Database
	engine   wiring.Temporal

	engineFile    string
	enginePort    int
	runningEngine *temporalserver.Server

	// callsPerSecond is the pace of calls to IO, of workers that start from now on.
	callsPerSecond float32

	simulatorAddress string
	simulatorServer  *http.Server
	publicURL        string
}

func layOut(t *testing.T) *pieces {
	t.Helper()

	folder := t.TempDir()
	p := &pieces{
		callsPerSecond: worker.DefaultIOCallsPerSecond,

		engineFile: filepath.Join(folder, "temporal.db"),
		database: wiring.Database{
			URL: "sqlite:" + filepath.Join(folder, "genio.db"), KeysFile: filepath.Join(folder, "keys.json"),
		},
	}

	_, err := db.LoadOrCreateKeys(p.database.KeysFile)
	require.NoError(t, err)
	require.NoError(t, db.Migrate(t.Context(), p.database.URL))

	p.store, err = p.database.Open(t.Context(), zap.NewNop())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.store.Close()) })

	p.layOutSimulator(t)
	p.startEngine(t)
	t.Cleanup(func() {
		p.record(t)
		p.stopEngine(t)
	})

	p.enginePort = portOf(t, p.engine.Address)
	p.serve(t)

	return p
}

func (p *pieces) layOutSimulator(t *testing.T) {
	t.Helper()

	config := simulator.DefaultConfig()
	config.AcceptAnyKey, config.Refusals = false, refusals
	config.Twilio.AccountSID, config.Twilio.AuthToken = twilioAccount, twilioToken

	p.plays = simulator.New(config)
	p.gate = newGate(p.plays.Handler())
	listener := listen(t, "127.0.0.1:0")
	p.simulatorAddress = listener.Addr().String()
	p.startSimulator(t, listener)
	t.Cleanup(func() {
		p.gate.open()
		p.stopSimulator(t)
		p.plays.Close()
	})
}

func (p *pieces) startSimulator(t *testing.T, listener net.Listener) {
	t.Helper()

	server := &http.Server{Handler: p.gate}
	p.simulatorServer = server

	go func() { _ = server.Serve(listener) }() // it ends with stopSimulator
}

// stopSimulator takes IO and Twilio off the network.
func (p *pieces) stopSimulator(t *testing.T) {
	t.Helper()
	require.NoError(t, p.simulatorServer.Close())
}

func (p *pieces) startEngine(t *testing.T) {
	t.Helper()

	engine, err := temporalserver.Start(temporalserver.Config{
		File: p.engineFile, Port: p.enginePort, Namespace: namespace,
		OnePartition: workflows.FairTaskQueues(), Log: zap.NewNop(),
	})
	require.NoError(t, err)

	p.runningEngine = engine
	p.engine = wiring.Temporal{Address: engine.Address(), Namespace: namespace}
}

func (p *pieces) stopEngine(t *testing.T) {
	t.Helper()

	if p.runningEngine != nil {
		require.NoError(t, p.runningEngine.Stop())
		p.runningEngine = nil
	}
}

// record saves histories, where it is asked for and Temporal is there.
func (p *pieces) record(t *testing.T) {
	t.Helper()

	if p.runningEngine == nil {
		return
	}

	temporal, err := p.engine.Connect(zap.NewNop())
	require.NoError(t, err)

	defer temporal.Close()

	record(t, temporal)
}

// serve runs the API, and founds an Ente.
func (p *pieces) serve(t *testing.T) {
	t.Helper()

	listener := listen(t, "127.0.0.1:0")
	p.publicURL = "http://" + listener.Addr().String()

	temporal, err := p.engine.Connect(zap.NewNop())
	require.NoError(t, err)

	serves := wiring.Server{
		Store: p.store, Temporal: temporal, PublicURL: p.publicURL, TwilioToken: twilioToken, Log: zap.NewNop(),
		Outbound: inside(),
	}
	does, err := serves.Gateway()
	require.NoError(t, err)
	p.run(t, func(ctx context.Context) error { return serves.Run(ctx, listener, does) })
	t.Cleanup(temporal.Close)

	p.tenant = foundTenant(t, does, p.plays, newSecrets(), 1)
}

// run lets something run until the test ends, or until the given function has stopped it.
func (p *pieces) run(t *testing.T, runs func(context.Context) error) (stop func()) {
	t.Helper()

	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)

	go func() { ended <- runs(ctx) }()

	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	t.Cleanup(stop)

	return stop
}

func (p *pieces) workerPart() workerPart {
	simulators := "http://" + p.simulatorAddress

	return workerPart{
		IO:        wiring.IO{URL: simulators + "/io/api/v1", CallsPerSecond: p.callsPerSecond},
		Twilio:    wiring.Twilio{URL: simulators + "/twilio", AccountSID: twilioAccount, AuthToken: twilioToken},
		PublicURL: p.publicURL, Outbound: inside(), Webhooks: briskWebhooks(),
	}
}

// startWorker starts a worker in this process. Stop lets its calls end.
func (p *pieces) startWorker(t *testing.T) (stop func()) {
	t.Helper()

	return p.startVersion(t, "")
}

// startVersion starts a worker of a version in this process.
func (p *pieces) startVersion(t *testing.T, buildID string) (stop func()) {
	t.Helper()

	part := p.workerPart()
	part.BuildID = buildID

	works, err := part.worker(p.store, p.engine, zap.NewNop())
	require.NoError(t, err)

	return p.run(t, works.Run)
}

// startWorkerProcess starts a worker that can be killed.
func (p *pieces) startWorkerProcess(t *testing.T) *process {
	t.Helper()

	return startProcess(t, processWorker, workerSettings{Database: p.database, Temporal: p.engine, Worker: p.workerPart()})
}

func listen(t *testing.T, address string) net.Listener {
	t.Helper()

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	require.NoError(t, err)

	return listener
}

func portOf(t *testing.T, address string) int {
	t.Helper()

	resolved, err := net.ResolveTCPAddr("tcp", address)
	require.NoError(t, err)

	return resolved.Port
}

// gate stands before a simulator and, while it is shut, holds back the answers to submissions: IO has the message, and
// the sender does not know yet.
type gate struct {
	next http.Handler

	mu    sync.Mutex
	shut  chan struct{} // closed when the gate opens; nil while it is open
	holds chan struct{} // one for each answer that is held back
}

// heldAnswers is more than any test holds back.
const heldAnswers = 100

func newGate(next http.Handler) *gate {
	return &gate{next: next, holds: make(chan struct{}, heldAnswers)}
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()

	g.shut = make(chan struct{})
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()

	if g.shut != nil {
		close(g.shut)
		g.shut = nil
	}
}

func (g *gate) opened() chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()

	return g.shut
}

// ServeHTTP lets the simulator do everything, and hands its answer on once the gate is open.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	opened := g.opened()
	if opened == nil || !strings.HasSuffix(r.URL.Path, "/io/api/v1/messages") {
		g.next.ServeHTTP(w, r)

		return
	}

	held := heldAnswer{header: http.Header{}}
	g.next.ServeHTTP(&held, r)

	g.holds <- struct{}{}

	<-opened

	maps.Copy(w.Header(), held.header)

	w.WriteHeader(held.status)
	_, _ = w.Write(held.body) // nobody may be there any more
}

type heldAnswer struct {
	header http.Header
	status int
	body   []byte
}

// Header is where the simulator writes its header.
func (a *heldAnswer) Header() http.Header { return a.header }

// WriteHeader keeps the status.
func (a *heldAnswer) WriteHeader(status int) { a.status = status }

// Write keeps the body.
func (a *heldAnswer) Write(body []byte) (int, error) {
	a.body = append(a.body, body...)

	return len(body), nil
}
