package db_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

// fill adds many notifications by copying one within the database, because planners ignore indexes of
// small tables.
func fill(t *testing.T, f tenant) {
	t.Helper()

	const rows = 4000

	id := f.accepted(t)
	series, newIDs := "generate_series(1, %d) AS g(i)", "gen_random_uuid()"
	later := "accepted_at + i * interval '1 second'"

	if f.store.ORM().Name() == "sqlite" {
		series = "(WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < %d) SELECT i FROM g)"
		newIDs = "lower(hex(randomblob(16)))"
		later = "strftime('%Y-%m-%d %H:%M:%f', accepted_at, '+' || i || ' seconds') || '+00:00'"
	}

	columns := "ente_id, service_id, batch_id, external_reference, recipient, content, fiscal_code_hash, phone_hash, policy, " +
		"priority, status, reason, channel, queued_at, run, archived"
	copied := fmt.Sprintf("INSERT INTO notifications (id, accepted_at, started_run, %s) "+
		"SELECT %s, %s, 1, %s FROM notifications, %s WHERE id = ?", columns, newIDs, later, columns, fmt.Sprintf(series, rows))
	require.NoError(t, f.store.ORM().Exec(copied, id).Error)
	require.NoError(t, f.store.ORM().Exec("ANALYZE").Error)
}

func explain(t *testing.T, store *db.Store, statement string, parameters ...any) string {
	t.Helper()

	prefix := "EXPLAIN "
	if store.ORM().Name() == "sqlite" {
		prefix = "EXPLAIN QUERY PLAN "
	}

	rows, err := store.Pool().QueryContext(t.Context(), prefix+statement, parameters...)
	require.NoError(t, err)

	defer func() { require.NoError(t, rows.Close()) }()

	columns, err := rows.Columns()
	require.NoError(t, err)

	var plan strings.Builder

	for rows.Next() {
		line := make([]any, len(columns))
		for i := range line {
			line[i] = new(any)
		}

		require.NoError(t, rows.Scan(line...))

		value, ok := line[len(line)-1].(*any)
		require.True(t, ok)
		fmt.Fprintln(&plan, *value)
	}

	require.NoError(t, rows.Err())

	return plan.String()
}

func requireIndexed(t *testing.T, plan, index string) {
	t.Helper()

	require.Regexp(t, index+`\s`, plan)

	for _, slow := range []string{"Seq Scan", "Sort", "Bitmap", "TEMP B-TREE", "SCAN notifications\n"} {
		require.NotContains(t, plan, slow)
	}
}

func TestListsUseTheirIndexes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, neighbour := newTenant(t, store), newTenant(t, store)
		fill(t, f)
		fill(t, neighbour)

		tests := map[string]db.Filter{
			"notifications_newest":      {},
			"notifications_ente":        {EnteID: f.ente.ID},
			"notifications_ente_status": {EnteID: f.ente.ID, Statuses: []notification.Status{notification.StatusFailed}},
		}
		for index, filter := range tests {
			for _, cursor := range []db.Cursor{{}, {AcceptedAt: moment(30), ID: newID(t)}} {
				statement, parameters, err := store.PageStatement(t.Context(), filter, cursor, 50)
				require.NoError(t, err)

				requireIndexed(t, explain(t, store, statement, parameters...), index)
			}
		}
	})
}

func TestSweepsUseTheirIndexes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		fill(t, newTenant(t, store))

		mark := "$1"
		if store.ORM().Name() == "sqlite" {
			mark = "?"
		}

		waiting := "SELECT id FROM notifications WHERE " + db.UnstartedCondition + " AND queued_at < " + mark + " ORDER BY queued_at LIMIT 100"
		requireIndexed(t, explain(t, store, waiting, moment(30)), "notifications_unstarted")

		settled := "SELECT id FROM notifications WHERE " + db.UnarchivedCondition + " AND settled_at < " + mark + " ORDER BY settled_at LIMIT 100"
		requireIndexed(t, explain(t, store, settled, moment(30)), "notifications_unarchived")
	})
}
