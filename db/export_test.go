package db

import (
	"context"
	"database/sql"

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

// The conditions that must match their partial indexes.
const (
	UnstartedCondition  = unstarted
	UnarchivedCondition = unarchived
)
