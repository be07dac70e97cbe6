package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

type webhookRow struct {
	ID            string
	EnteID        string
	ServiceID     *string
	Target        []byte
	PreviousUntil *time.Time
	SecretSetAt   time.Time
	State         notification.WebhookState
	StateSince    time.Time
	Failures      int
	PausedUntil   *time.Time
	Version       int
	CreatedAt     time.Time
}

// TableName is GORM's hook.
func (webhookRow) TableName() string { return "webhooks" }

// webhookTarget is what an encrypted target holds.
type webhookTarget struct {
	URL      string `json:"url"`
	Secret   []byte `json:"secret"`
	Previous []byte `json:"previous,omitempty"`
}

func (s *Store) webhookRow(w notification.Webhook) (webhookRow, error) {
	target := webhookTarget{URL: w.URL, Secret: w.Secret, Previous: w.Previous}
	if w.State == notification.WebhookRemoved {
		target = webhookTarget{}
	}

	sealed, err := s.keys.seal(columnWebhook, w.ID, target)
	if err != nil {
		return webhookRow{}, err
	}

	return webhookRow{
		ID: w.ID, EnteID: w.EnteID, ServiceID: optionalText(w.ServiceID), Target: sealed, PreviousUntil: optionalStamp(w.PreviousUntil),
		SecretSetAt: stamp(w.SecretSetAt), State: w.State, StateSince: stamp(w.StateSince), Failures: w.Failures,
		PausedUntil: optionalStamp(w.PausedUntil), Version: w.Version, CreatedAt: stamp(w.CreatedAt),
	}, nil
}

func (s *Store) webhookOf(row webhookRow) (notification.Webhook, error) {
	var target webhookTarget
	if err := s.keys.unseal(columnWebhook, row.ID, row.Target, &target); err != nil {
		return notification.Webhook{}, err
	}

	return notification.Webhook{
		ID: row.ID, EnteID: row.EnteID, ServiceID: textOrEmpty(row.ServiceID), URL: target.URL, Secret: target.Secret,
		Previous: target.Previous, PreviousUntil: timeOrZero(row.PreviousUntil), SecretSetAt: row.SecretSetAt.UTC(),
		State: row.State, StateSince: row.StateSince.UTC(), Failures: row.Failures, PausedUntil: timeOrZero(row.PausedUntil),
		Version: row.Version, CreatedAt: row.CreatedAt.UTC(),
	}, nil
}

// CreateWebhook keeps a webhook. It returns [ErrDuplicate] where its service, or its Ente as a whole, has one.
func (s *Store) CreateWebhook(ctx context.Context, w notification.Webhook) error {
	const doing = "keeping a webhook"

	if err := checkIDs(w.ID, w.EnteID); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	row, err := s.webhookRow(w)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	return reduce(doing, create(ctx, s, &row))
}

// Webhook reads a webhook.
func (s *Store) Webhook(ctx context.Context, id string) (notification.Webhook, error) {
	const doing = "reading a webhook"

	row, err := gorm.G[webhookRow](s.gorm).Where("id = ?", id).Take(ctx)
	if err != nil {
		return notification.Webhook{}, reduce(doing, err)
	}

	read, err := s.webhookOf(row)
	if err != nil {
		return notification.Webhook{}, fmt.Errorf("%s: %w", doing, err)
	}

	return read, nil
}

// Webhooks lists an Ente's webhooks that are not removed: that of the whole Ente first, then in the order of their creation.
func (s *Store) Webhooks(ctx context.Context, enteID string) ([]notification.Webhook, error) {
	const doing = "listing webhooks"

	rows, err := gorm.G[webhookRow](s.gorm).Where("ente_id = ? AND state <> ?", enteID, notification.WebhookRemoved).
		Order("service_id IS NOT NULL, created_at, id").Find(ctx)
	if err != nil {
		return nil, reduce(doing, err)
	}

	found := make([]notification.Webhook, len(rows))
	for i, row := range rows {
		if found[i], err = s.webhookOf(row); err != nil {
			return nil, fmt.Errorf("%s: %w", doing, err)
		}
	}

	return found, nil
}

