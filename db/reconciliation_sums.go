package db

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// SumRow is how many notifications of a day are in one state, by the figures or by counting them.
type SumRow struct {
	EnteID string
	// Source is "kept" for the figures, or "counted".
	Source  string
	Status  notification.Status
	Channel notification.Channel
	Reason  notification.Reason
	// Open tells, of those counted, that they have not ended.
	Open  bool
	Total int
}

// SumKept and SumCounted are the sources.
const (
	SumKept    = "kept"
	SumCounted = "counted"
)

// SumsOfDay gives what the figures keep of an Italian day of acceptance, and what is counted, all as of one moment: in one
// statement, so that nothing that settles meanwhile makes a difference.
func (s *Store) SumsOfDay(ctx context.Context, day time.Time) ([]SumRow, error) {
	var rows []SumRow
	if err := s.sumsOfDay(s.gorm.WithContext(ctx), day).Scan(&rows).Error; err != nil {
		return nil, reduce("comparing the figures", err)
	}

	return rows, nil
}

func (s *Store) sumsOfDay(tx *gorm.DB, day time.Time) *gorm.DB {
	local := day.In(s.italy)
	begins := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, s.italy)
	ends := begins.AddDate(0, 0, 1)

	return tx.Raw(`
		SELECT ente_id, 'kept' AS source, status, channel, reason, false AS open, CAST(sum(total) AS bigint) AS total FROM (
			SELECT ente_id, status, channel, reason, total FROM daily_figures
			WHERE measure = 'settled' AND service_id = ? AND ente_id <> ? AND day = ?
			UNION ALL
			SELECT ente_id, status, channel, reason, total FROM figure_changes
			WHERE measure = 'settled' AND hour >= ? AND hour < ?
		) AS kept_figures GROUP BY ente_id, status, channel, reason
		UNION ALL
		SELECT ente_id, 'counted', status, channel, reason, settled_at IS NULL, count(*)
		FROM `+newestRows(tx)+` WHERE accepted_at >= ? AND accepted_at < ?
		GROUP BY ente_id, status, channel, reason, settled_at IS NULL`,
		nobody, nobody, begins.Format(time.DateOnly), begins.UTC().Format(hourLayout), ends.UTC().Format(hourLayout),
		stamp(begins), stamp(ends))
}

// newestRows are the notifications, to be read by the order of their acceptance. SQLite, which nobody gathers statistics for,
// would rather group by an index of the Ente, and read everything.
func newestRows(tx *gorm.DB) string {
	if tx.Name() == postgresName {
		return notificationRow{}.TableName()
	}

	return "notifications INDEXED BY notifications_newest"
}

// ItalianDay is the day that a moment belongs to, such as "2026-11-26".
func (s *Store) ItalianDay(at time.Time) string { return at.In(s.italy).Format(time.DateOnly) }
