package db

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

// Start is what a workflow needs to be started: identifiers and policy, no personal data.
type Start struct {
	ID        string
	EnteID    string
	ServiceID string
	Priority  notification.Priority
	Policy    notification.Policy
	SendAt    time.Time // zero: at once
	ExpiresAt time.Time // zero: never
	Run       int
}

// startColumns are what a Start needs: the outbox is swept often and must not carry encrypted content about.
const startColumns = "id, ente_id, service_id, priority, policy, send_at, expires_at, run"

// unstarted is the condition of the partial index of the same name, word for word.
const unstarted = "started_run < run AND status IN ('accepted', 'scheduled')"

type runRow struct {
	NotificationID string `gorm:"primaryKey"`
	Number         int    `gorm:"primaryKey;autoIncrement:false"`
	RunID          string
	StartedAt      time.Time
}

// TableName is GORM's hook.
func (runRow) TableName() string { return "runs" }

func (r notificationRow) start() Start {
	return Start{
		ID: r.ID, EnteID: r.EnteID, ServiceID: r.ServiceID, Priority: r.Priority, Policy: r.Policy,
		SendAt: timeOrZero(r.SendAt), ExpiresAt: timeOrZero(r.ExpiresAt), Run: r.Run,
	}
}

// Unstarted lists the oldest notifications whose present run became ready before olderThan and was not
// started. Nothing is claimed: two sweepers may get the same one, and starting a workflow twice is harmless.
func (s *Store) Unstarted(ctx context.Context, olderThan time.Time, limit int) ([]Start, error) {
	rows, err := gorm.G[notificationRow](s.gorm).Select(startColumns).
		Where(unstarted).Where("queued_at < ?", stamp(olderThan)).
		Order("queued_at").Limit(limit).Find(ctx)
	if err != nil {
		return nil, reduce("listing notifications to start", err)
	}

	starts := make([]Start, len(rows))
	for i, row := range rows {
		starts[i] = row.start()
	}

	return starts, nil
}

// StartOf gives what the workflow of a notification's present run is started with.
func (s *Store) StartOf(ctx context.Context, id string) (Start, error) {
	row, err := gorm.G[notificationRow](s.gorm).Select(startColumns).Where("id = ?", id).Take(ctx)
	if err != nil {
		return Start{}, reduce("reading what to start", err)
	}

	return row.start(), nil
}

// MarkStarted records that a run's workflow was started, under Temporal's run id. Calling it again for the
// same run changes nothing.
func (s *Store) MarkStarted(ctx context.Context, id string, run int, temporalRunID string) error {
	return s.transaction(ctx, "recording a started workflow", func(tx *gorm.DB) error {
		row := runRow{NotificationID: id, Number: run, RunID: temporalRunID, StartedAt: s.now()}
		if err := gorm.G[runRow](tx, clause.OnConflict{DoNothing: true}).Create(ctx, &row); err != nil {
			return reduce("adding a run", err)
		}

		_, err := gorm.G[notificationRow](tx).Where("id = ? AND started_run < ? AND run >= ?", id, run, run).
			Update(ctx, "started_run", run)

		return reduce("marking the notification", err)
	})
}

// Runs lists Temporal's run ids of a notification, the first run first.
func (s *Store) Runs(ctx context.Context, id string) ([]string, error) {
	rows, err := gorm.G[runRow](s.gorm).Where("notification_id = ?", id).Order("number").Find(ctx)
	if err != nil {
		return nil, reduce("listing runs", err)
	}

	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.RunID
	}

	return ids, nil
}
