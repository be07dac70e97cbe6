package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type manageKeyRow struct {
	EnteID  string `gorm:"primaryKey"`
	IOKey   []byte
	SavedAt time.Time
}

// TableName is GORM's hook.
func (manageKeyRow) TableName() string { return "manage_keys" }

// SetManageKey keeps an Ente's key to IO's Manage API, encrypted, in the place of one that was kept before.
func (s *Store) SetManageKey(ctx context.Context, enteID, key string) error {
	const doing = "keeping a manage key"

	if err := checkIDs(enteID); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	sealed, err := s.keys.seal(columnManageKey, enteID, key)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	row := manageKeyRow{EnteID: enteID, IOKey: sealed, SavedAt: s.now()}
	replace := clause.OnConflict{
		Columns: []clause.Column{{Name: columnEnteID}}, DoUpdates: clause.AssignmentColumns([]string{"io_key", "saved_at"}),
	}

	return reduce(doing, gorm.G[manageKeyRow](s.gorm, replace).Create(ctx, &row))
}

// ManageKey decrypts the manage key that is kept for an Ente; [ErrNotFound] where there is none.
func (s *Store) ManageKey(ctx context.Context, enteID string) (string, error) {
	row, err := gorm.G[manageKeyRow](s.gorm).Where("ente_id = ?", enteID).Take(ctx)
	if err != nil {
		return "", reduce("reading a manage key", err)
	}

	var key string
	if err := s.keys.unseal(columnManageKey, row.EnteID, row.IOKey, &key); err != nil {
		return "", fmt.Errorf("reading a manage key: %w", err)
	}

	return key, nil
}

// ManageKeySaved tells when an Ente's manage key was kept; zero: there is none.
func (s *Store) ManageKeySaved(ctx context.Context, enteID string) (time.Time, error) {
	rows, err := gorm.G[manageKeyRow](s.gorm).Select(columnEnteID, "saved_at").Where("ente_id = ?", enteID).Find(ctx)
	if err != nil || len(rows) == 0 {
		return time.Time{}, reduce("reading a manage key", err)
	}

	return rows[0].SavedAt.UTC(), nil
}

// RemoveManageKey forgets the manage key of an Ente; where there is none it does nothing.
func (s *Store) RemoveManageKey(ctx context.Context, enteID string) error {
	_, err := gorm.G[manageKeyRow](s.gorm).Where("ente_id = ?", enteID).Delete(ctx)

	return reduce("removing a manage key", err)
}
