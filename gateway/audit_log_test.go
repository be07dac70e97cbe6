package gateway_test

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// logged notes some acts of two Enti and of nobody's, a minute apart.
func (b bundle) logged(t *testing.T, other tenant) db.User {
	t.Helper()

	// Past the use case, which would note it.
	account := db.User{
		ID: newID(t), Email: "olga@comune.example", Name: "Olga Operatrice", Role: string(gateway.RoleOperator), EnteID: b.ente.ID,
		Active: true,
	}
	require.NoError(t, b.store.CreateUser(t.Context(), account))

	for i, entry := range []db.AuditEntry{
		{
			EnteID:     b.ente.ID,
			ActorID:    account.ID,
			ActorName:  account.Name,
			Action:     "service.update",
			ObjectKind: "service",
			ObjectID:   b.service.ID,
		},
		{
			EnteID:     other.ente.ID,
			ActorID:    "another",
			ActorName:  "Ugo",
			Action:     "service.update",
			ObjectKind: "service",
			ObjectID:   other.service.ID,
		},
		{ActorName: "chi lo sa", Action: "account.sign_in_failed", ObjectKind: "account", Address: "203.0.113.9"},
		{EnteID: b.ente.ID, ActorID: "key", ActorName: "Gestionale", Action: "notification.hold", ObjectKind: "notification", ObjectID: newID(t)},
		{EnteID: b.ente.ID, ActorID: account.ID, ActorName: "=cmd()", Action: "account.sign_in", ObjectKind: "account", ObjectID: account.ID},
	} {
		entry.ActorKind = "user"
		entry.At = time.Date(2026, time.November, 20, 9, i, 0, 0, time.UTC)
		entry.Detail = map[string]string{"reason": "prova"}
		require.NoError(t, b.store.Audit(t.Context(), entry))
	}

	return account
}

func actions(page gateway.AuditPage) []string {
	var found []string
	for _, entry := range page.Items {
		found = append(found, entry.Action)
	}

	return found
}

func TestAuditLogShowsAnEnteItsOwn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		other := newTenant(t, store)
		account := b.logged(t, other)

		own := []string{"account.sign_in", "notification.hold", "service.update"}
		everything := []string{"account.sign_in", "notification.hold", "account.sign_in_failed", "service.update", "service.update"}

		for name, test := range map[string]struct {
			actor gateway.Actor
			query gateway.AuditQuery
			want  []string
			err   error
		}{
			"administrator":       {b.user(gateway.RoleAdministrator), gateway.AuditQuery{}, own, nil},
			"auditor of the Ente": {b.user(gateway.RoleAuditor), gateway.AuditQuery{}, own, nil},
			"of another Ente":     {b.user(gateway.RoleAuditor), gateway.AuditQuery{EnteID: other.ente.ID}, nil, nil},
			"auditor of all":      {gateway.Actor{Kind: gateway.ActorUser, Role: gateway.RoleAuditor}, gateway.AuditQuery{}, everything, nil},
			"system": {
				gateway.Actor{Kind: gateway.ActorUser, Role: gateway.RoleSystem},
				gateway.AuditQuery{EnteID: other.ente.ID},
				[]string{"service.update"},
				nil,
			},
			"operator":    {b.user(gateway.RoleOperator), gateway.AuditQuery{}, nil, gateway.ErrForbidden},
			"support":     {support(), gateway.AuditQuery{}, nil, gateway.ErrForbidden},
			"application": {b.application(), gateway.AuditQuery{}, nil, gateway.ErrForbidden},
			"nobody":      {gateway.Actor{}, gateway.AuditQuery{}, nil, gateway.ErrForbidden},
			"by name": {
				b.user(gateway.RoleAuditor),
				gateway.AuditQuery{Person: "olga OPER"},
				[]string{"account.sign_in", "service.update"},
				nil,
			},
			"by address of e-mail": {
				b.user(gateway.RoleAuditor),
				gateway.AuditQuery{Person: "olga@comune"},
				[]string{"account.sign_in", "service.update"},
				nil,
			},
			"by an entry's name": {b.user(gateway.RoleAuditor), gateway.AuditQuery{Person: "gestion"}, []string{"notification.hold"}, nil},
			"by id": {
				b.user(gateway.RoleAuditor),
				gateway.AuditQuery{ActorID: account.ID},
				[]string{"account.sign_in", "service.update"},
				nil,
			},
			"by group":  {b.user(gateway.RoleAuditor), gateway.AuditQuery{Group: "account"}, []string{"account.sign_in"}, nil},
			"by act":    {b.user(gateway.RoleAuditor), gateway.AuditQuery{Action: "service.update"}, []string{"service.update"}, nil},
			"by object": {b.user(gateway.RoleAuditor), gateway.AuditQuery{ObjectID: b.service.ID}, []string{"service.update"}, nil},
			"by address": {
				gateway.Actor{Kind: gateway.ActorUser, Role: gateway.RoleAuditor},
				gateway.AuditQuery{Address: "203.0.113.9"},
				[]string{"account.sign_in_failed"},
				nil,
			},
			"what is no id": {b.user(gateway.RoleAuditor), gateway.AuditQuery{ObjectID: "x"}, nil, nil},
			"period": {
				b.user(gateway.RoleAuditor),
				gateway.AuditQuery{To: time.Date(2026, 11, 20, 9, 1, 0, 0, time.UTC)},
				[]string{"service.update"},
				nil,
			},
		} {
			page, err := b.AuditLog(t.Context(), test.actor, test.query)
			require.ErrorIs(t, err, test.err, name)
			require.Equal(t, test.want, actions(page), name)
		}
	})
}

