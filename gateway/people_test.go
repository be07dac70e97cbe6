package gateway_test

import (
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
)

func (b bundle) administrator(t *testing.T, email string) gateway.Actor {
	t.Helper()

	account, err := b.CreateAccount(t.Context(), system(), gateway.Account{
		Email: email, Name: "Ada Amministratrice", Role: gateway.RoleAdministrator, EnteID: b.ente.ID,
	}, password)
	require.NoError(t, err)

	return account.Actor()
}

func (b bundle) wish(email string) gateway.Invite {
	return gateway.Invite{Email: email, Name: "Ines Invitata", Role: gateway.RoleOperator, EnteID: b.ente.ID}
}

func TestInvitationsOfPeople(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		admin := b.administrator(t, "ada@comune.example")

		first, err := b.Invite(t.Context(), admin, b.wish("Ines@Comune.example"))
		require.NoError(t, err)

		_, err = b.SignIn(t.Context(), "ines@comune.example", "")
		require.ErrorIs(t, err, gateway.ErrUnauthenticated, "no password opens an account without one")

		second, err := b.Invite(t.Context(), admin, b.wish("ines@comune.example"))
		require.NoError(t, err)
		require.Equal(t, first.AccountID, second.AccountID)
		_, err = b.Invitation(t.Context(), first.Token)
		require.ErrorIs(t, err, gateway.ErrNotFound)

		account, err := b.AcceptInvitation(t.Context(), second.Token, "Ines", password, "192.0.2.1")
		require.NoError(t, err)
		require.Equal(t, gateway.RoleOperator, account.Role)
		_, err = b.AcceptInvitation(t.Context(), second.Token, "Ines", password, "192.0.2.1")
		require.ErrorIs(t, err, gateway.ErrNotFound)

		_, err = b.Invite(t.Context(), admin, b.wish("ines@comune.example"))
		requireFields(t, err, map[string]string{"email": "taken"})

		// Another Ente's administrator gives the person a role there, and gets no link.
		foreign := newTenant(t, store)
		wish := b.wish("ines@comune.example")
		wish.EnteID = foreign.ente.ID
		known, err := b.Invite(t.Context(), foreign.user(gateway.RoleAdministrator), wish)
		require.NoError(t, err)
		require.Empty(t, known.Token)

		account, err = b.Account(t.Context(), account.ID)
		require.NoError(t, err)
		require.Len(t, account.Memberships, 2)

		elsewhere, has := account.In(account.Memberships[1].ID)
		require.True(t, has)
		require.Equal(t, foreign.ente.ID, elsewhere.Actor().EnteID)

		_, has = account.In("another")
		require.False(t, has)
	})
}

func TestAnExpiredInvitationOpensNothing(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))
	invited, err := b.Invite(t.Context(), system(), b.wish("ines@comune.example"))
	require.NoError(t, err)

	invitations, err := b.store.InvitationsOf(t.Context(), invited.AccountID)
	require.NoError(t, err)

	invitations[0].ExpiresAt = time.Now().Add(-time.Second)
	require.NoError(t, b.store.SaveInvitation(t.Context(), invitations[0]))

	_, err = b.AcceptInvitation(t.Context(), invited.Token, "Ines", password, "")
	require.ErrorIs(t, err, gateway.ErrNotFound)

	person, err := b.Person(t.Context(), system(), invited.AccountID)
	require.NoError(t, err)
	require.Equal(t, gateway.PersonExpired, person.State)
}

// TestAnOpenLinkNeverLeadsIntoAnotherEnte: whoever invites somebody holds the link, and could accept it.
func TestAnOpenLinkNeverLeadsIntoAnotherEnte(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)
		invited, err := b.Invite(t.Context(), b.user(gateway.RoleAdministrator), b.wish("ines@comune.example"))
		require.NoError(t, err)

		wish := b.wish("ines@comune.example")
		wish.EnteID = foreign.ente.ID
		_, err = b.Invite(t.Context(), foreign.user(gateway.RoleAdministrator), wish)
		requireFields(t, err, map[string]string{"email": "pending"})

		again, err := b.Invite(t.Context(), system(), wish)
		require.NoError(t, err)
		_, err = b.Invitation(t.Context(), invited.Token)
		require.ErrorIs(t, err, gateway.ErrNotFound)

		_, err = b.RenewInvitation(t.Context(), b.user(gateway.RoleAdministrator), again.AccountID)
		require.ErrorIs(t, err, gateway.ErrForbidden)
	})
}

