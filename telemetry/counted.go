package telemetry

import (
	"strconv"
	"time"

	"github.com/genio-gateway/genio/notification"
)

// Accepted counts notifications that are stored and so cannot be lost any more.
func (m *Metrics) Accepted(enteID string, count int) {
	if m != nil && count > 0 {
		m.accepted.WithLabelValues(enteID).Add(float64(count))
	}
}

// Settled counts a notification that ended.
func (m *Metrics) Settled(status notification.Status, reason notification.Reason, channel notification.Channel) {
	if m != nil {
		m.settled.WithLabelValues(string(status), string(reason), string(channel)).Inc()
	}
}

// HandedOver counts what is known of one hand-over. due is when the notification was to be sent; the time since then is
// measured where it was.
func (m *Metrics) HandedOver(
	channel notification.Channel, known notification.HandOver, reason notification.Reason, due time.Time,
) {
	if m == nil {
		return
	}

	m.handOvers.WithLabelValues(string(channel), string(known), string(reason)).Inc()

	if known == notification.HandOverSent && !due.IsZero() {
		m.timeToChannel.WithLabelValues(string(channel)).Observe(max(0, time.Since(due).Seconds()))
	}
}

// RefusedByIO counts a call for which the Ente's quota at IO was used up.
func (m *Metrics) RefusedByIO(enteID string) {
	if m != nil {
		m.refused.WithLabelValues(enteID).Inc()
	}
}

// Request is a request that was answered.
type Request struct {
	Method string
	// Route is a template such as /api/v1/notifications/:id.
	Route string
	// Kind is api, webhook or page.
	Kind   string
	Status int
	Took   time.Duration
}

// Requested counts and measures a request.
func (m *Metrics) Requested(r Request) {
	if m == nil {
		return
	}

	m.requests.WithLabelValues(r.Method, r.Route, strconv.Itoa(r.Status)).Inc()
	m.requestTime.WithLabelValues(r.Kind).Observe(r.Took.Seconds())
}
