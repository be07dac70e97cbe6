package wiring_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
)

// administered answers for a process, and gives the address.
func administered(t *testing.T, process wiring.Process) string {
	t.Helper()

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)

	admin := wiring.NewAdminListener()
	process.Mount(admin)
	admin.Handle("GET /metrics", http.NotFoundHandler())

	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)

	go func() { ended <- admin.Run(ctx, listener) }()

	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})

	return "http://" + listener.Addr().String()
}

func TestProcessTellsHowItIs(t *testing.T) {
	t.Parallel()

	serves := deaf(t)
	process := wiring.Process{
		Store: serves.Store, Temporal: serves.Temporal, Namespace: "genio", Life: serves.Life, Started: time.Now().Add(-time.Hour),
	}
	address := administered(t, process)

	status, words, _ := read(t, address+"/healthz")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "ok\n", words)

	status, words, _ = read(t, address+"/readyz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "starting\n", words)

	status, words, _ = read(t, address+"/status")
	require.Equal(t, http.StatusOK, status)

	var told wiring.Status
	require.NoError(t, json.Unmarshal([]byte(words), &told))
	require.Equal(t, wiring.Version(), told.Version)
	require.Equal(t, wiring.PhaseStarting, told.Phase)
	require.GreaterOrEqual(t, told.UptimeSeconds, int64(3600))
	require.True(t, told.Database.Reachable)
	require.Positive(t, told.Database.SchemaVersion)
	require.Equal(t, &wiring.OutboxStatus{}, told.Database.Outbox)
	require.Equal(t, wiring.TemporalStatus{}, told.Temporal, "it is nowhere")

	status, _, _ = read(t, address+"/metrics")
	require.Equal(t, http.StatusNotFound, status)
}

func TestWorkerWithoutTemporalIsNotReady(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		needsTemporal, lost bool
		status              int
		words               string
	}{
		"server":                  {status: http.StatusOK, words: "ready\n"},
		"worker":                  {needsTemporal: true, status: http.StatusServiceUnavailable, words: "Temporal unreachable\n"},
		"server without database": {lost: true, status: http.StatusServiceUnavailable, words: "database unreachable\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			serves := deaf(t)
			does, err := serves.Gateway()
			require.NoError(t, err)

			listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
			require.NoError(t, err)

			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)

			go func() { ended <- serves.Run(ctx, listener, does) }()

			t.Cleanup(func() {
				cancel()
				require.NoError(t, <-ended)
			})

			require.Eventually(t, func() bool { return serves.Life.Phase() == wiring.PhaseReady }, patience, glance)

			if test.lost {
				require.NoError(t, serves.Store.Close())
			}

			address := administered(t, wiring.Process{
				Store: serves.Store, Temporal: serves.Temporal, Namespace: "genio", Life: serves.Life, NeedsTemporal: test.needsTemporal,
			})
			status, words, _ := read(t, address+"/readyz")
			require.Equal(t, test.status, status)
			require.Equal(t, test.words, words)
		})
	}
}

func TestVersionOfWorkers(t *testing.T) {
	t.Parallel()

	require.NotEmpty(t, wiring.Version())
	require.Equal(t, wiring.Version(), wiring.Versioning{Versioning: true}.ID())
	require.Equal(t, "1.2.3", wiring.Versioning{Versioning: true, BuildID: "1.2.3"}.ID())
	require.Empty(t, wiring.Versioning{BuildID: "1.2.3"}.ID())
}
