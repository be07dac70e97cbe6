package notification

import "time"

// WebhookEvent is what an Ente's application is told of.
type WebhookEvent string

// The events.
const (
	// WebhookSettled: a notification ended; or, after a retry or a late word of a provider, ended anew.
	WebhookSettled WebhookEvent = "notification.settled"
	// WebhookTest: a person tries the address out.
	WebhookTest WebhookEvent = "webhook.test"
)

// WebhookState tells whether an Ente's application is told.
type WebhookState string

// The states of a webhook.
const (
	WebhookOn      WebhookState = "on"
	WebhookOff     WebhookState = "off"     // by a person
	WebhookGone    WebhookState = "gone"    // the application answered 410: it wants no more
	WebhookRemoved WebhookState = "removed" // what was told stays known
)

// Webhook is where an Ente's application is told of events. The one of a service takes the place of its Ente's.
type Webhook struct {
	ID        string
	EnteID    string
	ServiceID string // empty: for every service without one of its own
	URL       string
	// Secret signs what is told, and so does Previous until PreviousUntil, so that a receiver has the time to change over.
	Secret, Previous []byte
	PreviousUntil    time.Time // zero: there is none
	SecretSetAt      time.Time

	State      WebhookState
	StateSince time.Time
	// Failures in a row. After some of them nothing is told before PausedUntil; zero: no pause.
	Failures    int
	PausedUntil time.Time

	CreatedAt time.Time
	Version   int // 1, and one more for each change by a person
}

// WebhookDeliveryState is how far the telling of an event is.
type WebhookDeliveryState string

// The states of a delivery.
const (
	WebhookWaiting   WebhookDeliveryState = "waiting"
	WebhookDelivered WebhookDeliveryState = "delivered" // answered 2xx
	WebhookFailed    WebhookDeliveryState = "failed"    // given up
)

// WebhookFault is why an event was not taken: a fault of the call (see package outbound), or one of these.
type WebhookFault string

// The faults beside those of a call.
const (
	WebhookFaultAnswer  WebhookFault = "answer" // another status than 2xx
	WebhookFaultGone    WebhookFault = "gone"   // 410
	WebhookFaultOff     WebhookFault = "off"    // the webhook was switched off or removed before
	WebhookFaultUnknown WebhookFault = "internal_error"
)

// WebhookDelivery is the telling of one event to one application.
type WebhookDelivery struct {
	ID        string // that by which the receiver knows a repetition
	WebhookID string
	EnteID    string
	Event     WebhookEvent

	// Of a settled notification: how it stood when the event came about.
	NotificationID string
	Run            int
	Status         Status
	Reason         Reason
	Channel        Channel
	SettledAt      time.Time

	State WebhookDeliveryState
	// Round counts how often somebody wanted it told, beginning with 1, and QueuedAt is when that was last.
	Round    int
	QueuedAt time.Time
	// Tries of the round, and how the latest went.
	Tries      int
	Fault      WebhookFault // empty: well, or not tried yet
	HTTPStatus int          // 0: no answer
	Duration   time.Duration
	TriedAt    time.Time
	NextTryAt  time.Time
	CreatedAt  time.Time
	EndedAt    time.Time
}
