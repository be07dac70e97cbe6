package workflows

import "context"

// Names of the workflows of privacy, as Temporal's own tools show them.
const (
	RetentionWorkflow = "Retention"
	ErasureWorkflow   = "Erasure"
)

// RetentionScheduleID names the schedule of retention.
const RetentionScheduleID = "retention"

// Names of the activities: the methods of PrivacyActivities.
const (
	ActivityBeginRetention     = "BeginRetention"
	ActivityRemoveOfEnte       = "RemoveOfEnte"
	ActivityRemoveShared       = "RemoveShared"
	ActivityNoteRetentionFault = "NoteRetentionFault"
	ActivityFinishRetention    = "FinishRetention"
	ActivityCancelForErasure   = "CancelForErasure"
	ActivityEraseCitizen       = "EraseCitizen"
	ActivityFinishErasure      = "FinishErasure"
)

// ErasureID is the workflow ID of an erasure.
func ErasureID(id string) string { return "erasure/" + id }

// RetentionInput starts retention, or goes on with it. It is empty at the start.
type RetentionInput struct {
	RunID string `json:"run_id,omitempty"`
	// EnteIDs are the Enti that are still to be seen to.
	EnteIDs []string `json:"ente_ids,omitempty"`
}

// RetentionRemoval asks for what is due of an Ente to be removed; without one, what is nobody's in particular.
type RetentionRemoval struct {
	RunID  string `json:"run_id"`
	EnteID string `json:"ente_id,omitempty"`
}

// RetentionResult tells how far that got.
type RetentionResult struct {
	// Done tells that nothing more is due.
	Done bool `json:"done"`
}

// ErasureInput starts an erasure. About whom it is stays in the database, encrypted, and goes with its end.
type ErasureInput struct {
	ID string `json:"id"`
}

// PrivacyActivities is what the workflows of privacy ask of the outside world.
type PrivacyActivities interface {
	// BeginRetention notes that a run has begun, and lists the Enti.
	BeginRetention(ctx context.Context, in RetentionInput) (enteIDs []string, err error)
	// RemoveOfEnte removes some of what is due of an Ente. It may be repeated.
	RemoveOfEnte(ctx context.Context, removal RetentionRemoval) (RetentionResult, error)
	// RemoveShared removes what is due and nobody's in particular. It may be repeated.
	RemoveShared(ctx context.Context, removal RetentionRemoval) error
	// NoteRetentionFault notes that not all could be removed.
	NoteRetentionFault(ctx context.Context, removal RetentionRemoval) error
	// FinishRetention stores the end.
	FinishRetention(ctx context.Context, removal RetentionRemoval) error

	// CancelForErasure cancels the citizen's open notifications, where the request says so. It may be repeated.
	CancelForErasure(ctx context.Context, in ErasureInput) error
	// EraseCitizen erases what has ended. It fails, and is tried again, until nothing is left that has to end first.
	EraseCitizen(ctx context.Context, in ErasureInput) error
	// FinishErasure stores the end, and forgets about whom the request was.
	FinishErasure(ctx context.Context, in ErasureInput) error
}
