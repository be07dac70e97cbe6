package workflows

import "context"

// InterventionWorkflow is the name of the workflow of an intervention, as Temporal's own tools show it.
const InterventionWorkflow = "Intervention"

// SignalStopIntervention tells an intervention's workflow that somebody stopped it. No payload: what counts is the status
// in the database, which is changed before the signal is sent.
const SignalStopIntervention = "stop-intervention"

// Names of the activities: the methods of InterventionActivities.
const (
	ActivityCollectItems       = "CollectItems"
	ActivityActOnItems         = "ActOnItems"
	ActivityFinishIntervention = "FinishIntervention"
)

// InterventionID is the workflow ID of an intervention.
func InterventionID(id string) string { return "intervention/" + id }

// InterventionInput starts, or goes on with, an intervention. What is done, to which notifications and why stays in the
// database.
type InterventionInput struct {
	ID string `json:"id"`
	// Collected tells that the notifications are listed.
	Collected bool `json:"collected,omitempty"`
	// After is the number of the last item that was seen to.
	After int `json:"after,omitempty"`
}

// InterventionPage asks for the next items to be seen to.
type InterventionPage struct {
	ID    string `json:"id"`
	After int    `json:"after"`
}

// InterventionPageResult tells how far that got.
type InterventionPageResult struct {
	// Last is the number of the last item that was seen to; the page's After where none was.
	Last int `json:"last"`
	// Done tells that no item is left, or that somebody stopped the intervention.
	Done bool `json:"done,omitempty"`
}

// InterventionActivities is what the workflow of an intervention asks of the outside world.
type InterventionActivities interface {
	// CollectItems lists the intervention's notifications. It may be repeated, and goes on where it was.
	CollectItems(ctx context.Context, in InterventionInput) error
	// ActOnItems does the act to the next items, at a bounded pace.
	ActOnItems(ctx context.Context, page InterventionPage) (InterventionPageResult, error)
	// FinishIntervention stores the end.
	FinishIntervention(ctx context.Context, in InterventionInput) error
}
