package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// RecipientCheck is the question whether a citizen can be reached by a service on IO. It lives until it is
// answered.
type RecipientCheck struct {
	ID         string // UUID version 7
	EnteID     string
	ServiceID  string
	FiscalCode string // stored encrypted
	CreatedAt  time.Time
}

type recipientCheckRow struct {
	ID         string
	EnteID     string
	ServiceID  string
	FiscalCode []byte
	CreatedAt  time.Time
}

// TableName is GORM's hook.
func (recipientCheckRow) TableName() string { return "recipient_checks" }

// CreateRecipientCheck stores a check. An unknown Ente, or a service that is not the Ente's, is
// [ErrNotFound].
func (s *Store) CreateRecipientCheck(ctx context.Context, check RecipientCheck) error {
	const doing = "creating a recipient check"

	if err := checkIDs(check.ID, check.EnteID, check.ServiceID); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	sealed, err := s.keys.seal(columnFiscalCode, check.ID, check.FiscalCode)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	row := recipientCheckRow{
		ID: check.ID, EnteID: check.EnteID, ServiceID: check.ServiceID, FiscalCode: sealed,
		CreatedAt: stampOr(check.CreatedAt, s.now()),
	}

	return reduce(doing, create(ctx, s, &row))
}

// RecipientCheck finds and decrypts a check.
func (s *Store) RecipientCheck(ctx context.Context, id string) (RecipientCheck, error) {
	row, err := gorm.G[recipientCheckRow](s.gorm).Where("id = ?", id).Take(ctx)
	if err != nil {
		return RecipientCheck{}, reduce("reading a recipient check", err)
	}

	check := RecipientCheck{ID: row.ID, EnteID: row.EnteID, ServiceID: row.ServiceID, CreatedAt: row.CreatedAt.UTC()}
	if err := s.keys.unseal(columnFiscalCode, row.ID, row.FiscalCode, &check.FiscalCode); err != nil {
		return RecipientCheck{}, fmt.Errorf("reading a recipient check: %w", err)
	}

	return check, nil
}

// DeleteRecipientCheck removes a check; where there is none it does nothing.
func (s *Store) DeleteRecipientCheck(ctx context.Context, id string) error {
	_, err := gorm.G[recipientCheckRow](s.gorm).Where("id = ?", id).Delete(ctx)

	return reduce("removing a recipient check", err)
}

// PurgeRecipientChecks removes the checks asked for before a time and tells how many there were. A process
// that dies in a check leaves it behind, codice fiscale included.
func (s *Store) PurgeRecipientChecks(ctx context.Context, before time.Time) (int, error) {
	return s.purge(ctx, "purging recipient checks", oldRecipientChecks(before))
}

func oldRecipientChecks(before time.Time) oldRows {
	return oldRows{model: &recipientCheckRow{}, since: columnCreatedAt, before: before}
}
