package sms

import (
	"context"
	"time"

	"github.com/genio-gateway/genio/notification"
)

// Message is one SMS to hand over.
type Message struct {
	// AttemptID is ours. No provider is known to honour it as an idempotency key: it is for tracing, and for
	// the caller to put into StatusCallback, so that a callback tells which attempt it belongs to.
	AttemptID string
	// To is the recipient in E.164, as PhoneRules.Normalise gives it.
	To string
	// Sender is the alias, number or sender pool that the recipient sees.
	Sender string
	Text   string
	// StatusCallback is the absolute URL for the provider's news of this message; empty for none.
	StatusCallback string
	// Validity is how long the provider may keep trying; 0 leaves it to the provider. Whole seconds count.
	Validity time.Duration
}

// Receipt is a message that the provider took over.
type Receipt struct {
	ProviderID string
	// ProviderStatus is the provider's own word, kept raw.
	ProviderStatus string
	// Segments is the number of parts that are billed; 0 while the provider does not know it yet.
	Segments int
}

// Delivery is how far a message has come.
type Delivery struct {
	// Status is sent, delivered or failed. Sent is not final, though where a carrier confirms nothing it stays
	// the last word.
	Status notification.AttemptStatus
	// Reason explains delivered and failed; empty while sent.
	Reason notification.Reason
	// Retryable tells, of a failed one, whether the same message may arrive if it is sent again later.
	Retryable bool
	// ProviderStatus and ProviderCode are the provider's own words, kept raw; the code is empty where it gave none.
	ProviderStatus string
	ProviderCode   string
	// Segments is the number of parts that are billed; 0 while unknown.
	Segments int
}

// Search describes the message that an attempt may have handed over.
type Search struct {
	// To is the recipient in E.164, Text and Sender those of the message. An empty Sender matches any.
	To     string
	Text   string
	Sender string
	// Since is when the attempt began. Messages created before it are not the attempt's; a provider allows
	// for clocks that differ by a minute or two.
	Since time.Time
	// CalledAt is when the attempt's last call began, for an attempt that made several: only Reconcile looks
	// at it. Zero means Since.
	CalledAt time.Time
}

// Provider hands SMS over to somebody who delivers them. Package smstest holds the tests that each must pass.
//
// Every error is a *notification.DeliveryError on the SMS channel. Its HandOver says what is known:
//   - not sent: the request did not leave (name resolution, connection, TLS), or the provider refused it (any
//     4xx; 429 is retryable and carries the provider's Retry-After);
//   - uncertain: the request may have been processed: no answer after it left, 5xx, an answer that cannot be
//     understood. Reconcile finds out more; calling Send again may reach the citizen twice.
//
// Status and Find only read: their errors are always not sent.
type Provider interface {
	// Name is the provider's short name, such as "twilio".
	Name() string
	// Send hands a message over, once: it never repeats a call by itself.
	Send(ctx context.Context, message Message) (Receipt, error)
	// Status asks how far a message has come.
	Status(ctx context.Context, providerID string) (Delivery, error)
	// Find lists the messages that match, oldest first; none is not an error. Texts count as equal if they
	// differ only in what a provider rewrites on its own, see SameText. It fails rather than leave a
	// candidate out that it cannot compare.
	Find(ctx context.Context, search Search) ([]Receipt, error)
}
