package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// SentSince is the latest notification of an Ente with the same content for the same citizen that was accepted since a
// time and not cancelled, without its personal data; [ErrNotFound] where there is none. contentHash is
// [notification.ContentHash].
func (s *Store) SentSince(ctx context.Context, enteID string, contentHash []byte, since time.Time) (notification.Notification, error) {
	const doing = "looking for the same content"

	hashes, err := s.keys.blindIndexes(purposeContent, string(contentHash))
	if err != nil {
		return notification.Notification{}, fmt.Errorf("%s: %w", doing, err)
	}

	var rows []notificationRow
	if err := sentSince(s.gorm.WithContext(ctx), enteID, hashes, since).Find(&rows).Error; err != nil {
		return notification.Notification{}, reduce(doing, err)
	}

	if len(rows) == 0 {
		return notification.Notification{}, fmt.Errorf("%s: %w", doing, ErrNotFound)
	}

	return rows[0].head(), nil
}

func sentSince(from *gorm.DB, enteID string, hashes [][]byte, since time.Time) *gorm.DB {
	return from.Model(&notificationRow{}).Omit("recipient", "content").
		Where("ente_id = ? AND content_hash IN ? AND accepted_at >= ? AND status <> 'cancelled'", enteID, hashes, stamp(since)).
		Order("accepted_at DESC").Limit(1)
}
