package db_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

func TestProviderEvents(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.claim(t, f.begun(t), "").Attempt.ID

		require.NoError(t, store.RecordProviderEvent(t.Context(), id, "PROCESSED", moment(3)))
		require.NoError(t, store.RecordProviderEvent(t.Context(), id, "ACCEPTED", moment(2)))

		events, err := store.ProviderEvents(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, []db.ProviderEvent{{Status: "ACCEPTED", At: moment(2)}, {Status: "PROCESSED", At: moment(3)}}, events)

		byAttempt, err := store.ProviderEventsOf(t.Context(), id, newID(t))
		require.NoError(t, err)
		require.Equal(t, map[string][]db.ProviderEvent{id: events}, byAttempt)

		none, err := store.ProviderEventsOf(t.Context())
		require.NoError(t, err)
		require.Empty(t, none)

		require.ErrorIs(t, store.RecordProviderEvent(t.Context(), newID(t), "ACCEPTED", moment(2)), db.ErrNotFound)
	})
}
