package db_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestTestRecipientIsKeptForOneUser(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		user := newUser(t, store, f)

		_, err := store.TestRecipient(t.Context(), user.ID)
		require.ErrorIs(t, err, db.ErrNotFound)
		require.NoError(t, store.RemoveTestRecipient(t.Context(), user.ID))

		for _, recipient := range []notification.Recipient{{FiscalCode: fiscalCode}, {FiscalCode: fiscalCode, Phone: phone}} {
			require.NoError(t, store.KeepTestRecipient(t.Context(), user.ID, recipient))

			kept, err := store.TestRecipient(t.Context(), user.ID)
			require.NoError(t, err)
			require.Equal(t, recipient, kept)
		}

		require.NoError(t, store.RemoveTestRecipient(t.Context(), user.ID))
		_, err = store.TestRecipient(t.Context(), user.ID)
		require.ErrorIs(t, err, db.ErrNotFound)

		require.ErrorIs(t, store.KeepTestRecipient(t.Context(), newID(t), notification.Recipient{FiscalCode: fiscalCode}), db.ErrNotFound)
		require.ErrorIs(t, store.KeepTestRecipient(t.Context(), "nobody", notification.Recipient{}), db.ErrInvalid)
	})
}
