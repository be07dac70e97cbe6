package temporalserver

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"go.temporal.io/server/common/config"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/schema/sqlite"
)

const (
	// One connection: SQLite has one writer, and more connections answer "database is locked".
	sqliteConnections = 1
	// One shard: several only share the same file.
	sqliteShards = 1
)

// onSQLite keeps everything in one file, or in memory if there is none.
type onSQLite struct {
	file  string
	ports ports
}

func (o onSQLite) config() config.Persistence {
	return config.Persistence{
		DefaultStore:     sqliteplugin.PluginName,
		VisibilityStore:  sqliteplugin.PluginName,
		NumHistoryShards: sqliteShards,
		DataStores:       map[string]config.DataStore{sqliteplugin.PluginName: {SQL: o.main()}},
	}
}

func (o onSQLite) main() *config.SQL {
	store := &config.SQL{
		PluginName: sqliteplugin.PluginName,
		MaxConns:   sqliteConnections, MaxIdleConns: sqliteConnections,
	}

	if o.file == "" {
		// The name only has to differ from that of another server in the same process.
		store.DatabaseName = "temporal-" + strconv.Itoa(o.ports.frontend)
		store.ConnectAttributes = map[string]string{"mode": "memory", "cache": "shared"}

		return store
	}

	store.DatabaseName = o.file
	// WAL with synchronous=normal survives a killed process; only a loss of power may lose the last moments,
	// which the outbox in GeNIO's own database, written in full, makes good.
	store.ConnectAttributes = map[string]string{"mode": "rwc", "journal_mode": "wal", "synchronous": "normal"}

	return store
}

// setUpSchema fills a new file under another name first, so that a process killed in the middle leaves no half
// schema behind.
func (o onSQLite) setUpSchema() error {
	file := o.file
	if file == "" {
		// The plugin sets the schema up by itself for a database in memory.
		return nil
	}

	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		return err //nolint:wrapcheck // nil, or a path error that says everything.
	}

	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("making the folder of Temporal's file: %w", err)
	}

	fresh := *o.main()
	fresh.DatabaseName = file + ".new"
	// Without a write-ahead log, which the server's connection pool would leave beside the file when it is renamed.
	fresh.ConnectAttributes = map[string]string{"mode": "rwc"}

	for _, leftover := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.RemoveAll(fresh.DatabaseName + leftover); err != nil {
			return fmt.Errorf("clearing an unfinished file: %w", err)
		}
	}

	if err := sqlite.SetupSchema(&fresh); err != nil {
		return fmt.Errorf("setting up Temporal's schema: %w", err)
	}

	if err := os.Rename(fresh.DatabaseName, file); err != nil {
		return fmt.Errorf("putting Temporal's file in place: %w", err)
	}

	return nil
}
