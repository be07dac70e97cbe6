package db

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// purgeBatch is about how many rows one statement removes: SQLite has one writer at a time, and a long
// removal would keep whoever submits waiting.
const purgeBatch = 1000

// Columns that many tables have.
const (
	columnCreatedAt = "created_at"
	columnExpiresAt = "expires_at"
	columnEnteID    = "ente_id"
)

// oldRows are the rows of a table whose column since, which has an index, is earlier than before.
type oldRows struct {
	model  any
	since  string
	before time.Time
}

// purge removes old rows batch by batch and tells how many there were. What it has removed stays removed
// when a later batch fails.
func (s *Store) purge(ctx context.Context, doing string, old oldRows) (int, error) {
	purged := 0

	for {
		var ends []time.Time
		if err := old.firstBatchEnd(s.gorm.WithContext(ctx)).Find(&ends).Error; err != nil {
			return purged, reduce(doing, err)
		}

		batch := old
		for _, end := range ends {
			batch.before = stamp(end).Add(resolution)
		}

		removed := batch.remove(s.gorm.WithContext(ctx))
		purged += int(removed.RowsAffected)

		if removed.Error != nil || len(ends) == 0 {
			return purged, reduce(doing, removed.Error)
		}
	}
}

// firstBatchEnd asks for the time of the first batch's last row; there is none where the rest is no full
// batch. Removing up to a time needs no list of keys, and both engines find it in the index.
func (o oldRows) firstBatchEnd(tx *gorm.DB) *gorm.DB {
	return tx.Model(o.model).Select(o.since).Where(o.since+" < ?", stamp(o.before)).
		Order(o.since).Offset(purgeBatch - 1).Limit(1)
}

func (o oldRows) remove(tx *gorm.DB) *gorm.DB {
	return tx.Where(o.since+" < ?", stamp(o.before)).Delete(o.model)
}
