package allinone

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"

	"github.com/genio-gateway/genio/dev/freeport"
	"github.com/genio-gateway/genio/worker"
)

// ioCallsPerSecond is the pace that production uses too; the simulator has IO's own quota.
const ioCallsPerSecond = worker.DefaultIOCallsPerSecond

// listeners are held from the very beginning, so that a busy port is told before anything has been started.
type listeners struct {
	public, simulator, ui, admin net.Listener
}

func listen(settings Settings) (listeners, error) {
	var held listeners

	wishes := []struct {
		listener *net.Listener
		take     func(port int) (net.Listener, error)
		port     int
		what     string
		flag     string
	}{
		{&held.public, take, settings.Port, "API and backoffice", "--port"},
		{&held.simulator, take, settings.SimulatorPort, "the simulators", "--simulator-port"},
		{&held.admin, take, settings.AdminPort, "metrics", "--admin-port"},
		{&held.ui, takeToRelease, settings.TemporalUIPort, "Temporal's Web UI", "--temporal-ui-port"},
	}

	for _, wish := range wishes {
		listener, err := wish.take(wish.port)
		if err != nil {
			held.close()

			return listeners{}, busy(wish.what, wish.port, wish.flag, err)
		}

		*wish.listener = listener
	}

	if err := probe(settings.TemporalPort); err != nil {
		held.close()

		return listeners{}, busy("Temporal", settings.TemporalPort, "--temporal-port", err)
	}

	return held, nil
}

func take(port int) (net.Listener, error) {
	return net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port))) //nolint:wrapcheck,noctx // wrapped by busy.
}

// takeToRelease takes a port that is given free again for a part that opens it by itself.
func takeToRelease(port int) (net.Listener, error) {
	if port == 0 {
		return freeport.Listen() //nolint:wrapcheck // wrapped by busy.
	}

	return take(port)
}

// probe looks whether a port is free that the Temporal server will take itself.
func probe(port int) error {
	listener, err := take(port)
	if err != nil {
		return err
	}

	freeport.Release(listener)

	return nil
}

// busy says which port is taken, and how to choose another.
func busy(what string, port int, flag string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %d for %s is already in use: stop the program that holds it, or choose another with %s "+
			"(0 takes a free one)", port, what, flag)
	}

	return fmt.Errorf("listening on port %d for %s: %w", port, what, err)
}

func (l listeners) addresses() Addresses {
	return Addresses{
		Public: address(portOf(l.public)), Simulator: address(portOf(l.simulator)), TemporalUI: address(portOf(l.ui)),
		Admin: address(portOf(l.admin)),
	}
}

// releaseUI gives the Web UI's port free for the Web UI, which opens it by itself.
func (l listeners) releaseUI() int {
	port := portOf(l.ui)
	freeport.Release(l.ui)

	return port
}

func (l listeners) close() {
	for _, listener := range []net.Listener{l.public, l.simulator, l.ui, l.admin} {
		if listener != nil {
			_ = listener.Close()
		}
	}
}

func portOf(listener net.Listener) int {
	return listener.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert,errcheck // a TCP listener has a TCP address.
}
