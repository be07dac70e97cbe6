package db

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// ProviderEvent is a provider's own word about an attempt, kept raw.
type ProviderEvent struct {
	Status string
	At     time.Time
}

type providerEventRow struct {
	ID             string
	AttemptID      string
	ProviderStatus string
	OccurredAt     time.Time
}

// TableName is GORM's hook.
func (providerEventRow) TableName() string { return "provider_events" }

// RecordProviderEvent adds a provider's word to those of an attempt. It must hold no personal data. A zero
// time means now.
func (s *Store) RecordProviderEvent(ctx context.Context, attemptID, providerStatus string, at time.Time) error {
	const doing = "recording a provider's word"

	id, err := newID()
	if err != nil {
		return reduce(doing, err)
	}

	row := providerEventRow{ID: id, AttemptID: attemptID, ProviderStatus: providerStatus, OccurredAt: stampOr(at, s.now())}

	return reduce(doing, create(ctx, s, &row))
}

// ProviderEvents lists a provider's words about an attempt, the oldest first.
func (s *Store) ProviderEvents(ctx context.Context, attemptID string) ([]ProviderEvent, error) {
	rows, err := gorm.G[providerEventRow](s.gorm).Where("attempt_id = ?", attemptID).Order("occurred_at, id").Find(ctx)
	if err != nil {
		return nil, reduce("listing a provider's words", err)
	}

	events := make([]ProviderEvent, len(rows))
	for i, row := range rows {
		events[i] = ProviderEvent{Status: row.ProviderStatus, At: row.OccurredAt.UTC()}
	}

	return events, nil
}

// ProviderEventsOf lists the providers' words about each of some attempts, by the attempt's id, the oldest first.
func (s *Store) ProviderEventsOf(ctx context.Context, attemptIDs ...string) (map[string][]ProviderEvent, error) {
	events := make(map[string][]ProviderEvent)
	if len(attemptIDs) == 0 {
		return events, nil
	}

	rows, err := gorm.G[providerEventRow](s.gorm).Where("attempt_id IN ?", attemptIDs).Order("occurred_at, id").Find(ctx)
	if err != nil {
		return nil, reduce("listing providers' words", err)
	}

	for _, row := range rows {
		events[row.AttemptID] = append(events[row.AttemptID], ProviderEvent{Status: row.ProviderStatus, At: row.OccurredAt.UTC()})
	}

	return events, nil
}
