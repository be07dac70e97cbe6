package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

// reconciliationsKept is how long runs, and findings that are over, are kept.
const reconciliationsKept = 90 * 24 * time.Hour

// reconciliationRow is one run of all checks.
type reconciliationRow struct {
	ID        string
	ByID      string
	ByName    string
	StartedAt time.Time
	EndedAt   *time.Time
	Results   []notification.CheckResult `gorm:"serializer:json"`
	Sums      notification.Sums          `gorm:"serializer:json"`
}

// TableName is GORM's hook.
func (reconciliationRow) TableName() string { return "reconciliations" }

func (r reconciliationRow) reconciliation() notification.Reconciliation {
	return notification.Reconciliation{
		ID: r.ID, ByID: r.ByID, ByName: r.ByName, StartedAt: r.StartedAt.UTC(), EndedAt: timeOrZero(r.EndedAt),
		Results: r.Results, Sums: r.Sums,
	}
}

// BeginReconciliation notes that a reconciliation has begun. Noting it again changes nothing.
func (s *Store) BeginReconciliation(ctx context.Context, begun notification.Reconciliation) error {
	const doing = "noting a reconciliation"

	if err := checkIDs(begun.ID); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	row := reconciliationRow{
		ID: begun.ID, ByID: begun.ByID, ByName: begun.ByName, StartedAt: stampOr(begun.StartedAt, s.now()),
		Results: []notification.CheckResult{},
	}

	return reduce(doing, gorm.G[reconciliationRow](s.gorm, clause.OnConflict{DoNothing: true}).Create(ctx, &row))
}

// EndReconciliation keeps what a reconciliation came to. What was found before by a check that was made now, and was not
// seen any more, is gone; what was put before a person is settled once its notification has moved on.
func (s *Store) EndReconciliation(ctx context.Context, ended notification.Reconciliation) error {
	return s.transaction(ctx, "ending a reconciliation", func(tx *gorm.DB) error {
		var made []notification.Check

		for _, result := range ended.Results {
			if !result.Failed {
				made = append(made, result.Check)
			}
		}

		now := s.now()

		begun, err := gorm.G[reconciliationRow](tx).Where("id = ?", ended.ID).Take(ctx)
		if err != nil {
			return reduce("reading the reconciliation", err)
		}

		if err := resolveGone(tx, begun, made, now); err != nil {
			return err
		}

		if err := forgetReconciliations(ctx, tx, now.Add(-reconciliationsKept)); err != nil {
			return err
		}

		updated, err := gorm.G[reconciliationRow](tx).Where("id = ?", ended.ID).Select("results", "sums", "ended_at").
			Updates(ctx, reconciliationRow{Results: ended.Results, Sums: ended.Sums, EndedAt: &now})

		return changedOne("keeping the result", updated, err)
	})
}

// resolveGone goes by the time as well as by the run: another reconciliation at the same time may have seen it last.
func resolveGone(tx *gorm.DB, run reconciliationRow, made []notification.Check, now time.Time) error {
	if len(made) == 0 {
		return nil
	}

	gone := map[string]any{"resolved_at": now, "action": notification.ActionGone}
	before := func() *gorm.DB {
		return tx.Model(&findingRow{}).Where("resolved_at IS NULL AND check_name IN ? AND run_id <> ? AND last_seen < ?",
			made, run.ID, run.StartedAt)
	}

	if err := before().Where("NOT lasting").Updates(gone).Error; err != nil {
		return reduce("resolving what is gone", err)
	}

	// A notification that waits as it was left is failed for that very reason; whoever retried it has seen to it.
	left := tx.Model(&notificationRow{}).Select("id").
		Where("notifications.id = reconciliation_findings.notification_id AND status = ? AND reason = ?",
			notification.StatusFailed, notification.ReasonWorkInterrupted)

	return reduce("resolving what was seen to", before().Where("lasting AND NOT EXISTS (?)", left).Updates(gone).Error)
}

// forgetReconciliations removes what is old and over, some at a time.
func forgetReconciliations(ctx context.Context, tx *gorm.DB, before time.Time) error {
	_, err := gorm.G[findingRow](tx).Where("id IN (?)", tx.Model(&findingRow{}).Select("id").
		Where("resolved_at IS NOT NULL AND last_seen < ?", before).Order("last_seen").Limit(purgeBatch)).Delete(ctx)
	if err != nil {
		return reduce("forgetting findings", err)
	}

	_, err = gorm.G[reconciliationRow](tx).Where("id IN (?)", tx.Model(&reconciliationRow{}).Select("id").
		Where("started_at < ?", before).Order("started_at").Limit(purgeBatch)).Delete(ctx)

	return reduce("forgetting reconciliations", err)
}

// Reconciliations lists the latest runs, the newest first.
func (s *Store) Reconciliations(ctx context.Context, limit int) ([]notification.Reconciliation, error) {
	rows, err := gorm.G[reconciliationRow](s.gorm).Order("started_at DESC, id DESC").Limit(limit).Find(ctx)
	if err != nil {
		return nil, reduce("listing reconciliations", err)
	}

	runs := make([]notification.Reconciliation, len(rows))
	for i, row := range rows {
		runs[i] = row.reconciliation()
	}

	return runs, nil
}

// Reconciliation reads one run.
func (s *Store) Reconciliation(ctx context.Context, id string) (notification.Reconciliation, error) {
	row, err := gorm.G[reconciliationRow](s.gorm).Where("id = ?", id).Take(ctx)
	if err != nil {
		return notification.Reconciliation{}, reduce("reading a reconciliation", err)
	}

	return row.reconciliation(), nil
}

// ForgetReconciliation removes a run that was noted and never started.
func (s *Store) ForgetReconciliation(ctx context.Context, id string) error {
	_, err := gorm.G[reconciliationRow](s.gorm).Where("id = ? AND ended_at IS NULL", id).Delete(ctx)

	return reduce("forgetting a reconciliation", err)
}
