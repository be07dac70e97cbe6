package notification

import (
	"slices"
	"time"
)

// Check is one comparison of a reconciliation.
type Check string

// The checks, in the order in which they are made: what is repaired by one is seen by the next.
const (
	// CheckUnstarted looks for notifications that were accepted and whose workflow nobody started.
	CheckUnstarted Check = "unstarted"
	// CheckLost looks for open notifications whose workflow is not running any more.
	CheckLost Check = "lost"
	// CheckStray looks for running workflows of notifications that are not there, or have ended.
	CheckStray Check = "stray"
	// CheckCalls looks for hand-overs whose outcome nobody is going to record.
	CheckCalls Check = "calls"
	// CheckJobs looks for batches, interventions and erasures that are open and whose workflow is not running any more.
	CheckJobs Check = "jobs"
	// CheckSMS compares the provider's own list of messages with the attempts.
	CheckSMS Check = "sms"
	// CheckIO asks IO for the messages of a sample of attempts.
	CheckIO Check = "io"
	// CheckSums compares the figures that are kept with a recount.
	CheckSums Check = "sums"
)

// Checks lists them in the order in which they are made.
func Checks() []Check {
	return []Check{CheckUnstarted, CheckLost, CheckStray, CheckCalls, CheckJobs, CheckSMS, CheckIO, CheckSums}
}

// FindingCode says what does not agree.
type FindingCode string

// What does not agree.
const (
	FindingNotStarted         FindingCode = "not_started"             // accepted a while ago, and no workflow was started
	FindingOutcomeNotRecorded FindingCode = "outcome_not_recorded"    // the workflow ended, and the row does not say so
	FindingWorkflowMissing    FindingCode = "workflow_missing"        // Temporal does not know the workflow
	FindingWorkflowStopped    FindingCode = "workflow_stopped"        // somebody ended the workflow by force
	FindingHoldLost           FindingCode = "hold_lost"               // somebody held it, and Temporal does not know the workflow
	FindingWithoutRow         FindingCode = "workflow_without_row"    // a workflow runs for a notification that is not there
	FindingOutlivesRow        FindingCode = "workflow_outlives_row"   // a workflow runs for a notification that has ended
	FindingCallOpen           FindingCode = "call_without_outcome"    // a hand-over whose outcome nobody is going to record
	FindingBatchStuck         FindingCode = "batch_stuck"             // an open batch without a running workflow
	FindingInterventionStuck  FindingCode = "intervention_stuck"      // an open intervention without a running workflow
	FindingErasureStuck       FindingCode = "erasure_stuck"           // an open erasure without a running workflow
	FindingUnknownHere        FindingCode = "message_unknown_here"    // the provider has a message that no attempt is about
	FindingUnknownThere       FindingCode = "message_unknown_there"   // the provider does not know a message that it took over
	FindingNewsMissed         FindingCode = "provider_news_missed"    // the provider knows an outcome that the attempt does not
	FindingContradiction      FindingCode = "provider_contradicts"    // provider and attempt know different outcomes
	FindingFiguresDiffer      FindingCode = "figures_differ"          // what is kept and what is counted are not the same
	FindingCheckNotMade       FindingCode = "check_could_not_be_made" // the other side did not answer
)

// FindingCodes lists them all.
func FindingCodes() []FindingCode {
	return []FindingCode{
		FindingNotStarted, FindingOutcomeNotRecorded, FindingWorkflowMissing, FindingWorkflowStopped, FindingHoldLost,
		FindingWithoutRow, FindingOutlivesRow, FindingCallOpen, FindingBatchStuck, FindingInterventionStuck,
		FindingErasureStuck, FindingUnknownHere, FindingUnknownThere, FindingNewsMissed, FindingContradiction, FindingFiguresDiffer,
		FindingCheckNotMade,
	}
}

// FindingAction is what came of a finding.
type FindingAction string

// The actions.
const (
	ActionRepaired FindingAction = "repaired" // GeNIO put it right
	ActionPerson   FindingAction = "person"   // it waits for a person
	ActionGone     FindingAction = "gone"     // it was not there any more at the next look
)

// Subjects are the kinds of things that a finding may be about.
const (
	SubjectNotification = "notification"
	SubjectAttempt      = "attempt"
	SubjectBatch        = "batch"
	SubjectIntervention = "intervention"
	SubjectErasure      = "erasure"
	SubjectMessage      = "message" // of a provider, by its own id
	SubjectDay          = "day"     // an Italian day of acceptance, such as 2026-11-26, perhaps with an Ente's id after a slash
	SubjectCheck        = "check"
)

