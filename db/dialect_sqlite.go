package db

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/pressly/goose/v3"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	msqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	// sqliteDriver is the name under which modernc.org/sqlite registers itself. GORM's default, "sqlite3",
	// would be the cgo driver, which is a stub in a build without cgo.
	sqliteDriver = "sqlite"

	// sqliteParameters of every connection:
	//   - mode=rw: only Migrate creates the file, with its permissions.
	//   - synchronous(FULL): with NORMAL, SQLite's usual companion of WAL, a power cut may undo commits that
	//     were already acknowledged. What an Ente was told is accepted must never be lost.
	//   - busy_timeout, in milliseconds: how long a writer waits for another process's write lock.
	//   - _txlock=immediate: a transaction takes the write lock when it begins. A deferred one fails with
	//     SQLITE_BUSY, whatever the timeout, when it wants to write after another wrote.
	//   - wal_autocheckpoint, in pages of 4 KiB: four times SQLite's own, since a page that was written several times is copied once.
	//   - temp_store(MEMORY): what a savepoint may have to bring back is kept in memory, not written to a file.
	//   - times as text in UTC, so that comparing the text compares the times.
	sqliteParameters = "?mode=rw&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)&_pragma=wal_autocheckpoint(4000)&_txlock=immediate&_time_format=sqlite&_timezone=UTC"

	// sqliteFileMode: the database belongs to the service account alone.
	sqliteFileMode = 0o600
)

type sqliteTarget struct{ path string }

func (t sqliteTarget) open(maxConns int) (*sql.DB, error) {
	if maxConns == 0 {
		maxConns = defaultSQLiteConns
	}

	pool := sql.OpenDB(sqliteConnector{
		source: "file:" + (&url.URL{Path: t.path}).EscapedPath() + sqliteParameters,
		kept:   keptStatements,
	})
	pool.SetMaxOpenConns(maxConns)
	pool.SetMaxIdleConns(maxConns)

	return pool, nil
}

func (t sqliteTarget) dialector(pool *sql.DB) gorm.Dialector {
	return sqliteDialector{&sqlite.Dialector{DriverName: sqliteDriver, Conn: pool}}
}

func (t sqliteTarget) migrations() migrationSet {
	return migrationSet{dialect: goose.DialectSQLite3, folder: "migrations/sqlite"}
}

// createFile makes an empty database file unless there is one. SQLite gives its WAL and shared-memory files
// the same permissions.
func (t sqliteTarget) createFile() error {
	file, err := os.OpenFile(t.path, os.O_RDWR|os.O_CREATE, sqliteFileMode)
	if err != nil {
		return errors.New("the SQLite file cannot be created or opened for writing")
	}

	if err := file.Close(); err != nil {
		return errors.New("the SQLite file cannot be closed")
	}

	return nil
}

// sqliteDialector adds the error translation that GORM's own dialector cannot do: it reads the fields of the
// cgo driver's error.
type sqliteDialector struct{ *sqlite.Dialector }

// Translate turns a constraint's violation into GORM's error for it.
func (d sqliteDialector) Translate(err error) error {
	var violation *msqlite.Error
	if !errors.As(err, &violation) {
		return err
	}

	switch violation.Code() {
	case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE:
		return fmt.Errorf("%w: %w", gorm.ErrDuplicatedKey, err)
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fmt.Errorf("%w: %w", gorm.ErrForeignKeyViolated, err)
	case sqlite3.SQLITE_CONSTRAINT_CHECK:
		return fmt.Errorf("%w: %w", gorm.ErrCheckConstraintViolated, err)
	default:
		return err
	}
}
