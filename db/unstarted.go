package db

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// fairShare of what is listed, one in so many, is at least what each Ente gets in turn while there are no
// more Enti than that.
const fairShare = 10

// Unstarted lists notifications whose present run became ready before olderThan and was not started: all of
// them, the oldest first, where limit is enough. Where it is not, every Ente that waits has its turn: the
// oldest of each, the second oldest of each, and so on; room that is left goes to the oldest of all. So one
// Ente's flood does not delay another's few. Nothing is claimed: two sweepers may get the same notification,
// and starting a workflow twice is harmless.
func (s *Store) Unstarted(ctx context.Context, olderThan time.Time, limit int) ([]Start, error) {
	const doing = "listing notifications to start"

	var oldest, turns []notificationRow

	if err := oldestUnstarted(s.gorm.WithContext(ctx), olderThan, limit).Find(&oldest).Error; err != nil {
		return nil, reduce(doing, err)
	}

	if len(oldest) == limit {
		if err := inTurn(s.gorm.WithContext(ctx), olderThan, limit).Find(&turns).Error; err != nil {
			return nil, reduce(doing, err)
		}
	}

	return mergeStarts(turns, oldest, limit), nil
}

// CountUnstarted counts what Unstarted would list.
func (s *Store) CountUnstarted(ctx context.Context, olderThan time.Time, limit int) (int, error) {
	var count int64

	err := countUnstarted(s.gorm.WithContext(ctx), olderThan, limit).Scan(&count).Error

	return int(count), reduce("counting notifications to start", err)
}

func oldestUnstarted(tx *gorm.DB, olderThan time.Time, limit int) *gorm.DB {
	return tx.Table(waitingRows(tx)).Select(startColumns).
		Where(unstarted).Where("queued_at < ?", stamp(olderThan)).
		Order("queued_at").Limit(limit)
}

// waitingRows names the index to SQLite, which without statistics would go by the status and sort whatever it
// finds. PostgreSQL has no such hint, and gathers statistics by itself.
func waitingRows(tx *gorm.DB) string {
	if tx.Name() == postgresName {
		return "notifications"
	}

	return "notifications INDEXED BY notifications_unstarted"
}

// countUnstarted asks for an order, in which the index has them anyway, to have PostgreSQL use that instead of
// looking through the table for the first ones.
func countUnstarted(tx *gorm.DB, olderThan time.Time, limit int) *gorm.DB {
	return tx.Raw("SELECT count(*) FROM (SELECT 1 FROM "+waitingRows(tx)+" WHERE "+unstarted+
		" AND queued_at < ? ORDER BY queued_at LIMIT ?) AS waiting", stamp(olderThan), limit)
}

// inTurn reads, for each Ente, no more than a share of what waits.
func inTurn(tx *gorm.DB, olderThan time.Time, limit int) *gorm.DB {
	before, share := stamp(olderThan), max(1, limit/fairShare)

	if tx.Name() == postgresName {
		return tx.Raw(inTurnPostgres, before, share, limit)
	}

	return tx.Raw(inTurnSQLite, before, share-1, before, before, limit)
}

// One query for both engines would be slow on one: SQLite has no LATERAL, and PostgreSQL reads all that waits
// where a join is bounded by until. PostgreSQL is asked for a range and not for one ente_id, because only the
// index by Ente has the order of that: it likes to go through the other one, past all that others have waiting.
const (
	inTurnPostgres = `
		SELECT ` + startColumns + ` FROM (SELECT id AS tenant_id FROM enti) AS tenants CROSS JOIN LATERAL (
			SELECT ` + startColumns + `, queued_at, row_number() OVER (ORDER BY ente_id, queued_at) AS turn FROM notifications
			WHERE ente_id >= tenant_id AND (ente_id, queued_at) < (tenant_id, ?) AND ` + unstarted + `
			ORDER BY ente_id, queued_at LIMIT ?
		) AS waiting
		ORDER BY turn, queued_at LIMIT ?`

	inTurnSQLite = `
		WITH bounds AS MATERIALIZED (
			SELECT id AS tenant_id, coalesce((
				SELECT queued_at FROM notifications WHERE ente_id = enti.id AND ` + unstarted + ` AND queued_at < ?
				ORDER BY queued_at LIMIT 1 OFFSET ?
			), ?) AS until
			FROM enti
		)
		SELECT ` + startColumns + ` FROM (
			SELECT ` + startColumns + `, queued_at, row_number() OVER (PARTITION BY ente_id ORDER BY queued_at) AS turn
			FROM bounds CROSS JOIN notifications
			WHERE ente_id = tenant_id AND ` + unstarted + ` AND queued_at < ? AND queued_at <= until
		) AS waiting
		ORDER BY turn, queued_at LIMIT ?`
)

// mergeStarts appends to those in turn whichever of the oldest are not among them.
func mergeStarts(turns, oldest []notificationRow, limit int) []Start {
	starts := make([]Start, 0, limit)
	listed := make(map[string]bool, limit)

	for _, rows := range [][]notificationRow{turns, oldest} {
		for _, row := range rows {
			if len(starts) < limit && !listed[row.ID] {
				starts = append(starts, row.start())
				listed[row.ID] = true
			}
		}
	}

	return starts
}
