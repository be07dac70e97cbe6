package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// webhookDeliveryRow is what is told and, at once, its workflow's outbox: start_due says that it has to be started. Triggers
// write it with the settlement that it is about.
type webhookDeliveryRow struct {
	ID             string
	WebhookID      string
	EnteID         string
	Event          notification.WebhookEvent
	NotificationID *string
	Run            int
	Status         notification.Status
	Reason         notification.Reason
	Channel        notification.Channel
	SettledAt      *time.Time
	State          notification.WebhookDeliveryState
	Round          int
	StartDue       bool
	Tries          int
	Fault          notification.WebhookFault
	HTTPStatus     int
	DurationMs     int
	TriedAt        *time.Time
	NextTryAt      *time.Time
	QueuedAt       time.Time
	CreatedAt      time.Time
	EndedAt        *time.Time
}

// TableName is GORM's hook.
func (webhookDeliveryRow) TableName() string { return "webhook_deliveries" }

func (r webhookDeliveryRow) delivery() notification.WebhookDelivery {
	return notification.WebhookDelivery{
		ID: r.ID, WebhookID: r.WebhookID, EnteID: r.EnteID, Event: r.Event, NotificationID: textOrEmpty(r.NotificationID),
		Run: r.Run, Status: r.Status, Reason: r.Reason, Channel: r.Channel, SettledAt: timeOrZero(r.SettledAt),
		State: r.State, Round: r.Round, QueuedAt: r.QueuedAt.UTC(), Tries: r.Tries, Fault: r.Fault, HTTPStatus: r.HTTPStatus,
		Duration: time.Duration(r.DurationMs) * time.Millisecond, TriedAt: timeOrZero(r.TriedAt), NextTryAt: timeOrZero(r.NextTryAt),
		CreatedAt: r.CreatedAt.UTC(), EndedAt: timeOrZero(r.EndedAt),
	}
}

// WebhookStart is what the workflow of a delivery needs to be started.
type WebhookStart struct {
	ID     string
	EnteID string
	Round  int
}

// CreateWebhookTest keeps a test of a webhook, whose workflow has to be started.
func (s *Store) CreateWebhookTest(ctx context.Context, id string, of notification.Webhook) error {
	const doing = "keeping the test of a webhook"

	if err := checkIDs(id); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	row := webhookDeliveryRow{
		ID: id, WebhookID: of.ID, EnteID: of.EnteID, Event: notification.WebhookTest, State: notification.WebhookWaiting, Round: 1,
		StartDue: true, QueuedAt: s.now(), CreatedAt: s.now(),
	}

	return reduce(doing, create(ctx, s, &row))
}

// WebhookDelivery reads a delivery.
func (s *Store) WebhookDelivery(ctx context.Context, id string) (notification.WebhookDelivery, error) {
	row, err := gorm.G[webhookDeliveryRow](s.gorm).Where("id = ?", id).Take(ctx)

	return row.delivery(), reduce("reading a delivery of a webhook", err)
}

// WebhookDeliveries lists a webhook's latest deliveries, the newest first. State may be empty: all.
func (s *Store) WebhookDeliveries(
	ctx context.Context, webhookID string, state notification.WebhookDeliveryState, limit int,
) ([]notification.WebhookDelivery, error) {
	query := gorm.G[webhookDeliveryRow](s.gorm).Where("webhook_id = ?", webhookID)
	if state != "" {
		query = query.Where("state = ?", state)
	}

	rows, err := query.Order("created_at DESC, id DESC").Limit(limit).Find(ctx)

	return deliveries(rows), reduce("listing the deliveries of a webhook", err)
}

// WebhookDeliveriesOf lists what was told of a notification, the oldest first.
func (s *Store) WebhookDeliveriesOf(ctx context.Context, notificationID string) ([]notification.WebhookDelivery, error) {
	rows, err := gorm.G[webhookDeliveryRow](s.gorm).Where("notification_id = ?", notificationID).Order("created_at, id").Find(ctx)

	return deliveries(rows), reduce("listing what was told of a notification", err)
}

func deliveries(rows []webhookDeliveryRow) []notification.WebhookDelivery {
	found := make([]notification.WebhookDelivery, len(rows))
	for i, row := range rows {
		found[i] = row.delivery()
	}

	return found
}

