package wiring_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/server"
)

func TestLimits(t *testing.T) {
	t.Parallel()

	bounds, err := wiring.Limits{Key: 1, Ente: 2, Address: 0}.Bounds()
	require.NoError(t, err)
	require.Equal(t, server.Limits{Key: 1, Ente: 2}, bounds)

	for flag, limits := range map[string]wiring.Limits{
		"--api-key-": {Key: -1}, "--api-ente-": {Ente: -1}, "--api-address-": {Address: 1_000_001},
	} {
		_, err := limits.Bounds()
		require.ErrorContains(t, err, flag)
	}
}
