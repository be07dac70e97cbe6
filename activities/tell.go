package activities

import (
	"time"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/telemetry"
	"github.com/genio-gateway/genio/telemetry/logfield"
)

func (a *Activities) log() *zap.Logger {
	if a.Log == nil {
		return zap.NewNop()
	}

	return a.Log
}

// tellHandOver counts and logs what is known of a hand-over, once it is recorded.
func (a *Activities) tellHandOver(n notification.Notification, known outcome) {
	a.Metrics.HandedOver(known.attempt.Channel, known.HandOver, known.Reason, dueSince(n))

	said := stepOfHandOver(n, known)

	switch {
	case known.HandOver == notification.HandOverUncertain:
		a.log().Warn("nobody knows whether the provider took the notification", said)
	case known.Retryable:
		a.log().Warn("not handed over, to be tried again", said)
	case known.HandOver == notification.HandOverSent:
		a.log().Info("handed over", said)
	default:
		a.log().Info("not handed over", said)
	}
}

// tellDoubt logs an SMS that the provider's list is going to be searched for.
func (a *Activities) tellDoubt(n notification.Notification, known outcome) {
	a.log().Warn("the call came to no clear end, the provider's list will be searched", stepOfHandOver(n, known))
}

func stepOfHandOver(n notification.Notification, known outcome) zap.Field {
	step := telemetry.StepOf(logfield.StepHandOver, n).On(known.attempt.Channel)
	step.AttemptID, step.Outcome, step.Reason = known.AttemptID, string(known.HandOver), known.Reason

	return step.Field()
}

// dueSince is when the notification was to be sent. A retry has waited for a person, which says nothing about GeNIO.
func dueSince(n notification.Notification) time.Time {
	switch {
	case n.Run > 1:
		return time.Time{}
	case n.SendAt.After(n.AcceptedAt):
		return n.SendAt
	}

	return n.AcceptedAt
}

// tellAccepted counts the notifications that a page of a batch became. They are logged together: a line each would drown
// everything else.
func (a *Activities) tellAccepted(b notification.Batch, count int) {
	if count == 0 {
		return
	}

	a.Metrics.Accepted(b.EnteID, count)
	a.log().Info("notifications of a batch accepted",
		zap.String(logfield.Step, logfield.StepAccepted), zap.String("batch_id", b.ID), zap.String(logfield.EnteID, b.EnteID),
		zap.String(logfield.ServiceID, b.ServiceID), zap.Int("count", count))
}
