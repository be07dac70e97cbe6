package wiring

import "sync/atomic"

// Phase is how far a process is in its life.
type Phase string

// The phases of a process.
const (
	PhaseStarting Phase = "starting"
	PhaseReady    Phase = "ready"
	// PhaseDraining is that of a process which was told to end: it takes no more work, and ends what it has.
	PhaseDraining Phase = "draining"
)

// Life is the life of one process, for whoever looks after it.
type Life struct {
	phase atomic.Pointer[Phase]
}

// Phase is how far it is.
func (l *Life) Phase() Phase {
	if phase := l.phase.Load(); phase != nil {
		return *phase
	}

	return PhaseStarting
}

// enter notes a new phase, for whoever looks: nobody where there is no life.
func (l *Life) enter(phase Phase) {
	if l != nil {
		l.phase.Store(&phase)
	}
}
