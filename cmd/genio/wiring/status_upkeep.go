package wiring

import (
	"context"
	"time"

	"github.com/genio-gateway/genio/notification"
)

// RetentionStatus is what the last run of retention came to, and whether data stays longer than it should.
type RetentionStatus struct {
	// Status is completed, or failed where something could not be removed; left out: no run has ended yet.
	Status    notification.RetentionStatus `json:"status,omitempty"`
	StartedAt time.Time                    `json:"started_at,omitzero"`
	EndedAt   time.Time                    `json:"ended_at,omitzero"`
	// Removed counts what the run removed, of all Enti together, by kind; kinds of which there was nothing are left out.
	Removed map[notification.RetentionKind]int `json:"removed,omitempty"`
	// NotRemoved names the kinds of which something could not be removed.
	NotRemoved []notification.RetentionKind `json:"not_removed,omitempty"`
	// CompleteAt is when all that was due was last gone; before the first run, when the first Ente was entered.
	CompleteAt time.Time `json:"complete_at,omitzero"`
	Late       bool      `json:"late"`
}

// ReconciliationStatus is what the last reconciliation that has ended came to, and whether the next one is late.
type ReconciliationStatus struct {
	StartedAt time.Time `json:"started_at,omitzero"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
	// Difference is what did not agree after the repairs, and NotMade names the checks that could not be made.
	Difference int                  `json:"difference"`
	NotMade    []notification.Check `json:"not_made,omitempty"`
	Late       bool                 `json:"late"`
}

// upkeep is nil for what cannot be read.
func (p Process) upkeep(ctx context.Context) (*RetentionStatus, *ReconciliationStatus) {
	ctx, end := context.WithTimeout(ctx, lookPatience)
	defer end()

	done, err := p.Store.Upkeep(ctx)
	if err != nil {
		return nil, nil
	}

	now := time.Now()
	retention, reconciliation := p.retention(ctx), p.reconciliation(ctx)

	if retention != nil {
		retention.CompleteAt, retention.Late = done.Retention, done.RetentionLate(now)
	}

	if reconciliation != nil {
		reconciliation.Late = done.ReconciliationLate(now)
	}

	return retention, reconciliation
}

func (p Process) retention(ctx context.Context) *RetentionStatus {
	latest, found, err := p.Store.LatestRetention(ctx)
	if err != nil {
		return nil
	}

	if !found {
		return &RetentionStatus{}
	}

	run, err := p.Store.RetentionRun(ctx, latest.ID, "")
	if err != nil {
		return nil
	}

	told := &RetentionStatus{
		Status: run.Status, StartedAt: run.StartedAt, EndedAt: run.EndedAt, Removed: map[notification.RetentionKind]int{},
	}

	for _, kind := range notification.RetentionKinds() {
		if total := run.Total(kind); total > 0 {
			told.Removed[kind] = total
		}

		if run.Failed(kind) {
			told.NotRemoved = append(told.NotRemoved, kind)
		}
	}

	return told
}

func (p Process) reconciliation(ctx context.Context) *ReconciliationStatus {
	run, found, err := lastReconciliation(ctx, p.Store)
	if err != nil {
		return nil
	}

	if !found {
		return &ReconciliationStatus{}
	}

	return &ReconciliationStatus{
		StartedAt: run.StartedAt, EndedAt: run.EndedAt, Difference: run.Difference(), NotMade: run.Failed(),
	}
}
