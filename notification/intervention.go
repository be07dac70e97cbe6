package notification

import (
	"slices"
	"time"
)

// InterventionAct is what an intervention does to each of its notifications.
type InterventionAct string

// The acts.
const (
	InterventionRetry  InterventionAct = "retry"
	InterventionDecide InterventionAct = "decide"
	InterventionResume InterventionAct = "resume"
	InterventionHold   InterventionAct = "hold"
	InterventionCancel InterventionAct = "cancel"
)

// InterventionActs lists them in the order in which they are offered.
func InterventionActs() []InterventionAct {
	return []InterventionAct{InterventionRetry, InterventionDecide, InterventionResume, InterventionHold, InterventionCancel}
}

// Valid tells whether a is one of the acts above.
func (a InterventionAct) Valid() bool { return slices.Contains(InterventionActs(), a) }

// InterventionStatus is how far an intervention has come.
type InterventionStatus string

// The statuses of an intervention.
const (
	InterventionCollecting InterventionStatus = "collecting" // its notifications are being listed
	InterventionRunning    InterventionStatus = "running"
	InterventionCompleted  InterventionStatus = "completed"
	InterventionStopped    InterventionStatus = "stopped" // by a person; what was done stays done
)

// InterventionStatuses lists them in the order of an intervention's life.
func InterventionStatuses() []InterventionStatus {
	return []InterventionStatus{InterventionCollecting, InterventionRunning, InterventionCompleted, InterventionStopped}
}

// Valid tells whether s is one of the statuses above.
func (s InterventionStatus) Valid() bool { return slices.Contains(InterventionStatuses(), s) }

// Final tells whether nothing more is done.
func (s InterventionStatus) Final() bool {
	return s == InterventionCompleted || s == InterventionStopped
}

// ItemState is what became of one notification of an intervention.
type ItemState string

// The states of an item.
const (
	ItemWaiting ItemState = "waiting"
	// ItemActing: the act is under way, or its worker died during it.
	ItemActing  ItemState = "acting"
	ItemDone    ItemState = "done"
	ItemSkipped ItemState = "skipped" // the act makes no sense for it any more
	ItemFailed  ItemState = "failed"
)

// Codes of what kept an act from being done to an item.
const (
	ItemCodeState       = "state"       // its state does not allow the act any more
	ItemCodeInactive    = "inactive"    // its service or its Ente may not send
	ItemCodeGone        = "gone"        // it does not exist, or whoever acts may not see it
	ItemCodeForbidden   = "forbidden"   // whoever acts may not do this
	ItemCodeInterrupted = "interrupted" // a worker died during the act: whether it was done is not known
	ItemCodeInternal    = "internal"

	// ItemCodeContentRemoved: nothing is left to be sent, since its content was removed.
	ItemCodeContentRemoved = "content_removed"
)

// Intervention is an act done to many notifications at once, by a person who said why.
type Intervention struct {
	ID string
	// EnteID is whose notifications alone are meant; empty: of all Enti that the author sees.
	EnteID string
	Act    InterventionAct
	// Choice is the reason of a cancellation, or the decision; empty for other acts.
	Choice string
	Filter InterventionFilter
	Why    string
	Status InterventionStatus
	// By… is the author with the rights of that time. ByEnteID bounds what the author sees; empty: all Enti.
	ByID     string
	ByName   string
	ByRole   string
	ByEnteID string
	// Matched is how many notifications the filter meant at the confirmation, Expected for how many of these the act was
	// possible: what the author was told.
	Matched  int
	Expected int
	// Total is how many were listed then; -1 while they are being listed.
	Total     int
	CreatedAt time.Time
	StartedAt time.Time
	EndedAt   time.Time
	// StoppedBy… is who stopped it; empty where nobody did.
	StoppedByID   string
	StoppedByName string
}

// InterventionFilter is which notifications an intervention means. It has nothing of a citizen.
type InterventionFilter struct {
	EnteID            string    `json:"ente_id,omitempty"`
	ServiceIDs        []string  `json:"service_ids,omitempty"`
	Statuses          []Status  `json:"statuses,omitempty"`
	Reasons           []Reason  `json:"reasons,omitempty"`
	Channel           Channel   `json:"channel,omitempty"`
	BatchID           string    `json:"batch_id,omitempty"`
	ExternalReference string    `json:"external_reference,omitempty"`
	From              time.Time `json:"from,omitzero"`
	To                time.Time `json:"to,omitzero"`
}

// Statuses are those of the notifications to which the act can be done.
func (a InterventionAct) Statuses() []Status {
	switch a {
	case InterventionRetry:
		return []Status{StatusFailed}
	case InterventionDecide, InterventionResume:
		return []Status{StatusOnHold}
	case InterventionHold:
		return []Status{StatusAccepted, StatusScheduled, StatusInProgress}
	case InterventionCancel:
		return []Status{StatusAccepted, StatusScheduled, StatusInProgress, StatusOnHold}
	}

	return nil
}

// Reasons narrow the statuses further; none: whatever the reason.
func (a InterventionAct) Reasons() []Reason {
	switch a {
	case InterventionDecide:
		return []Reason{ReasonIOOutcomeUncertain, ReasonSMSOutcomeUncertain}
	case InterventionResume:
		return []Reason{ReasonHeldByOperator}
	case InterventionRetry, InterventionHold, InterventionCancel:
	}

	return nil
}

// Possible tells whether the act can be done to a notification in this state, as long as its service and Ente may send.
func (a InterventionAct) Possible(status Status, reason Reason) bool {
	reasons := a.Reasons()

	return slices.Contains(a.Statuses(), status) && (len(reasons) == 0 || slices.Contains(reasons, reason))
}

// NeedsContent tells whether the act cannot be done to a notification whose content was removed. Only what has ended loses its
// content, so it makes no difference to the other acts.
func (a InterventionAct) NeedsContent() bool { return a == InterventionRetry }

// Uncertain tells whether r says that nobody knows whether a provider has the message.
func (r Reason) Uncertain() bool {
	return r == ReasonIOOutcomeUncertain || r == ReasonSMSOutcomeUncertain
}

const (
	// MaxIntervention is how many notifications an intervention may be about.
	MaxIntervention = 100_000
	// InterventionPace is how many acts an intervention does in a second: delivery must not suffer.
	InterventionPace = 20
)
