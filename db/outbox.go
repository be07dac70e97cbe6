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
	// Trace is that of the request which asks for the start, in its W3C form; empty: none. It is never stored.
	Trace string
}

// startColumns are what a Start needs: the outbox is swept often and must not carry encrypted content about.
const startColumns = "id, ente_id, service_id, priority, policy, send_at, expires_at, run"

// unstarted is the condition of the partial indexes of that name, word for word.
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
		return s.noteRun(ctx, tx, id, Run{Number: run, TemporalID: temporalRunID})
	})
}

// noteRun is idempotent: both the starter and the workflow itself note a run.
func (s *Store) noteRun(ctx context.Context, tx *gorm.DB, id string, run Run) error {
	row := runRow{NotificationID: id, Number: run.Number, RunID: run.TemporalID, StartedAt: s.now()}
	if err := gorm.G[runRow](tx, clause.OnConflict{DoNothing: true}).Create(ctx, &row); err != nil {
		return reduce("adding a run", err)
	}

	_, err := gorm.G[notificationRow](tx).Where("id = ? AND started_run < ? AND run >= ?", id, run.Number, run.Number).
		Update(ctx, "started_run", run.Number)

	return reduce("marking the notification", err)
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
