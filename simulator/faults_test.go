package simulator_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

func TestEachFaultStrikes(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		counted    string
		faults     simulator.Faults
		ioStatus   int
		smsStatus  int
		storedOnIO int
		storedSMS  int
	}{
		"none":           {"", simulator.Faults{}, http.StatusCreated, http.StatusCreated, 1, 1},
		"IO 429":         {"io_429", simulator.Faults{IO429: 1}, http.StatusTooManyRequests, http.StatusCreated, 0, 1},
		"IO 500":         {"io_500", simulator.Faults{IO500: 1}, http.StatusInternalServerError, http.StatusCreated, 0, 1},
		"IO reset":       {"io_reset", simulator.Faults{IOReset: 1}, 0, http.StatusCreated, 0, 1},
		"IO timeout":     {"io_timeout_after_accepting", simulator.Faults{IOTimeoutAfterAccepting: 1}, 0, http.StatusCreated, 1, 1},
		"Twilio 429":     {"twilio_429", simulator.Faults{Twilio429: 1}, http.StatusCreated, http.StatusTooManyRequests, 1, 0},
		"Twilio 500":     {"twilio_500", simulator.Faults{Twilio500: 1}, http.StatusCreated, http.StatusInternalServerError, 1, 0},
		"Twilio timeout": {"twilio_timeout_after_accepting", simulator.Faults{TwilioTimeoutAfterAccepting: 1}, http.StatusCreated, 0, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			sim := newBench(t, func(config *simulator.Config) { config.Faults = test.faults })
			require.Equal(t, test.ioStatus, sim.submit(person).status)
			require.Equal(t, test.smsStatus, sim.sms("+393331234567").status)

			stored := sim.Summary().Stored
			require.Equal(t, test.storedOnIO, stored[simulator.ChannelIO])
			require.Equal(t, test.storedSMS, stored[simulator.ChannelTwilio])

			if test.counted == "" {
				require.Empty(t, sim.Counters().Faults)
			} else {
				require.Equal(t, map[string]int{test.counted: 1}, sim.Counters().Faults)
			}
		})
	}
}

func TestFaultsOfCallbacks(t *testing.T) {
	t.Parallel()

	sim, ente := newBench(t, func(config *simulator.Config) {
		config.Faults = simulator.Faults{CallbackDuplicate: 1, CallbackReorder: 1}
	}), newListener(t, 0)
	sim.sent("+393331234567", "StatusCallback", ente.url)
	require.Equal(t, []string{"delivered", "delivered", "sent", "sent"}, statuses(ente.await(t, sim, 4)))
	require.Equal(t, map[string]int{"callback_duplicate": 1, "callback_reorder": 1}, sim.Counters().Faults)
}

func TestSameSeedSameFaults(t *testing.T) {
	t.Parallel()

	const calls = 60

	run := func(seed uint64) []int {
		sim := newBench(t, func(config *simulator.Config) {
			config.Seed = seed
			config.Faults = simulator.Faults{IO429: 0.2, IO500: 0.2}
		})

		results := make([]int, calls)
		for i := range results {
			results[i] = sim.profile(person).status
		}

		return results
	}

	first := run(7)
	require.Equal(t, first, run(7))
	require.NotEqual(t, first, run(8))
	require.Contains(t, first, http.StatusOK)
	require.Contains(t, first, http.StatusTooManyRequests)
	require.Contains(t, first, http.StatusInternalServerError)
}

func TestFaultsAreChangedAtRunTime(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)
	require.Equal(t, http.StatusOK, sim.profile(person).status)

	changed := sim.control(http.MethodPut, "/faults", `{"io_500":1}`)
	require.Equal(t, http.StatusOK, changed.status)
	require.Equal(t, http.StatusInternalServerError, sim.profile(person).status)

	require.Equal(t, http.StatusOK, sim.control(http.MethodPut, "/faults", `{"twilio_429":0.5}`).status)
	require.Equal(t, simulator.Faults{IO500: 1, Twilio429: 0.5}, sim.Faults(), "what the body does not name stays")
	require.JSONEq(t, `{"io_429":0,"io_500":1,"io_reset":0,"io_timeout_after_accepting":0,"twilio_429":0.5,"twilio_500":0,
		"twilio_timeout_after_accepting":0,"callback_duplicate":0,"callback_reorder":0}`, sim.control(http.MethodGet, "/faults", "").body)

	for _, bad := range []string{`{"io_500":1.1}`, `{"io_500":-1}`, `{"io_501":1}`, `[]`} {
		require.Equal(t, http.StatusBadRequest, sim.control(http.MethodPut, "/faults", bad).status, bad)
	}

	require.ErrorIs(t, sim.SetFaults(simulator.Faults{IOReset: 2}), simulator.ErrFaultShare)
	require.Equal(t, 1.0, sim.Faults().IO500) //nolint:testifylint // exact
}
