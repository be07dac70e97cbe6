package simulator_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

func TestQuotaIsOfTheEnteOverKeysAndEndpoints(t *testing.T) {
	t.Parallel()

	sim := newBench(t, func(config *simulator.Config) {
		config.IOQuota = simulator.Quota{Calls: 3, Window: time.Hour}
		config.Keys["other service"] = simulator.IOKey{EnteID: enteOfRome, ServiceID: "service-rome-2"}
	})

	require.Equal(t, "2", sim.profile(person).header.Get("X-Rate-Limit-Remaining"))
	require.Equal(t, "1", sim.io(http.MethodPost, "/messages", keyOfRomeToo, messageTo(person)).header.Get("X-Rate-Limit-Remaining"))
	require.Equal(t, "0", sim.io(http.MethodPost, "/messages", "other service", "{}").header.Get("X-Rate-Limit-Remaining"),
		"a refused message counts as well")

	refused := sim.submit(person)
	require.Equal(t, "0", refused.header.Get("X-Rate-Limit-Remaining"))
	requireRateLimited(t, refused, "3600")

	require.Equal(t, http.StatusCreated, sim.io(http.MethodPost, "/messages", keyOfMilan, messageTo(person)).status)
	require.Equal(t, map[string]int{enteOfRome: 1}, sim.Counters().RateLimited)
}
