package wiring_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/db/dbtest"
)

const (
	patience = 30 * time.Second
	glance   = 5 * time.Millisecond
)

// read gives an answer's status and words, and whether its connection ends with it.
func read(t *testing.T, address string) (status int, words string, last bool) {
	t.Helper()

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)

	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)

	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())

	return response.StatusCode, string(body), response.Close
}

// deaf is a Temporal that is nowhere.
func deaf(t *testing.T) wiring.Server {
	t.Helper()

	temporal, err := wiring.Temporal{Address: "127.0.0.1:1", Namespace: "genio"}.Connect(zap.NewNop())
	require.NoError(t, err)
	t.Cleanup(temporal.Close)

	return wiring.Server{
		Store: dbtest.Open(t, dbtest.EngineSQLite), Temporal: temporal, PublicURL: "http://localhost", TwilioToken: "token",
		Life: &wiring.Life{}, Log: zap.NewNop(),
	}
}

// A load balancer learns from /readyz that it should send nothing more; what it sends all the same is answered.
func TestServerDrains(t *testing.T) {
	t.Parallel()

	const delay = 2 * time.Second

	serves := deaf(t)
	serves.DrainDelay = delay

	does, err := serves.Gateway()
	require.NoError(t, err)

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	require.Equal(t, wiring.PhaseStarting, serves.Life.Phase())

	ended := make(chan error, 1)
	go func() { ended <- serves.Run(ctx, listener, does) }()

	address := "http://" + listener.Addr().String()
	status, words, last := read(t, address+"/readyz")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "ready\n", words)
	require.False(t, last)
	require.Equal(t, wiring.PhaseReady, serves.Life.Phase())

	told := time.Now()

	cancel()
	require.Eventually(t, func() bool { return serves.Life.Phase() == wiring.PhaseDraining }, patience, glance)
	require.Eventually(t, func() bool {
		status, words, _ = read(t, address+"/readyz")

		return status == http.StatusServiceUnavailable
	}, patience, glance)
	require.Equal(t, "draining\n", words)

	status, _, last = read(t, address+"/healthz")
	require.Equal(t, http.StatusOK, status, "it still answers")
	require.True(t, last, "it has clients open no more requests on the connection")

	require.NoError(t, <-ended)
	require.GreaterOrEqual(t, time.Since(told), delay)

	_, err = (&net.Dialer{}).DialContext(t.Context(), "tcp", listener.Addr().String())
	require.Error(t, err, "it listens no more")
}
