package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

type pauseRow struct {
	ID           string
	Scope        notification.PauseScope
	Channel      notification.Channel
	EnteID       *string
	ServiceID    *string
	Why          string
	ByID         string
	ByName       string
	Since        time.Time
	Until        *time.Time
	LiftedAt     *time.Time
	LiftedByID   string
	LiftedByName string
}

// TableName is GORM's hook.
func (pauseRow) TableName() string { return "pauses" }

func (r pauseRow) pause() notification.Pause {
	return notification.Pause{
		ID: r.ID, Scope: r.Scope, Channel: r.Channel, EnteID: textOrEmpty(r.EnteID), ServiceID: textOrEmpty(r.ServiceID),
		Why: r.Why, ByID: r.ByID, ByName: r.ByName, Since: r.Since.UTC(), Until: timeOrZero(r.Until),
		LiftedAt: timeOrZero(r.LiftedAt), LiftedByID: r.LiftedByID, LiftedByName: r.LiftedByName,
	}
}

// Pause begins a pause now, and gives it with its beginning. [ErrConflict] where one of the same thing is in force.
func (s *Store) Pause(ctx context.Context, pause notification.Pause) (notification.Pause, error) {
	if err := checkIDs(pause.ID); err != nil {
		return notification.Pause{}, fmt.Errorf("pausing: %w", err)
	}

	row := pauseRow{
		ID: pause.ID, Scope: pause.Scope, Channel: pause.Channel, EnteID: optionalText(pause.EnteID),
		ServiceID: optionalText(pause.ServiceID), Why: pause.Why, ByID: pause.ByID, ByName: pause.ByName,
		Since: s.now(), Until: optionalStamp(pause.Until),
	}

	err := s.transaction(ctx, "pausing", func(tx *gorm.DB) error {
		open, err := gorm.G[pauseRow](tx, clause.Locking{Strength: noKeyUpdate}).
			Where("lifted_at IS NULL AND scope = ? AND channel = ?", row.Scope, row.Channel).Find(ctx)
		if err != nil {
			return reduce("reading the pauses in force", err)
		}

		for _, other := range open {
			same := textOrEmpty(other.EnteID) == pause.EnteID && textOrEmpty(other.ServiceID) == pause.ServiceID
			if same && other.pause().InForce(row.Since) {
				return fmt.Errorf("it is paused already: %w", ErrConflict)
			}
		}

		return reduce("writing the pause", gorm.G[pauseRow](tx).Create(ctx, &row))
	})

	return row.pause(), err
}

// PauseByID reads a pause.
func (s *Store) PauseByID(ctx context.Context, id string) (notification.Pause, error) {
	row, err := gorm.G[pauseRow](s.gorm).Where("id = ?", id).Take(ctx)
	if err != nil {
		return notification.Pause{}, reduce("reading a pause", err)
	}

	return row.pause(), nil
}

// LiftPause ends a pause now. [ErrConflict] where it has ended already.
func (s *Store) LiftPause(ctx context.Context, id, byID, byName string) error {
	return s.transaction(ctx, "lifting a pause", func(tx *gorm.DB) error {
		row, err := gorm.G[pauseRow](tx, clause.Locking{Strength: noKeyUpdate}).Where("id = ?", id).Take(ctx)
		if err != nil {
			return reduce("locking the pause", err)
		}

		now := s.now()
		if !row.pause().InForce(now) && !row.Since.After(now) {
			return fmt.Errorf("the pause has ended: %w", ErrConflict)
		}

		row.LiftedAt, row.LiftedByID, row.LiftedByName = &now, byID, byName
		_, err = gorm.G[pauseRow](tx).Where("id = ?", id).Select("lifted_at", "lifted_by_id", "lifted_by_name").Updates(ctx, row)

		return reduce("writing the end of the pause", err)
	})
}

// PausesSince lists every pause that was in force at some time since then, the newest first.
func (s *Store) PausesSince(ctx context.Context, since time.Time) ([]notification.Pause, error) {
	before := stamp(since)

	rows, err := gorm.G[pauseRow](s.gorm).
		Where("(lifted_at IS NULL OR lifted_at > ?) AND (until IS NULL OR until > ?)", before, before).
		Order("since DESC, id DESC").Find(ctx)
	if err != nil {
		return nil, reduce("listing pauses", err)
	}

	pauses := make([]notification.Pause, len(rows))
	for i, row := range rows {
		pauses[i] = row.pause()
	}

	return pauses, nil
}

// Pauses lists the newest pauses of an Ente, those of the whole gateway included, or of all where enteID is empty.
func (s *Store) Pauses(ctx context.Context, enteID string, limit int) ([]notification.Pause, error) {
	query := gorm.G[pauseRow](s.gorm).Order("since DESC, id DESC").Limit(limit)
	if enteID != "" {
		query = query.Where("ente_id = ? OR ente_id IS NULL", enteID)
	}

	rows, err := query.Find(ctx)
	if err != nil {
		return nil, reduce("listing pauses", err)
	}

	pauses := make([]notification.Pause, len(rows))
	for i, row := range rows {
		pauses[i] = row.pause()
	}

	return pauses, nil
}

// CountOnHold counts the notifications on hold, up to a limit.
func (s *Store) CountOnHold(ctx context.Context, limit int) (int, error) {
	var count int64

	err := s.gorm.WithContext(ctx).Raw(
		"SELECT count(*) FROM (SELECT 1 FROM notifications WHERE status = ? LIMIT ?) AS held", notification.StatusOnHold, limit).
		Scan(&count).Error

	return int(count), reduce("counting what is on hold", err)
}
