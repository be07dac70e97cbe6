package simulator_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

func TestConcurrentUseLosesNothing(t *testing.T) {
	t.Parallel()

	const (
		senders = 8
		each    = 25
	)

	sim, ente := newBench(t, nil), newListener(t, 0)

	var running sync.WaitGroup

	for sender := range senders {
		running.Go(func() {
			for i := range each {
				n := sender*each + i
				sim.profile(simulator.FiscalCode(simulator.CitizenDelivered, n))
				sim.submit(simulator.FiscalCode(simulator.CitizenDelivered, n))
				sim.sms(simulator.Phone(simulator.PhoneDelivered, n), "StatusCallback", ente.url)

				if i%10 == 0 {
					sim.Summary()
					sim.control(http.MethodPut, "/faults", `{"callback_duplicate":0}`)
				}
			}
		})
	}

	running.Wait()
	ente.await(t, sim, 2*senders*each)

	summary := sim.Summary()
	require.Equal(t, senders*each, summary.Stored[simulator.ChannelIO])
	require.Equal(t, senders*each, summary.Stored[simulator.ChannelTwilio])
	require.Zero(t, summary.DuplicateCount)
	require.Equal(t, senders*each, summary.Counters.Calls["POST /io/api/v1/profiles"]["200"])
}
