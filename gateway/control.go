package gateway

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
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
		return invalid("reason", codeUnknown, "not a reason to cancel", "non è un motivo di annullamento")
	}

	head, err := g.actable(ctx, actor, id, func(may Possible) bool { return may.Cancel })
	if err != nil {
		return err
	}

	if err := g.auditNotification(ctx, actor, "cancel", head, "reason", string(reason)); err != nil {
		return err
	}

	return g.signal(ctx, head, workflows.SignalCancel, workflows.Cancellation{Reason: reason})
}

// Hold stops a notification before its next step, until Resume.
func (g *Gateway) Hold(ctx context.Context, actor Actor, id string) error {
	head, err := g.actable(ctx, actor, id, func(may Possible) bool { return may.Hold })
	if err != nil {
		return err
	}

	if err := g.auditNotification(ctx, actor, "hold", head); err != nil {
		return err
	}

	return g.signal(ctx, head, workflows.SignalHold, nil)
}

// Resume lets a held notification go on, as long as its service and its Ente may send.
func (g *Gateway) Resume(ctx context.Context, actor Actor, id string) error {
	head, err := g.actable(ctx, actor, id, func(may Possible) bool { return may.Resume })
	if err != nil {
		return err
	}

	if err := g.maySend(ctx, head); err != nil {
		return err
	}

	if err := g.auditNotification(ctx, actor, "resume", head); err != nil {
		return err
	}

	return g.signal(ctx, head, workflows.SignalResume, nil)
}

// Decide answers for a notification whose outcome is uncertain: send again, go on to SMS, or close. Where service or
// Ente may not send any more, closing is all that is left.
func (g *Gateway) Decide(ctx context.Context, actor Actor, id string, decision Decision) error {
	switch decision {
	case DecisionResend, DecisionSMS, DecisionClose:
	default:
		return invalid("decision", codeUnknown, "one of resend, sms, close", "uno tra resend, sms, close")
	}

	head, err := g.actable(ctx, actor, id, func(may Possible) bool { return may.Decide })
	if err != nil {
		return err
	}

	if decision != DecisionClose {
		if err := g.maySend(ctx, head); err != nil {
			return err
		}
	}

	if err := g.auditNotification(ctx, actor, "decide", head, "decision", string(decision)); err != nil {
		return err
	}

	return g.signal(ctx, head, workflows.SignalDecide, decision)
}

// Retry runs a failed notification again, from the step that failed, as long as its service and its Ente may send.
// What succeeded is not repeated.
func (g *Gateway) Retry(ctx context.Context, actor Actor, id string) error {
	head, err := g.actable(ctx, actor, id, func(may Possible) bool { return may.Retry })
	if err != nil {
		return err
	}

	if err := g.maySend(ctx, head); err != nil {
		return err
	}

	if err := g.auditNotification(ctx, actor, "retry", head, "reason", string(head.Reason)); err != nil {
		return err
	}

	head, err = g.Store.ResetForRetry(ctx, id)
	if err != nil {
		return storeError("resetting the notification", err)
	}

	g.Starter.Offer(offered(ctx, head))

	return nil
}

// signal tells the notification's workflow something. An accepted notification whose workflow has not begun is
// started first, so that a wish never comes too early.
func (g *Gateway) signal(ctx context.Context, head notification.Notification, name string, payload any) error {
	id := head.ID

	err := g.Temporal.SignalWorkflow(ctx, workflows.NotificationID(id), "", name, payload)
	if !isNotFound(err) {
		return temporalError("telling the workflow", err)
	}

	if begun(head) {
		// Starting it would run it again.
		return g.settleAbandoned(ctx, head)
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

// settleAbandoned fails a notification whose workflow is gone without having settled it, as after a termination by
// an administrator of Temporal: so it can be retried. Mostly the workflow just came to its end meanwhile. The wish
// comes too late either way.
func (g *Gateway) settleAbandoned(ctx context.Context, before notification.Notification) error {
	now, err := g.Store.Head(ctx, before.ID)
	if err != nil {
		return storeError("reading the notification again", err)
	}

	if now.Run != before.Run || now.Status.Final() || !begun(now) {
		return ErrState
	}

	abandoned := db.Settlement{Status: notification.StatusFailed, Reason: notification.ReasonInternalError, Run: now.Run}
	if err := g.Store.Settle(ctx, now.ID, abandoned); err != nil {
		return storeError("settling a notification without a workflow", err)
	}

	g.Log.Warn("notification settled whose workflow is gone", zap.String("notification_id", now.ID))

	return ErrState
}

// begun tells whether the notification's present run has been at work.
func begun(n notification.Notification) bool {
	return n.Status != notification.StatusAccepted && n.Status != notification.StatusScheduled
}

// actable is visible for an actor who wants to act on the notification, as far as its state allows the act.
func (g *Gateway) actable(
	ctx context.Context, actor Actor, id string, allowed func(Possible) bool,
) (notification.Notification, error) {
	head, err := g.visible(ctx, actor, id)

	switch {
	case err != nil:
		return head, err
	case !actor.MayChange():
		return head, ErrForbidden
	case !allowed(possible(actor, head)):
		return head, notPossible(head)
	}

	return head, nil
}

// notPossible is an ErrState that says where it is the content that is missing.
func notPossible(head notification.Notification) error {
	if head.Status == notification.StatusFailed && !head.ContentRemovedAt.IsZero() {
		return ErrContentRemoved
	}

	return ErrState
}

// maySend refuses what would send something for a service or an Ente that was switched off since.
func (g *Gateway) maySend(ctx context.Context, n notification.Notification) error {
	service, err := g.Store.Service(ctx, n.ServiceID)
	if err != nil {
		return storeError("reading the service", err)
	}

	active, err := g.isActive(ctx, n.EnteID)
	if err != nil {
		return err
	}

	if !service.Active || !active {
		return errInactive
	}

	return nil
}

// errInactive is an ErrState whose cause is the service or the Ente, and not the notification.
var errInactive = fmt.Errorf("service or Ente switched off: %w", ErrState)

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
