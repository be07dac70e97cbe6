package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const whyRevealed = "Il cittadino chiede conferma allo sportello"

// noted are the acts of a kind in the audit log, the newest first.
func (b bundle) notedActs(tb testing.TB, action string) []db.AuditEntry {
	tb.Helper()

	entries, more, err := b.store.AuditLog(tb.Context(), db.AuditFilter{Action: action}, db.Cursor{}, 100)
	require.NoError(tb, err)
	require.False(tb, more)

	return entries
}

func TestARecipientIsRevealedForAReason(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.accepted(t)
		operator := b.user(gateway.RoleOperator)
		operator.Address = "192.0.2.7"

		recipient, err := b.Reveal(t.Context(), operator, id, "  "+whyRevealed+" ")
		require.NoError(t, err)
		require.Equal(t, notification.Recipient{FiscalCode: fiscalCode, Phone: phone}, recipient)

		noted := b.notedActs(t, "notification.reveal")
		require.Len(t, noted, 1)
		require.Equal(t, operator.ID, noted[0].ActorID)
		require.Equal(t, "192.0.2.7", noted[0].Address)
		require.Equal(t, b.ente.ID, noted[0].EnteID)
		require.Equal(t, id, noted[0].ObjectID)
		require.Equal(t, map[string]string{"reason": whyRevealed}, noted[0].Detail)
		require.NotContains(t, fmt.Sprint(noted), fiscalCode)
	})
}

func TestNobodyElseSeesARecipient(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.accepted(t)

		for name, test := range map[string]struct {
			actor gateway.Actor
			want  error
		}{
			"an auditor":     {b.user(gateway.RoleAuditor), gateway.ErrForbidden},
			"an application": {b.application(), gateway.ErrForbidden},
			"another Ente's": {newTenant(t, store).user(gateway.RoleAdministrator), gateway.ErrNotFound},
			"nobody":         {gateway.Actor{}, gateway.ErrNotFound},
		} {
			recipient, err := b.Reveal(t.Context(), test.actor, id, whyRevealed)
			require.ErrorIs(t, err, test.want, name)
			require.Empty(t, recipient, name)
		}

		require.Empty(t, b.notedActs(t, "notification.reveal"))
	})
}

func TestTheReasonToRevealNamesNobody(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.accepted(t)

		for reason, code := range map[string]string{
			"":                                  "length",
			"perché sì":                         "length",
			"          x          ":             "length",
			strings.Repeat("a", 201):            "length",
			"prima riga\nseconda riga":          "one_line",
			"lo chiede " + fiscalCode:           "personal_data",
			"lo chiede rssmra80a01h501u, oggi":  "personal_data",
			"ha chiamato dal 333 123 4567":      "personal_data",
			"ha chiamato dal +39 333.123.4567.": "personal_data",
		} {
			recipient, err := b.Reveal(t.Context(), b.user(gateway.RoleOperator), id, reason)
			requireFields(t, err, map[string]string{"reason": code}, fiscalCode, phone)
			require.Empty(t, recipient)
		}

		require.Empty(t, b.notedActs(t, "notification.reveal"))
	})
}

// What cannot be noted is not shown. PostgreSQL keeps no NUL, so that this person's acts cannot be noted.
func TestNothingIsRevealedThatCannotBeNoted(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EnginePostgres))
	operator := b.user(gateway.RoleOperator)
	operator.Name = "\x00"

	recipient, err := b.Reveal(t.Context(), operator, b.accepted(t), whyRevealed)
	require.Error(t, err)
	require.Empty(t, recipient)
	require.Empty(t, b.notedActs(t, "notification.reveal"))
}
