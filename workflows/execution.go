package workflows

import "time"

// Execution is what Temporal knows of the latest run of a workflow.
type Execution struct {
	State ExecutionState
	RunID string
	// ClosedAt is zero while it runs.
	ClosedAt time.Time
	// Pending are the names of the activities that are under way, or wait for their next try.
	Pending []string
}

// ExecutionState tells how far a workflow has come.
type ExecutionState string

// The states.
const (
	ExecutionMissing ExecutionState = "missing" // Temporal does not know it: it never did, or has forgotten or lost it
	ExecutionRunning ExecutionState = "running"
	ExecutionEnded   ExecutionState = "ended"   // by itself: completed or failed
	ExecutionStopped ExecutionState = "stopped" // by force: terminated, cancelled or timed out
)

// RunningWorkflow is one of those that Temporal's index lists as running.
type RunningWorkflow struct {
	ID    string
	RunID string
}