// Finding is something that does not agree. It holds identifiers and codes only.
type Finding struct {
	ID    string
	Check Check
	Code  FindingCode
	// Subject is the kind of thing and SubjectID which one. One check has one finding about a thing.
	Subject   string
	SubjectID string
	// NotificationID and EnteID are empty where none is known.
	NotificationID string
	EnteID         string
	Action         FindingAction
	// Lasting tells that the finding stays open until somebody has acted on its notification, or acknowledged it: what was
	// put before a person is no disorder any more, and would not be found again.
	Lasting bool
	// Repairs is how often GeNIO put it right. What comes back again and again is put before a person.
	Repairs int
	// Detail has figures and codes, by name. Nothing of a citizen.
	Detail map[string]string

	FirstSeen time.Time
	LastSeen  time.Time
	// RunID is the reconciliation that saw it last.
	RunID string
	// ResolvedAt is when it was repaired or gone; zero: it still stands.
	ResolvedAt time.Time

	// Acknowledged by a person, with a note; zero: not.
	AcknowledgedAt   time.Time
	AcknowledgedByID string
	AcknowledgedBy   string
	Note             string
}

// Open tells whether the finding waits for somebody.
func (f Finding) Open() bool { return f.ResolvedAt.IsZero() && f.AcknowledgedAt.IsZero() }

// CheckResult is what one check of a reconciliation came to.
type CheckResult struct {
	Check Check `json:"check"`
	// Looked is how many things were compared, and Found how many did not agree.
	Looked int `json:"looked"`
	Found  int `json:"found"`
	// Repaired of those found were put right, Person put before a person.
	Repaired int `json:"repaired"`
	Person   int `json:"person"`
	// Difference is what still does not agree after the repairs: findings, or, of sums, notifications.
	Difference int `json:"difference"`
	// Failed tells that the check could not be made.
	Failed bool `json:"failed,omitempty"`
}

// Add sums two results of the same check up.
func (r CheckResult) Add(more CheckResult) CheckResult {
	r.Looked += more.Looked
	r.Found += more.Found
	r.Repaired += more.Repaired
	r.Person += more.Person
	r.Difference += more.Difference
	r.Failed = r.Failed || more.Failed

	return r
}

// Sums are what has to agree: of the notifications accepted on the compared days, Accepted = Settled + Open, and the settled
// ones that are counted are those that the figures keep.
type Sums struct {
	// Since is the first of the days that are told, the last ones until now.
	Since    string `json:"since,omitempty"`
	Accepted int    `json:"accepted"`
	Settled  int    `json:"settled"`
	Kept     int    `json:"kept"`
	Open     int    `json:"open"`
	// Scheduled and OnHold are parts of Open.
	Scheduled int `json:"scheduled"`
	OnHold    int `json:"on_hold"`
}

// Add sums the days up.
func (s Sums) Add(more Sums) Sums {
	if s.Since == "" || more.Since != "" && more.Since < s.Since {
		s.Since = more.Since
	}

	s.Accepted += more.Accepted
	s.Settled += more.Settled
	s.Kept += more.Kept
	s.Open += more.Open
	s.Scheduled += more.Scheduled
	s.OnHold += more.OnHold

	return s
}

// Difference is how many notifications are not accounted for.
func (s Sums) Difference() int { return max(s.Accepted-s.Settled-s.Open, s.Settled+s.Open-s.Accepted) }

// Reconciliation is one run of all checks.
type Reconciliation struct {
	// ID is the run id of its workflow.
	ID        string
	StartedAt time.Time
	// EndedAt is zero while it is under way.
	EndedAt time.Time
	// ByID and ByName say who asked for it; empty: the schedule.
	ByID   string
	ByName string

	Results []CheckResult
	Sums    Sums
}

// Difference is what does not agree after the repairs, over all checks.
func (r Reconciliation) Difference() int {
	difference := 0
	for _, result := range r.Results {
		difference += result.Difference
	}

	return difference
}

// Failed lists the checks that could not be made.
func (r Reconciliation) Failed() []Check {
	var failed []Check

	for _, result := range r.Results {
		if result.Failed {
			failed = append(failed, result.Check)
		}
	}

	return failed
}

// Known tells whether c is one of the checks.
func (c Check) Known() bool { return slices.Contains(Checks(), c) }
