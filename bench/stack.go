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

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/db"
)

// stackKind is a way to run GeNIO on one machine.
type stackKind string

const (
	// stackEmbedded is the small way: Temporal and GeNIO on SQLite, one server, one worker.
	stackEmbedded stackKind = "embedded"
	// stackProdLocal is as in production: Temporal and GeNIO on PostgreSQL, servers behind HAProxy, workers.
	stackProdLocal stackKind = "prod-local"
)

// title is the kind's name as people know it. It is no String, which the command line would take for the value.
func (k stackKind) title() string {
	if k == stackProdLocal {
		return "prod:local"
	}

	return string(k)
}

// stackWishes say what to start.
type stackWishes struct {
	kind        stackKind
	binaries    string // folder of genio and temporal-dev, and of prod-local for that kind
	proxyConfig string // for prod-local

	// servers and workers are how many there are on prod-local; embedded has one of each. 0: two.
	servers, workers int
	// settings are more of the environment of GeNIO's processes, KEY=VALUE.
	settings []string
}

// stack is GeNIO as it runs in production, process by process, on this machine's loopback address. It has a folder of its
// own, which goes with it.
type stack struct {
	kind   stackKind
	folder string
	genio  string // the product's binary

	publicURL, simulatorURL string
	temporalAddress         string   // host and port
	settings                []string // environment of GeNIO's processes

	parts parts
}

// parts are the processes of a stack, by name: temporal, simulator, server-1, worker-1 and so on; postgres and proxy where
// there are such.
type parts interface {
	// names are in the order in which they need each other.
	names() []string
	// pid is 0 where the process does not run.
	pid(name string) int
	// start returns once the process does its work.
	start(ctx context.Context, name string) error
	// stop ends a process in good order, and kill at once.
	stop(ctx context.Context, name string) error
	kill(ctx context.Context, name string) error
	// end ends them all.
	end()
}

// temporalNamespace is where GeNIO's workflows are.
const temporalNamespace = "genio"

const (
	startPatience = time.Minute
	glance        = 50 * time.Millisecond

	prefixServer = "server-"
	prefixWorker = "worker-"
)

// unbounded lets the API take whatever comes: what is measured is the server, not its bounds.
func unbounded() []string {
	return []string{"GENIO_API_KEY_REQUESTS_PER_SECOND=0", "GENIO_API_ENTE_REQUESTS_PER_SECOND=0"}
}

// startStack starts everything in a new folder. Whoever starts it stops it.
func startStack(ctx context.Context, wishes stackWishes) (*stack, error) {
	folder, err := os.MkdirTemp("", "genio-bench-")
	if err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}

	s := &stack{kind: wishes.kind, folder: folder, genio: filepath.Join(wishes.binaries, "genio")}

	switch wishes.kind {
	case stackEmbedded:
		err = startEmbedded(ctx, s, wishes)
	case stackProdLocal:
		err = startProdLocal(ctx, s, wishes)
	default:
		err = fmt.Errorf("there is no stack %q", wishes.kind)
	}

	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the stack %s: %w", wishes.kind.title(), err), s.stop())
	}

	return s, nil
}

// onStack does something with a stack of its own.
func onStack(ctx context.Context, wishes stackWishes, do func(*stack) error) error {
	s, err := startStack(ctx, wishes)
	if err != nil {
		return err
	}

	return errors.Join(do(s), s.stop())
}

// stop ends everything and forgets it.
func (s *stack) stop() error {
	if s.parts != nil {
		s.parts.end()
	}

	return os.RemoveAll(s.folder) //nolint:wrapcheck // a path error says everything.
}

// named are the processes whose names begin so, such as all workers.
func (s *stack) named(prefix string) []string {
	var found []string

	for _, name := range s.parts.names() {
		if strings.HasPrefix(name, prefix) {
			found = append(found, name)
		}
	}

	return found
}

// stopWorkers lets GeNIO's workers end what they do, and end.
func (s *stack) stopWorkers(ctx context.Context) error {
	for _, name := range s.named(prefixWorker) {
		if err := s.parts.stop(ctx, name); err != nil {
			return err
		}
	}

	return nil
}

func (s *stack) startWorkers(ctx context.Context) error {
	for _, name := range s.named(prefixWorker) {
		if err := s.parts.start(ctx, name); err != nil {
			return err
		}
	}

	return nil
}

func (s *stack) url(path string) string { return s.publicURL + path }

func (s *stack) ledger(path string) string { return s.simulatorURL + path }

// setting is a value in the environment of GeNIO's processes; the last one counts.
func (s *stack) setting(key string) string {
	value := ""

	for _, one := range s.settings {
		if given, found := strings.CutPrefix(one, key+"="); found {
			value = given
		}
	}

	return value
}

// store opens the stack's database beside its processes. Whoever opens it closes it.
func (s *stack) store(ctx context.Context) (*db.Store, error) {
	database := wiring.Database{
		URL: s.setting("GENIO_DATABASE_URL"), URLFile: s.setting("GENIO_DATABASE_URL_FILE"), KeysFile: s.setting("GENIO_KEYS_FILE"),
	}

	store, err := database.Open(ctx, zap.NewNop())
	if err != nil {
		return nil, fmt.Errorf("opening the stack's database: %w", err)
	}

	return store, nil
}

// connect connects to the stack's Temporal. Whoever connects closes it.
func (s *stack) connect() (client.Client, error) {
	temporal, err := wiring.Temporal{Address: s.temporalAddress, Namespace: temporalNamespace}.Connect(zap.NewNop())
	if err != nil {
		return nil, fmt.Errorf("connecting to the stack's Temporal: %w", err)
	}

	return temporal, nil
}

// buildID is that of the stack's workers; empty where they have no version.
func (s *stack) buildID(ctx context.Context) (string, error) {
	if s.setting("GENIO_WORKER_VERSIONING") == "false" {
		return "", nil
	}

	return s.admin(ctx, "", "version")
}

// admin runs one of the product's commands to its end and gives what it printed.
func (s *stack) admin(ctx context.Context, input string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, s.genio, arguments...) //nolint:gosec // our own binary.
	command.Env = append(os.Environ(), s.settings...)
	command.Stdin = strings.NewReader(input)

	var printed, complaint bytes.Buffer

	command.Stdout, command.Stderr = &printed, &complaint
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("genio %s: %w: %s", strings.Join(arguments[:1], " "), err, complaint.String())
	}

	return strings.TrimSpace(printed.String()), nil
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
