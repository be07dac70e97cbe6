package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrationFiles embed.FS

// Migrations are the embedded SQL files, in the folders "migrations/sqlite" and "migrations/postgres".
func Migrations() fs.FS { return migrationFiles }

// How a migrating process waits for another one's advisory lock: it asks every second, for five minutes.
const (
	lockRetrySeconds = 1
	lockRetries      = 300
)

// migrationSet is one dialect's directory of migrations. Both directories hold the same versions with the
// same meaning.
type migrationSet struct {
	dialect      goose.Dialect
	folder       string
	advisoryLock bool
}

// Migrate brings the database up to this program's schema. It creates a SQLite file where there is none.
// On PostgreSQL any number of processes may call it at once: an advisory lock lets one in at a time.
func Migrate(ctx context.Context, databaseURL string) error {
	return migrate(databaseURL, func(provider *goose.Provider) error {
		_, err := provider.Up(ctx)

		return err //nolint:wrapcheck // the caller names the migration.
	})
}

func migrate(databaseURL string, apply func(*goose.Provider) error) (err error) {
	target, err := parseURL(databaseURL)
	if err != nil {
		return fmt.Errorf("migrating the database: %w", err)
	}

	if file, ok := target.(sqliteTarget); ok {
		if err := file.createFile(); err != nil {
			return fmt.Errorf("migrating the database: %w", err)
		}
	}

	pool, err := target.open(0)
	if err != nil {
		return reduce("migrating the database", err)
	}
	defer func() { err = errors.Join(err, reduce("closing the database", pool.Close())) }()

	provider, err := target.migrations().provider(pool)
	if err != nil {
		return fmt.Errorf("migrating the database: %w", err)
	}

	if err := apply(provider); err != nil {
		return describeMigration(err)
	}

	return nil
}

func (m migrationSet) provider(pool *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(Migrations(), m.folder)
	if err != nil {
		return nil, fmt.Errorf("reading the embedded migrations: %w", err)
	}

	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}

	if m.advisoryLock {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(lockRetrySeconds, lockRetries))
		if err != nil {
			return nil, fmt.Errorf("preparing the migration lock: %w", err)
		}

		options = append(options, goose.WithSessionLocker(locker))
	}

	provider, err := goose.NewProvider(m.dialect, pool, files, options...)
	if err != nil {
		return nil, fmt.Errorf("preparing the migrations: %w", err)
	}

	return provider, nil
}

// describeMigration names the migration that failed.
func describeMigration(err error) error {
	var partial *goose.PartialError
	if errors.As(err, &partial) && partial.Failed != nil && partial.Failed.Source != nil {
		return reduce(fmt.Sprintf("applying migration %d", partial.Failed.Source.Version), err)
	}

	return reduce("migrating the database", err)
}

// checkSchema refuses a database that lacks migrations of this program. A newer schema is fine: migrations
// only add while the program before them still runs. It reads only, so that a process without the right to
// create tables can call it; goose's own check would create its table.
func checkSchema(ctx context.Context, target target, pool *sql.DB) error {
	if err := pool.PingContext(ctx); err != nil {
		return reduce("connecting to the database", err)
	}

	provider, err := target.migrations().provider(pool)
	if err != nil {
		return err
	}

	sources := provider.ListSources()
	wanted := sources[len(sources)-1].Version

	applied, err := schemaVersion(ctx, pool)
	if err != nil {
		return err
	}

	if applied < wanted {
		return fmt.Errorf("checking the schema: %w: it has version %d, this program needs %d",
			ErrSchemaOutdated, applied, wanted)
	}

	return nil
}

// SchemaVersion is the number of the newest migration that the database has.
func (s *Store) SchemaVersion(ctx context.Context) (int64, error) { return schemaVersion(ctx, s.pool) }

func schemaVersion(ctx context.Context, pool *sql.DB) (int64, error) {
	var applied sql.NullInt64

	query := "SELECT max(version_id) FROM " + goose.DefaultTablename + " WHERE is_applied"
	if err := pool.QueryRowContext(ctx, query).Scan(&applied); err != nil {
		if isMissingTable(err) {
			return 0, fmt.Errorf("checking the schema: %w: it was never migrated", ErrSchemaOutdated)
		}

		return 0, reduce("checking the schema", err)
	}

	return applied.Int64, nil
}
