package integration_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/dev/allinone"
	"github.com/genio-gateway/genio/simulator"
)

// TestBusyPort: a port that somebody else holds is named, with the flag that chooses another.
func TestBusyPort(t *testing.T) {
	t.Parallel()

	for flag, take := range map[string]func(*allinone.Settings, int){
		"--port":             func(s *allinone.Settings, port int) { s.Port = port },
		"--simulator-port":   func(s *allinone.Settings, port int) { s.SimulatorPort = port },
		"--admin-port":       func(s *allinone.Settings, port int) { s.AdminPort = port },
		"--temporal-ui-port": func(s *allinone.Settings, port int) { s.TemporalUIPort = port },
		"--temporal-port":    func(s *allinone.Settings, port int) { s.TemporalPort = port },
	} {
		t.Run(flag, func(t *testing.T) {
			t.Parallel()

			held := listen(t, "127.0.0.1:0")
			port := portOf(t, held.Addr().String())
			settings := settingsIn(t.TempDir())
			take(&settings, port)

			_, err := allinone.Start(t.Context(), settings, zap.NewNop())
			require.ErrorContains(t, err, "port "+strconv.Itoa(port))
			require.ErrorContains(t, err, "already in use")
			require.ErrorContains(t, err, flag)
			require.NoError(t, held.Close())
		})
	}
}

// TestRestart: after a stop, everything goes on in the same folder, on whatever ports.
func TestRestart(t *testing.T) {
	t.Parallel()

	folder := t.TempDir()
	before, err := allinone.Start(t.Context(), settingsIn(folder), zap.NewNop())
	require.NoError(t, err)

	// Nothing is left running where the test breaks off.
	t.Cleanup(before.Stop)

	application := application{address: before.Addresses.Public, key: before.Demo.APIKey, secrets: newSecrets()}
	service := serviceOf(before.Demo.Service)
	delivered := application.submit(t, orderFor(service, simulator.FiscalCode(simulator.CitizenDelivered, 1), ""))
	require.Equal(t, "delivered", application.await(t, delivered, notice.final).Status)

	told := application.timeline(t, delivered)
	require.Equal(t, "history", told.Source)

	later := orderFor(service, simulator.FiscalCode(simulator.CitizenDelivered, 2), "")
	later.SendAt = time.Now().Add(soon)
	scheduled := application.submit(t, later)
	application.awaitTimeline(t, scheduled, timeline.tellsSchedule)
	before.Stop()

	restarted := time.Now()
	after, err := allinone.Start(t.Context(), settingsIn(folder), zap.NewNop())
	require.NoError(t, err)
	t.Cleanup(after.Stop)
	t.Logf("start-up in a folder that was used: %s", time.Since(restarted))

	require.Equal(t, before.Demo.APIKey, after.Demo.APIKey)

	application.address = after.Addresses.Public
	require.Equal(t, told, application.timeline(t, delivered))
	require.Equal(t, "delivered", application.await(t, scheduled, notice.final).Status)

	io, sms := received(after.Simulator, later.Recipient)
	require.Equal(t, []int{1, 0}, []int{io, sms})
}
