package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// FigureFilter says which figures are meant. A zero field does not filter.
type FigureFilter struct {
	EnteID string
	// From and To bound the time of acceptance, as those of [Filter]. Both are the beginning of an Italian day.
	From, To time.Time
}

// Figure is how many there are of something.
type Figure struct {
	// Day is the Italian day of acceptance, such as "2026-11-23"; empty for times, which are told for the whole period.
	Day     string
	Measure Measure
	Status  notification.Status
	Channel notification.Channel
	Reason  notification.Reason
	// Bucket is that of a time, see [BucketTime].
	Bucket int
	Total  int
}

// Figures gives the sums of a period: of notifications by their present state, of SMS parts, and of times. All are as of one
// moment, and exact: what is not folded yet is added.
func (s *Store) Figures(ctx context.Context, filter FigureFilter) ([]Figure, error) {
	const doing = "reading the figures"

	var rows []Figure
	if err := s.figures(s.gorm.WithContext(ctx), filter).Scan(&rows).Error; err != nil {
		return nil, reduce(doing, err)
	}

	// Those that are folded have their day, the others the hour of acceptance.
	for i, row := range rows {
		if len(row.Day) < len(hourLayout) {
			continue
		}

		day, err := s.dayOf(row.Day[:len(hourLayout)])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doing, err)
		}

		rows[i].Day = day
	}

	return rows, nil
}

// figures asks in one statement, so that what is folded or settled meanwhile is counted once.
func (s *Store) figures(tx *gorm.DB, filter FigureFilter) *gorm.DB {
	folded, unfolded, open := s.figureConditions(Filter{EnteID: filter.EnteID, From: filter.From, To: filter.To})

	return tx.Raw(`
		SELECT CASE WHEN measure IN ('to_io', 'to_delivery') THEN '' ELSE day END AS day, measure, status, channel, reason, bucket,
			CAST(sum(total) AS bigint) AS total
		FROM daily_figures WHERE measure IN ('settled', 'sms_parts', 'to_io', 'to_delivery') AND `+folded.sql+`
		GROUP BY 1, measure, status, channel, reason, bucket
		UNION ALL
		SELECT hour, measure, status, channel, reason, bucket, sum(total)
		FROM figure_changes WHERE `+unfolded.sql+`
		GROUP BY hour, measure, status, channel, reason, bucket
		UNION ALL
		SELECT `+hourText(tx)+`, 'open', status, '', reason, 0, total FROM (
			SELECT `+hourOf(tx)+` AS hour, status, reason, count(*) AS total FROM `+openOnes(tx)+`
			WHERE settled_at IS NULL AND `+open.sql+` GROUP BY 1, status, reason
		) AS opened`,
		slicesOf(folded, unfolded, open)...)
}

// hourOf is the hour of acceptance, in which Italian days begin, and hourText the same as a text.
func hourOf(tx *gorm.DB) string {
	if tx.Name() == postgresName {
		return "date_trunc('hour', accepted_at)"
	}

	return "substr(accepted_at, 1, 13)"
}

func hourText(tx *gorm.DB) string {
	if tx.Name() == postgresName {
		return "CAST(hour AS text)"
	}

	return "hour"
}

// openOnes are the notifications, to be read by the index of the open ones. SQLite, which nobody gathers statistics for, would
// rather have another index's order.
func openOnes(tx *gorm.DB) string {
	if tx.Name() == postgresName {
		return "notifications"
	}

	return "notifications INDEXED BY notifications_open"
}

// condition is a part of a statement with its parameters.
type condition struct {
	sql        string
	parameters []any
}

func slicesOf(conditions ...condition) []any {
	var all []any

	for _, one := range conditions {
		all = append(all, one.parameters...)
	}

	return all
}

func (c *condition) and(sql string, parameters ...any) {
	if c.sql != "" {
		c.sql += " AND "
	}

	c.sql += sql
	c.parameters = append(c.parameters, parameters...)
}

// figureConditions are those of the figures, of the changes that are not folded yet, and of the open notifications.
func (s *Store) figureConditions(filter Filter) (folded, unfolded, open condition) {
	switch {
	case filter.EnteID != "":
		for _, each := range []*condition{&folded, &unfolded, &open} {
			each.and("ente_id = ?", filter.EnteID)
		}
	case len(filter.ServiceIDs) > 0:
		folded.and("ente_id IN (SELECT ente_id FROM services WHERE id IN ?)", filter.ServiceIDs)
	default:
		folded.and("ente_id = ?", nobody)
	}

	if len(filter.ServiceIDs) == 0 {
		folded.and("service_id = ?", nobody)
	}

	for _, each := range []*condition{&folded, &unfolded, &open} {
		each.and("1 = 1")

		if len(filter.ServiceIDs) > 0 {
			each.and("service_id IN ?", filter.ServiceIDs)
		}

		if len(filter.Statuses) > 0 {
			each.and("status IN ?", filter.Statuses)
		}

		if len(filter.Reasons) > 0 {
			each.and("reason IN ?", filter.Reasons)
		}

		if filter.Channel != "" {
			each.and("channel = ?", filter.Channel)
		}
	}

	s.boundFigures(filter, &folded, &unfolded, &open)

	return folded, unfolded, open
}

// boundFigures adds the bounds of the time of acceptance.
func (s *Store) boundFigures(filter Filter, folded, unfolded, open *condition) {
	if !filter.From.IsZero() {
		folded.and("day >= ?", filter.From.In(s.italy).Format(time.DateOnly))
		unfolded.and("hour >= ?", filter.From.UTC().Format(hourLayout))
		open.and("accepted_at >= ?", stamp(filter.From))
	}

	if !filter.To.IsZero() {
		folded.and("day < ?", filter.To.In(s.italy).Format(time.DateOnly))
		unfolded.and("hour < ?", filter.To.UTC().Format(hourLayout))
		open.and("accepted_at < ?", stamp(filter.To))
	}
}

// OpenState counts the open notifications of one state.
type OpenState struct {
	Status notification.Status
	Reason notification.Reason
	Total  int
	// Oldest is the hour in which the first of them was accepted.
	Oldest time.Time
}

// OpenStates tells what the notifications that have not ended are waiting for, whenever they were accepted.
func (s *Store) OpenStates(ctx context.Context, enteID string) ([]OpenState, error) {
	const doing = "counting open notifications"

	var rows []struct {
		Status notification.Status
		Reason notification.Reason
		Total  int
		Hour   string
	}

	if err := openStates(s.gorm.WithContext(ctx), enteID).Scan(&rows).Error; err != nil {
		return nil, reduce(doing, err)
	}

	states := make([]OpenState, len(rows))

	for i, row := range rows {
		oldest, err := time.Parse(hourLayout, row.Hour[:min(len(hourLayout), len(row.Hour))])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doing, ErrInvalid)
		}

		states[i] = OpenState{Status: row.Status, Reason: row.Reason, Total: row.Total, Oldest: oldest}
	}

	return states, nil
}

func openStates(tx *gorm.DB, enteID string) *gorm.DB {
	query := tx.Table(openOnes(tx)).Where("settled_at IS NULL")
	if enteID != "" {
		query = query.Where("ente_id = ?", enteID)
	}

	oldest := "substr(min(accepted_at), 1, 13)"
	if tx.Name() == postgresName {
		oldest = "CAST(min(accepted_at) AS text)"
	}

	return query.Select("status, reason, count(*) AS total, " + oldest + " AS hour").Group("status, reason")
}
