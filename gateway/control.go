package gateway

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// Decision is a person's answer to an uncertain outcome.
type Decision = workflows.Decision

// The decisions.
const (
	DecisionResend = workflows.DecisionResend
	DecisionSMS    = workflows.DecisionSMS
	DecisionClose  = workflows.DecisionClose
)

// Cancel stops a notification that has not ended. What a channel already took over cannot be called back; the
// next channel is not tried. The reason is cancelled_by_ente, cancelled_by_operator or paid.
func (g *Gateway) Cancel(ctx context.Context, actor Actor, id string, reason notification.Reason) error {
	if reason.Ending() != notification.StatusCancelled {
		return invalid("reason", "unknown", "not a reason to cancel", "non è un motivo di annullamento")
	}

	return g.signal(ctx, actor, id, workflows.SignalCancel, workflows.Cancellation{Reason: reason})
}

// Hold stops a notification before its next step, until Resume.
func (g *Gateway) Hold(ctx context.Context, actor Actor, id string) error {
	return g.signal(ctx, actor, id, workflows.SignalHold, nil)
}

// Resume lets a held notification go on.
func (g *Gateway) Resume(ctx context.Context, actor Actor, id string) error {
	return g.signal(ctx, actor, id, workflows.SignalResume, nil)
}

// Decide answers for a notification whose outcome is uncertain: send again, go on to SMS, or close.
func (g *Gateway) Decide(ctx context.Context, actor Actor, id string, decision Decision) error {
	switch decision {
	case DecisionResend, DecisionSMS, DecisionClose:
	default:
		return invalid("decision", "unknown", "one of resend, sms, close", "uno tra resend, sms, close")
	}

	head, err := g.changeable(ctx, actor, id)
	if err != nil {
		return err
	}

	if !waitsForDecision(head) {
		return ErrState
	}

	return g.signal(ctx, actor, id, workflows.SignalDecide, decision)
}

// Retry runs a failed notification again, from the step that failed. What succeeded is not repeated.
func (g *Gateway) Retry(ctx context.Context, actor Actor, id string) error {
	if _, err := g.changeable(ctx, actor, id); err != nil {
		return err
	}

	head, err := g.Store.ResetForRetry(ctx, id)
	if err != nil {
		return storeError("resetting the notification", err)
	}

	g.Starter.Offer(startOf(head))

	return nil
}

// signal tells the notification's workflow something. An accepted notification whose workflow has not begun is
// started first, so that a wish never comes too early.
func (g *Gateway) signal(ctx context.Context, actor Actor, id, name string, payload any) error {
	head, err := g.changeable(ctx, actor, id)
	if err != nil {
		return err
	}

	if head.Status.Final() {
		return ErrState
	}

	err = g.Temporal.SignalWorkflow(ctx, workflows.NotificationID(id), "", name, payload)
	if !isNotFound(err) {
		return temporalError("telling the workflow", err)
	}

	if head.Status != notification.StatusAccepted && head.Status != notification.StatusScheduled {
		// It had begun and came to its end meanwhile. Starting it would run it again.
		return ErrState
	}

	start, err := g.Store.StartOf(ctx, id)
	if err != nil {
		return storeError("reading the notification", err)
	}

	if err := g.Starter.Start(ctx, start); err != nil {
		return fmt.Errorf("starting the workflow: %w", ErrUnavailable)
	}

	err = g.Temporal.SignalWorkflow(ctx, workflows.NotificationID(id), "", name, payload)
	if isNotFound(err) {
		// It came to its end meanwhile.
		return ErrState
	}

	return temporalError("telling the workflow", err)
}

func isNotFound(err error) bool {
	_, missing := errors.AsType[*serviceerror.NotFound](err)

	return missing
}

// temporalError: whatever Temporal cannot do now, it may do later.
func temporalError(doing string, err error) error {
	if err == nil {
		return nil
	}

	return fmt.Errorf("%s: %w", doing, ErrUnavailable)
}

// waitsForDecision tells a notification held for an uncertain outcome from one held by an operator.
func waitsForDecision(n notification.Notification) bool {
	uncertain := n.Reason == notification.ReasonIOOutcomeUncertain || n.Reason == notification.ReasonSMSOutcomeUncertain

	return n.Status == notification.StatusOnHold && uncertain
}
