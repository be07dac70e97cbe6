package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

// testRecipientRow is to whom a user sends notifications to try them out.
type testRecipientRow struct {
	UserID    string `gorm:"primaryKey"`
	Recipient []byte
	CreatedAt time.Time
}

// TableName is GORM's hook.
func (testRecipientRow) TableName() string { return "test_recipients" }

// KeepTestRecipient remembers, encrypted, to whom a user sends tests, in the place of what was there. An unknown user is
// [ErrNotFound].
func (s *Store) KeepTestRecipient(ctx context.Context, userID string, recipient notification.Recipient) error {
	const doing = "keeping a test recipient"

	if err := checkIDs(userID); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	sealed, err := s.keys.seal(columnTester, userID, recipient)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	row := testRecipientRow{UserID: userID, Recipient: sealed, CreatedAt: s.now()}
	replace := clause.OnConflict{
		Columns: []clause.Column{{Name: "user_id"}}, UpdateAll: true,
	}

	return reduce(doing, gorm.G[testRecipientRow](s.gorm, replace).Create(ctx, &row))
}

// TestRecipient is to whom the user sends tests; [ErrNotFound] where nobody was kept.
func (s *Store) TestRecipient(ctx context.Context, userID string) (notification.Recipient, error) {
	const doing = "reading a test recipient"

	row, err := gorm.G[testRecipientRow](s.gorm).Where("user_id = ?", userID).Take(ctx)
	if err != nil {
		return notification.Recipient{}, reduce(doing, err)
	}

	var recipient notification.Recipient
	if err := s.keys.unseal(columnTester, row.UserID, row.Recipient, &recipient); err != nil {
		return notification.Recipient{}, fmt.Errorf("%s: %w", doing, err)
	}

	return recipient, nil
}

// RemoveTestRecipient forgets it; where there is none it does nothing.
func (s *Store) RemoveTestRecipient(ctx context.Context, userID string) error {
	_, err := gorm.G[testRecipientRow](s.gorm).Where("user_id = ?", userID).Delete(ctx)

	return reduce("removing a test recipient", err)
}
