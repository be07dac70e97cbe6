// Package logfield names what log lines tell of a notification, so that one search finds it in every process. It holds nothing
// but names: workflows use it, too.
package logfield

// Of every line that is about one notification, as far as they are known there.
const (
	NotificationID = "notification_id"
	EnteID         = "ente_id"
	ServiceID      = "service_id"
	Run            = "run"
	// Step is how far the notification has come, one of the steps below.
	Step = "step"
	// Channel is io or sms.
	Channel = "channel"
	// AttemptID is GeNIO's own id of the try to reach the citizen.
	AttemptID = "attempt_id"
	// Outcome is what became of the step: a status, or a hand-over.
	Outcome = "outcome"
	// Reason is a code of the catalogue.
	Reason = "reason"
)

// Of lines about a request or a trace.
const (
	RequestID = "request_id"
	TraceID   = "trace_id"
)

// The steps of a notification's way. Each writes one line.
const (
	StepAccepted = "accepted"
	StepStarted  = "started"   // its workflow
	StepHandOver = "hand_over" // to the channel's provider
	StepDelivery = "delivery"  // the wait for it is over
	StepFallback = "fallback"  // to the next channel
	StepHold     = "hold"      // it waits for a person
	StepSettled  = "settled"
)
