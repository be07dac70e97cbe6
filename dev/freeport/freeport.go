// Package freeport finds ports for processes that open them by themselves.
package freeport

import (
	"fmt"
	"math/rand/v2"
	"net"
	"syscall"
)

const loopback = "127.0.0.1"

// The ports that Listen chooses from.
const (
	lowestFreePort = 10_000
	freePorts      = 22_000
	// freePortTries is far more than a machine needs that is not crowded.
	freePortTries = 100
)

// Listen listens on a free port of the loopback address for somebody who opens it by himself a moment after it was closed here. It keeps
// below the ports that operating systems give to outgoing connections and to whoever asks for any port, so that none of
// these takes it in that moment.
func Listen() (net.Listener, error) {
	var (
		listener net.Listener
		err      error
	)

	for range freePortTries {
		port := lowestFreePort + rand.IntN(freePorts) //nolint:gosec // nothing secret about a port.

		listener, err = listenOn(port)
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

func listenOn(port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", fmt.Sprintf("%s:%d", loopback, port)) //nolint:noctx // it takes no time.
	if err != nil {
		return nil, fmt.Errorf("listening on the loopback address: %w", err)
	}

	return listener, nil
}
