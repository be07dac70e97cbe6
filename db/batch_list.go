package db

import (
	"context"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// BatchFilter says which batches are meant. Zero fields do not filter.
type BatchFilter struct {
	EnteID     string
	ServiceIDs []string
	Statuses   []notification.BatchStatus
}

// Batches gives a page of batches, the newest first, and tells whether there are more after it. The cursor's
// AcceptedAt is the batch's creation.
func (s *Store) Batches(ctx context.Context, filter BatchFilter, after Cursor, limit int) (page []StoredBatch, more bool, err error) {
	var rows []batchRow
	if err := batchPage(s.gorm.WithContext(ctx), filter, after, limit).Find(&rows).Error; err != nil {
		return nil, false, reduce("listing batches", err)
	}

	if more = len(rows) > limit; more {
		rows = rows[:limit]
	}

	page = make([]StoredBatch, len(rows))
	for i, row := range rows {
		page[i] = row.batch()
	}

	return page, more, nil
}

// batchPage asks for one batch more than the page holds, to learn whether there is another page.
func batchPage(from *gorm.DB, filter BatchFilter, after Cursor, limit int) *gorm.DB {
	query := from.Model(&batchRow{})

	if filter.EnteID != "" {
		query = query.Where("ente_id = ?", filter.EnteID)
	}

	if len(filter.ServiceIDs) > 0 {
		query = query.Where("service_id IN ?", filter.ServiceIDs)
	}

	if len(filter.Statuses) > 0 {
		query = query.Where("status IN ?", filter.Statuses)
	}

	if after.ID != "" {
		query = query.Where("(created_at, id) < (?, ?)", stamp(after.AcceptedAt), after.ID)
	}

	return query.Order("created_at DESC, id DESC").Limit(limit + 1)
}

// CorrectionsOf lists the batches that set this one right, the oldest first. Those that were thrown away are left out.
func (s *Store) CorrectionsOf(ctx context.Context, id string) ([]notification.Batch, error) {
	rows, err := gorm.G[batchRow](s.gorm).Where("corrects = ? AND status <> ?", id, notification.BatchDiscarded).
		Order("created_at, id").Find(ctx)
	if err != nil {
		return nil, reduce("listing a batch's corrections", err)
	}

	corrections := make([]notification.Batch, len(rows))
	for i, row := range rows {
		corrections[i] = row.batch().Batch
	}

	return corrections, nil
}
