package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

// newHoldingListener receives callbacks and leaves the one with this number, from 1, without an answer until the test
// ends.
func newHoldingListener(t *testing.T, held int) *listener {
	t.Helper()

	l, ended := &listener{}, make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.receive(w, r)

		if len(l.all()) == held {
			select {
			case <-ended:
			case <-r.Context().Done():
			}
		}
	}))

	t.Cleanup(func() {
		close(ended)
		server.Close()
	})

	l.url = server.URL + "/callback"

	return l
}

func TestCallbacksGoOnAfterAKill(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		held int
		want []string
	}{
		"none made": {1, []string{"sent", "sent", "undelivered"}},
		"one made":  {2, []string{"sent", "undelivered", "undelivered"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			journal, ente := newJournal(t), newHoldingListener(t, test.held)
			killed := reopened(t, journal)
			killed.sent(phone(simulator.PhoneUnreachable), "StatusCallback", ente.url+"#rc=5")
			require.Eventually(t, func() bool { return len(ente.all()) == test.held }, patience, glance)

			callbacks := ente.await(t, reopened(t, journal), 2)
			require.Equal(t, test.want, statuses(callbacks))
			require.Equal(t, callbacks[test.held-1], callbacks[test.held], "the callback under way at the kill comes again, token and all")

			for _, callback := range callbacks {
				require.True(t, callback.signed)
			}

			done := reopened(t, journal)
			require.Equal(t, 2, done.Counters().CallbacksSent)
			done.sent(phone(simulator.PhoneFiltered), "StatusCallback", ente.url)
			require.Len(t, ente.await(t, done, 3), len(test.want)+1, "none is left of the first message")
		})
	}
}

func TestCallbacksThatCloseCutGoOn(t *testing.T) {
	t.Parallel()

	journal, ente := newJournal(t), newListener(t, 1)
	closed := reopened(t, journal, func(config *simulator.Config) { config.Twilio.CallbackRetryAfter = time.Hour })
	closed.sent(phone(simulator.PhoneFiltered), "StatusCallback", ente.url)
	require.Eventually(t, func() bool { return len(ente.all()) == 1 }, patience, glance)
	closed.Close()

	again := reopened(t, journal)
	require.Len(t, ente.await(t, again, 1), 2)
	require.Zero(t, again.Counters().CallbacksFailed)
}

func TestCallbacksToAHostNoLongerAllowedAreDropped(t *testing.T) {
	t.Parallel()

	journal := newJournal(t)
	reopened(t, journal, takesLong, func(config *simulator.Config) { config.Twilio.CallbackHosts = []string{"ente.invalid"} }).
		sent(phone(simulator.PhoneDelivered), "StatusCallback", "http://ente.invalid/callback")

	require.Contains(t, contentOf(t, journal), "ente.invalid")
	reopened(t, journal)
	require.NotContains(t, contentOf(t, journal), "ente.invalid")
}
