package notification

import (
	"slices"
	"time"
)

// OpenChoice is what an erasure does with notifications that have not ended.
type OpenChoice string

// The choices.
const (
	// OpenCancel stops them: nothing more is sent. What a channel has taken over already ends by itself.
	OpenCancel OpenChoice = "cancel"
	// OpenWait lets them end as they would, as where a law asks for the notice (GDPR, art. 17(3)(b)).
	OpenWait OpenChoice = "wait"
)

// OpenChoices lists them in the order in which they are offered.
func OpenChoices() []OpenChoice { return []OpenChoice{OpenWait, OpenCancel} }

// Valid tells whether c is one of the choices above.
func (c OpenChoice) Valid() bool { return slices.Contains(OpenChoices(), c) }

// ErasureStatus is how far an erasure has come.
type ErasureStatus string

// The statuses of an erasure.
const (
	ErasureRunning   ErasureStatus = "running"
	ErasureCompleted ErasureStatus = "completed"
)

// Erasure is a request to erase what is held about a citizen (GDPR, art. 17). It never tells about whom: the fiscal code is
// encrypted in the database as long as it is needed, and then gone.
type Erasure struct {
	ID     string
	EnteID string // whose notifications alone are meant; empty: those of all Enti
	// Why is the reason or the number under which the request was filed; no personal data.
	Why       string
	OpenOnes  OpenChoice
	Status    ErasureStatus
	ByID      string
	ByName    string
	CreatedAt time.Time
	EndedAt   time.Time // zero: still running

	// Found is how many notifications there were when it was asked for.
	Found int
	// Erased is what was erased since.
	Erased ErasedCounts
	// Waiting is how many notifications and rows of batches have to end first.
	Waiting int
	// Drafts are the ids of batches before their confirmation that hold the citizen: a person discards them, or they go
	// with retention.
	Drafts []string
}

// ErasedCounts counts what an erasure has erased.
type ErasedCounts struct {
	Notifications int
	BatchRows     int
	Checks        int
}