func TestAuditLogNamesThings(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		account := b.logged(t, newTenant(t, store))

		page, err := b.AuditLog(t.Context(), b.user(gateway.RoleAuditor), gateway.AuditQuery{Limit: 1})
		require.NoError(t, err)
		require.Equal(t, account.Name, page.Items[0].ObjectName)
		require.Equal(t, b.ente.Name, page.Items[0].EnteName)

		page, err = b.AuditLog(t.Context(), b.user(gateway.RoleAuditor), gateway.AuditQuery{Cursor: page.Next})
		require.NoError(t, err)
		require.Equal(t, []string{"notification.hold", "service.update"}, actions(page))
		require.Equal(t, b.service.Name, page.Items[1].ObjectName)
		require.Empty(t, page.Next)

		_, err = b.AuditLog(t.Context(), b.user(gateway.RoleAuditor), gateway.AuditQuery{Cursor: "x"})
		require.Error(t, err)

		people, err := b.AuditPeople(t.Context(), b.user(gateway.RoleAuditor))
		require.NoError(t, err)
		require.Len(t, people, 1)

		_, err = b.AuditPeople(t.Context(), b.user(gateway.RoleOperator))
		require.ErrorIs(t, err, gateway.ErrForbidden)
	})
}

func TestAuditLogIsExported(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		b.logged(t, newTenant(t, store))

		for i := range 501 {
			require.NoError(t, store.Audit(t.Context(), db.AuditEntry{
				At: time.Date(2026, time.October, 1, 0, 0, i, 0, time.UTC), ActorKind: "system", ActorName: "demo", EnteID: b.ente.ID,
				Action: "batch.sample",
			}))
		}

		reader := b.user(gateway.RoleAuditor)

		var text strings.Builder
		require.NoError(t, b.WriteAuditLog(t.Context(), reader, gateway.AuditQuery{}, &text, gateway.TableCSV, notification.Italian))

		table := csv.NewReader(strings.NewReader(strings.TrimPrefix(text.String(), "\uFEFF")))
		table.Comma = ';'
		rows, err := table.ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 1+3+501)
		require.Equal(t, "quando", rows[0][0])
		require.Equal(t, "20/11/2026 10:04:00", rows[1][0])
		require.Equal(t, "'=cmd()", rows[1][1], "no spreadsheet takes a name for a formula")
		require.JSONEq(t, `{"reason":"prova"}`, rows[1][10])

		page, err := b.AuditLog(t.Context(), reader, gateway.AuditQuery{Action: "audit.export"})
		require.NoError(t, err)
		require.Equal(t, reader.ID, page.Items[0].ActorID)
		require.Equal(t, map[string]string{"format": "csv"}, page.Items[0].Detail)

		operator := b.user(gateway.RoleOperator)
		require.ErrorIs(t, b.WriteAuditLog(t.Context(), operator, gateway.AuditQuery{}, &text, gateway.TableCSV, notification.Italian),
			gateway.ErrForbidden)
		require.Error(t, b.WriteAuditLog(t.Context(), reader, gateway.AuditQuery{}, &text, "pdf", notification.Italian))
	})
}
