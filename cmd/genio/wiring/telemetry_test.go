package wiring_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/db/dbtest"
)

// An admin listener tells the metrics of a server whose Temporal is away.
func TestMetricsOfAServer(t *testing.T) {
	t.Parallel()

	store := dbtest.Open(t, dbtest.EngineSQLite)
	told, closing, err := wiring.Traces{}.Telemetry(t.Context(), "genio-test", zap.NewNop())
	require.NoError(t, err)
	t.Cleanup(closing)
	require.Nil(t, told.Tracing, "nobody asked for traces")

	temporal, err := wiring.Temporal{Address: "127.0.0.1:1", Namespace: "genio", Telemetry: told}.Connect(zap.NewNop())
	require.NoError(t, err)
	t.Cleanup(temporal.Close)

	told.Metrics.Pool(store.Pool())
	told.Metrics.Read(wiring.Readings(store, temporal, "genio"))

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)

	admin := wiring.NewAdminListener()
	admin.Handle("GET /metrics", told.Metrics.Handler())

	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)

	go func() { ended <- admin.Run(ctx, listener) }()

	text := body(t, "http://"+listener.Addr().String()+"/metrics")
	require.Contains(t, text, "genio_database_up 1")
	require.Contains(t, text, "genio_temporal_up 0")
	require.Contains(t, text, "genio_outbox_notifications 0")
	require.Contains(t, text, `genio_notifications_open{status="accepted"} 0`)
	require.Contains(t, text, `go_sql_max_open_connections{db_name="genio"}`)

	stop()
	require.NoError(t, <-ended)
}

func body(t *testing.T, address string) string {
	t.Helper()

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)

	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)

	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())

	return string(text)
}
