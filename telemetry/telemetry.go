// Package telemetry is what GeNIO tells of itself: log lines with one set of fields, metrics for Prometheus, traces for
// OpenTelemetry. None of it ever holds a recipient, a text, a phone number, a key or an address of an outgoing call:
// identifiers, codes, templates of routes and names of operations only.
package telemetry

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/telemetry/logfield"
)

// Telemetry is what the parts of one process tell themselves through. A nil one, as in tests, tells nobody anything.
type Telemetry struct {
	Metrics *Metrics
	Tracing *Tracing
}

// New makes metrics, and no traces.
func New() *Telemetry { return &Telemetry{Metrics: NewMetrics()} }

// Measures gives the metrics; nil tells nobody.
func (t *Telemetry) Measures() *Metrics {
	if t == nil {
		return nil
	}

	return t.Metrics
}

// Traces gives the traces; nil tells nobody.
func (t *Telemetry) Traces() *Tracing {
	if t == nil {
		return nil
	}

	return t.Tracing
}

// Step is how far a notification has come, for the log. What is not known is left out.
type Step struct {
	// Name is one of the steps of package logfield.
	Name           string
	NotificationID string
	EnteID         string
	ServiceID      string
	Run            int
	Channel        notification.Channel
	AttemptID      string
	// Outcome is a status of a notification or of an attempt, or what is known of a hand-over.
	Outcome string
	Reason  notification.Reason
}

// StepOf is a step of a notification.
func StepOf(name string, n notification.Notification) Step {
	return Step{Name: name, NotificationID: n.ID, EnteID: n.EnteID, ServiceID: n.ServiceID, Run: n.Run}
}

// On is the step on a channel.
func (s Step) On(channel notification.Channel) Step {
	s.Channel = channel

	return s
}

// Field gives the step's fields.
func (s Step) Field() zap.Field { return zap.Inline(s) }

// MarshalLogObject writes the fields.
func (s Step) MarshalLogObject(to zapcore.ObjectEncoder) error {
	to.AddString(logfield.Step, s.Name)

	for _, told := range []struct{ name, value string }{
		{logfield.NotificationID, s.NotificationID},
		{logfield.EnteID, s.EnteID},
		{logfield.ServiceID, s.ServiceID},
		{logfield.Channel, string(s.Channel)},
		{logfield.AttemptID, s.AttemptID},
		{logfield.Outcome, s.Outcome},
		{logfield.Reason, string(s.Reason)},
	} {
		if told.value != "" {
			to.AddString(told.name, told.value)
		}
	}

	if s.Run != 0 {
		to.AddInt(logfield.Run, s.Run)
	}

	return nil
}
