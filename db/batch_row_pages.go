package db

import (
	"cmp"
	"context"
	"slices"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// RowFilter says which rows are meant. Zero fields do not filter.
type RowFilter struct {
	States   []notification.RowState
	Repaired bool
}

// BatchRows reads rows in the file's order after a number, with their payload.
func (s *Store) BatchRows(ctx context.Context, id string, filter RowFilter, after, limit int) ([]BatchRow, error) {
	const doing = "reading rows"

	rows, err := rowPage(ctx, s.gorm, id, filter, after, limit)
	if err != nil {
		return nil, reduce(doing, err)
	}

	return s.unsealRows(doing, rows)
}

// rowPage asks for each state by itself: an index has the rows of one state in the file's order, but not those of two.
func rowPage(ctx context.Context, tx *gorm.DB, id string, filter RowFilter, after, limit int) ([]fileRow, error) {
	var page []fileRow

	for _, one := range filter.single() {
		var rows []fileRow
		if err := one.page(tx.WithContext(ctx), id, after, limit).Find(&rows).Error; err != nil {
			return nil, reduce("reading a page", err)
		}

		page = append(page, rows...)
	}

	slices.SortFunc(page, func(a, b fileRow) int { return cmp.Compare(a.Number, b.Number) })

	return page[:min(len(page), limit)], nil
}

// single gives filters of one state each, or one of every state, which together mean the same.
func (f RowFilter) single() []RowFilter {
	states := slices.Compact(slices.Sorted(slices.Values(f.States)))
	if len(states) == 0 {
		return []RowFilter{f}
	}

	filters := make([]RowFilter, len(states))
	for i, state := range states {
		filters[i] = RowFilter{States: []notification.RowState{state}, Repaired: f.Repaired}
	}

	return filters
}

// rows are those of a filter of one state or of every state.
func (f RowFilter) rows(tx *gorm.DB, id string) *gorm.DB {
	query := tx.Model(&fileRow{}).Where("batch_id = ?", id)

	for _, state := range f.States {
		query = query.Where("state = ?", state)
	}

	if f.Repaired {
		query = query.Where("repairs IS NOT NULL")
	}

	return query
}

func (f RowFilter) page(tx *gorm.DB, id string, after, limit int) *gorm.DB {
	return f.rows(tx, id).Where("number > ?", after).Order("number").Limit(limit)
}

// BatchRow reads one row.
func (s *Store) BatchRow(ctx context.Context, id string, number int) (BatchRow, error) {
	const doing = "reading a row"

	row, err := gorm.G[fileRow](s.gorm).Where("batch_id = ? AND number = ?", id, number).Take(ctx)
	if err != nil {
		return BatchRow{}, reduce(doing, err)
	}

	unsealed, err := s.unsealRow(row)

	return unsealed, reduce(doing, err)
}

// Neighbours gives the numbers of the rows of these states before and after a number; 0: none. No states mean all.
func (s *Store) Neighbours(
	ctx context.Context, id string, number int, states []notification.RowState,
) (previous, following int, err error) {
	for _, one := range (RowFilter{States: states}).single() {
		before, err := firstNumber(one.rows(s.gorm.WithContext(ctx), id).Where("number < ?", number).Order("number DESC"))
		if err != nil {
			return 0, 0, err
		}

		after, err := firstNumber(one.rows(s.gorm.WithContext(ctx), id).Where("number > ?", number).Order("number"))
		if err != nil {
			return 0, 0, err
		}

		previous = max(previous, before)

		if following == 0 || (after > 0 && after < following) {
			following = after
		}
	}

	return previous, following, nil
}

func firstNumber(query *gorm.DB) (int, error) {
	var numbers []int

	err := query.Limit(1).Pluck("number", &numbers).Error
	if err != nil || len(numbers) == 0 {
		return 0, reduce("looking for a row's neighbours", err)
	}

	return numbers[0], nil
}

// stateCount counts rows of one state.
type stateCount struct {
	State notification.RowState
	Total int
}

// CountRows counts a batch's rows by state.
func (s *Store) CountRows(ctx context.Context, id string) (map[notification.RowState]int, error) {
	return rowCounts(ctx, s.gorm, id)
}

func rowCounts(ctx context.Context, tx *gorm.DB, id string) (map[notification.RowState]int, error) {
	var rows []stateCount
	if err := countRows(tx.WithContext(ctx), id).Scan(&rows).Error; err != nil {
		return nil, reduce("counting rows", err)
	}

	counts := make(map[notification.RowState]int, len(rows))
	for _, row := range rows {
		counts[row.State] = row.Total
	}

	return counts, nil
}

func countRows(tx *gorm.DB, id string) *gorm.DB {
	return tx.Model(&fileRow{}).Select("state, count(*) AS total").Where("batch_id = ?", id).Group("state")
}

// sendable are the states of the rows that are, or would be, sent.
func (r batchRow) sendable() []notification.RowState {
	if r.IncludeDuplicates {
		return []notification.RowState{notification.RowGood, notification.RowDuplicate}
	}

	return []notification.RowState{notification.RowGood}
}

func (r batchRow) countSendable(ctx context.Context, tx *gorm.DB) (int, error) {
	count, err := gorm.G[fileRow](tx).Where("batch_id = ? AND state IN ?", r.ID, r.sendable()).Count(ctx, "*")

	return int(count), reduce("counting rows to send", err)
}
