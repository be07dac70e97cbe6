// Package notification is GeNIO's domain: what a notification is, the states it goes through, the reasons
// it ends with, the rules its content must keep, and the timeline that tells its story. It is pure: no
// input or output, no framework.
package notification

import "time"

// Priority orders notifications that compete for the same quota.
type Priority string

// The priorities. An urgent notification overtakes every normal one; bulk yields to both.
const (
	PriorityUrgent Priority = "urgent"
	PriorityNormal Priority = "normal"
	PriorityBulk   Priority = "bulk"
)

// Valid tells whether p is one of the priorities above.
func (p Priority) Valid() bool {
	return p == PriorityUrgent || p == PriorityNormal || p == PriorityBulk
}

// Notification is one message of one Ente for one citizen.
type Notification struct {
	ID        string // UUID version 7
	EnteID    string
	ServiceID string
	BatchID   string // empty for a single notification

	// ExternalReference is the Ente's own name for it, opaque to GeNIO.
	ExternalReference string

	Recipient Recipient
	Content   Content
	Policy    Policy
	Priority  Priority

	// ContentHash is what recipient and content are recognised by: two notifications with the same one say the same
	// to the same citizen. It is given at submission, and not read back; empty: repetitions are not looked for.
	ContentHash []byte

	Status  Status
	Reason  Reason  // empty while nothing has to be explained
	Channel Channel // the channel that delivered; empty until then

	// Language is in which of the content's languages the citizen is addressed, as IO's profile prefers; empty:
	// not known, or there is only Italian.
	Language Lang

	AcceptedAt time.Time
	SendAt     time.Time // zero: at once
	ExpiresAt  time.Time // zero: never
	SettledAt  time.Time // zero: still open

	// ContentRemovedAt is when retention took content and phone away, and ErasedAt when the citizen was erased, reference
	// included; zero: they are there.
	ContentRemovedAt time.Time
	ErasedAt         time.Time

	// Run counts the workflow runs: 1, and one more for each retry.
	Run int

	Attempts []Attempt
}

// Recipient is personal data: it is stored encrypted and never leaves the database for a log, a URL, a
// workflow history or a metric.
type Recipient struct {
	FiscalCode string `json:"fiscal_code"`     // normalised: upper case, no spaces
	Phone      string `json:"phone,omitempty"` // E.164, empty where unknown
}

// Content is what the citizen reads. It is stored encrypted.
type Content struct {
	Subject  string     `json:"subject"`            // 10 to 120 UTF-16 code units (IO)
	Markdown string     `json:"markdown"`           // 80 to 10,000 UTF-16 code units (IO), front-matter included
	DueDate  *time.Time `json:"due_date,omitempty"` // shown by the app, with reminders
	Payment  *Payment   `json:"payment,omitempty"`
	SMSText  string     `json:"sms_text,omitempty"` // empty: derived from the subject
	// English is what a citizen reads whose profile on IO prefers English; nil: everybody reads the above.
	English *Translation `json:"english,omitempty"`
}

// Payment is a pagoPA payment notice.
type Payment struct {
	NoticeNumber        string `json:"notice_number"` // 18 digits, the first 0 to 3
	AmountCents         int64  `json:"amount_cents"`  // 1 to 9,999,999,999 euro cents
	InvalidAfterDueDate bool   `json:"invalid_after_due_date,omitempty"`
	PayeeFiscalCode     string `json:"payee_fiscal_code,omitempty"` // 11 digits; empty: the service's organization
}

// Attempt is one try to reach the citizen on one channel. Calls that are known not to have reached the
// provider stay within one attempt; sending again after one that may have is a new attempt.
type Attempt struct {
	ID             string // UUID version 7
	NotificationID string
	Channel        Channel
	Ordinal        int // 1, 2, … within the channel

	Status         AttemptStatus
	Reason         Reason
	ProviderID     string // IO's message id, Twilio's message SID
	ProviderStatus string // the provider's own word, kept raw
	Calls          int    // calls made to hand the message over
	Segments       int    // SMS parts, 0 for IO

	StartedAt time.Time
	CalledAt  time.Time // when the latest call began; zero where none was made
	SentAt    time.Time
	SettledAt time.Time
}
