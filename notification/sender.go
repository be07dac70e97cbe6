package notification

import (
	"slices"
	"time"
)

// Ente is a public body that sends through GeNIO.
type Ente struct {
	ID         string // UUID version 7
	Name       string
	FiscalCode string // the organization's, 11 digits
	// Active tells whether it may send: it is so in [EnteActive], and in no other state.
	Active bool
	// State is where it stands; empty: EnteActive or EnteSuspended, as Active says.
	State       EnteState
	StateSince  time.Time // zero: from the beginning
	StateReason string    // why it is suspended or left, in a person's words

	Agreement Agreement
	Contact   Contact

	// IOCalls is how many calls app IO allows the Ente in [IOWindow], over all its services and keys; 0:
	// DefaultIOCalls.
	IOCalls int
	// Retention is for how long its notifications stay; zero days: the usual ones.
	Retention Retention
	CreatedAt time.Time
	// Version counts the changes; whoever changes an Ente says which one they saw. 0: whichever it is.
	Version int
}

// Settled is the Ente with a state that agrees with whether it is active, which counts.
func (e Ente) Settled() Ente {
	if e.State == "" || e.Active != (e.State == EnteActive) {
		e.State = EnteSuspended
		if e.Active {
			e.State = EnteActive
		}
	}

	return e
}

// Agreement is what an Ente signed to use GeNIO.
type Agreement struct {
	Version  string // of its text, such as "1.2"
	SignedOn string // a day, such as 2026-11-26; empty: not signed yet
}

// Contact is whom to call about the Ente.
type Contact struct {
	Name  string
	Email string
}

// EnteState is where an Ente stands between its request and its farewell.
type EnteState string

// The states of an Ente.
const (
	EnteRequested EnteState = "requested" // it asked to join
	EnteAdhering  EnteState = "adhering"  // the agreement is signed
	EnteActive    EnteState = "active"
	EnteSuspended EnteState = "suspended"
	EnteLeft      EnteState = "left"
)

// Next are the states to which an Ente can go from this one.
func (s EnteState) Next() []EnteState {
	switch s {
	case EnteRequested:
		return []EnteState{EnteAdhering, EnteLeft}
	case EnteAdhering:
		return []EnteState{EnteActive, EnteLeft}
	case EnteActive:
		return []EnteState{EnteSuspended, EnteLeft}
	case EnteSuspended:
		return []EnteState{EnteActive, EnteLeft}
	case EnteLeft:
	}

	return nil
}

// MayBecome tells whether an Ente can go from this state to the other.
func (s EnteState) MayBecome(other EnteState) bool { return slices.Contains(s.Next(), other) }

// Label names the state as people read it.
func (s EnteState) Label(lang Lang) string {
	switch s {
	case EnteRequested:
		return wording{"Adesione richiesta", "Adhesion requested"}.in(lang)
	case EnteAdhering:
		return wording{"In adesione", "Adhering"}.in(lang)
	case EnteActive:
		return wording{"Attivo", "Active"}.in(lang)
	case EnteSuspended:
		return wording{"Sospeso", "Suspended"}.in(lang)
	case EnteLeft:
		return wording{"Cessato", "Left"}.in(lang)
	}

	return string(s)
}

// The quota that app IO gives an Ente where nothing else was agreed (PagoPA's API Management policy).
const (
	DefaultIOCalls = 150
	IOWindow       = 5 * time.Second
)

// Service is one of an Ente's services published on IO, with the ways it may reach citizens.
type Service struct {
	ID     string // UUID version 7
	EnteID string
	Name   string
	Active bool

	IOServiceID string
	Policy      Policy

	// MaxPaymentCents is the service's payment ceiling on IO; 0 allows no payment.
	MaxPaymentCents int64
	// SMSSender is the alias or number that citizens see.
	SMSSender string

	CreatedAt time.Time
	// Version counts the changes; whoever changes a service says which one they saw. 0: whichever it is.
	Version int
}

// ServiceKeys are a service's IO subscription keys. Two, because IO rotates one while the other is in use.
type ServiceKeys struct {
	Primary   string
	Secondary string
	// UseSecondary selects the key for the next call.
	UseSecondary bool
}

// Current is the key to call IO with.
func (k ServiceKeys) Current() string {
	if k.UseSecondary {
		return k.Secondary
	}

	return k.Primary
}

// Of is the key in a slot; empty where there is none.
func (k ServiceKeys) Of(slot KeySlot) string {
	switch slot {
	case KeyPrimary:
		return k.Primary
	case KeySecondary:
		return k.Secondary
	}

	return ""
}

// With is k with another key in a slot.
func (k ServiceKeys) With(slot KeySlot, key string) ServiceKeys {
	if slot == KeySecondary {
		k.Secondary = key
	} else {
		k.Primary = key
	}

	return k
}

// InUse is the slot of the key for the next call.
func (k ServiceKeys) InUse() KeySlot {
	if k.UseSecondary {
		return KeySecondary
	}

	return KeyPrimary
}

// KeySlot is one of the two places for a service's key of IO, by IO's own names.
type KeySlot string

// The slots.
const (
	KeyPrimary   KeySlot = "primary"
	KeySecondary KeySlot = "secondary"
)

// KeySlots lists both.
func KeySlots() []KeySlot { return []KeySlot{KeyPrimary, KeySecondary} }

// KeyOutcome is what IO said of a key when it was tested.
type KeyOutcome string

// The outcomes of a test; empty: it was not tested.
const (
	KeyWorks     KeyOutcome = "works"
	KeyRefused   KeyOutcome = "refused"   // 401: wrong or revoked
	KeyForbidden KeyOutcome = "forbidden" // 403: IO knows the key and does not let the service send
	KeyNoAnswer  KeyOutcome = "no_answer" // IO did not answer, or not usefully
)

// KeyState is what may be known of a key of IO.
type KeyState struct {
	ServiceID string
	Slot      KeySlot
	// Number counts the keys that the slot has held; 0: none yet.
	Number   int
	SetAt    time.Time
	TestedAt time.Time // zero: never
	Outcome  KeyOutcome
}
