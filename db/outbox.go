package db

import (
	"context"
	"time"

	"gorm.io/gorm"

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
