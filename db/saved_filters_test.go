package db_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

func newOperator(t *testing.T, store *db.Store, enteID string) db.User {
	t.Helper()

	user := db.User{
		ID: newID(t), Email: uuid.NewString() + "@example.org", Name: "Olga Operatrice", Role: "operator", EnteID: enteID, Active: true,
	}
	require.NoError(t, store.CreateUser(t.Context(), user))

	return user
}

func namesOf(filters []db.SavedFilter) []string {
	names := make([]string, len(filters))
	for i, filter := range filters {
		names[i] = filter.Name
	}

	return names
}

func TestSavedFilters(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		mine, theirs := newTenant(t, store), newTenant(t, store)
		owner, colleague := newOperator(t, store, mine.ente.ID), newOperator(t, store, mine.ente.ID)
		stranger := newOperator(t, store, theirs.ente.ID)

		save := func(user db.User, name, enteID string) string {
			filter := db.SavedFilter{UserID: user.ID, Name: name, Query: "status=failed", EnteID: enteID, CreatedAt: moment(1)}
			id, err := store.SaveFilter(t.Context(), filter, 3)
			require.NoError(t, err)

			filter.ID = id
			kept, err := store.SavedFilter(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, filter, kept)

			return id
		}
		listed := func(user db.User, enteID string) []string {
			filters, err := store.SavedFilters(t.Context(), user.ID, enteID)
			require.NoError(t, err)

			return namesOf(filters)
		}

		private, shared := save(owner, "b", ""), save(owner, "a", mine.ente.ID)
		save(stranger, "z", "")

		require.Equal(t, []string{"a", "b"}, listed(owner, mine.ente.ID))
		require.Equal(t, []string{"a"}, listed(colleague, mine.ente.ID))
		require.Equal(t, []string{"z"}, listed(stranger, theirs.ente.ID))
		require.Equal(t, []string{"a"}, listed(colleague, ""), "whoever works across Enti sees what is shared in any")

		require.NoError(t, store.ShareFilter(t.Context(), private, mine.ente.ID))
		require.NoError(t, store.ShareFilter(t.Context(), shared, ""))
		require.Equal(t, []string{"b"}, listed(colleague, mine.ente.ID))

		_, err := store.SaveFilter(t.Context(), db.SavedFilter{UserID: owner.ID, Name: "a", Query: ""}, 3)
		require.ErrorIs(t, err, db.ErrDuplicate)
		save(owner, "c", "")
		_, err = store.SaveFilter(t.Context(), db.SavedFilter{UserID: owner.ID, Name: "d", Query: ""}, 3)
		require.ErrorIs(t, err, db.ErrConflict)

		require.NoError(t, store.DeleteFilter(t.Context(), private))
		require.ErrorIs(t, store.DeleteFilter(t.Context(), private), db.ErrNotFound)
		require.ErrorIs(t, store.ShareFilter(t.Context(), private, ""), db.ErrNotFound)

		_, err = store.SavedFilter(t.Context(), private)
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}

// TestNoMoreFiltersThanAllowed: forms that are sent at once do not get past the limit together.
func TestNoMoreFiltersThanAllowed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const most = 3

		user := newOperator(t, store, newTenant(t, store).ente.ID)

		together(t, store, 8, func(i int) {
			_, _ = store.SaveFilter(t.Context(), db.SavedFilter{UserID: user.ID, Name: string(rune('a' + i))}, most)
		})

		filters, err := store.SavedFilters(t.Context(), user.ID, user.EnteID)
		require.NoError(t, err)
		require.Len(t, filters, most)
	})
}
