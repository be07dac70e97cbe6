package db

import (
	"context"
	"database/sql"
	"time"

	"gorm.io/gorm"
)

// Rows are the models of every table, for the drift test.
func Rows() []any {
	return []any{
		&enteRow{}, &serviceRow{}, &apiKeyRow{}, &userRow{}, &sessionRow{}, &notificationRow{}, &attemptRow{}, &runRow{},
		&idempotencyRow{}, &recipientCheckRow{}, &timelineRow{}, &providerEventRow{},
	}
}

// CheckURL tells whether a database URL can be understood.
func CheckURL(raw string) error {
	_, err := parseURL(raw)

	return err
}

// ORM is the store's GORM handle.
func (s *Store) ORM() *gorm.DB { return s.gorm }

// Pool is the store's connection pool.
func (s *Store) Pool() *sql.DB { return s.pool }

// PageStatement is what List would ask, with its parameters.
func (s *Store) PageStatement(ctx context.Context, filter Filter, after Cursor, limit int) (string, []any, error) {
	dry := s.gorm.Session(&gorm.Session{DryRun: true, Context: ctx})

	query, err := s.pageOf(dry, filter, after, limit)
	if err != nil {
		return "", nil, err
	}

	var rows []notificationRow

	statement := query.Find(&rows).Statement

	return statement.SQL.String(), statement.Vars, nil
}

// Statement is one with its parameters.
type Statement struct {
	SQL        string
	Parameters []any
}

func statementOf(tx *gorm.DB) Statement {
	return Statement{SQL: tx.Statement.SQL.String(), Parameters: tx.Statement.Vars}
}

// UnstartedStatements are what Unstarted and CountUnstarted would ask.
func (s *Store) UnstartedStatements(ctx context.Context, olderThan time.Time, limit int) (oldest, inTurns, count Statement) {
	dry := s.gorm.Session(&gorm.Session{DryRun: true, Context: ctx})

	var rows []notificationRow

	return statementOf(oldestUnstarted(dry, olderThan, limit).Find(&rows)),
		statementOf(inTurn(dry, olderThan, limit).Find(&rows)),
		statementOf(countUnstarted(dry, olderThan, limit).Find(&rows))
}

// PurgeStatements are what each purge would ask, by the index it is to use.
func (s *Store) PurgeStatements(ctx context.Context, before time.Time) map[string][]Statement {
	dry := s.gorm.Session(&gorm.Session{DryRun: true, Context: ctx})
	statements := make(map[string][]Statement)

	for index, old := range map[string]oldRows{
		"sessions_expires_at":         expiredSessions(before),
		"idempotency_keys_created_at": oldIdempotencyKeys(before),
		"recipient_checks_created_at": oldRecipientChecks(before),
	} {
		var ends []time.Time

		statements[index] = []Statement{statementOf(old.firstBatchEnd(dry).Find(&ends)), statementOf(old.remove(dry))}
	}

	return statements
}

// PurgeBatch is how many rows a purge removes at once.
const PurgeBatch = purgeBatch

// UnarchivedCondition must match its partial index.
const UnarchivedCondition = unarchived