func TestWhoAppointsWhom(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)
		admin := b.administrator(t, "ada@comune.example")

		for _, actor := range []gateway.Actor{
			b.application(), b.user(gateway.RoleOperator), b.user(gateway.RoleAuditor), support(), {},
		} {
			_, err := b.Invite(t.Context(), actor, b.wish("x@comune.example"))
			require.ErrorIs(t, err, gateway.ErrForbidden)
			_, err = b.People(t.Context(), actor, gateway.PeopleQuery{})
			require.ErrorIs(t, err, gateway.ErrForbidden)
		}

		for name, test := range map[string]struct {
			change func(*gateway.Invite)
			fields map[string]string
		}{
			"role across Enti": {
				func(i *gateway.Invite) { i.Role, i.EnteID = gateway.RoleSupport, "" },
				map[string]string{"role": "not_allowed"},
			},
			"auditor of all": {
				func(i *gateway.Invite) { i.Role, i.EnteID = gateway.RoleAuditor, "" },
				map[string]string{"ente_id": "unknown"},
			},
			"another Ente":          {func(i *gateway.Invite) { i.EnteID = foreign.ente.ID }, map[string]string{"ente_id": "unknown"}},
			"operator of no Ente":   {func(i *gateway.Invite) { i.EnteID = "" }, map[string]string{"ente_id": "required"}},
			"no name":               {func(i *gateway.Invite) { i.Name = " " }, map[string]string{"name": "length"}},
			"no address":            {func(i *gateway.Invite) { i.Email = "ines" }, map[string]string{"email": "invalid"}},
			"address with a break":  {func(i *gateway.Invite) { i.Email = "ines@a\n.example" }, map[string]string{"email": "invalid"}},
			"a role that is not":    {func(i *gateway.Invite) { i.Role = "boss" }, map[string]string{"role": "unknown"}},
			"address without a box": {func(i *gateway.Invite) { i.Email = "@comune.example" }, map[string]string{"email": "invalid"}},
		} {
			wish := b.wish("ines@comune.example")
			test.change(&wish)

			_, err := b.Invite(t.Context(), admin, wish)
			require.Error(t, err, name)
			requireFields(t, err, test.fields)
		}

		own, err := b.Person(t.Context(), admin, admin.ID)
		require.NoError(t, err)
		requireFields(t, b.RemoveMembership(t.Context(), admin, admin.ID, own.Memberships[0].ID), map[string]string{"membership": "own"})
		require.ErrorIs(t, b.SetPersonActive(t.Context(), admin, admin.ID, false), gateway.ErrForbidden)
		require.ErrorIs(t, b.SetPersonActive(t.Context(), foreign.user(gateway.RoleAdministrator), admin.ID, false), gateway.ErrNotFound)
		require.NoError(t, b.SetPersonActive(t.Context(), b.administrator(t, "eva@comune.example"), admin.ID, false))
		_, err = b.Account(t.Context(), admin.ID)
		require.ErrorIs(t, err, gateway.ErrNotFound)
	})
}

func TestASecondFactor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		actor := b.administrator(t, "ada@comune.example")
		key, err := b.NewSecondFactorKey("ada@comune.example")
		require.NoError(t, err)

		code := func(at time.Time) string {
			code, err := totp.GenerateCode(key.Secret, at)
			require.NoError(t, err)

			return code
		}

		_, err = b.SetSecondFactor(t.Context(), actor, key.Secret, "abc")
		requireFields(t, err, map[string]string{"code": "wrong"})
		_, err = b.RenewRecoveryCodes(t.Context(), actor)
		require.ErrorIs(t, err, gateway.ErrState)
		require.ErrorIs(t, b.CheckSecondFactor(t.Context(), actor, code(time.Now())), gateway.ErrUnauthenticated, "there is none")

		first := time.Now()
		codes, err := b.SetSecondFactor(t.Context(), actor, key.Secret, code(first))
		require.NoError(t, err)
		require.Len(t, codes, 10)

		account, err := b.SignIn(t.Context(), "ada@comune.example", password)
		require.NoError(t, err)
		require.True(t, account.SecondFactor)

		require.ErrorIs(t, b.CheckSecondFactor(t.Context(), actor, code(first)), gateway.ErrUnauthenticated, "a code is not taken twice")
		require.NoError(t, b.CheckSecondFactor(t.Context(), actor, codes[0]))
		require.ErrorIs(t, b.CheckSecondFactor(t.Context(), actor, codes[0]), gateway.ErrUnauthenticated)

		next := code(first.Add(30 * time.Second))
		require.NoError(t, b.CheckSecondFactor(t.Context(), actor, " "+next[:3]+" "+next[3:]), "people write spaces")

		for range 5 {
			require.ErrorIs(t, b.CheckSecondFactor(t.Context(), actor, "12345"), gateway.ErrUnauthenticated)
		}

		for range 20 {
			require.ErrorIs(t, b.CheckSecondFactor(t.Context(), actor, codes[1]), gateway.ErrTooMany)
		}

		noted := map[string]int{}
		for _, entry := range b.audited(t, "account.second_factor_refused") {
			noted[entry.Detail["reason"]]++
		}

		require.Equal(t, map[string]int{"wrong": 7, "too_many": 1}, noted, "whoever goes on trying does not fill the log")

		require.NoError(t, b.RemoveSecondFactor(t.Context(), system(), actor.ID))
		require.ErrorIs(t, b.RemoveSecondFactor(t.Context(), system(), actor.ID), gateway.ErrState)
	})
}

func TestAFormsOwner(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))
	account := b.account(t, "olga@comune.example")
	mark, err := b.FormOwnerMark(account)
	require.NoError(t, err)

	owner, membership, err := b.FormOwner(mark)
	require.NoError(t, err)
	require.Equal(t, account.ID, owner)
	require.Equal(t, account.MembershipID, membership)

	for _, wrong := range []string{"", "a.b.c", "a.b.9999999999.00", mark + "0", "x" + mark} {
		_, _, err := b.FormOwner(wrong)
		require.ErrorIs(t, err, gateway.ErrNotFound, wrong)
	}
}
