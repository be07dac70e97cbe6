package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// Filter says which notifications are meant. A zero field does not filter.
type Filter struct {
	EnteID string
	// ServiceIDs: any of them. Empty means every service, so a caller that may see none must not ask.
	ServiceIDs []string
	Statuses   []notification.Status
	Reasons    []notification.Reason
	// Channel is the one that delivered.
	Channel           notification.Channel
	BatchID           string
	ExternalReference string
	// FiscalCode and Phone are normalised, and looked up by their blind indexes.
	FiscalCode string
	Phone      string
	// WithContent leaves out those whose content was removed.
	WithContent bool
	// From and To bound the time of acceptance: From included, To excluded.
	From, To time.Time
}

// Cursor is the last notification of the page before. Zero: the first page.
type Cursor struct {
	AcceptedAt time.Time
	ID         string
}

// List gives a page of notifications, the newest first, and tells whether there are more after it. They
// come with their recipient, so that it can be shown masked, and without content and attempts.
func (s *Store) List(
	ctx context.Context, filter Filter, after Cursor, limit int,
) (page []notification.Notification, more bool, err error) {
	const doing = "listing notifications"

	query, err := s.pageOf(s.gorm.WithContext(ctx), filter, after, limit)
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", doing, err)
	}

	var rows []notificationRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, false, reduce(doing, err)
	}

	if more = len(rows) > limit; more {
		rows = rows[:limit]
	}

	page = make([]notification.Notification, len(rows))
	for i, row := range rows {
		if page[i], err = s.withRecipient(row); err != nil {
			return nil, false, fmt.Errorf("%s: %w", doing, err)
		}
	}

	return page, more, nil
}

// pageOf asks for one row more than the page holds, to learn whether there is another page.
func (s *Store) pageOf(from *gorm.DB, filter Filter, after Cursor, limit int) (*gorm.DB, error) {
	query, err := s.filtered(from, filter)
	if err != nil {
		return nil, err
	}

	if len(filter.Reasons) > 1 {
		ids, err := s.pageOfReasons(from, filter, after, limit)
		if err != nil {
			return nil, err
		}

		query = from.Model(&notificationRow{}).Where("id IN (?)", ids)
	}

	return inOrder(query.Omit("content"), after, limit), nil
}

// inOrder is one page of the newest first, and one row more.
func inOrder(query *gorm.DB, after Cursor, limit int) *gorm.DB {
	if after.ID != "" {
		query = query.Where("(accepted_at, id) < (?, ?)", stamp(after.AcceptedAt), after.ID)
	}

	return query.Order("accepted_at DESC, id DESC").Limit(limit + 1)
}

// troubleOnly must match the partial indexes by reason. A literal, since neither engine looks at parameters for them.
const troubleOnly = "reason NOT IN ('', 'io_delivered', 'sms_delivered')"

// ofTrouble tells whether the filter asks for reasons, and for none that nearly every notification has.
func (f Filter) ofTrouble() bool {
	usual := func(reason notification.Reason) bool {
		return reason == "" || reason == notification.ReasonIODelivered || reason == notification.ReasonSMSDelivered
	}

	return len(f.Reasons) > 0 && !slices.ContainsFunc(f.Reasons, usual)
}

// pageOfReasons are the ids of a page of several reasons. No index has the notifications of several reasons in their
// order: each reason's own page does, and the page of all is among those few rows.
func (s *Store) pageOfReasons(from *gorm.DB, filter Filter, after Cursor, limit int) (*gorm.DB, error) {
	pages := make([]string, len(filter.Reasons))
	queries := make([]any, len(filter.Reasons))

	for i, reason := range filter.Reasons {
		one := filter
		one.Reasons = []notification.Reason{reason}

		query, err := s.filtered(from, one)
		if err != nil {
			return nil, err
		}

		pages[i] = fmt.Sprintf("SELECT id FROM (?) AS page_%d", i)
		queries[i] = inOrder(query.Select("id"), after, limit)
	}

	return from.Raw(strings.Join(pages, " UNION ALL "), queries...), nil
}

// CountUpTo counts the notifications that the filter means, as far as a number: more are not counted.
func (s *Store) CountUpTo(ctx context.Context, filter Filter, most int) (int, error) {
	const doing = "counting notifications"

	query, err := s.filtered(s.gorm.WithContext(ctx), filter)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", doing, err)
	}

	var count int64
	if err := s.gorm.WithContext(ctx).Table("(?) AS found", query.Select("1").Limit(most)).Count(&count).Error; err != nil {
		return 0, reduce(doing, err)
	}

	return int(count), nil
}

// filtered adds the filter's conditions.
func (s *Store) filtered(from *gorm.DB, filter Filter) (*gorm.DB, error) {
	query := from.Model(&notificationRow{})

	for _, equal := range []struct{ condition, value string }{
		{"ente_id = ?", filter.EnteID},
		{"channel = ?", string(filter.Channel)},
		{"batch_id = ?", filter.BatchID},
		{"external_reference = ?", filter.ExternalReference},
	} {
		if equal.value != "" {
			query = query.Where(equal.condition, equal.value)
		}
	}

	if len(filter.ServiceIDs) > 0 {
		query = query.Where("service_id IN ?", filter.ServiceIDs)
	}

	if len(filter.Statuses) > 0 {
		query = query.Where("status IN ?", filter.Statuses)
	}

	if len(filter.Reasons) > 0 {
		query = query.Where("reason IN ?", filter.Reasons)
	}

	if filter.ofTrouble() {
		query = query.Where(troubleOnly)
	}

	if filter.WithContent {
		query = query.Where("content_removed_at IS NULL")
	}

	if !filter.From.IsZero() {
		query = query.Where("accepted_at >= ?", stamp(filter.From))
	}

	if !filter.To.IsZero() {
		query = query.Where("accepted_at < ?", stamp(filter.To))
	}

	return s.ofRecipient(query, filter)
}

func (s *Store) ofRecipient(query *gorm.DB, filter Filter) (*gorm.DB, error) {
	if filter.FiscalCode != "" {
		hashes, err := s.keys.blindIndexes(purposeFiscalCode, filter.FiscalCode)
		if err != nil {
			return nil, err
		}

		query = query.Where("fiscal_code_hash IN ?", hashes)
	}

	if filter.Phone != "" {
		hashes, err := s.keys.blindIndexes(purposePhone, filter.Phone)
		if err != nil {
			return nil, err
		}

		query = query.Where("phone_hash IN ?", hashes)
	}

	return query, nil
}
