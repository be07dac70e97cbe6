package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

type retentionRunRow struct {
	ID        string
	Status    notification.RetentionStatus
	StartedAt time.Time
	EndedAt   *time.Time
}

// TableName is GORM's hook.
func (retentionRunRow) TableName() string { return "retention_runs" }

func (r retentionRunRow) run() notification.RetentionRun {
	return notification.RetentionRun{ID: r.ID, Status: r.Status, StartedAt: r.StartedAt.UTC(), EndedAt: timeOrZero(r.EndedAt)}
}

// BeginRetention notes that a run has begun, once. A run that is still noted as running died: it has failed.
func (s *Store) BeginRetention(ctx context.Context, id string) error {
	const doing = "beginning a retention run"

	if err := checkIDs(id); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	return s.transaction(ctx, doing, func(tx *gorm.DB) error {
		now := s.now()

		_, err := gorm.G[retentionRunRow](tx).Where("status = ? AND id <> ?", notification.RetentionRunning, id).
			Select("status", "ended_at").Updates(ctx, retentionRunRow{Status: notification.RetentionFailed, EndedAt: &now})
		if err != nil {
			return reduce("ending runs that died", err)
		}

		row := retentionRunRow{ID: id, Status: notification.RetentionRunning, StartedAt: now}

		return reduce(doing, gorm.G[retentionRunRow](tx, clause.OnConflict{DoNothing: true}).Create(ctx, &row))
	})
}

// FinishRetention notes a run's end: failed where something could not be removed.
func (s *Store) FinishRetention(ctx context.Context, id string) error {
	return s.transaction(ctx, "ending a retention run", func(tx *gorm.DB) error {
		failures, err := gorm.G[retentionCountRow](tx).Where("run_id = ? AND failed", id).Count(ctx, "*")
		if err != nil {
			return reduce("reading what was not removed", err)
		}

		now := s.now()
		end := retentionRunRow{Status: notification.RetentionCompleted, EndedAt: &now}

		if failures > 0 {
			end.Status = notification.RetentionFailed
		}

		_, err = gorm.G[retentionRunRow](tx).Where("id = ? AND status = ?", id, notification.RetentionRunning).
			Select("status", "ended_at").Updates(ctx, end)

		return reduce("noting the end", err)
	})
}

// RetentionRuns lists the latest runs with what they removed, the newest first; of one Ente, where it is named.
func (s *Store) RetentionRuns(ctx context.Context, enteID string, limit int) ([]notification.RetentionRun, error) {
	const doing = "listing retention runs"

	rows, err := gorm.G[retentionRunRow](s.gorm).Order("started_at DESC, id DESC").Limit(limit).Find(ctx)
	if err != nil {
		return nil, reduce(doing, err)
	}

	runs := make([]notification.RetentionRun, len(rows))
	for i, row := range rows {
		runs[i] = row.run()

		if runs[i].Counts, err = s.retentionCounts(ctx, row.ID, enteID); err != nil {
			return nil, reduce(doing, err)
		}
	}

	return runs, nil
}

// RetentionRun reads a run with what it removed; of one Ente, where it is named.
func (s *Store) RetentionRun(ctx context.Context, id, enteID string) (notification.RetentionRun, error) {
	const doing = "reading a retention run"

	row, err := gorm.G[retentionRunRow](s.gorm).Where("id = ?", id).Take(ctx)
	if err != nil {
		return notification.RetentionRun{}, reduce(doing, err)
	}

	run := row.run()
	run.Counts, err = s.retentionCounts(ctx, id, enteID)

	return run, reduce(doing, err)
}

// LatestRetention is the latest run that has ended, without its counts; false where there was none.
func (s *Store) LatestRetention(ctx context.Context) (run notification.RetentionRun, found bool, err error) {
	row, err := gorm.G[retentionRunRow](s.gorm).Where("ended_at IS NOT NULL").Order("started_at DESC, id DESC").Take(ctx)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return notification.RetentionRun{}, false, nil
	}

	return row.run(), err == nil, reduce("reading the latest retention run", err)
}

func (s *Store) retentionCounts(ctx context.Context, runID, enteID string) ([]notification.RetentionCount, error) {
	query := gorm.G[retentionCountRow](s.gorm).Where("run_id = ?", runID).Order("ente_id, kind")
	if enteID != "" {
		query = query.Where("ente_id = ?", enteID)
	}

	rows, err := query.Find(ctx)
	if err != nil {
		return nil, reduce("reading what a run removed", err)
	}

	counts := make([]notification.RetentionCount, len(rows))
	for i, row := range rows {
		counts[i] = notification.RetentionCount{EnteID: row.EnteID, Kind: row.Kind, Total: int(row.Total), Failed: row.Failed}

		if row.EnteID == nilID {
			counts[i].EnteID = ""
		}
	}

	return counts, nil
}

// PurgeRetentionRuns forgets the runs begun before a time and tells how many there were.
func (s *Store) PurgeRetentionRuns(ctx context.Context, before time.Time) (int, error) {
	const doing = "forgetting retention runs"

	old := s.gorm.WithContext(ctx).Model(&retentionRunRow{}).Select("id").Where("started_at < ?", stamp(before))
	if err := s.gorm.WithContext(ctx).Where("run_id IN (?)", old).Delete(&retentionCountRow{}).Error; err != nil {
		return 0, reduce(doing, err)
	}

	purged, err := gorm.G[retentionRunRow](s.gorm).Where("started_at < ?", stamp(before)).Delete(ctx)

	return purged, reduce(doing, err)
}
