package notification

import "slices"

// Status is the state of a whole notification, the first of the three layers
// (notification, attempt, provider).
type Status string

// The statuses of a notification.
const (
	// StatusAccepted: stored and acknowledged to the Ente; its workflow has not begun yet.
	StatusAccepted Status = "accepted"
	// StatusScheduled: accepted for a later time.
	StatusScheduled Status = "scheduled"
	// StatusInProgress: its workflow is at work.
	StatusInProgress Status = "in_progress"
	// StatusOnHold: waits for a person, by an operator's wish or because an outcome is uncertain; or for the end of a pause.
	StatusOnHold Status = "on_hold"
	// StatusDelivered: a channel confirmed the delivery.
	StatusDelivered Status = "delivered"
	// StatusNotDelivered: the citizen could not be reached; the work was done, sending again would not help.
	StatusNotDelivered Status = "not_delivered"
	// StatusFailed: a technical or configuration fault ended the work; support may retry.
	StatusFailed Status = "failed"
	// StatusCancelled: stopped by the Ente or by an operator, or because the payment arrived.
	StatusCancelled Status = "cancelled"
	// StatusExpired: its expiry passed before it could be delivered.
	StatusExpired Status = "expired"
)

// Statuses lists every status, in the order of a notification's life.
func Statuses() []Status {
	return []Status{
		StatusAccepted, StatusScheduled, StatusInProgress, StatusOnHold, StatusDelivered,
		StatusNotDelivered, StatusFailed, StatusCancelled, StatusExpired,
	}
}

// Valid tells whether s is one of the statuses above.
func (s Status) Valid() bool {
	return slices.Contains(Statuses(), s)
}

// Final tells whether the notification has come to its end. A failed one is final until somebody retries it.
func (s Status) Final() bool {
	switch s {
	case StatusDelivered, StatusNotDelivered, StatusFailed, StatusCancelled, StatusExpired:
		return true
	case StatusAccepted, StatusScheduled, StatusInProgress, StatusOnHold:
		return false
	}

	return false
}

// Channel is a way to reach a citizen.
type Channel string

// The channels.
const (
	ChannelIO  Channel = "io"
	ChannelSMS Channel = "sms"
)

// Valid tells whether c is one of the channels above.
func (c Channel) Valid() bool { return c == ChannelIO || c == ChannelSMS }

// AttemptStatus is the state of one attempt on one channel, the second layer.
type AttemptStatus string

// The statuses of an attempt.
const (
	// AttemptPending: nothing has reached the provider; a call may be made (again).
	AttemptPending AttemptStatus = "pending"
	// AttemptSending: a call is under way, or its worker died during it.
	AttemptSending AttemptStatus = "sending"
	// AttemptSent: the provider took the message over and gave its id.
	AttemptSent AttemptStatus = "sent"
	// AttemptDelivered: the provider confirmed the delivery.
	AttemptDelivered AttemptStatus = "delivered"
	// AttemptFailed: the provider refused the message or could not deliver it.
	AttemptFailed AttemptStatus = "failed"
	// AttemptSkipped: the channel was not used, for a good reason. Not a fault.
	AttemptSkipped AttemptStatus = "skipped"
	// AttemptUncertain: the call may or may not have reached the provider.
	AttemptUncertain AttemptStatus = "uncertain"
)

// Final tells whether nothing that happens later may change the attempt, except for a better word of the
// provider about an uncertain one.
func (s AttemptStatus) Final() bool {
	return s == AttemptDelivered || s == AttemptFailed || s == AttemptSkipped
}
