package gateway_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
)

// person is somebody with an account; of all Enti where the id of theirs is empty.
func (b bundle) person(tb testing.TB, role gateway.Role, enteID string) gateway.Actor {
	tb.Helper()

	user := db.User{ID: newID(tb), Email: uuid.NewString() + "@example.org", Name: "persona", Role: string(role), EnteID: enteID, Active: true}
	require.NoError(tb, b.store.CreateUser(tb.Context(), user))

	return gateway.Actor{Kind: gateway.ActorUser, ID: user.ID, Name: user.Name, EnteID: enteID, Role: role}
}

func (b bundle) filterNames(tb testing.TB, actor gateway.Actor) []string {
	tb.Helper()

	filters, err := b.SavedFilters(tb.Context(), actor)
	require.NoError(tb, err)

	names := []string{}
	for _, filter := range filters {
		names = append(names, filter.Name)
	}

	return names
}

func TestAFilterIsOnesOwnUntilItIsShared(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		administrator, operator := b.person(t, gateway.RoleAdministrator, b.ente.ID), b.person(t, gateway.RoleOperator, b.ente.ID)
		stranger, support := b.person(t, gateway.RoleAdministrator, newTenant(t, store).ente.ID), b.person(t, gateway.RoleSupport, "")

		saved, err := b.SaveFilter(t.Context(), administrator, " Da controllare ", "status=failed&status=on_hold")
		require.NoError(t, err)
		require.Equal(t, gateway.SavedFilter{
			ID: saved.ID, Name: "Da controllare", Query: "status=failed&status=on_hold", Mine: true, MayChange: true,
		}, saved)
		require.Equal(t, []string{"Da controllare"}, b.filterNames(t, administrator))

		for _, other := range []gateway.Actor{operator, stranger, support} {
			require.Empty(t, b.filterNames(t, other))
			_, err := b.SavedFilter(t.Context(), other, saved.ID)
			require.ErrorIs(t, err, gateway.ErrNotFound)
			require.ErrorIs(t, b.DeleteFilter(t.Context(), other, saved.ID), gateway.ErrNotFound)
			require.ErrorIs(t, b.ShareFilter(t.Context(), other, saved.ID, b.ente.ID), gateway.ErrNotFound)
		}

		require.ErrorIs(t, b.ShareFilter(t.Context(), administrator, saved.ID, stranger.EnteID), gateway.ErrNotFound)
		require.NoError(t, b.ShareFilter(t.Context(), administrator, saved.ID, b.ente.ID))
		require.Equal(t, []string{"Da controllare"}, b.filterNames(t, operator))
		require.Equal(t, []string{"Da controllare"}, b.filterNames(t, support))
		require.Empty(t, b.filterNames(t, stranger))
		require.ErrorIs(t, b.DeleteFilter(t.Context(), operator, saved.ID), gateway.ErrForbidden)
		require.ErrorIs(t, b.ShareFilter(t.Context(), operator, saved.ID, ""), gateway.ErrForbidden)

		require.NoError(t, b.ShareFilter(t.Context(), administrator, saved.ID, ""))
		require.Empty(t, b.filterNames(t, operator))
		require.NoError(t, b.DeleteFilter(t.Context(), administrator, saved.ID))
		require.Empty(t, b.filterNames(t, administrator))

		for _, action := range []string{"filter.save", "filter.share", "filter.unshare", "filter.delete"} {
			noted := b.notedActs(t, action)
			require.Len(t, noted, 1, action)
			require.Equal(t, administrator.ID, noted[0].ActorID)
			require.Equal(t, saved.ID, noted[0].ObjectID)
		}
	})
}

func TestAnOperatorKeepsFiltersAndSharesNone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		for _, role := range []gateway.Role{gateway.RoleOperator, gateway.RoleAuditor} {
			actor := b.person(t, role, b.ente.ID)
			saved, err := b.SaveFilter(t.Context(), actor, "mio", "status=failed")
			require.NoError(t, err)
			require.ErrorIs(t, b.ShareFilter(t.Context(), actor, saved.ID, b.ente.ID), gateway.ErrForbidden)
			require.NoError(t, b.DeleteFilter(t.Context(), actor, saved.ID))
		}

		_, err := b.SaveFilter(t.Context(), b.application(), "mio", "")
		require.ErrorIs(t, err, gateway.ErrForbidden)
	})
}

func TestAFilterThatIsNotKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		actor := b.person(t, gateway.RoleOperator, b.ente.ID)

		_, err := b.SaveFilter(t.Context(), actor, "preso", "status=failed")
		require.NoError(t, err)

		for name, test := range map[string]struct {
			name, query string
			field, code string
		}{
			"no name":           {" ", "", "filter", "length"},
			"a long name":       {strings.Repeat("a", 61), "", "filter", "length"},
			"two lines":         {"a\nb", "", "filter", "one_line"},
			"the same name":     {"preso", "", "filter", "taken"},
			"a code as a name":  {"cerca " + fiscalCode, "", "filter", "personal_data"},
			"a phone as a name": {phoneAsWritten, "", "filter", "personal_data"},
			"a code":            {"a", "reference=pratica%20" + fiscalCode, "filter", "personal_data"},
			"a phone":           {"a", "reference=" + strings.ReplaceAll(phoneAsWritten, " ", "+"), "filter", "personal_data"},
			"no query":          {"a", "%zz", "filter", "personal_data"},
			"a long query":      {"a", strings.Repeat("status=failed&", 200), "query", "length"},
		} {
			_, err := b.SaveFilter(t.Context(), actor, test.name, test.query)
			require.Error(t, err, name)
			requireFields(t, err, map[string]string{test.field: test.code}, fiscalCode)
		}
	})
}

func TestNobodyKeepsMoreFiltersThanFit(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))
	actor := b.person(t, gateway.RoleOperator, b.ente.ID)

	for i := range gateway.MaxSavedFilters {
		_, err := b.SaveFilter(t.Context(), actor, strconv.Itoa(i), "")
		require.NoError(t, err)
	}

	_, err := b.SaveFilter(t.Context(), actor, "uno di troppo", "")
	requireFields(t, err, map[string]string{"filter": "too_many"})
}
