package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

// keyStateRow is what may be known of a key of IO.
type keyStateRow struct {
	ServiceID string `gorm:"primaryKey"`
	Slot      string `gorm:"primaryKey"`
	Number    int
	SetAt     time.Time
	TestedAt  *time.Time
	Outcome   string
}

// TableName is GORM's hook.
func (keyStateRow) TableName() string { return "service_io_keys" }

// ServiceKeys decrypts a service's keys of IO.
func (s *Store) ServiceKeys(ctx context.Context, serviceID string) (notification.ServiceKeys, error) {
	row, err := gorm.G[serviceRow](s.gorm).Select("id", "io_keys").Where("id = ?", serviceID).Take(ctx)
	if err != nil {
		return notification.ServiceKeys{}, reduce("reading a service's keys", err)
	}

	var keys ioKeys
	if err := s.keys.unseal(columnIOKeys, row.ID, row.IOKeys, &keys); err != nil {
		return notification.ServiceKeys{}, fmt.Errorf("reading a service's keys: %w", err)
	}

	return notification.ServiceKeys(keys), nil
}

// SetServiceKeys replaces a service's keys of IO.
func (s *Store) SetServiceKeys(ctx context.Context, serviceID string, keys notification.ServiceKeys) error {
	if err := checkIDs(serviceID); err != nil {
		return fmt.Errorf("replacing a service's keys: %w", err)
	}

	sealed, err := s.keys.seal(columnIOKeys, serviceID, ioKeys(keys))
	if err != nil {
		return fmt.Errorf("replacing a service's keys: %w", err)
	}

	updated, err := gorm.G[serviceRow](s.gorm).Where("id = ?", serviceID).Update(ctx, "io_keys", sealed)

	return changedOne("replacing a service's keys", updated, err)
}

// ReplaceServiceKey puts another key into a slot. Seen is the number of the key that it replaces, 0 for none; it returns
// [ErrConflict] where that is not the present one any more.
func (s *Store) ReplaceServiceKey(ctx context.Context, serviceID string, slot notification.KeySlot, seen int, key string) error {
	return s.Together(ctx, func(within *Store) error {
		keys, err := within.lockedKeys(ctx, serviceID)
		if err != nil {
			return err
		}

		states, err := within.KeyStates(ctx, serviceID)
		if err != nil {
			return err
		}

		if states[slot].Number != seen {
			return reduce("replacing a service's key", ErrConflict)
		}

		if err := within.SetServiceKeys(ctx, serviceID, keys.With(slot, key)); err != nil {
			return err
		}

		return within.noteNewKey(ctx, serviceID, slot)
	})
}

// UseServiceKey says which key the next call to IO is made with. It returns [ErrConflict] where the slot is empty.
func (s *Store) UseServiceKey(ctx context.Context, serviceID string, slot notification.KeySlot) error {
	return s.Together(ctx, func(within *Store) error {
		keys, err := within.lockedKeys(ctx, serviceID)
		if err != nil {
			return err
		}

		if keys.Of(slot) == "" {
			return reduce("choosing a service's key", ErrConflict)
		}

		keys.UseSecondary = slot == notification.KeySecondary

		return within.SetServiceKeys(ctx, serviceID, keys)
	})
}

// lockedKeys reads the keys so that nobody else changes one of them before the transaction ends: both are in one column.
func (s *Store) lockedKeys(ctx context.Context, serviceID string) (notification.ServiceKeys, error) {
	locked, err := gorm.G[serviceRow](s.gorm).Where("id = ?", serviceID).Update(ctx, "id", serviceID)
	if err := changedOne("locking a service's keys", locked, err); err != nil {
		return notification.ServiceKeys{}, err
	}

	return s.ServiceKeys(ctx, serviceID)
}

// noteNewKey counts the slot's keys up; nobody has tested the new one.
func (s *Store) noteNewKey(ctx context.Context, serviceID string, slot notification.KeySlot) error {
	row := keyStateRow{ServiceID: serviceID, Slot: string(slot), Number: 1, SetAt: s.now()}

	err := s.gorm.WithContext(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "service_id"}, {Name: "slot"}},
		DoUpdates: clause.Assignments(map[string]any{
			"number": gorm.Expr("service_io_keys.number + 1"), "set_at": row.SetAt, "tested_at": nil, "outcome": "",
		}),
	}).Create(&row).Error

	return reduce("noting a new key", err)
}

// KeyStates tells what may be known of a service's keys, by their slots; an empty slot has none.
func (s *Store) KeyStates(ctx context.Context, serviceID string) (map[notification.KeySlot]notification.KeyState, error) {
	rows, err := gorm.G[keyStateRow](s.gorm).Where("service_id = ?", serviceID).Find(ctx)
	if err != nil {
		return nil, reduce("reading the states of a service's keys", err)
	}

	states := map[notification.KeySlot]notification.KeyState{}

	for _, row := range rows {
		slot := notification.KeySlot(row.Slot)
		states[slot] = notification.KeyState{
			ServiceID: row.ServiceID, Slot: slot, Number: row.Number, SetAt: row.SetAt.UTC(),
			TestedAt: timeOrZero(row.TestedAt), Outcome: notification.KeyOutcome(row.Outcome),
		}
	}

	return states, nil
}

// RecordKeyTest keeps what IO said of the slot's key of that number. It says nothing of a key that has been replaced since.
func (s *Store) RecordKeyTest(
	ctx context.Context, serviceID string, slot notification.KeySlot, number int, outcome notification.KeyOutcome,
) error {
	tested := s.now()
	_, err := gorm.G[keyStateRow](s.gorm).Where("service_id = ? AND slot = ? AND number = ?", serviceID, string(slot), number).
		Select("tested_at", "outcome").Updates(ctx, keyStateRow{TestedAt: &tested, Outcome: string(outcome)})

	return reduce("recording the test of a key", err)
}