// UnstartedWebhooks lists deliveries whose workflow has to be started: of each Ente that waits the oldest, then the second
// oldest of each, and so on, so that one Ente's flood does not delay another's few.
func (s *Store) UnstartedWebhooks(ctx context.Context, limit int) ([]WebhookStart, error) {
	var starts []WebhookStart

	err := unstartedWebhooks(s.gorm.WithContext(ctx), limit).Scan(&starts).Error

	return starts, reduce("listing deliveries of webhooks to start", err)
}

func unstartedWebhooks(tx *gorm.DB, limit int) *gorm.DB {
	return tx.Raw(`
		SELECT id, ente_id, round FROM (
			SELECT id, ente_id, round, queued_at, row_number() OVER (PARTITION BY ente_id ORDER BY queued_at) AS turn
			FROM webhook_deliveries WHERE start_due
		) AS waiting
		ORDER BY turn, queued_at LIMIT ?`, limit)
}

// MarkWebhookStarted notes that the workflow of a round was started. Of another round it is no news.
func (s *Store) MarkWebhookStarted(ctx context.Context, id string, round int) error {
	_, err := s.change(ctx, func(tx *gorm.DB) (int, error) {
		return gorm.G[webhookDeliveryRow](tx).Where("id = ? AND round = ?", id, round).Update(ctx, "start_due", false)
	})

	return reduce("noting the workflow of a delivery", err)
}

// WebhookTry is how a call went, or why there was none.
type WebhookTry struct {
	At         time.Time // zero: there was no call
	Fault      notification.WebhookFault
	HTTPStatus int
	Duration   time.Duration
	// NextTryAt is when the next call comes; zero: the delivery has ended.
	NextTryAt time.Time
}

// RecordWebhookTry notes a call of a round. Of another round, or after the end, it does nothing.
func (s *Store) RecordWebhookTry(ctx context.Context, id string, round int, try WebhookTry) error {
	row := webhookDeliveryRow{
		State: notification.WebhookWaiting, Fault: try.Fault, HTTPStatus: try.HTTPStatus, DurationMs: int(try.Duration.Milliseconds()),
		TriedAt: optionalStamp(try.At), NextTryAt: optionalStamp(try.NextTryAt),
	}

	columns := []any{"state", "fault", "next_try_at", "ended_at"}
	if row.TriedAt != nil {
		columns = append(columns, "http_status", "duration_ms", "tried_at")
	}

	if try.NextTryAt.IsZero() {
		now := s.now()
		row.EndedAt, row.State = &now, notification.WebhookFailed

		if try.Fault == "" {
			row.State = notification.WebhookDelivered
		}
	}

	return s.transaction(ctx, "recording a delivery of a webhook", func(tx *gorm.DB) error {
		waiting := func() *gorm.DB {
			return tx.WithContext(ctx).Model(&webhookDeliveryRow{}).
				Where("id = ? AND round = ? AND state = ?", id, round, notification.WebhookWaiting)
		}

		if row.TriedAt != nil {
			if err := waiting().Update("tries", gorm.Expr("tries + 1")).Error; err != nil {
				return reduce("counting the call", err)
			}
		}

		return reduce("noting the call", waiting().Select(columns[0], columns[1:]...).Updates(row).Error)
	})
}

// RetellWebhook has an event told once more, whose telling has ended. It returns [ErrConflict] where it has not.
func (s *Store) RetellWebhook(ctx context.Context, id string) error {
	updated := s.gorm.WithContext(ctx).Model(&webhookDeliveryRow{}).
		Where("id = ? AND state <> ?", id, notification.WebhookWaiting).
		Updates(map[string]any{
			"state": notification.WebhookWaiting, "round": gorm.Expr("round + 1"), "start_due": true, "queued_at": s.now(),
			"tries": 0, "fault": "", "next_try_at": nil, "ended_at": nil,
		})
	if updated.Error == nil && updated.RowsAffected == 0 {
		return reduce("telling an event once more", ErrConflict)
	}

	return reduce("telling an event once more", updated.Error)
}

// PurgeWebhookDeliveries removes what was told before a time, and tells how many there were.
func (s *Store) PurgeWebhookDeliveries(ctx context.Context, before time.Time) (int, error) {
	return s.purge(ctx, "removing old deliveries of webhooks", oldRows{
		model: &webhookDeliveryRow{}, since: columnCreatedAt, before: before,
	})
}
