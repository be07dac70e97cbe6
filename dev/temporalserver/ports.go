package temporalserver

import (
	"fmt"
	"math/rand/v2"
	"net"
	"syscall"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
)

// The ports that ListenFree chooses from.
const (
	lowestFreePort = 10_000
	freePorts      = 22_000
	// freePortTries is far more than a machine needs that is not crowded.
	freePortTries = 100
)

// ListenFree listens on a free port for somebody who opens it by himself a moment after it was closed here. It keeps
// below the ports that operating systems give to outgoing connections and to whoever asks for any port, so that none of
// these takes it in that moment.
func ListenFree() (net.Listener, error) {
	var (
		listener net.Listener
		err      error
	)

	for range freePortTries {
		port := lowestFreePort + rand.IntN(freePorts) //nolint:gosec // nothing secret about a port.

		listener, err = listen(port)
		if err == nil {
			return listener, nil
		}
	}

	return nil, fmt.Errorf("looking for a free port: %w", err)
}

// Release gives ports free for somebody who opens them again. No process may be in the middle of its start meanwhile: it
// has a copy of every listener until it runs its own program, and its ports would stay busy as long.
func Release(listeners ...net.Listener) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()

	for _, listener := range listeners {
		_ = listener.Close()
	}
}

func listen(port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", fmt.Sprintf("%s:%d", loopback, port)) //nolint:noctx // it takes no time.
	if err != nil {
		return nil, fmt.Errorf("listening on the loopback address: %w", err)
	}

	return listener, nil
}

// ports are those of the four services of one server.
type ports struct {
	frontend, history, matching, worker int
}

// choosePorts takes the wished port for the frontend and free ones for the rest.
func choosePorts(frontend int) (ports, error) {
	var chosen ports

	// All are held open until all are known, so that none is given out twice.
	var held []net.Listener

	defer func() { Release(held...) }()

	wishes := map[*int]int{&chosen.frontend: frontend, &chosen.history: 0, &chosen.matching: 0, &chosen.worker: 0}
	for port, wish := range wishes {
		take := ListenFree
		if wish != 0 {
			take = func() (net.Listener, error) { return listen(wish) }
		}

		listener, err := take()
		if err != nil {
			return ports{}, fmt.Errorf("taking a port for Temporal: %w", err)
		}

		held = append(held, listener)
		*port = listener.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert,errcheck // a TCP listener has a TCP address.
	}

	return chosen, nil
}

func (p ports) services() map[string]config.Service {
	services := map[string]config.Service{}
	for name, port := range p.byService() {
		services[string(name)] = config.Service{RPC: config.RPC{GRPCPort: port, BindOnLocalHost: true}}
	}

	return services
}

func (p ports) hosts() map[primitives.ServiceName]static.Hosts {
	hosts := map[primitives.ServiceName]static.Hosts{}
	for name, port := range p.byService() {
		hosts[name] = static.SingleLocalHost(fmt.Sprintf("%s:%d", loopback, port))
	}

	return hosts
}

func (p ports) byService() map[primitives.ServiceName]int {
	return map[primitives.ServiceName]int{
		primitives.FrontendService: p.frontend,
		primitives.HistoryService:  p.history,
		primitives.MatchingService: p.matching,
		primitives.WorkerService:   p.worker,
	}
}
