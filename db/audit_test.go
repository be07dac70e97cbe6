package db_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

func entry(f tenant, action, object string, minutes int) db.AuditEntry {
	return db.AuditEntry{
		At: time.Date(2026, time.November, 26, 9, minutes, 0, 0, time.UTC), ActorKind: "user", ActorID: "persona", ActorName: "Olga",
		Address: "192.0.2.1", EnteID: f.ente.ID, Action: action, ObjectKind: "service", ObjectID: object,
		Detail: map[string]string{"fields": "name"},
	}
}

func TestAuditLogIsReadNewestFirstPageByPage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		for minute, action := range []string{"service.create", "service.update", "service.keys"} {
			require.NoError(t, store.Audit(t.Context(), entry(f, action, "one", minute)))
		}

		page, more, err := store.AuditLog(t.Context(), db.AuditFilter{EnteID: f.ente.ID}, db.Cursor{}, 2)
		require.NoError(t, err)
		require.True(t, more)
		require.Len(t, page, 2)
		require.Equal(t, "service.keys", page[0].Action)

		last := page[1]
		page, more, err = store.AuditLog(t.Context(), db.AuditFilter{}, db.Cursor{AcceptedAt: last.At, ID: last.ID}, 2)
		require.NoError(t, err)
		require.False(t, more)

		want := entry(f, "service.create", "one", 0)
		want.ID = page[0].ID
		require.Equal(t, []db.AuditEntry{want}, page)
	})
}

func TestAuditLogIsFiltered(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, other := newTenant(t, store), newTenant(t, store)
		require.NoError(t, store.Audit(t.Context(), entry(f, "service.create", "one", 0)))
		require.NoError(t, store.Audit(t.Context(), entry(f, "service.update", "two", 1)))
		require.NoError(t, store.Audit(t.Context(), entry(other, "service.update", "three", 2)))

		first := entry(f, "", "", 0).At

		for name, test := range map[string]struct {
			filter db.AuditFilter
			want   []string
		}{
			"Ente":                {db.AuditFilter{EnteID: f.ente.ID}, []string{"two", "one"}},
			"action":              {db.AuditFilter{Action: "service.update"}, []string{"three", "two"}},
			"object":              {db.AuditFilter{ObjectID: "one"}, []string{"one"}},
			"actor":               {db.AuditFilter{ActorIDs: []string{"nobody"}}, nil},
			"actors":              {db.AuditFilter{ActorIDs: []string{"nobody", "persona"}, ObjectID: "one"}, []string{"one"}},
			"name":                {db.AuditFilter{ActorName: "OLG", EnteID: other.ente.ID}, []string{"three"}},
			"no name":             {db.AuditFilter{ActorName: "%"}, nil},
			"group":               {db.AuditFilter{Group: "service", EnteID: f.ente.ID}, []string{"two", "one"}},
			"a group's beginning": {db.AuditFilter{Group: "serv"}, nil},
			"address":             {db.AuditFilter{Address: "192.0.2.1", EnteID: other.ente.ID}, []string{"three"}},
			"no address":          {db.AuditFilter{Address: "192.0.2.2"}, nil},
			"from":                {db.AuditFilter{From: first.Add(time.Minute)}, []string{"three", "two"}},
			"to":                  {db.AuditFilter{To: first.Add(time.Minute)}, []string{"one"}},
		} {
			page, _, err := store.AuditLog(t.Context(), test.filter, db.Cursor{}, 10)
			require.NoError(t, err, name)

			var objects []string
			for _, found := range page {
				objects = append(objects, found.ObjectID)
			}

			require.Equal(t, test.want, objects, name)
		}
	})
}

func TestAuditLogIsAppendOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		require.NoError(t, store.Audit(t.Context(), entry(newTenant(t, store), "service.create", "one", 0)))

		for _, statement := range []string{"UPDATE audit_entries SET actor_name = 'nobody'", "DELETE FROM audit_entries"} {
			_, err := store.Pool().ExecContext(t.Context(), statement)
			require.ErrorContains(t, err, "append-only", statement)
		}
	})
}

func TestTogetherIsAllOrNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, failed := newTenant(t, store), failedError{}

		err := store.Together(t.Context(), func(within *db.Store) error {
			f.service.Name = "Tributi"
			require.NoError(t, within.UpdateService(t.Context(), f.service))
			require.NoError(t, within.Audit(t.Context(), entry(f, "service.update", f.service.ID, 0)))

			return failed
		})
		require.ErrorIs(t, err, failed)

		unchanged, err := store.Service(t.Context(), f.service.ID)
		require.NoError(t, err)
		require.NotEqual(t, "Tributi", unchanged.Name)

		page, _, err := store.AuditLog(t.Context(), db.AuditFilter{}, db.Cursor{}, 1)
		require.NoError(t, err)
		require.Empty(t, page)
	})
}

type failedError struct{}

func (failedError) Error() string { return "failed" }

// TestAuditLogUsesItsIndexes with as many entries as make a planner look at them.
func TestAuditLogUsesItsIndexes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)

		made := seriesOn(store)
		later := strings.ReplaceAll(made.later, "accepted_at", "at")

		for i, action := range []string{"service.update", "notification.hold", "account.sign_in"} {
			one := entry(f, action, newID(t), i)
			one.ActorID, one.Address = newID(t), fmt.Sprintf("192.0.2.%d", i)
			require.NoError(t, store.Audit(t.Context(), one))
		}

		const rest = "actor_kind, actor_id, actor_name, address, ente_id, action, object_kind, object_id, detail"

		require.NoError(t, store.ORM().Exec(fmt.Sprintf("INSERT INTO audit_entries (id, at, %s) SELECT %s, %s, %s FROM audit_entries, %s",
			rest, made.id, later, rest, made.rows(4000))).Error)
		require.NoError(t, store.ORM().Exec("ANALYZE").Error)

		page, _, err := store.AuditLog(t.Context(), db.AuditFilter{}, db.Cursor{}, 1)
		require.NoError(t, err)

		one := page[0]

		for name, filter := range map[string]db.AuditFilter{
			"everything":       {},
			"of an Ente":       {EnteID: f.ente.ID},
			"of a person":      {ActorIDs: []string{one.ActorID}},
			"one kind":         {Action: "service.update"},
			"group":            {Group: "service"},
			"group of an Ente": {Group: "service", EnteID: f.ente.ID},
			"person of Ente":   {ActorIDs: []string{one.ActorID}, EnteID: f.ente.ID},
			"address":          {Address: "192.0.2.1"},
			"object":           {ObjectID: one.ObjectID},
		} {
			for _, cursor := range []db.Cursor{{}, {AcceptedAt: one.At, ID: one.ID}} {
				statement := store.AuditStatement(t.Context(), filter, cursor, 50)
				plan := explain(t, store, statement.SQL, statement.Parameters...)
				require.Contains(t, plan, "audit_entries_", name)

				for _, slow := range []string{"Seq Scan", "TEMP B-TREE"} {
					require.NotContains(t, plan, slow, name)
				}
			}
		}
	})
}
