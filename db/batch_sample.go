package db

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// SampleRows picks rows to be sent evenly over the batch.
func (s *Store) SampleRows(ctx context.Context, id string, count int) ([]BatchRow, error) {
	const doing = "picking rows for a sample"

	batch, err := batchOf(ctx, s.gorm, id)
	if err != nil {
		return nil, reduce(doing, err)
	}

	total, err := batch.countSendable(ctx, s.gorm)
	if err != nil {
		return nil, reduce(doing, err)
	}

	if count = min(count, total); count <= 0 {
		return nil, nil
	}

	var rows []fileRow
	if err := evenly(s.gorm.WithContext(ctx), batch, count, total).Find(&rows).Error; err != nil {
		return nil, reduce(doing, err)
	}

	return s.unsealRows(doing, rows)
}

// evenly picks as many rows as asked for: those at which place * count / total, in whole numbers, takes a new value.
func evenly(tx *gorm.DB, batch batchRow, count, total int) *gorm.DB {
	picked := tx.Raw(`
		SELECT number FROM (
			SELECT number, row_number() OVER (ORDER BY number) - 1 AS place FROM batch_rows WHERE batch_id = ? AND state IN ?
		) AS numbered
		WHERE place = 0 OR place * CAST(? AS bigint) / ? > (place - 1) * CAST(? AS bigint) / ?`,
		batch.ID, batch.sendable(), count, total, count, total)

	return tx.Where("batch_id = ? AND number IN (?)", batch.ID, picked).Order("number")
}

// WantSample asks for a sample. [ErrConflict] unless the batch is a draft and no sample is under way.
func (s *Store) WantSample(ctx context.Context, id string) error {
	return s.changeBatch(ctx, "asking for a sample", id, func(row *batchRow) error {
		if row.Status != notification.BatchDraft || row.Sample.State.UnderWay() {
			return fmt.Errorf("no draft without a sample: %w", ErrConflict)
		}

		now := s.now()
		row.Sample = notification.BatchSample{State: notification.SampleWanted}
		row.SampleDue, row.QueuedAt = true, &now

		return nil
	})
}

// RecordSample stores the state of a sample of the rows that one reading found. [ErrConflict] where nobody waits for it: it
// was not asked for or has ended, or there is another reading since, whose rows are others.
func (s *Store) RecordSample(ctx context.Context, id string, check int, sample notification.BatchSample) error {
	return s.changeBatch(ctx, "recording a sample", id, func(row *batchRow) error {
		if !row.Sample.State.UnderWay() || row.CheckNumber != check {
			return fmt.Errorf("nobody waits for the sample: %w", ErrConflict)
		}

		row.Sample = sample

		return nil
	})
}
