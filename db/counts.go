package db

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// Counts is how many notifications there are of each status.
type Counts struct {
	// ByStatus leaves out a status that none has.
	ByStatus map[notification.Status]int
	// More tells that there are more than were to be counted; ByStatus is then empty.
	More bool
}

// Counts counts the notifications of each status. The count is exact, and costs no look at each of them, where the filter
// asks for nothing but Ente, services, channel, statuses, reasons and whole Italian days; for a batch, which has no more than
// 100,000, it is exact too. Else it counts no further than atMost.
func (s *Store) Counts(ctx context.Context, filter Filter, atMost int) (Counts, error) {
	const doing = "counting notifications"

	if s.hasFigures(filter) {
		return counted(doing, s.countFigures(s.gorm.WithContext(ctx), filter))
	}

	query, err := s.filtered(s.gorm.WithContext(ctx), filter)
	if err != nil {
		return Counts{}, fmt.Errorf("%s: %w", doing, err)
	}

	if filter.ofBatchAlone() {
		return counted(doing, query.Select("status, count(*) AS total").Group("status"))
	}

	some := s.gorm.WithContext(ctx).Table("(?) AS found", query.Select("status").Limit(atMost+1))

	counts, err := counted(doing, some.Select("status, count(*) AS total").Group("status"))
	if err != nil {
		return Counts{}, err
	}

	total := 0
	for _, count := range counts.ByStatus {
		total += count
	}

	if total > atMost {
		return Counts{More: true}, nil
	}

	return counts, nil
}

func counted(doing string, query *gorm.DB) (Counts, error) {
	var rows []statusCount
	if err := query.Scan(&rows).Error; err != nil {
		return Counts{}, reduce(doing, err)
	}

	counts := Counts{ByStatus: make(map[notification.Status]int, len(rows))}

	for _, row := range rows {
		if row.Total != 0 {
			counts.ByStatus[row.Status] = row.Total
		}
	}

	return counts, nil
}

func (s *Store) countFigures(tx *gorm.DB, filter Filter) *gorm.DB {
	folded, unfolded, open := s.figureConditions(filter)

	return tx.Raw(strings.Join([]string{
		"SELECT status, CAST(sum(total) AS bigint) AS total FROM (",
		"SELECT status, total FROM daily_figures WHERE measure = 'settled' AND " + folded.sql,
		"UNION ALL SELECT status, total FROM figure_changes WHERE measure = 'settled' AND " + unfolded.sql,
		"UNION ALL SELECT status, count(*) FROM " + openOnes(tx) + " WHERE settled_at IS NULL AND " + open.sql + " GROUP BY status",
		") AS counted GROUP BY status",
	}, "\n"), slicesOf(folded, unfolded, open)...)
}

// hasFigures tells whether the figures can answer.
func (s *Store) hasFigures(filter Filter) bool {
	return filter.BatchID == "" && filter.ExternalReference == "" && filter.FiscalCode == "" && filter.Phone == "" &&
		s.beginsDay(filter.From) && s.beginsDay(filter.To)
}

func (s *Store) beginsDay(t time.Time) bool {
	if t.IsZero() {
		return true
	}

	year, month, day := t.In(s.italy).Date()

	return t.Equal(time.Date(year, month, day, 0, 0, 0, 0, s.italy))
}

// ofBatchAlone tells whether the index of a batch's progress answers.
func (f Filter) ofBatchAlone() bool {
	return f.BatchID != "" && f.ExternalReference == "" && f.FiscalCode == "" && f.Phone == ""
}
