package db

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// BatchLoad is how much of a batch is under way.
type BatchLoad struct {
	// Open notifications have not ended. Of these, Waiting have not been handed to any channel yet although nothing but
	// their turn keeps them: neither their time nor a person.
	Open, Waiting int
}

// BatchLoad tells how much of a batch is under way.
func (s *Store) BatchLoad(ctx context.Context, id string) (load BatchLoad, err error) {
	err = batchLoad(s.gorm.WithContext(ctx), id).Scan(&load).Error

	return load, reduce("measuring a batch's load", err)
}

// batchLoad asks for each notification's attempts by a value and not by EXISTS: PostgreSQL would now and then rather
// read the attempts of everybody, once.
func batchLoad(tx *gorm.DB, id string) *gorm.DB {
	return tx.Raw(`
		SELECT count(*) AS open, count(CASE WHEN status IN ('accepted', 'in_progress') AND (
			SELECT 1 FROM attempts
			WHERE attempts.notification_id = notifications.id AND attempts.status NOT IN ('pending', 'skipped') LIMIT 1
		) IS NULL THEN 1 END) AS waiting
		FROM notifications WHERE batch_id = ? AND settled_at IS NULL`, id)
}

// statusCount counts notifications of one status and channel.
type statusCount struct {
	Status  notification.Status
	Channel notification.Channel
	Total   int
}

// BatchProgress counts what has become of a batch's rows.
func (s *Store) BatchProgress(ctx context.Context, id string) (notification.BatchProgress, error) {
	const doing = "measuring a batch's progress"

	batch, err := batchOf(ctx, s.gorm, id)
	if err != nil {
		return notification.BatchProgress{}, reduce(doing, err)
	}

	var counts []statusCount
	if err := batchProgress(s.gorm.WithContext(ctx), id).Scan(&counts).Error; err != nil {
		return notification.BatchProgress{}, reduce(doing, err)
	}

	toSend, err := batch.toSend(ctx, s.gorm)
	if err != nil {
		return notification.BatchProgress{}, reduce(doing, err)
	}

	return progressOf(toSend, counts), nil
}

func batchProgress(tx *gorm.DB, id string) *gorm.DB {
	return tx.Model(&notificationRow{}).Select("status, channel, count(*) AS total").
		Where("batch_id = ?", id).Group("status, channel")
}

func (r batchRow) toSend(ctx context.Context, tx *gorm.DB) (int, error) {
	if r.ToSend != nil {
		return *r.ToSend, nil
	}

	return r.countSendable(ctx, tx)
}

func progressOf(toSend int, counts []statusCount) notification.BatchProgress {
	progress := notification.BatchProgress{ToSend: toSend}
	handed := 0

	for _, count := range counts {
		handed += count.Total
		*counterOf(&progress, count) += count.Total
	}

	progress.Queued = max(toSend-handed, 0)

	return progress
}

func counterOf(progress *notification.BatchProgress, count statusCount) *int {
	switch count.Status {
	case notification.StatusDelivered:
		if count.Channel == notification.ChannelSMS {
			return &progress.DeliveredSMS
		}

		return &progress.DeliveredIO
	case notification.StatusNotDelivered:
		return &progress.NotDelivered
	case notification.StatusFailed:
		return &progress.Failed
	case notification.StatusCancelled:
		return &progress.Cancelled
	case notification.StatusExpired:
		return &progress.Expired
	case notification.StatusOnHold:
		return &progress.OnHold
	case notification.StatusAccepted, notification.StatusScheduled, notification.StatusInProgress:
		return &progress.InProgress
	default:
		return &progress.InProgress
	}
}

// SettledSince counts the batch's notifications that have ended since a time.
func (s *Store) SettledSince(ctx context.Context, id string, since time.Time) (int, error) {
	var count int64

	err := settledSince(s.gorm.WithContext(ctx), id, since).Count(&count).Error

	return int(count), reduce("counting ended notifications", err)
}

func settledSince(tx *gorm.DB, id string, since time.Time) *gorm.DB {
	return tx.Model(&notificationRow{}).Where("batch_id = ? AND settled_at >= ?", id, stamp(since))
}

// OpenOfBatch lists ids of a batch's notifications that have not ended, in the order of their ids, after one.
func (s *Store) OpenOfBatch(ctx context.Context, id, after string, limit int) ([]string, error) {
	var ids []string

	err := openOfBatch(s.gorm.WithContext(ctx), id, after, limit).Pluck("id", &ids).Error

	return ids, reduce("listing open notifications", err)
}

func openOfBatch(tx *gorm.DB, id, after string, limit int) *gorm.DB {
	query := tx.Model(&notificationRow{}).Where("batch_id = ? AND settled_at IS NULL", id)

	if after != "" {
		query = query.Where("id > ?", after)
	}

	return query.Order("id").Limit(limit)
}