// UpdateWebhook replaces what a person may change of a webhook: where it is, its secrets and its state. Version is the one that
// was changed: it returns [ErrConflict] where there is another one since, or where the webhook is removed.
func (s *Store) UpdateWebhook(ctx context.Context, w notification.Webhook) error {
	const doing = "changing a webhook"

	row, err := s.webhookRow(w)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	row.Version = w.Version + 1

	updated, err := gorm.G[webhookRow](s.gorm).
		Where("id = ? AND version = ? AND state <> ?", w.ID, w.Version, notification.WebhookRemoved).
		Select("target", "previous_until", "secret_set_at", "state", "state_since", "failures", "paused_until", "version").
		Updates(ctx, row)
	if err == nil && updated == 0 {
		err = ErrConflict
	}

	return reduce(doing, err)
}

// WebhookWentAway notes that the application wants to be told no more. It tells whether that is news.
func (s *Store) WebhookWentAway(ctx context.Context, id string) (news bool, err error) {
	updated, err := gorm.G[webhookRow](s.gorm).Where("id = ? AND state = ?", id, notification.WebhookOn).
		Select("state", "state_since").Updates(ctx, webhookRow{State: notification.WebhookGone, StateSince: s.now()})

	return updated > 0, reduce("switching a webhook off", err)
}

// NoteWebhookAnswer notes that the application took an event, which ends a pause.
func (s *Store) NoteWebhookAnswer(ctx context.Context, id string) error {
	_, err := gorm.G[webhookRow](s.gorm).Where("id = ? AND failures > 0", id).
		Select("failures", "paused_until").Updates(ctx, webhookRow{})

	return reduce("noting a webhook's answer", err)
}

// NoteWebhookFailure counts a failure. Seen is the pause that was over when the call began, zero for none: where there is
// another one by now, the calls beside this one have told already. PauseAfter says for how long nothing is to be told after so
// many failures in a row; 0: go on.
func (s *Store) NoteWebhookFailure(
	ctx context.Context, id string, seen time.Time, pauseAfter func(failures int) time.Duration,
) error {
	return s.changeWebhook(ctx, "noting a webhook's failure", id, func(row *webhookRow) (changed bool) {
		if !timeOrZero(row.PausedUntil).Equal(seen) {
			return false
		}

		row.Failures++
		row.PausedUntil = nil

		if pause := pauseAfter(row.Failures); pause > 0 {
			until := stamp(s.now().Add(pause))
			row.PausedUntil = &until
		}

		return true
	})
}

// ProbeWebhook lets one call of all that wait for the end of a pause find out whether the application is back: the others wait
// until then. Seen is the pause that is over; won is false where somebody else tries already.
func (s *Store) ProbeWebhook(ctx context.Context, id string, seen, until time.Time) (won bool, err error) {
	err = s.changeWebhook(ctx, "trying a webhook", id, func(row *webhookRow) (changed bool) {
		if won = timeOrZero(row.PausedUntil).Equal(seen); won {
			row.PausedUntil = optionalStamp(until)
		}

		return won
	})

	return won, err
}

func (s *Store) changeWebhook(ctx context.Context, doing, id string, change func(row *webhookRow) (changed bool)) error {
	return s.transaction(ctx, doing, func(tx *gorm.DB) error {
		row, err := gorm.G[webhookRow](tx, clause.Locking{Strength: noKeyUpdate}).Omit("target").Where("id = ?", id).Take(ctx)
		if err != nil {
			return reduce("locking the webhook", err)
		}

		if !change(&row) {
			return nil
		}

		_, err = gorm.G[webhookRow](tx).Where("id = ?", id).Select("failures", "paused_until").Updates(ctx, row)

		return reduce("changing the webhook", err)
	})
}
