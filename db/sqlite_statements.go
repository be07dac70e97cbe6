package db

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	msqlite "modernc.org/sqlite"
)

// keptStatements are how many compiled statements a connection to SQLite keeps. The way of a notification has about thirty; the
// rest are lists with as many places as they happen to have values.
const keptStatements = 128

// sqliteConnector opens connections that keep their statements compiled. Compiling one, with the triggers that it sets off, takes
// as long as running it, and neither SQLite nor its driver remembers it; pgx does so for PostgreSQL.
type sqliteConnector struct {
	source string
	kept   int // statements of each connection
}

// Connect is that of [driver.Connector].
func (c sqliteConnector) Connect(context.Context) (driver.Conn, error) {
	opened, err := c.Driver().Open(c.source)
	if err != nil {
		return nil, err //nolint:wrapcheck // database/sql and its callers know the driver's errors.
	}

	conn, ok := opened.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("SQLite's driver has connections of an unknown kind, %T", opened), opened.Close())
	}

	return &keepingConn{sqliteConn: conn, statements: statements{limit: c.kept}}, nil
}

// Driver is that of [driver.Connector].
func (sqliteConnector) Driver() driver.Driver { return &msqlite.Driver{} }

// sqliteConn is what database/sql uses of the driver's connections.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keepingConn is a connection that keeps its statements. Like any, it is used by one goroutine at a time.
type keepingConn struct {
	sqliteConn

	statements statements
}

// Close is that of [driver.Conn].
func (c *keepingConn) Close() error {
	return errors.Join(c.statements.close(), c.sqliteConn.Close())
}

// ExecContext is that of [driver.ExecerContext].
func (c *keepingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if !isKept(query) {
		return c.sqliteConn.ExecContext(ctx, query, args) //nolint:wrapcheck // it is the driver's.
	}

	statement, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}

	result, err := statement.ExecContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, statement.Close())
	}

	return result, c.statements.keep(query, statement)
}

// QueryContext is that of [driver.QueryerContext].
func (c *keepingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if !isKept(query) {
		return c.sqliteConn.QueryContext(ctx, query, args) //nolint:wrapcheck // it is the driver's.
	}

	statement, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}

	rows, err := statement.QueryContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, statement.Close())
	}

	found, ok := rows.(sqliteRows)
	if !ok {
		return nil, errors.Join(fmt.Errorf("SQLite's driver has rows of an unknown kind, %T", rows), rows.Close(), statement.Close())
	}

	return &keepingRows{sqliteRows: found, conn: c, query: query, statement: statement}, nil
}

// take gives the statement, which is nobody else's until it is kept again: while its rows are read, the same query may be put once
// more.
func (c *keepingConn) take(ctx context.Context, query string) (sqliteStatement, error) {
	if kept := c.statements.take(query); kept != nil {
		return kept, nil
	}

	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err //nolint:wrapcheck // it is the driver's.
	}

	statement, ok := prepared.(sqliteStatement)
	if !ok {
		return nil, errors.Join(fmt.Errorf("SQLite's driver has statements of an unknown kind, %T", prepared), prepared.Close())
	}

	return statement, nil
}

// isKept chooses the statements that come again and again. What else there is compiles at once, such as SAVEPOINT, or is rare.
func isKept(query string) bool {
	verb, _, _ := strings.Cut(strings.TrimLeft(query, " \t\n"), " ")

	switch strings.ToUpper(verb) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
		return true
	default:
		return false
	}
}

// sqliteRows is what database/sql uses of the driver's rows.
type sqliteRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// keepingRows keep their statement once they are closed.
type keepingRows struct {
	sqliteRows

	conn      *keepingConn
	query     string
	statement sqliteStatement
}

// Close is that of [driver.Rows].
func (r *keepingRows) Close() error {
	if err := r.sqliteRows.Close(); err != nil {
		return errors.Join(err, r.statement.Close())
	}

	return r.conn.statements.keep(r.query, r.statement)
}

// sqliteStatement is what is used of the driver's statements.
type sqliteStatement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// statements are those of a connection that nobody uses at the moment.
type statements struct {
	limit   int
	latest  list.List // of keptStatement, the one that was used last first
	byQuery map[string]*list.Element
}

type keptStatement struct {
	query     string
	statement sqliteStatement
}

// take is nil where the query's statement is not there.
func (s *statements) take(query string) sqliteStatement {
	found, ok := s.byQuery[query]
	if !ok {
		return nil
	}

	return s.remove(found)
}

// keep closes the statement that was used longest ago where there are too many, and the query's own where it is there already.
func (s *statements) keep(query string, statement sqliteStatement) error {
	if _, twice := s.byQuery[query]; twice {
		return statement.Close() //nolint:wrapcheck // it is the driver's.
	}

	if s.byQuery == nil {
		s.byQuery = make(map[string]*list.Element)
	}

	s.byQuery[query] = s.latest.PushFront(keptStatement{query, statement})

	if s.latest.Len() <= s.limit {
		return nil
	}

	return s.remove(s.latest.Back()).Close() //nolint:wrapcheck // it is the driver's.
}

func (s *statements) remove(element *list.Element) sqliteStatement {
	removed, _ := s.latest.Remove(element).(keptStatement)
	delete(s.byQuery, removed.query)

	return removed.statement
}

func (s *statements) close() (err error) {
	for s.latest.Len() > 0 {
		err = errors.Join(err, s.remove(s.latest.Back()).Close())
	}

	return err
}
