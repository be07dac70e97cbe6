package gateway

import (
	"time"

	"github.com/genio-gateway/genio/notification"
)

// ImportState is how far a reading of the services that an Ente has on IO is.
type ImportState string

// The states of a reading.
const (
	ImportRunning   ImportState = "running"
	ImportReady     ImportState = "ready" // a person may choose
	ImportFailed    ImportState = "failed"
	ImportDone      ImportState = "imported"
	ImportForgotten ImportState = "forgotten" // nobody chose in time
)

// ServiceImportWish asks which services an Ente has on IO.
type ServiceImportWish struct {
	EnteID string
	// ManageKey is the Ente's key to IO's Manage API; empty: the one that is kept.
	ManageKey string
	// Keep keeps it for the next time.
	Keep bool
}

// ServiceImport is a reading of the services that an Ente has on IO. It never shows a key.
type ServiceImport struct {
	ID        string
	EnteID    string
	EnteName  string
	State     ImportState
	Reason    notification.Reason // why it failed, or what it waits for; empty: all is well
	CreatedAt time.Time
	EndedAt   time.Time // zero: still running

	Found, Fetched int // services listed by IO, and those of them that have been asked about

	Services []FoundService // as IO lists them, once it is ready
}

// FoundService is a service on IO, beside what GeNIO has of it.
type FoundService struct {
	IOServiceID     string
	Name            string
	Lifecycle       string // IO's word, such as "approved"; empty: one that nobody knows
	Publication     string // published, unpublished; empty: not known
	MaxPaymentCents int64
	// Reason is why its keys could not be had.
	Reason notification.Reason

	// ServiceID is GeNIO's service with this id on IO; empty: there is none yet. KnownName and KnownPaymentCents are what
	// GeNIO has.
	ServiceID         string
	KnownName         string
	KnownPaymentCents int64

	// What an import would change; all false where there is nothing to do, or where the service is new.
	ChangesName, ChangesKeys, ChangesCeiling bool
}

// Importable tells whether a person may choose the service.
func (f FoundService) Importable() bool { return f.Reason == "" && f.Lifecycle != "deleted" }

// IsNew tells whether GeNIO does not have the service yet.
func (f FoundService) IsNew() bool { return f.ServiceID == "" }

// Changes tells whether an import would do anything.
func (f FoundService) Changes() bool {
	return f.IsNew() || f.ChangesName || f.ChangesKeys || f.ChangesCeiling
}

// Imported counts what an import did.
type Imported struct{ Created, Updated int }
