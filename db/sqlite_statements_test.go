package db_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
)

const (
	insertsTown = "INSERT INTO towns (id, name) VALUES (?, ?)"
	readsTown   = "SELECT name FROM towns WHERE id = ?"
	countsTowns = "SELECT count(*) FROM towns"
)

// keeping is a connection to a new database, which keeps few statements.
func keeping(t *testing.T, few int) *sql.Conn {
	t.Helper()

	conn := connectTo(t, filepath.Join(t.TempDir(), "towns.db"), few)
	execute(t, conn, "CREATE TABLE towns (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")

	return conn
}

func connectTo(t *testing.T, file string, few int) *sql.Conn {
	t.Helper()

	pool := sql.OpenDB(db.SQLiteConnector("file:"+file+"?_pragma=journal_mode(WAL)", few))
	conn, err := pool.Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, conn.Close())
		require.NoError(t, pool.Close())
	})

	return conn
}

func execute(t *testing.T, conn *sql.Conn, query string, args ...any) {
	t.Helper()

	_, err := conn.ExecContext(t.Context(), query, args...)
	require.NoError(t, err)
}

func text(t *testing.T, conn *sql.Conn, query string, args ...any) (found string) {
	t.Helper()
	require.NoError(t, conn.QueryRowContext(t.Context(), query, args...).Scan(&found))

	return found
}

func kept(t *testing.T, conn *sql.Conn) (queries []string) {
	t.Helper()
	require.NoError(t, conn.Raw(func(driven any) error {
		queries = db.KeptStatements(driven)

		return nil
	}))

	return queries
}

func TestAStatementIsKeptOnceItIsDone(t *testing.T) {
	t.Parallel()

	conn := keeping(t, 10)
	require.Empty(t, kept(t, conn), "a table is made once")

	execute(t, conn, insertsTown, 1, "Lucca")
	execute(t, conn, insertsTown, 2, "Prato")
	require.Equal(t, "Lucca", text(t, conn, readsTown, 1))
	require.Equal(t, "Prato", text(t, conn, readsTown, 2))
	require.Equal(t, []string{readsTown, insertsTown}, kept(t, conn))
}

func TestTheStatementThatWasUsedLongestAgoGoes(t *testing.T) {
	t.Parallel()

	conn := keeping(t, 2)
	execute(t, conn, insertsTown, 1, "Lucca")
	text(t, conn, readsTown, 1)
	execute(t, conn, insertsTown, 2, "Prato")
	require.Equal(t, "2", text(t, conn, countsTowns))
	require.Equal(t, []string{countsTowns, insertsTown}, kept(t, conn))
	require.Equal(t, "Lucca", text(t, conn, readsTown, 1))
}

func TestAQueryWithinItsOwnRows(t *testing.T) {
	t.Parallel()

	const all = "SELECT id FROM towns ORDER BY id"

	conn := keeping(t, 10)
	execute(t, conn, insertsTown, 1, "Lucca")
	execute(t, conn, insertsTown, 2, "Prato")

	var seen [][2]int

	require.NoError(t, conn.Raw(func(driven any) error {
		return db.EachRow(driven, all, func(outer int) error {
			return db.EachRow(driven, all, func(inner int) error {
				seen = append(seen, [2]int{outer, inner})

				return nil
			})
		})
	}))
	require.Equal(t, [][2]int{{1, 1}, {1, 2}, {2, 1}, {2, 2}}, seen)
	require.Equal(t, []string{all, insertsTown}, kept(t, conn))
}

func TestAStatementThatFailedIsNotKept(t *testing.T) {
	t.Parallel()

	conn := keeping(t, 10)
	execute(t, conn, insertsTown, 1, "Lucca")

	_, err := conn.ExecContext(t.Context(), insertsTown, 1, "Prato")
	require.ErrorContains(t, err, "UNIQUE constraint failed")
	require.Empty(t, kept(t, conn))

	_, err = conn.ExecContext(t.Context(), insertsTown, 2)
	require.Error(t, err, "a value is missing")

	err = conn.QueryRowContext(t.Context(), "SELECT region FROM towns").Scan(new(string))
	require.ErrorContains(t, err, "no such column")

	execute(t, conn, insertsTown, 2, "Prato")
	require.Equal(t, "2", text(t, conn, countsTowns))
}

// TestAKeptStatementHoldsNoSnapshot: a connection that has read something sees later what another one wrote, and after
// another one has changed the table as well.
func TestAKeptStatementHoldsNoSnapshot(t *testing.T) {
	t.Parallel()

	file := filepath.Join(t.TempDir(), "towns.db")
	one, other := connectTo(t, file, 10), connectTo(t, file, 10)

	execute(t, one, "CREATE TABLE towns (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
	execute(t, one, insertsTown, 1, "Lucca")
	require.Equal(t, "Lucca", text(t, other, readsTown, 1))

	execute(t, one, "UPDATE towns SET name = ? WHERE id = ?", "Prato", 1)
	require.Equal(t, "Prato", text(t, other, readsTown, 1))

	execute(t, one, "ALTER TABLE towns ADD COLUMN region TEXT")
	execute(t, one, "CREATE TRIGGER shout AFTER INSERT ON towns BEGIN UPDATE towns SET name = upper(name) WHERE id = new.id; END")
	execute(t, other, insertsTown, 2, "Massa")
	require.Equal(t, "MASSA", text(t, one, readsTown, 2))
	require.Equal(t, []string{insertsTown, readsTown}, kept(t, other))
}

// TestACancelledQueryLeavesTheConnectionAsItWas: the statement's next user is not disturbed.
func TestACancelledQueryLeavesTheConnectionAsItWas(t *testing.T) {
	t.Parallel()

	const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE i < ?"

	conn := keeping(t, 10)
	execute(t, conn, insertsTown, 1, "Lucca")
	require.Equal(t, "Lucca", text(t, conn, readsTown, 1))

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)

	go func() { ended <- conn.QueryRowContext(ctx, endless, 0).Scan(new(int)) }()

	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)

	require.Equal(t, "Lucca", text(t, conn, readsTown, 1))
	require.NotContains(t, kept(t, conn), endless)
}
