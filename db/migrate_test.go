package db_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

func newKeys(tb testing.TB) *db.Keys {
	tb.Helper()

	keys, err := db.NewKeys()
	require.NoError(tb, err)

	return keys
}

func TestMigrateMakesAPrivateFile(t *testing.T) {
	t.Parallel()

	file := filepath.Join(t.TempDir(), "un archivio #1?.db")
	url := "sqlite:///" + filepath.ToSlash(file)[1:]
	url = replaceAll(url, map[string]string{" ": "%20", "#": "%23", "?": "%3F"})
	require.NoError(t, db.Migrate(t.Context(), url))
	require.NoError(t, db.Migrate(t.Context(), url))

	store, err := db.Open(t.Context(), db.Config{URL: url, Keys: newKeys(t)})
	require.NoError(t, err)
	require.NoError(t, store.CreateEnte(t.Context(), enteNamed(t, "Comune")))

	entries, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	require.NotEmpty(t, entries)

	for _, entry := range entries {
		info, err := entry.Info()
		require.NoError(t, err)

		if runtime.GOOS != "windows" {
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), entry.Name())
		}
	}

	require.FileExists(t, file)
	require.NoError(t, store.Close())
}

func TestMigrateConcurrently(t *testing.T) {
	t.Parallel()

	url := emptied(t, dbtest.Postgres(t))
	errs := make(chan error, 3)

	var group sync.WaitGroup
	for range cap(errs) {
		group.Go(func() { errs <- db.Migrate(t.Context(), url) })
	}

	group.Wait()
	close(errs)

	for err := range errs {
		require.NoError(t, err)
	}

	store := dbtest.OpenWith(t, db.Config{URL: url})
	newTenant(t, store)
}

// emptied takes every table out of a migrated database.
func emptied(t *testing.T, url string) string {
	t.Helper()

	pool, err := sql.Open("pgx", url)
	require.NoError(t, err)

	_, err = pool.ExecContext(t.Context(), "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
	require.NoError(t, err)
	require.NoError(t, pool.Close())

	return url
}

func TestOpenRefusesAnOutdatedSchema(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		url := dbtest.URL(t, engine)
		store := dbtest.OpenWith(t, db.Config{URL: url})

		for _, statement := range []string{"DELETE FROM goose_db_version WHERE version_id > 0", "DROP TABLE goose_db_version"} {
			require.NoError(t, store.ORM().Exec(statement).Error)

			_, err := db.Open(t.Context(), db.Config{URL: url, Keys: newKeys(t)})
			require.ErrorIs(t, err, db.ErrSchemaOutdated)
			require.False(t, db.IsUnavailable(err))
		}
	})
}
