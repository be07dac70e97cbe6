package db_test

import (
	"fmt"
	"regexp"
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
	made := seriesOn(f.store)
	columns := "ente_id, service_id, batch_id, external_reference, recipient, content, fiscal_code_hash, phone_hash, policy, " +
		"priority, status, reason, channel, queued_at, run, archived"
	copied := fmt.Sprintf("INSERT INTO notifications (id, accepted_at, started_run, %s) "+
		"SELECT %s, %s, 1, %s FROM notifications, %s WHERE id = ?", columns, made.id, made.later, columns, made.rows(rows))
	require.NoError(t, f.store.ORM().Exec(copied, id).Error)
	require.NoError(t, f.store.ORM().Exec("ANALYZE").Error)
}

// series is how an engine writes many rows that are made from one notification.
type series struct {
	rowsFormat string
	id         string
	blob       string
	later      string // than the notification's accepted_at, by one second for each row
}

func (s series) rows(n int) string { return fmt.Sprintf(s.rowsFormat, n) }

func seriesOn(store *db.Store) series {
	if store.ORM().Name() == "sqlite" {
		return series{
			rowsFormat: "(WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < %d) SELECT i FROM g)",
			id:         "lower(hex(randomblob(16)))",
			blob:       "randomblob(32)",
			later:      "strftime('%Y-%m-%d %H:%M:%f', accepted_at, '+' || i || ' seconds') || '+00:00'",
		}
	}

	return series{
		rowsFormat: "generate_series(1, %d) AS g(i)",
		id:         "gen_random_uuid()",
		blob:       "uuid_send(gen_random_uuid())",
		later:      "accepted_at + i * interval '1 second'",
	}
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

// TestSearchesUseTheirIndexes: each search of the help desk reads a page's worth of rows, and no more.
func TestSearchesUseTheirIndexes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		settled := f.accepted(t, func(n *notification.Notification) {
			n.BatchID, n.ExternalReference, n.Recipient = "batch-2", "pratica-43", notification.Recipient{
				FiscalCode: "VRDNNA85B41F205X", Phone: "+393337654321",
			}
		})
		f.settle(t, settled, notification.StatusFailed, notification.ReasonIOKeyRejected)
		fill(t, f)

		reason := []notification.Reason{notification.ReasonIOKeyRejected}

		tests := map[string]db.Filter{
			"notifications_reason": {Reasons: reason},
			// Among so few rows either of the two is as good.
			"notifications_(ente_)?reason": {EnteID: f.ente.ID, Reasons: reason},
			"notifications_phone":          {Phone: "+393337654321"},
			"notifications_fiscal_code":    {FiscalCode: "VRDNNA85B41F205X"},
			"notifications_reference":      {ExternalReference: "pratica-43"},
			"notifications_batch":          {BatchID: "batch-2"},
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

// TestSeveralReasonsReadAPageOfEach: what is sorted in the end is a page of each reason, however many rows have them.
func TestSeveralReasonsReadAPageOfEach(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		fill(t, f)

		filter := db.Filter{EnteID: f.ente.ID, Reasons: []notification.Reason{
			notification.ReasonIOKeyRejected, notification.ReasonIORejected, notification.ReasonSMSBlocked,
		}}

		for _, cursor := range []db.Cursor{{}, {AcceptedAt: moment(30), ID: newID(t)}} {
			statement, parameters, err := store.PageStatement(t.Context(), filter, cursor, 50)
			require.NoError(t, err)

			plan := explain(t, store, statement, parameters...)
			require.Len(t, regexp.MustCompile(`notifications_(ente_)?reason\s`).FindAllString(plan, -1), len(filter.Reasons), plan)
			require.NotContains(t, plan, "Seq Scan on notifications")
			require.NotContains(t, plan, "SCAN notifications")
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

		settled := "SELECT id FROM notifications WHERE " + db.UnarchivedCondition + " AND settled_at < " + mark + " ORDER BY settled_at LIMIT 100"
		requireIndexed(t, explain(t, store, settled, moment(30)), "notifications_unarchived")
	})
}

func TestUnstartedUsesItsIndexes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		fill(t, newTenant(t, store))
		fill(t, newTenant(t, store))

		oldest, inTurn, count := store.UnstartedStatements(t.Context(), moment(30), 100)
		requireIndexed(t, explain(t, store, oldest.SQL, oldest.Parameters...), "notifications_unstarted")
		requireIndexed(t, explain(t, store, count.SQL, count.Parameters...), "notifications_unstarted")

		// What is sorted in the end is a share of each Ente.
		turns := explain(t, store, inTurn.SQL, inTurn.Parameters...)
		require.Contains(t, turns, "notifications_ente_unstarted")
		require.NotContains(t, turns, "Seq Scan on notifications")
		require.NotContains(t, turns, "SCAN notifications")
	})
}

// TestUnstartedNeedsNoStatistics: nobody has SQLite gather any.
func TestUnstartedNeedsNoStatistics(t *testing.T) {
	t.Parallel()

	store := dbtest.Open(t, dbtest.EngineSQLite)

	oldest, inTurn, count := store.UnstartedStatements(t.Context(), moment(30), 100)
	requireIndexed(t, explain(t, store, oldest.SQL, oldest.Parameters...), "notifications_unstarted")
	requireIndexed(t, explain(t, store, count.SQL, count.Parameters...), "notifications_unstarted")
	require.Contains(t, explain(t, store, inTurn.SQL, inTurn.Parameters...),
		"SEARCH notifications USING INDEX notifications_ente_unstarted (ente_id=? AND queued_at<?)")
}

func TestPurgesUseTheirIndexes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		fillOld(t, f, f.accepted(t), 4*db.PurgeBatch)
		require.NoError(t, store.ORM().Exec("ANALYZE").Error)

		for index, statements := range store.PurgeStatements(t.Context(), moment(5)) {
			for _, statement := range statements {
				requireIndexed(t, explain(t, store, statement.SQL, statement.Parameters...), index)
			}
		}
	})
}
