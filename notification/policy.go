package notification

import (
	"slices"
	"time"
)

// UncertainAction says what happens when nobody can know whether IO took a message over: IO has no
// idempotency and no way to ask, so the service decides.
type UncertainAction string

// The answers to an uncertain outcome.
const (
	// UncertainHold puts the notification before a person.
	UncertainHold UncertainAction = "hold"
	// UncertainSMS goes on to SMS where a phone is known, else holds.
	UncertainSMS UncertainAction = "sms"
	// UncertainResend sends to IO again and accepts that the citizen may get it twice.
	UncertainResend UncertainAction = "resend"
)

// Defaults of a delivery policy.
const (
	// DefaultIODeadline: IO is queue driven and normally takes seconds; an hour leaves room for a
	// disturbance and still lets an SMS arrive the same day.
	DefaultIODeadline = time.Hour
	// DefaultSMSDeadline: Twilio's longest validity is ten hours; after twelve no operator confirms any more.
	DefaultSMSDeadline = 12 * time.Hour
)

// Policy is a service's delivery policy. A copy travels with each notification, so that changing a
// service never changes what is already under way.
type Policy struct {
	// Fallback lists the channels tried after IO, in order. Empty: IO only.
	Fallback []Channel `json:"fallback"`
	// IODeadline is how long trouble with IO is borne before the message is handed over, and again how long IO may
	// take from the hand-over to PROCESSED. Time in our own queue and before a person does not count.
	IODeadline time.Duration `json:"io_deadline"`
	// SMSDeadline bounds the SMS channel in the same way.
	SMSDeadline time.Duration `json:"sms_deadline"`
	// OnUncertain is the answer to an uncertain hand-over to IO.
	OnUncertain UncertainAction `json:"on_uncertain"`
	// Quiet is when no SMS begins its way; zero: never.
	Quiet QuietHours `json:"quiet,omitzero"`
}

// Bounds of the deadlines that people may choose.
const (
	ShortestDeadline = time.Minute
	LongestDeadline  = 7 * 24 * time.Hour
)

// DefaultPolicy is what a new service starts with: IO first, then SMS.
func DefaultPolicy() Policy {
	return Policy{
		Fallback:    []Channel{ChannelSMS},
		IODeadline:  DefaultIODeadline,
		SMSDeadline: DefaultSMSDeadline,
		OnUncertain: UncertainSMS,
	}
}

// FallsBackTo tells whether the policy allows the channel after IO.
func (p Policy) FallsBackTo(c Channel) bool {
	return slices.Contains(p.Fallback, c)
}
