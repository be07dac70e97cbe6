package notification

import (
	"slices"
	"time"
)

// PauseScope is what a pause stops.
type PauseScope string

// The scopes.
const (
	PauseChannel     PauseScope = "channel"      // a channel of the whole gateway
	PauseEnteChannel PauseScope = "ente_channel" // a channel of one Ente
	PauseEnte        PauseScope = "ente"
	PauseService     PauseScope = "service"
)

// PauseScopes lists them all, the widest first.
func PauseScopes() []PauseScope {
	return []PauseScope{PauseChannel, PauseEnteChannel, PauseEnte, PauseService}
}

// Valid tells whether s is one of the scopes above.
func (s PauseScope) Valid() bool { return slices.Contains(PauseScopes(), s) }

// Pause makes notifications wait before their next hand-over, until it is lifted or its end has come. Nothing is lost
// meanwhile: what is accepted waits too.
type Pause struct {
	ID    string
	Scope PauseScope
	// Channel is set for the two scopes of a channel, EnteID for all but a channel of the whole gateway, ServiceID for a
	// service.
	Channel   Channel
	EnteID    string
	ServiceID string
	// Why is what whoever paused said; without personal data.
	Why    string
	ByID   string
	ByName string
	Since  time.Time
	Until  time.Time // zero: until somebody lifts it
	// LiftedAt is zero, and LiftedBy… empty, while nobody has lifted it.
	LiftedAt     time.Time
	LiftedByID   string
	LiftedByName string
}

// End is when the pause ended or will end; zero where nobody knows.
func (p Pause) End() time.Time {
	switch {
	case p.LiftedAt.IsZero():
		return p.Until
	case !p.Until.IsZero() && p.Until.Before(p.LiftedAt):
		return p.Until
	}

	return p.LiftedAt
}

// InForce tells whether the pause stops anything at a time.
func (p Pause) InForce(at time.Time) bool {
	end := p.End()

	return !at.Before(p.Since) && (end.IsZero() || at.Before(end))
}

// Stops tells whether the pause concerns the hand-overs on a channel of a service.
func (p Pause) Stops(enteID, serviceID string, channel Channel) bool {
	switch p.Scope {
	case PauseChannel:
		return p.Channel == channel
	case PauseEnteChannel:
		return p.Channel == channel && p.EnteID == enteID
	case PauseEnte:
		return p.EnteID == enteID
	case PauseService:
		return p.EnteID == enteID && p.ServiceID == serviceID
	}

	return false
}

// Reason is why a notification that the pause stops does not go on.
func (p Pause) Reason() Reason {
	switch p.Scope {
	case PauseEnte:
		return ReasonEntePaused
	case PauseService:
		return ReasonServicePaused
	case PauseChannel, PauseEnteChannel:
		if p.Channel == ChannelSMS {
			return ReasonSMSPaused
		}
	}

	return ReasonIOPaused
}

// Paused tells whether r says that a notification waits for the end of a pause.
func (r Reason) Paused() bool {
	return slices.Contains([]Reason{ReasonIOPaused, ReasonSMSPaused, ReasonServicePaused, ReasonEntePaused}, r)
}

// Trouble tells whether IO failed the citizen for a reason that a maintenance of IO explains, and not because of what IO
// said of this citizen or this message.
func (r Reason) Trouble() bool {
	switch r {
	case ReasonIOUnavailable, ReasonIORateLimited, ReasonIONotProcessedInTime, ReasonIOOutcomeUncertain,
		ReasonIOProcessingFailed, ReasonIOUnexpectedAnswer:
		return true
	default:
		return false
	}
}

// Extended is the deadline of something that began at a time, put off by as long as pauses were in force meanwhile: that
// time is nobody's fault. Pauses that overlap count once.
func Extended(began, deadline time.Time, pauses []Pause, now time.Time) time.Time {
	byStart := slices.SortedFunc(slices.Values(pauses), func(a, b Pause) int { return a.Since.Compare(b.Since) })
	counted := began

	for _, pause := range byStart {
		end := pause.End()
		if end.IsZero() || end.After(now) {
			end = now
		}

		from := pause.Since
		if from.Before(counted) {
			from = counted
		}

		if !from.Before(deadline) {
			return deadline
		}

		if end.After(from) {
			deadline = deadline.Add(end.Sub(from))
			counted = end
		}
	}

	return deadline
}
