// Package smstest is the conformance suite of sms.Provider: what activities and workflows rely on, whoever
// delivers the messages. A provider's own tests add its exact wire format.
package smstest

import (
	"time"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
)

// Scene is how a harness' backend treats the calls that follow.
type Scene string

// The scenes.
const (
	// Accept takes every message. A harness begins with it.
	Accept Scene = "accept"
	// RefusePhone and the scenes to RefuseUnknown refuse a message. Their answers should quote the recipient
	// where the real provider's do.
	RefusePhone       Scene = "refuse_phone"
	RefuseLandline    Scene = "refuse_landline"
	RefuseOptedOut    Scene = "refuse_opted_out"
	RefuseCountry     Scene = "refuse_country"
	RefuseRoute       Scene = "refuse_route"
	RefuseSender      Scene = "refuse_sender"
	RefuseCredentials Scene = "refuse_credentials"
	RefuseQueueFull   Scene = "refuse_queue_full"
	RefuseUnknown     Scene = "refuse_unknown" // with a code that nobody has heard of
	// RefuseRate answers that there are too many calls and asks for RetryAfter.
	RefuseRate Scene = "refuse_rate"
	// Break answers with the provider's own server error; BreakAtProxy with an intermediary's page.
	Break        Scene = "break"
	BreakAtProxy Scene = "break_at_proxy"
	// Garble takes the message and answers with success and something unreadable.
	Garble Scene = "garble"
	// AcceptAndHang takes the message and does not answer until the caller has gone.
	AcceptAndHang Scene = "accept_and_hang"
	// AcceptAndDrop takes the message and closes the connection without an answer.
	AcceptAndDrop Scene = "accept_and_drop"
	// Offline refuses connections.
	Offline Scene = "offline"
)

// RetryAfter is what a backend asks for in the scene RefuseRate.
const RetryAfter = 7 * time.Second

// Outcome is what becomes of a message that the backend took.
type Outcome string

// The outcomes.
const (
	Queued      Outcome = "queued"
	SentOn      Outcome = "sent_on" // to the carrier
	Delivered   Outcome = "delivered"
	Unreachable Outcome = "unreachable" // handset off
	Unknown     Outcome = "unknown"     // no such number
	Blocked     Outcome = "blocked"
	Unexplained Outcome = "unexplained" // undelivered, without a code
)

// Taken is a message as the backend took it.
type Taken struct {
	ProviderID     string
	To             string
	Sender         string
	Text           string
	StatusCallback string
	Validity       time.Duration
}

// Harness is a provider wired to a backend that does as it is told. Its methods may be called from several
// goroutines.
type Harness interface {
	Provider() sms.Provider
	// Play chooses the scene for the calls that follow.
	Play(scene Scene)
	// Taken lists what the backend took, in order.
	Taken() []Taken
	// Settle decides what becomes of a message.
	Settle(providerID string, outcome Outcome)
}

// expectation is what a provider must report.
type expectation struct {
	reason     notification.Reason
	handOver   notification.HandOver
	retryable  bool
	retryAfter time.Duration
}

// staged is a scene with what must come of it.
type staged struct {
	scene Scene
	want  expectation
}

func notSent(reason notification.Reason) expectation {
	return expectation{reason: reason, handOver: notification.HandOverNotSent}
}

func notSentYet(reason notification.Reason) expectation {
	return expectation{reason: reason, handOver: notification.HandOverNotSent, retryable: true}
}

func uncertain() expectation {
	return expectation{reason: notification.ReasonSMSOutcomeUncertain, handOver: notification.HandOverUncertain}
}
