package wiring_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/simulator"
)

func get(t *testing.T, address string) int {
	t.Helper()

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)

	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())

	return response.StatusCode
}

func TestServerServesUntilItsContextEnds(t *testing.T) {
	t.Parallel()

	log := zap.NewNop()

	// Nobody listens there: a server starts without Temporal.
	temporal, err := wiring.Temporal{Address: "127.0.0.1:1", Namespace: "genio"}.Connect(log)
	require.NoError(t, err)
	t.Cleanup(temporal.Close)

	serves := wiring.Server{
		Store: dbtest.Open(t, dbtest.EngineSQLite), Temporal: temporal, PublicURL: "http://localhost", TwilioToken: "token", Log: log,
	}
	does, err := serves.Gateway()
	require.NoError(t, err)

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	ended := make(chan error, 1)
	go func() { ended <- serves.Run(ctx, listener, does) }()

	require.Equal(t, http.StatusOK, get(t, "http://"+listener.Addr().String()+"/healthz"))
	cancel()
	require.NoError(t, <-ended)
}

func TestSimulatorServer(t *testing.T) {
	t.Parallel()

	plays := simulator.New(wiring.Simulator{IO500: 1}.Config())
	t.Cleanup(plays.Close)

	server := httptest.NewServer(wiring.SimulatorServer(plays).Handler)
	t.Cleanup(server.Close)

	require.Equal(t, http.StatusOK, get(t, server.URL+"/healthz"))
	require.Equal(t, simulator.Faults{IO500: 1}, plays.Faults())
}

func TestEachShareReachesTheSimulator(t *testing.T) {
	t.Parallel()

	require.Equal(t, simulator.Faults{
		IO429: 0.1, IO500: 0.2, IOReset: 0.3, IOTimeoutAfterAccepting: 0.4, Twilio429: 0.5, Twilio500: 0.6,
		TwilioTimeoutAfterAccepting: 0.7, CallbackDuplicate: 0.8, CallbackReorder: 0.9,
	}, wiring.Simulator{
		IO429: 0.1, IO500: 0.2, IOReset: 0.3, IOTimeoutAfterAccepting: 0.4, Twilio429: 0.5, Twilio500: 0.6,
		TwilioTimeoutAfterAccepting: 0.7, CallbackDuplicate: 0.8, CallbackReorder: 0.9,
	}.Config().Faults)
}

func TestWorkerRefusesWhatItCannotWorkWith(t *testing.T) {
	t.Parallel()

	twilio := wiring.Twilio{URL: "http://twilio.example", AccountSID: "AC1", AuthToken: "token"}
	io := wiring.IO{URL: "http://io.example"}

	for name, test := range map[string]struct {
		worker wiring.Worker
		tells  string
	}{
		"IO's address":     {wiring.Worker{IO: wiring.IO{URL: "io.example"}, Twilio: twilio}, "preparing the client of IO"},
		"Twilio's account": {wiring.Worker{IO: io, Twilio: wiring.Twilio{AuthToken: "token"}}, "preparing the client of Twilio"},
		"Twilio's token":   {wiring.Worker{IO: io, Twilio: wiring.Twilio{AccountSID: "AC1"}}, "preparing the client of Twilio"},
		"allowed test code": {
			wiring.Worker{IO: io, Twilio: twilio, FiscalCodes: wiring.FiscalCodes{Allow: []string{"X"}}}, "allowed fiscal codes",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, test.worker.Run(t.Context()), test.tells)
		})
	}
}

func TestLogger(t *testing.T) {
	t.Parallel()

	for _, console := range []bool{false, true} {
		log, err := wiring.Log{Level: "warn", Console: console}.Logger()
		require.NoError(t, err)
		require.False(t, log.Core().Enabled(zapcore.InfoLevel))
		require.True(t, log.Core().Enabled(zapcore.WarnLevel))
	}

	_, err := wiring.Log{Level: "chatty"}.Logger()
	require.Error(t, err)
}
