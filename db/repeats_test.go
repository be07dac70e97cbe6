package db_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestSentSinceFindsTheSameContent(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, other := newTenant(t, store), newTenant(t, store)

		send := func(of tenant, hash string, at time.Time) string {
			return of.accepted(t, func(n *notification.Notification) { n.ContentHash, n.AcceptedAt = []byte(hash), at })
		}

		now := moment(30)
		_ = send(f, "same", now.Add(-2*time.Hour))
		latest := send(f, "same", now.Add(-time.Hour))
		_ = send(f, "another", now)
		_ = send(other, "same", now)

		found, err := store.SentSince(t.Context(), f.ente.ID, []byte("same"), now.Add(-24*time.Hour))
		require.NoError(t, err)
		require.Equal(t, latest, found.ID)
		require.Empty(t, found.Recipient.FiscalCode)

		_, err = store.SentSince(t.Context(), f.ente.ID, []byte("same"), now)
		require.ErrorIs(t, err, db.ErrNotFound)

		f.settle(t, latest, notification.StatusCancelled, notification.ReasonCancelledByEnte)

		found, err = store.SentSince(t.Context(), f.ente.ID, []byte("same"), now.Add(-24*time.Hour))
		require.NoError(t, err)
		require.NotEqual(t, latest, found.ID)
	})
}

func TestSentSinceUsesItsIndex(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		f.accepted(t, func(n *notification.Notification) { n.ContentHash = []byte("hash") })
		fill(t, f)

		statement := store.SentSinceStatement(t.Context(), f.ente.ID, moment(0))
		require.Contains(t, explain(t, store, statement.SQL, statement.Parameters...), "notifications_content")
	})
}
