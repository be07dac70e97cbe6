package gateway_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
)

func (b bundle) account(tb testing.TB, email string) gateway.Account {
	tb.Helper()

	account, err := b.CreateAccount(tb.Context(), system(), gateway.Account{
		Email: email, Name: "Olga Operatrice", Role: gateway.RoleOperator, EnteID: b.ente.ID,
	}, password)
	require.NoError(tb, err)

	return account
}

func (b bundle) deactivate(tb testing.TB, id string) {
	tb.Helper()

	user, err := b.store.User(tb.Context(), id)
	require.NoError(tb, err)

	user.Active = false
	require.NoError(tb, b.store.UpdateUser(tb.Context(), user))
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		account := b.account(t, "olga@comune.example")
		b.deactivate(t, b.account(t, "gone@comune.example").ID)

		for _, email := range []string{"olga@comune.example", " Olga@Comune.Example "} {
			got, err := b.SignIn(t.Context(), email, password)
			require.NoError(t, err)
			require.Equal(t, account, got)
		}

		require.Equal(t, gateway.Actor{
			Kind: gateway.ActorUser, ID: account.ID, Name: "Olga Operatrice", EnteID: b.ente.ID, Role: gateway.RoleOperator,
		}, account.Actor())

		for name, wrong := range map[string]struct{ email, password string }{
			"password":      {"olga@comune.example", "incorrect horse battery"},
			"no password":   {"olga@comune.example", ""},
			"long password": {"olga@comune.example", strings.Repeat("a", 1_000_000)},
			"unknown":       {"nobody@comune.example", password},
			"inactive":      {"gone@comune.example", password},
			"no address":    {"", password},
			"NUL":           {"olga\x00@comune.example", password},
			"no charset":    {"olga\xff@comune.example", password},
		} {
			_, err := b.SignIn(t.Context(), wrong.email, wrong.password)
			require.ErrorIs(t, err, gateway.ErrUnauthenticated, name)
			require.NotContains(t, err.Error(), "comune", name)
		}
	})
}

func TestASessionIsRestoredFromAnActiveAccount(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		account := b.account(t, "olga@comune.example")

		got, err := b.Account(t.Context(), account.ID)
		require.NoError(t, err)
		require.Equal(t, account, got)

		b.deactivate(t, account.ID)

		for _, id := range []string{account.ID, uuid.NewString(), "olga", ""} {
			_, err = b.Account(t.Context(), id)
			require.ErrorIs(t, err, gateway.ErrNotFound)
		}
	})
}

func TestAPasswordIsStoredAsAHash(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		user, err := store.User(t.Context(), b.account(t, "olga@comune.example").ID)

		require.NoError(t, err)
		require.True(t, strings.HasPrefix(user.PasswordHash, "$argon2id$"))
		require.NotContains(t, user.PasswordHash, password)
	})
}

func TestAccountsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		b.account(t, "olga@comune.example")

		cases := map[string]struct {
			change      func(*gateway.Account)
			password    string
			field, code string
		}{
			"role":                  {func(a *gateway.Account) { a.Role = "boss" }, password, "role", "unknown"},
			"no role":               {func(a *gateway.Account) { a.Role = "" }, password, "role", "unknown"},
			"operator of no Ente":   {func(a *gateway.Account) { a.EnteID = "" }, password, "ente_id", "required"},
			"address":               {func(a *gateway.Account) { a.Email = "olga" }, password, "email", "invalid"},
			"short password":        {func(*gateway.Account) {}, "12345678901", "password", "length"},
			"long password":         {func(*gateway.Account) {}, strings.Repeat("a", 201), "password", "length"},
			"address that is taken": {func(a *gateway.Account) { a.Email = "OLGA@comune.example" }, password, "email", "taken"},
		}
		for name, test := range cases {
			account := gateway.Account{Email: "new@comune.example", Role: gateway.RoleOperator, EnteID: b.ente.ID}
			test.change(&account)

			_, err := b.CreateAccount(t.Context(), system(), account, test.password)
			require.Error(t, err, name)
			requireFields(t, err, map[string]string{test.field: test.code})
		}

		_, err := b.CreateAccount(t.Context(), system(), gateway.Account{
			Email: "new@comune.example", Role: gateway.RoleOperator, EnteID: uuid.NewString(),
		}, password)
		require.ErrorIs(t, err, gateway.ErrNotFound)
	})
}

func TestWhoMakesAccounts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)
		everywhere := gateway.Actor{Kind: gateway.ActorUser, Role: gateway.RoleSystem}

		ofEnte := gateway.Account{Email: "new@comune.example", Role: gateway.RoleOperator, EnteID: b.ente.ID}
		ofAll := gateway.Account{Email: "help@genio.example", Role: gateway.RoleSupport}

		for _, actor := range []gateway.Actor{
			b.application(), b.user(gateway.RoleOperator), b.user(gateway.RoleAuditor), support(),
			foreign.user(gateway.RoleAdministrator),
			{},
		} {
			_, err := b.CreateAccount(t.Context(), actor, ofEnte, password)
			require.ErrorIs(t, err, gateway.ErrForbidden)
		}

		for _, actor := range []gateway.Actor{b.user(gateway.RoleAdministrator), b.user(gateway.RoleSystem)} {
			_, err := b.CreateAccount(t.Context(), actor, ofAll, password)
			require.ErrorIs(t, err, gateway.ErrForbidden, "what is bound to an Ente makes nothing beyond it")
		}

		_, err := b.CreateAccount(t.Context(), b.user(gateway.RoleAdministrator), ofEnte, password)
		require.NoError(t, err)

		_, err = b.CreateAccount(t.Context(), everywhere, ofAll, password)
		require.NoError(t, err)
	})
}

func TestAccountsWithoutADatabase(t *testing.T) {
	t.Parallel()

	b := withoutDatabase(t)

	_, err := b.SignIn(t.Context(), "olga@comune.example", password)
	require.ErrorIs(t, err, gateway.ErrUnavailable)

	_, err = b.Account(t.Context(), uuid.NewString())
	require.ErrorIs(t, err, gateway.ErrUnavailable)
}

func TestRoles(t *testing.T) {
	t.Parallel()

	for _, role := range []gateway.Role{"operator", "administrator", "support", "auditor", "system_administrator"} {
		require.True(t, role.Valid())
	}

	require.False(t, gateway.Role("").Valid())
	require.False(t, gateway.Role("Operator").Valid())
}
