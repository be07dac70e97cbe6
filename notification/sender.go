package notification

import "time"

// Ente is a public body that sends through GeNIO.
type Ente struct {
	ID         string // UUID version 7
	Name       string
	FiscalCode string // the organization's, 11 digits
	Active     bool
	// IOCalls is how many calls app IO allows the Ente in [IOWindow], over all its services and keys; 0:
	// DefaultIOCalls.
	IOCalls   int
	CreatedAt time.Time
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
