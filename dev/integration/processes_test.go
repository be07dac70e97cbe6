package integration_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/dev/allinone"
	"github.com/genio-gateway/genio/simulator"
)

// The processes that the test binary can be.
const (
	processAllInOne = "genio-process-all-in-one" // settings: allinone.Settings
	processWorker   = "genio-process-worker"     // settings: workerSettings

	processArguments = 3 // the binary, the kind of process and its settings
)

// process is another process, which a test may kill.
type process struct {
	command *exec.Cmd
	ended   chan struct{}
}

// startProcess starts this test binary as another process. It ends with the test at the latest.
func startProcess(t *testing.T, kind string, settings any) *process {
	t.Helper()

	encoded, err := json.Marshal(settings)
	require.NoError(t, err)

	//nolint:noctx // its end is the test's own matter: a context would kill it where the test wants to.
	started := &process{command: exec.Command(os.Args[0], kind, string(encoded)), ended: make(chan struct{})}
	started.command.Stdout, started.command.Stderr = t.Output(), t.Output()

	// It stays open as long as this process lives.
	_, err = started.command.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, started.command.Start())

	go func() {
		defer close(started.ended)

		_ = started.command.Wait() // a killed process always ends with an error
	}()

	t.Cleanup(started.kill)

	return started
}

// kill ends the process at once, as a machine that goes away does.
func (p *process) kill() {
	_ = p.command.Process.Kill() // it may have ended
	<-p.ended
}

// terminate tells the process to end, as whoever rolls out a new version does. It goes on until it has done so.
func (p *process) terminate() error {
	return p.command.Process.Signal(syscall.SIGTERM)
}

func runProcess(kind, settings string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	// No process outlives the test that started it, even if that was killed itself.
	go func() {
		defer stop()

		_, _ = io.Copy(io.Discard, os.Stdin) // it ends, in whatever way, when the other side is gone
	}()

	switch kind {
	case processAllInOne:
		return runAllInOne(ctx, settings)
	case processWorker:
		return runWorker(ctx, settings)
	default:
		return fmt.Errorf("no process %q", kind)
	}
}

func runAllInOne(ctx context.Context, encoded string) error {
	var settings allinone.Settings
	if err := json.Unmarshal([]byte(encoded), &settings); err != nil {
		return fmt.Errorf("decoding the settings: %w", err)
	}

	settings.Simulate = withLatency

	all, err := allinone.Start(ctx, settings, zap.NewNop())
	if err != nil {
		return fmt.Errorf("starting: %w", err)
	}

	select {
	case <-ctx.Done():
	case err = <-all.Failed():
	}

	all.Stop()

	return err
}

// callLatency is long, so that a kill finds calls to IO under way.
const callLatency = 500 * time.Millisecond

// withLatency makes Twilio quick instead: only after two minutes is a message that Twilio does not list taken for not
// sent, so that a kill which strikes between GeNIO's note of a call to Twilio and the call itself makes the test long.
func withLatency(config *simulator.Config) {
	config.IOLatency, config.Twilio.Latency = simulator.Span{Min: callLatency, Max: callLatency}, simulator.Span{}
}

// workerSettings are what a worker process needs.
type workerSettings struct {
	Database wiring.Database
	Temporal wiring.Temporal
	Worker   workerPart
}

// workerPart is the part of wiring.Worker that another process can be told.
type workerPart struct {
	IO        wiring.IO
	Twilio    wiring.Twilio
	PublicURL string
	// BuildID is the version of the workers; empty: they have none.
	BuildID  string
	Grace    activities.Grace
	Outbound wiring.Outbound
	Webhooks activities.WebhookCadence
}

func (p workerPart) worker(store *db.Store, engine wiring.Temporal, log *zap.Logger) (wiring.Worker, error) {
	temporal, err := engine.Connect(log)
	if err != nil {
		return wiring.Worker{}, fmt.Errorf("connecting to Temporal: %w", err)
	}

	return wiring.Worker{
		Store: store, Temporal: temporal, Namespace: engine.Namespace,
		IO: p.IO, Twilio: p.Twilio, PublicURL: p.PublicURL, Grace: p.Grace, BuildID: p.BuildID, Log: log,
		Outbound: p.Outbound, Webhooks: p.Webhooks,
	}, nil
}

func runWorker(ctx context.Context, encoded string) error {
	var settings workerSettings
	if err := json.Unmarshal([]byte(encoded), &settings); err != nil {
		return fmt.Errorf("decoding the settings: %w", err)
	}

	store, err := settings.Database.Open(ctx, zap.NewNop())
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}

	works, err := settings.Worker.worker(store, settings.Temporal, zap.NewNop())
	if err != nil {
		return err
	}

	return works.Run(ctx)
}
