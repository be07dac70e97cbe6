package db

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// timelineRow is the story of a notification, derived from its workflow's history before Temporal forgets
// it. It holds reason codes and times, no personal data.
type timelineRow struct {
	NotificationID string `gorm:"primaryKey"`
	Timeline       string
	SavedAt        time.Time
}

// TableName is GORM's hook.
func (timelineRow) TableName() string { return "timelines" }

// unarchived is the condition of the partial index of the same name, word for word.
const unarchived = "settled_at IS NOT NULL AND NOT archived"

// SaveTimeline stores a notification's timeline, given as JSON, in the place of any earlier one.
func (s *Store) SaveTimeline(ctx context.Context, notificationID string, timeline []byte) error {
	return s.transaction(ctx, "storing a timeline", func(tx *gorm.DB) error {
		parent, err := lockNotification(ctx, tx, notificationID)
		if err != nil {
			return err
		}

		row := timelineRow{NotificationID: notificationID, Timeline: string(timeline), SavedAt: s.now()}
		replace := clause.OnConflict{
			Columns:   []clause.Column{{Name: "notification_id"}},
			DoUpdates: clause.AssignmentColumns([]string{"timeline", "saved_at"}),
		}

		if err := gorm.G[timelineRow](tx, replace).Create(ctx, &row); err != nil {
			return reduce("writing the timeline", err)
		}

		parent.Archived = true

		return saveState(ctx, tx, parent)
	})
}

// Timeline gives a stored timeline as JSON. [ErrNotFound]: none is stored (yet).
func (s *Store) Timeline(ctx context.Context, notificationID string) ([]byte, error) {
	row, err := gorm.G[timelineRow](s.gorm).Where("notification_id = ?", notificationID).Take(ctx)
	if err != nil {
		return nil, reduce("reading a timeline", err)
	}

	return []byte(row.Timeline), nil
}

// Unarchived lists the notifications that were settled before a time, the oldest settlement first, and
// whose timeline was not stored since.
func (s *Store) Unarchived(ctx context.Context, settledBefore time.Time, limit int) ([]string, error) {
	rows, err := gorm.G[notificationRow](s.gorm).Select("id").
		Where(unarchived).Where("settled_at < ?", stamp(settledBefore)).
		Order("settled_at").Limit(limit).Find(ctx)
	if err != nil {
		return nil, reduce("listing timelines to store", err)
	}

	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}

	return ids, nil
}
