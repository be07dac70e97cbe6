package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	msqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What an error of this package can be. The errors of GORM and of the drivers end here: their texts may
// repeat the values of a statement, which may be personal data.
var (
	// ErrNotFound: no such row, or a row that the new one refers to does not exist.
	ErrNotFound = errors.New("not found")
	// ErrDuplicate: a row with the same identity or unique value exists.
	ErrDuplicate = errors.New("already exists")
	// ErrConflict: the row's state does not allow the change.
	ErrConflict = errors.New("not allowed in the present state")
	// ErrInvalid: a value breaks a rule of the schema, such as an unknown status or an id that is no UUID.
	ErrInvalid = errors.New("invalid value")
	// ErrUnavailable: the database did not answer, or not in time. The same call may succeed later.
	ErrUnavailable = errors.New("the database is unavailable")
	// ErrSchemaOutdated: the database lacks migrations of this program.
	ErrSchemaOutdated = errors.New("the database schema is older than this program")
	// ErrUndecryptable: stored data cannot be decrypted with the keys at hand, or was moved between rows.
	ErrUndecryptable = errors.New("stored data cannot be decrypted")
)

// IsUnavailable tells whether err means that the database did not answer and the same call may succeed later.
func IsUnavailable(err error) bool { return errors.Is(err, ErrUnavailable) }

// reduce turns the error of a driver or of GORM into one of this package, with what was being done and
// without any value. It leaves nil and this package's own errors as they are, but for the text in front.
func reduce(doing string, err error) error {
	if err == nil {
		return nil
	}

	return fmt.Errorf("%s: %w", doing, classify(err))
}

func classify(err error) error {
	if isOwn(err) {
		return err
	}

	if known := classifyContext(err); known != nil {
		return known
	}

	if fromPostgres, ok := errors.AsType[*pgconn.PgError](err); ok {
		return classifyPostgres(fromPostgres)
	}

	if fromSQLite, ok := errors.AsType[*msqlite.Error](err); ok {
		return classifySQLite(fromSQLite)
	}

	if errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}

	if isConnectionError(err) {
		return ErrUnavailable
	}

	return fmt.Errorf("unexpected error of type %T", err)
}

// isOwn relies on the rule that a text around one of this package's errors is written by this package.
func isOwn(err error) bool {
	for _, own := range []error{
		ErrNotFound, ErrDuplicate, ErrConflict, ErrInvalid, ErrUnavailable, ErrSchemaOutdated, ErrUndecryptable,
		errOtherRows,
	} {
		if errors.Is(err, own) {
			return true
		}
	}

	return false
}

func classifyContext(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", ErrUnavailable, context.DeadlineExceeded)
	default:
		return nil
	}
}

// SQLSTATE codes and classes, see https://www.postgresql.org/docs/current/errcodes-appendix.html.
const (
	stateUniqueViolation     = "23505"
	stateForeignKeyViolation = "23503"
	stateCheckViolation      = "23514"
	stateNotNullViolation    = "23502"
	stateInvalidText         = "22P02" // an id that is no UUID
	stateInvalidCharacter    = "22021" // a NUL byte in a text
	stateUndefinedTable      = "42P01"
	stateReadOnly            = "25006" // connected to a standby, as during a failover

	classConnection = "08"
	classRollback   = "40" // serialization failure, deadlock
	classResources  = "53"
	classOperator   = "57" // shutdown, crash, cancelled by an administrator
)

func classifyPostgres(err *pgconn.PgError) error {
	switch err.Code {
	case stateUniqueViolation:
		return ErrDuplicate
	case stateForeignKeyViolation, stateInvalidText:
		return ErrNotFound
	case stateCheckViolation, stateNotNullViolation, stateInvalidCharacter:
		return ErrInvalid
	case stateReadOnly:
		return fmt.Errorf("%w (SQLSTATE %s)", ErrUnavailable, err.Code)
	}

	for _, class := range []string{classConnection, classRollback, classResources, classOperator} {
		if strings.HasPrefix(err.Code, class) {
			return fmt.Errorf("%w (SQLSTATE %s)", ErrUnavailable, err.Code)
		}
	}

	return fmt.Errorf("unexpected database error, SQLSTATE %s", err.Code)
}

// sqlitePrimaryCode masks the extended part of a result code, see https://www.sqlite.org/rescode.html.
const sqlitePrimaryCode = 0xff

func classifySQLite(err *msqlite.Error) error {
	switch err.Code() {
	case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE:
		return ErrDuplicate
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return ErrNotFound
	case sqlite3.SQLITE_CONSTRAINT_CHECK, sqlite3.SQLITE_CONSTRAINT_NOTNULL, sqlite3.SQLITE_CONSTRAINT_TRIGGER:
		return ErrInvalid
	}

	switch err.Code() & sqlitePrimaryCode {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%w (SQLite code %d)", ErrUnavailable, err.Code())
	default:
		return fmt.Errorf("unexpected database error, SQLite code %d", err.Code())
	}
}

func isConnectionError(err error) bool {
	var (
		network net.Error
		refused *pgconn.ConnectError
	)

	return errors.As(err, &network) || errors.As(err, &refused) || pgconn.SafeToRetry(err) || pgconn.Timeout(err) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		// database/sql keeps this one private.
		err.Error() == "sql: database is closed"
}

func isMissingTable(err error) bool {
	if fromPostgres, ok := errors.AsType[*pgconn.PgError](err); ok {
		return fromPostgres.Code == stateUndefinedTable
	}

	// SQLite reports a missing table as its generic error.
	var fromSQLite *msqlite.Error

	return errors.As(err, &fromSQLite) && fromSQLite.Code() == sqlite3.SQLITE_ERROR
}
