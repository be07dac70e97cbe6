package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// stack is GeNIO as it runs in production, process by process, on this machine's loopback address: a Temporal server, the
// simulators, one genio server and one genio worker, with a SQLite database.
type stack struct {
	folder string
	genio  string // the product's binary
	engine string // the Temporal server's

	temporalPort, serverPort, simulatorPort int

	temporal, simulator, server, worker *process
}

const (
	startPatience = time.Minute
	glance        = 50 * time.Millisecond

	twilioAccount = "ACbench000000000000000000000000000"
	twilioToken   = "benchtoken"
)

// start starts everything in a new folder.
func start(ctx context.Context, binaries, folder string) (*stack, error) {
	s := &stack{
		folder: folder, genio: filepath.Join(binaries, "genio"), engine: filepath.Join(binaries, "temporal-dev"),
	}

	for _, port := range []*int{&s.temporalPort, &s.serverPort, &s.simulatorPort} {
		free, err := freePort()
		if err != nil {
			return nil, err
		}

		*port = free
	}

	for _, step := range []func(context.Context) error{
		s.startTemporal, s.startSimulator, s.prepareDatabase, s.startServer, s.startWorker,
	} {
		if err := step(ctx); err != nil {
			s.stop()

			return nil, err
		}
	}

	return s, nil
}

func (s *stack) stop() {
	for _, one := range []*process{s.worker, s.server, s.simulator, s.temporal} {
		one.kill()
	}
}

func (s *stack) startTemporal(ctx context.Context) (err error) {
	s.temporal, err = s.run(ctx, s.engine, filepath.Join(s.folder, "temporal.db"), "--port", strconv.Itoa(s.temporalPort))
	if err != nil {
		return err
	}

	return awaitPort(ctx, s.temporalPort)
}

func (s *stack) startSimulator(ctx context.Context) (err error) {
	if s.simulator, err = s.run(ctx, s.genio, "simulator", "--listen", address(s.simulatorPort)); err != nil {
		return err
	}

	return awaitPort(ctx, s.simulatorPort)
}

func (s *stack) prepareDatabase(ctx context.Context) error {
	if _, err := s.admin(ctx, "", "admin", "new-keys", s.keysFile()); err != nil {
		return err
	}

	_, err := s.admin(ctx, "", "migrate")

	return err
}

func (s *stack) startServer(ctx context.Context) (err error) {
	if s.server, err = s.run(ctx, s.genio, "server", "--listen", address(s.serverPort)); err != nil {
		return err
	}

	return await(ctx, "the server", func() bool { return get(ctx, s.url("/readyz")) == nil })
}

func (s *stack) startWorker(ctx context.Context) (err error) {
	s.worker, err = s.run(ctx, s.genio, "worker")

	return err
}

func (s *stack) keysFile() string { return filepath.Join(s.folder, "keys.json") }

func (s *stack) url(path string) string { return "http://" + address(s.serverPort) + path }

func (s *stack) ledger(path string) string { return "http://" + address(s.simulatorPort) + path }

func (s *stack) environment() []string {
	return append(os.Environ(),
		"GENIO_DATABASE_URL=sqlite:"+filepath.Join(s.folder, "genio.db"),
		"GENIO_KEYS_FILE="+s.keysFile(),
		"GENIO_TEMPORAL_ADDRESS="+address(s.temporalPort),
		"GENIO_PUBLIC_URL="+s.url(""),
		"GENIO_IO_URL="+s.ledger("/io/api/v1"),
		"GENIO_TWILIO_URL="+s.ledger("/twilio"),
		"GENIO_TWILIO_ACCOUNT_SID="+twilioAccount,
		"GENIO_TWILIO_AUTH_TOKEN="+twilioToken,
		"GENIO_LOG_LEVEL=warn",
		// One worker needs no release, and several benchmarks may run at once.
		"GENIO_WORKER_VERSIONING=false",
		"GENIO_ADMIN_LISTEN=", "GENIO_WORKER_LISTEN=",
		// What is measured is the server, not its bounds.
		"GENIO_API_KEY_REQUESTS_PER_SECOND=0", "GENIO_API_ENTE_REQUESTS_PER_SECOND=0",
	)
}

// admin runs one of the product's commands to its end and gives what it printed.
func (s *stack) admin(ctx context.Context, input string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, s.genio, arguments...) //nolint:gosec // our own binary.
	command.Env = s.environment()
	command.Stdin = strings.NewReader(input)

	var printed, complaint bytes.Buffer

	command.Stdout, command.Stderr = &printed, &complaint
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("genio %s: %w: %s", strings.Join(arguments[:1], " "), err, complaint.String())
	}

	return strings.TrimSpace(printed.String()), nil
}

// process is one running process.
type process struct {
	command *exec.Cmd
	ended   chan struct{}
}

func (s *stack) run(ctx context.Context, binary string, arguments ...string) (*process, error) {
	log, err := os.OpenFile(filepath.Join(s.folder, filepath.Base(binary)+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening a log: %w", err)
	}

	started := &process{command: exec.CommandContext(ctx, binary, arguments...), ended: make(chan struct{})} //nolint:gosec // as above.
	started.command.Env = s.environment()
	started.command.Stdout, started.command.Stderr = log, log

	if err := started.command.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", filepath.Base(binary), err)
	}

	go func() {
		defer close(started.ended)

		_ = started.command.Wait() // killed processes always end with an error
		_ = log.Close()
	}()

	return started, nil
}

// kill ends the process at once (kill -9), as a machine that goes away does.
func (p *process) kill() {
	if p == nil {
		return
	}

	_ = p.command.Process.Kill() // it may have ended
	<-p.ended
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it takes no time.
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}

	defer func() { _ = listener.Close() }()

	return listener.Addr().(*net.TCPAddr).Port, nil //nolint:forcetypeassert,errcheck // a TCP listener has a TCP address.
}

func awaitPort(ctx context.Context, port int) error {
	return await(ctx, "port "+strconv.Itoa(port), func() bool {
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address(port))
		if err != nil {
			return false
		}

		return connection.Close() == nil
	})
}

// await asks again and again until something is so.
func await(ctx context.Context, what string, so func() bool) error {
	ctx, done := context.WithTimeout(ctx, startPatience)
	defer done()

	for !so() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", what, ctx.Err())
		case <-time.After(glance):
		}
	}

	return nil
}

var errStatus = errors.New("unexpected answer")

func get(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return fmt.Errorf("asking: %w", err)
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking: %w", err)
	}

	defer func() { _ = response.Body.Close() }()

	_, _ = io.Copy(io.Discard, response.Body) // only so that the connection can serve again

	if response.StatusCode != http.StatusOK {
		return errStatus
	}

	return nil
}
