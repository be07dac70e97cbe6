package prodlocal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/dev/demo"
)

// Stack is the whole of it.
type Stack struct {
	Postgres, Temporal, Simulator, Proxy *Process
	Servers, Workers                     []*Process

	settings Settings
	ground   ground
	haproxy  string
	cluster  *cluster
	launches *launcher
}

// twilioAccount: Twilio's library accepts letters and digits only.
const twilioAccount = "ACprodlocal000000000000000000000000"

var errClosed = errors.New("the stack is closed")

// Open lays everything out and starts nothing yet. It fails with a [MissingError] where another package has to be installed.
func Open(ctx context.Context, settings Settings) (*Stack, error) {
	if err := settings.check(); err != nil {
		return nil, err
	}

	postgres, haproxy, err := FindPrograms()
	if err != nil {
		return nil, err
	}

	if err := settings.makeFolder(); err != nil {
		return nil, err
	}

	laid, err := layGround(settings)
	if err != nil {
		return nil, err
	}

	s := &Stack{
		settings: settings, ground: laid, haproxy: haproxy, launches: newLauncher(),
		cluster: &cluster{programs: postgres, folder: settings.file("postgres"), ground: laid, options: settings.PostgresOptions},
	}

	if err := errors.Join(s.cluster.prepare(ctx), s.writeSecrets()); err != nil {
		return nil, err
	}

	s.describe()

	return s, nil
}

func serverName(number int) string { return "server-" + strconv.Itoa(number+1) }

func workerName(number int) string { return "worker-" + strconv.Itoa(number+1) }

// Processes are all of them, in the order in which they need each other.
func (s *Stack) Processes() []*Process {
	all := []*Process{s.Postgres, s.Simulator, s.Temporal}
	all = append(all, s.Servers...)
	all = append(all, s.Workers...)

	return append(all, s.Proxy)
}

// Process gives a process by its name: postgres, temporal, simulator, proxy, server-1, worker-1 and so on; nil: there is none.
func (s *Stack) Process(name string) *Process {
	for _, process := range s.Processes() {
		if process.Name == name {
			return process
		}
	}

	return nil
}

// URL is where clients reach GeNIO: the proxy.
func (s *Stack) URL() string { return s.ground.url(portPublic) }

// SimulatorURL is where the simulators are.
func (s *Stack) SimulatorURL() string { return s.ground.url(portSimulator) }

// AdminURL is where a server or a worker, such as worker-1, answers those who run GeNIO, as at /metrics.
func (s *Stack) AdminURL(name string) string { return s.ground.url(name + adminSuffix) }

// TemporalAddress is host and port of Temporal's frontend.
func (s *Stack) TemporalAddress() string { return s.ground.address(portTemporal) }

// PostgresURL is that of a database on the stack's PostgreSQL: genio, temporal or temporal_visibility.
func (s *Stack) PostgresURL(database string) string { return s.cluster.url(database) }

// Start starts everything that does not run yet and returns once all does its work.
func (s *Stack) Start(ctx context.Context) error {
	if err := s.portsFree(); err != nil {
		return err
	}

	if err := s.Postgres.ensure(ctx); err != nil {
		return err
	}

	if err := s.cluster.create(ctx, databaseGenio); err != nil {
		return err
	}

	if err := s.prepareDatabase(ctx); err != nil {
		return err
	}

	for _, together := range [][]*Process{{s.Simulator, s.Temporal}, append(append([]*Process{}, s.Servers...), s.Workers...), {s.Proxy}} {
		if err := each(together, func(process *Process) error { return process.ensure(ctx) }); err != nil {
			return err
		}
	}

	// At the first start nobody has, and workers get nothing to do before; later it changes nothing.
	_, err := s.Genio(ctx, "", "admin", "release")

	return err
}

// portsFree finds out about a port that somebody else holds before it looks as if a process of ours answered there.
func (s *Stack) portsFree() error {
	for name := range s.ground.Ports {
		if s.holder(name).keeps() {
			continue
		}

		listener, err := net.Listen("tcp", s.ground.address(name)) //nolint:noctx // it takes no time.
		if err != nil {
			return fmt.Errorf("the port for %s: %w", name, err)
		}

		_ = listener.Close()
	}

	return nil
}

// holder is the process that listens on a port.
func (s *Stack) holder(port string) *Process {
	if port == portPublic {
		return s.Proxy
	}

	return s.Process(strings.TrimSuffix(port, adminSuffix))
}

// prepareDatabase makes the encryption keys where there are none, and migrates.
func (s *Stack) prepareDatabase(ctx context.Context) error {
	if _, err := os.Stat(s.keysFile()); errors.Is(err, os.ErrNotExist) {
		if _, err := s.Genio(ctx, "", "admin", "new-keys", s.keysFile()); err != nil {
			return err
		}
	}

	_, err := s.Genio(ctx, "", "migrate")

	return err
}

// Stop ends everything in good order: first those who use the others.
func (s *Stack) Stop(ctx context.Context) error {
	users := append(append([]*Process{s.Proxy}, s.Servers...), s.Workers...)
	stop := func(process *Process) error { return process.Stop(ctx) }

	err := errors.Join(each(users, stop), each([]*Process{s.Temporal, s.Simulator}, stop), s.Postgres.Stop(ctx))

	s.launches.close()

	return err
}

// Abandon ends everything at once, without order: for whoever needs none of it any more.
func (s *Stack) Abandon() {
	for _, process := range s.Processes() {
		process.Kill()
	}

	s.launches.close()
}

// each does something with all processes at once.
func each(processes []*Process, do func(*Process) error) error {
	var group sync.WaitGroup

	failures := make([]error, len(processes))

	for i, process := range processes {
		group.Go(func() { failures[i] = do(process) })
	}

	group.Wait()

	return errors.Join(failures...)
}

// Store opens the database, as another process of GeNIO would. Whoever opens it closes it.
func (s *Stack) Store(ctx context.Context) (*db.Store, error) {
	store, err := s.database().Open(ctx, zap.NewNop())
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}

	return store, nil
}

func (s *Stack) database() wiring.Database {
	return wiring.Database{URLFile: s.secretFile("database-url"), KeysFile: s.keysFile()}
}

// Demo founds the demonstration's Ente at the first call, and gives it again at later ones.
func (s *Stack) Demo(ctx context.Context) (demo.Setting, error) {
	store, err := s.Store(ctx)
	if err != nil {
		return demo.Setting{}, err
	}
	defer func() { _ = store.Close() }()

	setting, err := demo.Prepare(ctx, store, s.settings.file("demo.json"))
	if err != nil {
		return setting, fmt.Errorf("preparing the demonstration: %w", err)
	}

	return setting, nil
}

// answers tells whether an address answers 200.
func answers(ctx context.Context, address string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return false
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}

	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}
