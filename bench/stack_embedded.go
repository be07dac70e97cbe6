package main

import (
	"context"
	"path/filepath"
	"strconv"
)

const (
	partTemporal  = "temporal"
	partSimulator = "simulator"
	partServer    = prefixServer + "1"
	partWorker    = prefixWorker + "1"
	// partAdmin is the server's second address, where its profiles are with GENIO_PROFILING=true.
	partAdmin = "admin"

	twilioAccount = "ACbench000000000000000000000000000"
	twilioToken   = "benchtoken"
)

// embedded are the processes of a small installation.
type embedded struct {
	*stack

	engine  string // the Temporal server's binary
	ports   map[string]int
	running map[string]*process
}

// startEmbedded starts Temporal, the simulators, one server and one worker, everything on SQLite.
func startEmbedded(ctx context.Context, s *stack, wishes stackWishes) error {
	e := &embedded{
		stack: s, engine: filepath.Join(wishes.binaries, "temporal-dev"), ports: map[string]int{}, running: map[string]*process{},
	}
	s.parts = e

	for _, name := range append(e.names(), partAdmin) {
		port, err := freePort()
		if err != nil {
			return err
		}

		e.ports[name] = port
	}

	s.publicURL, s.simulatorURL = "http://"+address(e.ports[partServer]), "http://"+address(e.ports[partSimulator])
	s.temporalAddress = address(e.ports[partTemporal])
	s.settings = append(e.environment(), wishes.settings...)

	if _, err := s.admin(ctx, "", "admin", "new-keys", s.setting("GENIO_KEYS_FILE")); err != nil {
		return err
	}

	if _, err := s.admin(ctx, "", "migrate"); err != nil {
		return err
	}

	for _, name := range e.names() {
		if err := e.start(ctx, name); err != nil {
			return err
		}
	}

	return nil
}

func (e *embedded) environment() []string {
	return append(unbounded(),
		"GENIO_DATABASE_URL=sqlite:"+filepath.Join(e.folder, "genio.db"),
		"GENIO_KEYS_FILE="+filepath.Join(e.folder, "keys.json"),
		"GENIO_TEMPORAL_ADDRESS="+e.temporalAddress,
		"GENIO_TEMPORAL_NAMESPACE="+temporalNamespace,
		"GENIO_PUBLIC_URL="+e.publicURL,
		"GENIO_IO_URL="+e.ledger("/io/api/v1"),
		"GENIO_TWILIO_URL="+e.ledger("/twilio"),
		"GENIO_TWILIO_ACCOUNT_SID="+twilioAccount,
		"GENIO_TWILIO_AUTH_TOKEN="+twilioToken,
		"GENIO_LOG_LEVEL=warn",
		// One worker needs no release.
		"GENIO_WORKER_VERSIONING=false",
		// Several benchmarks may run at once.
		"GENIO_ADMIN_LISTEN="+address(e.ports[partAdmin]), "GENIO_WORKER_LISTEN="+address(e.ports[partWorker]),
	)
}

func (*embedded) names() []string {
	return []string{partTemporal, partSimulator, partServer, partWorker}
}

func (e *embedded) pid(name string) int { return e.running[name].pid() }

func (e *embedded) start(ctx context.Context, name string) error {
	runs, ready := e.does(name)

	started, err := launch(ctx, runs)
	if err != nil {
		return err
	}

	e.running[name] = started

	if ready == "" {
		return awaitPort(ctx, e.ports[name])
	}

	return await(ctx, "the "+name, func() bool { return get(ctx, ready) == nil })
}

// does is what a process runs, and where it says that it does its work; empty: where it answers at all.
func (e *embedded) does(name string) (runs program, ready string) {
	runs = program{binary: e.genio, environment: e.settings, log: filepath.Join(e.folder, name+".log")}

	switch name {
	case partTemporal:
		runs.binary = e.engine
		runs.arguments = []string{filepath.Join(e.folder, "temporal.db"), "--port", strconv.Itoa(e.ports[name])}
	case partSimulator:
		runs.arguments = []string{"simulator", "--listen", address(e.ports[name])}
	case partServer:
		runs.arguments, ready = []string{"server", "--listen", address(e.ports[name])}, e.url("/readyz")
	case partWorker:
		runs.arguments, ready = []string{"worker"}, "http://"+address(e.ports[name])+"/readyz"
	}

	return runs, ready
}

func (e *embedded) stop(_ context.Context, name string) error {
	e.running[name].stop()

	return nil
}

func (e *embedded) kill(_ context.Context, name string) error {
	e.running[name].kill()

	return nil
}

func (e *embedded) end() {
	for _, name := range e.names() {
		_ = e.kill(context.Background(), name) // it always can
	}
}
