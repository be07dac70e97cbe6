package db

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// kept is the condition of the partial index batches_kept, word for word.
const kept = "ended_at IS NOT NULL AND NOT emptied"

// PurgeBatches removes the files and rows of an Ente's batches that ended before a time, and tells how many batches there
// were; the empty Ente: of everybody's. An upload that was begun before that time and broken off counts as ended. The batches
// themselves stay, with what was counted of them.
func (s *Store) PurgeBatches(ctx context.Context, enteID string, before time.Time) (int, error) {
	const doing = "purging batches"

	if err := s.endBrokenUploads(ctx, enteID, before); err != nil {
		return 0, reduce(doing, err)
	}

	for purged := 0; ; purged++ {
		var ids []string
		if err := ofEnte(keptBatches(s.gorm.WithContext(ctx), before), enteID).Limit(1).Pluck("id", &ids).Error; err != nil {
			return purged, reduce(doing, err)
		}

		if len(ids) == 0 {
			return purged, nil
		}

		if err := s.emptyBatch(ctx, doing, ids[0]); err != nil {
			return purged, err
		}
	}
}

func keptBatches(tx *gorm.DB, before time.Time) *gorm.DB {
	return tx.Model(&batchRow{}).Where(kept).Where("ended_at < ?", stamp(before)).Order("ended_at")
}

func ofEnte(query *gorm.DB, enteID string) *gorm.DB {
	if enteID == "" {
		return query
	}

	return query.Where("ente_id = ?", enteID)
}

// endBrokenUploads ends them when they began: nobody knows when they were given up.
func (s *Store) endBrokenUploads(ctx context.Context, enteID string, before time.Time) error {
	err := ofEnte(s.gorm.WithContext(ctx).Model(&batchRow{}), enteID).
		Where("status = ? AND queued_at IS NULL AND created_at < ?", notification.BatchChecking, stamp(before)).
		Updates(map[string]any{"status": notification.BatchDiscarded, "ended_at": gorm.Expr("created_at")}).Error

	return reduce("ending broken uploads", err)
}

// DiscardDrafts throws an Ente's batches away that were uploaded before a time and that nobody confirmed, with their files and
// rows, and tells how many they were.
func (s *Store) DiscardDrafts(ctx context.Context, enteID string, before time.Time) (int, error) {
	var ids []string

	err := ofEnte(s.gorm.WithContext(ctx).Model(&batchRow{}), enteID).
		Where("created_at < ? AND queued_at IS NOT NULL AND status IN ?", stamp(before), []notification.BatchStatus{
			notification.BatchChecking, notification.BatchMapping, notification.BatchDraft,
		}).Order(columnCreatedAt).Pluck("id", &ids).Error
	if err != nil {
		return 0, reduce("listing drafts", err)
	}

	discarded := 0

	for _, id := range ids {
		switch err := s.DiscardBatch(ctx, id); {
		case errors.Is(err, ErrConflict):
			// Somebody confirmed it a moment ago.
		case err != nil:
			return discarded, err
		default:
			discarded++
		}
	}

	return discarded, nil
}

// RemoveBatches removes an Ente's batches that ended before a time, were emptied and have no notification any more, and tells
// how many they were.
func (s *Store) RemoveBatches(ctx context.Context, enteID string, before time.Time) (int, error) {
	const doing = "removing batches"

	var ids []string

	err := ofEnte(emptiedBatches(s.gorm.WithContext(ctx), before), enteID).Pluck("id", &ids).Error
	if err != nil {
		return 0, reduce(doing, err)
	}

	removed := 0

	for _, id := range ids {
		var left []string
		if err := s.gorm.WithContext(ctx).Model(&notificationRow{}).Where("batch_id = ?", id).Limit(1).Pluck("id", &left).Error; err != nil {
			return removed, reduce(doing, err)
		}

		if len(left) > 0 {
			continue
		}

		gone, err := gorm.G[batchRow](s.gorm).Where("id = ? AND emptied", id).Delete(ctx)
		if err != nil {
			return removed, reduce(doing, err)
		}

		removed += gone
	}

	return removed, nil
}

func emptiedBatches(tx *gorm.DB, before time.Time) *gorm.DB {
	return tx.Model(&batchRow{}).Where("ended_at IS NOT NULL AND emptied").Where("ended_at < ?", stamp(before)).Order("ended_at")
}

// emptyBatch removes an ended batch's file and rows, some at a time: SQLite has one writer, and others have to write too.
func (s *Store) emptyBatch(ctx context.Context, doing, id string) error {
	for {
		removed, err := removeSomeChunks(ctx, s.gorm, id)
		if err != nil {
			return reduce(doing, err)
		}

		if removed == 0 {
			break
		}
	}

	for {
		removed, err := removeSomeRows(ctx, s.gorm, id)
		if err != nil {
			return reduce(doing, err)
		}

		if removed < purgeBatch {
			break
		}
	}

	_, err := gorm.G[batchRow](s.gorm).Where("id = ?", id).Update(ctx, "emptied", true)

	return reduce(doing, err)
}

// chunkPurge is how many pieces of a file one statement removes; they are large.
const chunkPurge = 16

func removeSomeChunks(ctx context.Context, tx *gorm.DB, batchID string) (int, error) {
	first := tx.Session(&gorm.Session{NewDB: true}).Model(&chunkRow{}).Select("number").
		Where("batch_id = ?", batchID).Order("number").Limit(chunkPurge)

	removed, err := gorm.G[chunkRow](tx).Where("batch_id = ? AND number IN (?)", batchID, first).Delete(ctx)

	return removed, reduce("removing a file", err)
}
