package workflows

import (
	"context"

	"github.com/genio-gateway/genio/notification"
)

// ReconciliationWorkflow is the name of the workflow, as Temporal's own tools show it, and ReconciliationScheduleID that of its
// schedule.
const (
	ReconciliationWorkflow   = "Reconciliation"
	ReconciliationScheduleID = "reconciliation"
)

// Names of the activities: the methods of ReconciliationActivities.
const (
	ActivityBeginReconciliation = "BeginReconciliation"
	ActivityReconcilePage       = "ReconcilePage"
	ActivityCompareWithIO       = "CompareWithIO"
	ActivityEndReconciliation   = "EndReconciliation"
)

// ReconciliationID is the workflow ID of a reconciliation that somebody asked for.
func ReconciliationID(id string) string { return ReconciliationScheduleID + "/" + id }

// ReconciliationInput starts, or goes on with, a reconciliation. It holds figures and identifiers only.
type ReconciliationInput struct {
	// ID is the reconciliation's; empty: of the schedule, it is the id of its first run then.
	ID string `json:"id,omitempty"`
	// Begun tells that it is noted in the database.
	Begun bool `json:"begun,omitempty"`
	// Check is the number of the check at hand, and Cursor where it goes on.
	Check   int                        `json:"check,omitempty"`
	Cursor  string                     `json:"cursor,omitempty"`
	Results []notification.CheckResult `json:"results,omitempty"`
	Sums    notification.Sums          `json:"sums,omitzero"`
}

// ReconciliationPage asks for the next part of a check.
type ReconciliationPage struct {
	ID     string             `json:"id"`
	Check  notification.Check `json:"check"`
	Cursor string             `json:"cursor,omitempty"`
}

// ReconciliationPageResult is what that came to.
type ReconciliationPageResult struct {
	notification.CheckResult

	// Next is where the check goes on; empty: it is done.
	Next string            `json:"next,omitempty"`
	Sums notification.Sums `json:"sums,omitzero"`
	// Ask are hand-overs of which IO has to be asked, one by one, like every call to IO.
	Ask []IOQuestion `json:"ask,omitempty"`
}

// IOQuestion asks IO what became of one message.
type IOQuestion struct {
	ID        string `json:"id"` // the reconciliation's
	AttemptID string `json:"attempt_id"`
	EnteID    string `json:"ente_id"`
}

// ReconciliationEnd is what a reconciliation came to.
type ReconciliationEnd struct {
	ID      string                     `json:"id"`
	Results []notification.CheckResult `json:"results"`
	Sums    notification.Sums          `json:"sums"`
}

// ReconciliationActivities is what the workflow of a reconciliation asks of the outside world.
type ReconciliationActivities interface {
	// BeginReconciliation notes the beginning.
	BeginReconciliation(ctx context.Context, id string) error
	// ReconcilePage makes the next part of a check, repairs what is safe and puts the rest before a person. It may be
	// repeated: what is repaired is not found again, and a finding is kept once.
	ReconcilePage(ctx context.Context, page ReconciliationPage) (ReconciliationPageResult, error)
	// CompareWithIO asks IO what became of one message.
	CompareWithIO(ctx context.Context, question IOQuestion) (notification.CheckResult, error)
	// EndReconciliation keeps the result.
	EndReconciliation(ctx context.Context, end ReconciliationEnd) error
}
