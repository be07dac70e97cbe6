package gateway

import (
	"time"

	"github.com/genio-gateway/genio/notification"
)

// Submission is what an Ente hands in. The tags name what a repeated submission is recognised by: a changed one
// makes every key that is in use meanwhile answer with a conflict.
type Submission struct {
	ServiceID         string               `json:"service_id"`
	ExternalReference string               `json:"external_reference"` // at most 100 characters
	FiscalCode        string               `json:"fiscal_code"`
	Phone             string               `json:"phone"` // empty where unknown
	Content           notification.Content `json:"content"`
	// Template is what the content is made of, in the place of Content.
	Template  *Personalised         `json:"template,omitempty"`
	Priority  notification.Priority `json:"priority"`   // empty: normal
	SendAt    time.Time             `json:"send_at"`    // zero: at once
	ExpiresAt time.Time             `json:"expires_at"` // zero: never
	// IdempotencyKey: a repeated submission with the same key and the same content gives the first answer again.
	IdempotencyKey string `json:"-"`

	// phoneIsRead tells that Phone was read already, and is one.
	phoneIsRead bool
}

// Receipt acknowledges a submission.
type Receipt struct {
	ID string
	// Replayed tells that the key had been used: the notification is the earlier one.
	Replayed bool
}

// View is a notification as an actor may see it: the recipient masked, the content only on its own page.
type View struct {
	notification.Notification // without Recipient; Content only from Gateway.Notification

	EnteName         string
	ServiceName      string
	MaskedFiscalCode string
	MaskedPhone      string // empty where unknown
	// Possible is what the state and the actor's rights allow now.
	Possible Possible
	// ProviderWords is what providers told of each attempt by themselves, by the attempt's id, the oldest first; only from
	// Gateway.Notification.
	ProviderWords map[string][]ProviderWord
}

// ProviderWord is a provider's own word about an attempt, kept raw, and when it came.
type ProviderWord struct {
	Word string
	At   time.Time
}

// Possible tells which acts make sense for a notification now.
type Possible struct {
	Cancel, Hold, Resume, Retry, Decide bool
}

// Query filters a list of notifications; empty fields do not filter.
type Query struct {
	EnteID            string
	ServiceIDs        []string
	Statuses          []notification.Status
	Reasons           []notification.Reason
	Channel           notification.Channel
	BatchID           string
	ExternalReference string
	FiscalCode        string
	Phone             string    // in E.164, see [Gateway.ReadPhone]
	From, To          time.Time // accepted in [From, To)
	Cursor            string    // opaque, from a Page
	Limit             int       // 1 to 100; 0: 25
}

// Page is one page of a list, newest first.
type Page struct {
	Items []View
	// Next is the cursor of the following page; empty on the last one.
	Next string
}

// Reachability answers a recipient check.
type Reachability struct {
	ReachableOnIO bool
	Reason        notification.Reason // why not; empty where reachable
}

// Health is the state of the parts that the gateway needs.
type Health struct {
	Database bool
	Temporal bool
	// Waiting counts accepted notifications whose workflow has not been started yet.
	Waiting int
}

// Account is a person who signs in to the backoffice. A person works in one membership at a time.
type Account struct {
	ID    string
	Email string
	Name  string
	// Role and EnteID are those of the membership that the person works in.
	Role   Role
	EnteID string // empty: all Enti

	MembershipID string
	// Memberships are all that count now: those for an Ente that is switched off do not.
	Memberships []Membership
	// SecondFactor tells that a password is not enough. Only signing in says so.
	SecondFactor bool
}

// Membership is a role of a person, for one Ente or for all.
type Membership struct {
	ID       string
	Role     Role
	EnteID   string // empty: all Enti
	EnteName string
}

// In is the account at work in another of its memberships; false where it has no such membership, or has it no more.
func (a Account) In(membershipID string) (Account, bool) {
	if membershipID == a.MembershipID {
		return a, true
	}

	for _, membership := range a.Memberships {
		if membership.ID == membershipID {
			return a.in(membership), true
		}
	}

	return a, false
}

func (a Account) in(membership Membership) Account {
	a.MembershipID, a.Role, a.EnteID = membership.ID, membership.Role, membership.EnteID

	return a
}

// Actor is the account as the author of use cases.
func (a Account) Actor() Actor {
	return Actor{Kind: ActorUser, ID: a.ID, Name: a.Name, EnteID: a.EnteID, Role: a.Role}
}
