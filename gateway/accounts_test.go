package gateway_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
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

// setActive switches the bundle's Ente on or off.
func (b bundle) setActive(tb testing.TB, active bool) {
	tb.Helper()

	b.ente.Active = active
	require.NoError(tb, b.store.UpdateEnte(tb.Context(), b.ente))
}

func TestAnEnteThatIsSwitchedOffLetsNobodyIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		account := b.account(t, "olga@comune.example")
		_, secret, err := b.CreateAPIKey(t.Context(), system(), b.ente.ID, "gestionale", nil, time.Time{})
		require.NoError(t, err)

		b.setActive(t, false)

		_, err = b.SignIn(t.Context(), account.Email, password)
		require.ErrorIs(t, err, gateway.ErrUnauthenticated)
		_, err = b.Account(t.Context(), account.ID)
		require.ErrorIs(t, err, gateway.ErrNotFound)
		_, err = b.AuthenticateKey(t.Context(), secret, "")
		require.ErrorIs(t, err, gateway.ErrUnauthenticated)

		b.setActive(t, true)

		_, err = b.SignIn(t.Context(), account.Email, password)
		require.NoError(t, err)
		_, err = b.Account(t.Context(), account.ID)
		require.NoError(t, err)
		_, err = b.AuthenticateKey(t.Context(), secret, "")
		require.NoError(t, err)
	})
}

func TestPasswordsAreWorkedOnAFewAtATime(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))
	account := b.account(t, "olga@comune.example")
	release := b.OccupyHashing()

	brief, done := context.WithTimeout(t.Context(), 2*time.Second)
	t.Cleanup(done)

	var group sync.WaitGroup

	group.Go(func() {
		for _, email := range []string{account.Email, "nobody@comune.example"} {
			_, err := b.SignIn(brief, email, password)
			if !errors.Is(err, gateway.ErrUnavailable) {
				t.Errorf("signing in while others do: %v", err)
			}
		}
	})
	group.Go(func() {
		_, err := b.CreateAccount(brief, system(), gateway.Account{Email: "new@genio.example", Role: gateway.RoleSupport}, password)
		if !errors.Is(err, gateway.ErrUnavailable) {
			t.Errorf("making an account while others sign in: %v", err)
		}
	})
	group.Wait()

	release()

	_, err := b.SignIn(t.Context(), account.Email, password)
	require.NoError(t, err)
}

func TestHashesCostTheSameForAllAndOlderOnesStillOpen(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))
	user, err := b.store.User(t.Context(), b.account(t, "olga@comune.example").ID)
	require.NoError(t, err)

	own, salt, key, err := argon2id.DecodeHash(user.PasswordHash)
	require.NoError(t, err)

	nobodys, itsSalt, itsKey, err := argon2id.DecodeHash(gateway.NobodysHash())
	require.NoError(t, err)
	require.Equal(t, own, nobodys)
	require.Len(t, itsSalt, len(salt))
	require.Len(t, itsKey, len(key))

	user.PasswordHash, err = argon2id.CreateHash(password, &argon2id.Params{
		Memory: 8 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 8, KeyLength: 16,
	})
	require.NoError(t, err)
	require.NoError(t, b.store.UpdateUser(t.Context(), user))

	_, err = b.SignIn(t.Context(), user.Email, password)
	require.NoError(t, err)
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
			"support of one Ente":   {func(a *gateway.Account) { a.Role = gateway.RoleSupport }, password, "ente_id", "not_allowed"},
			"system of one Ente":    {func(a *gateway.Account) { a.Role = gateway.RoleSystem }, password, "ente_id", "not_allowed"},
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

		for _, role := range []gateway.Role{gateway.RoleOperator, gateway.RoleAdministrator, gateway.RoleAuditor} {
			ofEnte.Role, ofEnte.Email = role, string(role)+"@comune.example"
			_, err := b.CreateAccount(t.Context(), b.user(gateway.RoleAdministrator), ofEnte, password)
			require.NoError(t, err)
		}

		for _, role := range []gateway.Role{gateway.RoleSupport, gateway.RoleSystem} {
			ofEnte.Role = role
			_, err := b.CreateAccount(t.Context(), b.user(gateway.RoleAdministrator), ofEnte, password)
			require.ErrorIs(t, err, gateway.ErrForbidden, "an Ente's administrator appoints nobody beyond it")
		}

		_, err := b.CreateAccount(t.Context(), everywhere, ofAll, password)
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

func TestOnlyKnownActorsMayChange(t *testing.T) {
	t.Parallel()

	for _, actor := range []gateway.Actor{
		{Kind: gateway.ActorApplication},
		system(),
		support(),
		{Kind: gateway.ActorUser, Role: gateway.RoleOperator, EnteID: "an Ente"},
		{Kind: gateway.ActorUser, Role: gateway.RoleAdministrator, EnteID: "an Ente"},
		{Kind: gateway.ActorUser, Role: gateway.RoleSystem},
	} {
		require.True(t, actor.MayChange(), "%s %s", actor.Kind, actor.Role)
	}

	for _, actor := range []gateway.Actor{
		{},
		{Role: gateway.RoleSystem},
		{Kind: "robot"},
		{Kind: gateway.ActorUser},
		{Kind: gateway.ActorUser, Role: "boss"},
		{Kind: gateway.ActorUser, Role: gateway.RoleAuditor},
		{Kind: gateway.ActorUser, Role: gateway.RoleOperator}, // of no Ente
	} {
		require.False(t, actor.MayChange(), "%s %s", actor.Kind, actor.Role)
	}
}
