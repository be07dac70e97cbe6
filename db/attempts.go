package db

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

type attemptRow struct {
	ID             string
	NotificationID string
	Channel        notification.Channel
	Ordinal        int
	Status         notification.AttemptStatus
	Reason         notification.Reason
	ProviderID     *string
	ProviderStatus string
	Calls          int
	Segments       int
	StartedAt      time.Time
	CalledAt       *time.Time
	SentAt         *time.Time
	SettledAt      *time.Time
}

// TableName is GORM's hook.
func (attemptRow) TableName() string { return "attempts" }

func (r attemptRow) attempt() notification.Attempt {
	return notification.Attempt{
		ID: r.ID, NotificationID: r.NotificationID, Channel: r.Channel, Ordinal: r.Ordinal, Status: r.Status,
		Reason: r.Reason, ProviderID: textOrEmpty(r.ProviderID), ProviderStatus: r.ProviderStatus, Calls: r.Calls,
		Segments: r.Segments, StartedAt: r.StartedAt.UTC(), CalledAt: timeOrZero(r.CalledAt),
		SentAt: timeOrZero(r.SentAt), SettledAt: timeOrZero(r.SettledAt),
	}
}

func rowOfAttempt(a notification.Attempt) attemptRow {
	return attemptRow{
		ID: a.ID, NotificationID: a.NotificationID, Channel: a.Channel, Ordinal: a.Ordinal, Status: a.Status,
		Reason: a.Reason, ProviderID: optionalText(a.ProviderID), ProviderStatus: a.ProviderStatus, Calls: a.Calls,
		Segments: a.Segments, StartedAt: a.StartedAt, CalledAt: optionalStamp(a.CalledAt),
		SentAt: optionalStamp(a.SentAt), SettledAt: optionalStamp(a.SettledAt),
	}
}

// Attempt finds one attempt.
func (s *Store) Attempt(ctx context.Context, id string) (notification.Attempt, error) {
	row, err := gorm.G[attemptRow](s.gorm).Where("id = ?", id).Take(ctx)
	if err != nil {
		return notification.Attempt{}, reduce("reading an attempt", err)
	}

	return row.attempt(), nil
}

// Attempts lists a notification's attempts in the order they began.
func (s *Store) Attempts(ctx context.Context, notificationID string) ([]notification.Attempt, error) {
	return attemptsOf(ctx, s.gorm, notificationID)
}

// AttemptByProviderID finds the attempt behind a provider's own id, as a status callback names it.
func (s *Store) AttemptByProviderID(
	ctx context.Context, channel notification.Channel, providerID string,
) (notification.Attempt, error) {
	row, err := gorm.G[attemptRow](s.gorm).Where("channel = ? AND provider_id = ?", channel, providerID).Take(ctx)
	if err != nil {
		return notification.Attempt{}, reduce("reading an attempt by its provider's id", err)
	}

	return row.attempt(), nil
}

func attemptsOf(ctx context.Context, tx *gorm.DB, notificationID string) ([]notification.Attempt, error) {
	rows, err := gorm.G[attemptRow](tx).Where("notification_id = ?", notificationID).
		Order("started_at, id").Find(ctx)
	if err != nil {
		return nil, reduce("listing attempts", err)
	}

	attempts := make([]notification.Attempt, len(rows))
	for i, row := range rows {
		attempts[i] = row.attempt()
	}

	return attempts, nil
}

// latestAttempt locks and gives the channel's latest attempt; nil where there is none. The caller holds the
// notification's lock, so that none is added meanwhile.
func latestAttempt(ctx context.Context, tx *gorm.DB, notificationID string, channel notification.Channel) (*attemptRow, error) {
	rows, err := gorm.G[attemptRow](tx, clause.Locking{Strength: noKeyUpdate}).
		Where("notification_id = ? AND channel = ?", notificationID, channel).
		Order("ordinal DESC").Limit(1).Find(ctx)
	if err != nil {
		return nil, reduce("locking the latest attempt", err)
	}

	if len(rows) == 0 {
		return nil, nil //nolint:nilnil // No attempt is an ordinary answer here, not an error.
	}

	return &rows[0], nil
}

// nextAttempt is a new attempt after the latest one, which may be nil.
func (s *Store) nextAttempt(
	notificationID string, channel notification.Channel, latest *attemptRow, status notification.AttemptStatus,
) (attemptRow, error) {
	id, err := newID()
	if err != nil {
		return attemptRow{}, err
	}

	ordinal := 1
	if latest != nil {
		ordinal = latest.Ordinal + 1
	}

	return attemptRow{
		ID: id, NotificationID: notificationID, Channel: channel, Ordinal: ordinal, Status: status, StartedAt: s.now(),
	}, nil
}

func addAttempt(ctx context.Context, tx *gorm.DB, row attemptRow) error {
	return reduce("adding an attempt", gorm.G[attemptRow](tx).Create(ctx, &row))
}
