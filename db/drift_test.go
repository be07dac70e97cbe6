package db_test

import (
	"database/sql"
	"io/fs"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

const (
	postgresColumns = `SELECT table_name, column_name, is_nullable = 'YES' FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name <> 'goose_db_version'`
	sqliteColumns = `SELECT m.name, c.name, c."notnull" = 0 FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'goose_db_version'`
)

// TestModelsMatchTheSchema: every column is in its model and the other way round, and a column may be NULL
// exactly where its field can hold that.
func TestModelsMatchTheSchema(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		query := postgresColumns
		if store.ORM().Name() == "sqlite" {
			query = sqliteColumns
		}

		require.Equal(t, storedColumns(t, store.Pool(), query), modelColumns(t, store.ORM()))
	})
}

// storedColumns maps table.column to whether it may be NULL.
func storedColumns(t *testing.T, pool *sql.DB, query string) map[string]bool {
	t.Helper()

	rows, err := pool.QueryContext(t.Context(), query)
	require.NoError(t, err)

	defer func() { require.NoError(t, rows.Close()) }()

	columns := make(map[string]bool)

	for rows.Next() {
		var (
			table, column string
			nullable      bool
		)

		require.NoError(t, rows.Scan(&table, &column, &nullable))
		columns[table+"."+column] = nullable
	}

	require.NoError(t, rows.Err())

	return columns
}

func modelColumns(t *testing.T, orm *gorm.DB) map[string]bool {
	t.Helper()

	columns := make(map[string]bool)

	for _, row := range db.Rows() {
		statement := &gorm.Statement{DB: orm}
		require.NoError(t, statement.Parse(row))

		for _, field := range statement.Schema.Fields {
			optional := field.FieldType.Kind() == reflect.Pointer || field.FieldType == reflect.TypeFor[sql.Null[[]byte]]()
			columns[statement.Schema.Table+"."+field.DBName] = optional
		}
	}

	return columns
}

// TestDialectsMeanTheSame: each migration of one dialect is the other's, but for the names of types and for what is
// marked as the dialect's own, such as triggers, whose effect has tests.
func TestDialectsMeanTheSame(t *testing.T) {
	t.Parallel()

	replacements := strings.NewReplacer("timestamptz", "datetime", "bytea", "blob", "jsonb", "text", "bigint", "integer")
	uuids := regexp.MustCompile(`\buuid\b`)
	spaces := regexp.MustCompile(`\s+`)
	own := regexp.MustCompile(`(?s)-- The dialect's own:.*?-- The same in both again\.`)
	// SQLite allows NULL in a primary key that is not said to be NOT NULL.
	keys := strings.NewReplacer("NOT NULL PRIMARY KEY", "PRIMARY KEY")

	postgres, err := fs.Glob(db.Migrations(), "migrations/postgres/*.sql")
	require.NoError(t, err)
	sqlite, err := fs.Glob(db.Migrations(), "migrations/sqlite/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, postgres)
	require.Len(t, sqlite, len(postgres))

	for i, file := range postgres {
		require.Equal(t, strings.Replace(file, "postgres", "sqlite", 1), sqlite[i])

		theirs, err := fs.ReadFile(db.Migrations(), file)
		require.NoError(t, err)
		ours, err := fs.ReadFile(db.Migrations(), sqlite[i])
		require.NoError(t, err)

		theirs, ours = own.ReplaceAll(theirs, nil), own.ReplaceAll(ours, nil)
		translated := uuids.ReplaceAllString(replacements.Replace(string(theirs)), "text")
		require.Equal(t, spaces.ReplaceAllString(translated, " "), spaces.ReplaceAllString(keys.Replace(string(ours)), " "))
	}
}
