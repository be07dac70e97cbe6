package notification

import (
	"fmt"
	"time"
)

// HandOver is what is known about a call that was to hand something over to a provider.
type HandOver string

// What may be known.
const (
	// HandOverNotSent: the provider surely did not take it. Calling again cannot duplicate anything.
	HandOverNotSent HandOver = "not_sent"
	// HandOverSent: the provider took it.
	HandOverSent HandOver = "sent"
	// HandOverUncertain: the request may have been processed. Calling again may reach the citizen twice.
	HandOverUncertain HandOver = "uncertain"
)

// DeliveryError is how every channel's client reports a call that did not succeed. It holds codes only: a
// provider's own text may repeat the recipient or the content, and is dropped where it arrives.
type DeliveryError struct {
	Channel  Channel
	Reason   Reason
	HandOver HandOver
	// Retryable tells whether the same call may succeed later without anybody changing anything. For an
	// uncertain hand-over it says nothing: policy decides.
	Retryable bool
	// RetryAfter is the provider's own wish; 0 where it gave none.
	RetryAfter time.Duration
	// HTTPStatus is 0 where no answer arrived.
	HTTPStatus int
	// ProviderCode is the provider's own error code, such as Twilio's 21610; empty where it has none.
	ProviderCode string
	// Cause is a technical cause without personal data, such as a context or a network error's class; may be nil.
	Cause error
}

// Error names reason and codes, never content.
func (e *DeliveryError) Error() string {
	text := fmt.Sprintf("%s: %s (%s)", e.Channel, e.Reason, e.HandOver)
	if e.HTTPStatus != 0 {
		text += fmt.Sprintf(", HTTP %d", e.HTTPStatus)
	}

	if e.ProviderCode != "" {
		text += ", provider code " + e.ProviderCode
	}

	return text
}

// Unwrap gives the cause.
func (e *DeliveryError) Unwrap() error { return e.Cause }
