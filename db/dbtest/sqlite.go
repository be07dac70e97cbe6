package dbtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
)

// migratedSQLite is a migrated SQLite file, made once for each test binary: copying it is faster than
// migrating for each test.
var migratedSQLite = sync.OnceValues(migrateSQLite) //nolint:gochecknoglobals // A cache for the life of the test binary.

func migrateSQLite() (content []byte, err error) {
	folder, err := os.MkdirTemp("", "genio-sqlite-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the SQLite template: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()

	file := filepath.Join(folder, "template.db")
	if err := db.Migrate(context.Background(), "sqlite://"+file); err != nil {
		return nil, fmt.Errorf("migrating the SQLite template: %w", err)
	}

	content, err = os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the SQLite template: %w", err)
	}

	return content, nil
}

// SQLite is the URL of a fresh migrated SQLite file, which goes with the test.
func SQLite(tb testing.TB) string {
	tb.Helper()

	content, err := migratedSQLite()
	require.NoError(tb, err)

	file := filepath.Join(tb.TempDir(), "genio.db")
	require.NoError(tb, os.WriteFile(file, content, 0o600))

	return "sqlite://" + file
}
