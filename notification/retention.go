package notification

import (
	"fmt"
	"slices"
	"time"
)

// How many days after its end a notification keeps what it held. The usual content days leave three months for questions; the
// outcome, that is whom it was for and what became of it, stays for two years.
const (
	DefaultContentDays = 90
	DefaultOutcomeDays = 730

	// MinContentDays and the other bounds: below a month nobody could retry or correct what failed; what somebody has to prove
	// for longer belongs into the Ente's own archives.
	MinContentDays = 30
	MaxContentDays = 730
	MinOutcomeDays = 180
	MaxOutcomeDays = 3650
)

// Retention is for how many days after a notification's end an Ente keeps it.
type Retention struct {
	// ContentDays is how long texts, payment data and phone stay.
	ContentDays int
	// OutcomeDays is how long the notification itself stays, with the recipient's fiscal code and its timeline.
	OutcomeDays int
}

// OrUsual is the retention with the usual days where it names none.
func (r Retention) OrUsual() Retention {
	if r.ContentDays == 0 {
		r.ContentDays = DefaultContentDays
	}

	if r.OutcomeDays == 0 {
		r.OutcomeDays = DefaultOutcomeDays
	}

	return r
}

// Check names what is out of bounds.
func (r Retention) Check() FieldErrors {
	var fields FieldErrors

	if r.ContentDays < MinContentDays || r.ContentDays > MaxContentDays {
		fields = append(fields, outOfDays("content_days", MinContentDays, MaxContentDays))
	}

	if r.OutcomeDays < MinOutcomeDays || r.OutcomeDays > MaxOutcomeDays {
		fields = append(fields, outOfDays("outcome_days", MinOutcomeDays, MaxOutcomeDays))
	}

	if len(fields) == 0 && r.OutcomeDays < r.ContentDays {
		fields = append(fields, FieldError{
			Field: "outcome_days", Code: "range",
			Message:   "not less than the days of the content",
			Messaggio: "non meno dei giorni del contenuto",
		})
	}

	return fields
}

func outOfDays(field string, least, most int) FieldError {
	return FieldError{
		Field: field, Code: "range",
		Message:   fmt.Sprintf("%d to %d days", least, most),
		Messaggio: fmt.Sprintf("da %d a %d giorni", least, most),
	}
}

// RetentionKind is a kind of what retention removes.
type RetentionKind string

// The kinds. The first ones are counted for each Ente, the others for all together.
const (
	RemovedContent       RetentionKind = "content"       // texts, payment data and phones of notifications
	RemovedNotifications RetentionKind = "notifications" // whole, with attempts, providers' words and timeline
	RemovedDrafts        RetentionKind = "drafts"        // batches that nobody confirmed, discarded
	RemovedBatchFiles    RetentionKind = "batch_files"   // files and rows of batches
	RemovedBatches       RetentionKind = "batches"

	RemovedIdempotencyKeys RetentionKind = "idempotency_keys"
	RemovedBulkAnswers     RetentionKind = "bulk_answers"
	RemovedChecks          RetentionKind = "recipient_checks"
	RemovedSessions        RetentionKind = "sessions"
	RemovedInvitations     RetentionKind = "invitations"
	RemovedImports         RetentionKind = "service_imports"
	RemovedInterventions   RetentionKind = "interventions"
	RemovedDeliveries      RetentionKind = "webhook_deliveries"
	RemovedErasures        RetentionKind = "erasures"
	RemovedRuns            RetentionKind = "retention_runs"
	RemovedAudit           RetentionKind = "audit_entries"
)

// RetentionKinds lists them in the order of a report.
func RetentionKinds() []RetentionKind {
	return append(EnteRetentionKinds(), RemovedIdempotencyKeys, RemovedBulkAnswers, RemovedChecks, RemovedSessions,
		RemovedInvitations, RemovedImports, RemovedInterventions, RemovedDeliveries, RemovedErasures, RemovedRuns, RemovedAudit)
}

// EnteRetentionKinds are those that are counted for each Ente.
func EnteRetentionKinds() []RetentionKind {
	return []RetentionKind{RemovedContent, RemovedNotifications, RemovedDrafts, RemovedBatchFiles, RemovedBatches}
}

// Valid tells whether k is one of the kinds above.
func (k RetentionKind) Valid() bool { return slices.Contains(RetentionKinds(), k) }

// RetentionStatus is how far a retention run has come.
type RetentionStatus string

// The statuses of a run. A failed one has removed what it could; the next one tries the rest again.
const (
	RetentionRunning   RetentionStatus = "running"
	RetentionCompleted RetentionStatus = "completed"
	RetentionFailed    RetentionStatus = "failed"
)

// RetentionRun is one run of retention and what it removed.
type RetentionRun struct {
	ID        string
	Status    RetentionStatus
	StartedAt time.Time
	EndedAt   time.Time // zero: still running
	Counts    []RetentionCount
}

// RetentionCount counts what a run removed of one kind.
type RetentionCount struct {
	EnteID string // empty: nobody's in particular
	Kind   RetentionKind
	Total  int
	// Failed tells that not all could be removed.
	Failed bool
}

// Total counts what a run removed of a kind, of every Ente that the run's counts name.
func (r RetentionRun) Total(kind RetentionKind) int {
	total := 0

	for _, count := range r.Counts {
		if count.Kind == kind {
			total += count.Total
		}
	}

	return total
}

// Failed tells whether the run could not remove all that was due of a kind.
func (r RetentionRun) Failed(kind RetentionKind) bool {
	return slices.ContainsFunc(r.Counts, func(count RetentionCount) bool { return count.Kind == kind && count.Failed })
}
