package temporalserver

import (
	"fmt"
	"net"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"

	"github.com/genio-gateway/genio/dev/freeport"
)

// ports are those of the four services of one server.
type ports struct {
	frontend, history, matching, worker int
}

// choosePorts takes the wished port for the frontend and free ones for the rest.
func choosePorts(frontend int) (ports, error) {
	var chosen ports

	// All are held open until all are known, so that none is given out twice.
	var held []net.Listener

	defer func() { freeport.Release(held...) }()

	wishes := map[*int]int{&chosen.frontend: frontend, &chosen.history: 0, &chosen.matching: 0, &chosen.worker: 0}
	for port, wish := range wishes {
		take := freeport.Listen
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

func listen(port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", fmt.Sprintf("%s:%d", loopback, port)) //nolint:noctx // it takes no time.
	if err != nil {
		return nil, fmt.Errorf("listening on the loopback address: %w", err)
	}

	return listener, nil
}
