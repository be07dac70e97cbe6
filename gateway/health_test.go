package gateway_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		require.Equal(t, gateway.Health{Database: true}, b.Health(t.Context()))

		b.accepted(t)
		b.accepted(t)
		require.Equal(t, gateway.Health{Database: true, Waiting: 2}, b.Health(t.Context()))

		b.temporal.comeUp()
		until(t, func() bool { return b.Health(t.Context()).Temporal })
	})
}

func TestHealthWhileTemporalDoesNotAnswer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		b.temporal.fallSilent()
		b.accepted(t)

		require.Equal(t, gateway.Health{Database: true, Waiting: 1}, b.Health(t.Context()))
		require.NoError(t, b.Ready(t.Context()), "notifications can be accepted, and wait")
	})
}

func TestHealthWithoutADatabase(t *testing.T) {
	t.Parallel()

	b := withoutDatabase(t)
	require.Equal(t, gateway.Health{Temporal: true}, b.Health(t.Context()))
	require.ErrorIs(t, b.Ready(t.Context()), gateway.ErrUnavailable)
}
