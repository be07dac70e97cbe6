package gateway

import (
	"context"
	"errors"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
)

// repeatedWithin is how long the same content for the same citizen is worth a warning, as for a batch's rows.
const repeatedWithin = 24 * time.Hour

// Composition is a notification that a person writes by hand.
type Composition struct {
	Submission

	// Like is the id of a notification whose recipient is meant, where no codice fiscale is typed: whoever sends again need
	// not see to whom. A typed phone takes the place of the earlier one.
	Like string
}

// CompositionView is what a composition would become.
type CompositionView struct {
	EnteName         string
	ServiceName      string
	Policy           notification.Policy
	MaskedFiscalCode string // empty where none is known
	MaskedPhone      string // empty where none is known
	// Content is what the citizen would read, the SMS texts written out; as far as it goes where there are errors.
	Content notification.Content
	SMS     SMSPreview
	// SMSCostMicros is what the SMS costs if it is sent, in millionths of a euro; 0: no price is configured.
	SMSCostMicros int64
	// Repeats is the notification of the last 24 hours with the same content for the same citizen; its zero value: none.
	Repeats notification.Notification
	// Errors are the fields for which it would be refused.
	Errors notification.FieldErrors
}

// PreviewComposition tells what a composition would become, and everything that is wrong with it. Nothing is stored.
func (g *Gateway) PreviewComposition(ctx context.Context, actor Actor, composition Composition) (CompositionView, error) {
	if !actor.May(PermissionSend) {
		return CompositionView{}, ErrForbidden
	}

	submission, err := g.addressed(ctx, actor, composition)
	if err != nil {
		return CompositionView{}, err
	}

	submission = g.normalise(submission)

	service, content, err := g.validate(ctx, actor, submission)
	invalid, refused := errors.AsType[notification.FieldErrors](err)

	if err != nil && !refused {
		return CompositionView{}, err
	}

	view := CompositionView{
		ServiceName: service.Name, Policy: service.Policy, MaskedFiscalCode: fiscalcode.Mask(submission.FiscalCode),
		Content: content, Errors: invalid,
	}

	if submission.Phone != "" {
		view.MaskedPhone = sms.MaskPhone(submission.Phone)
	}

	if err := g.describeSending(ctx, service, &view); err != nil {
		return CompositionView{}, err
	}

	if refused {
		return view, nil
	}

	hash := notification.ContentHash(service.ID, submission.FiscalCode, content)

	view.Repeats, err = g.Store.SentSince(ctx, service.EnteID, hash, time.Now().Add(-repeatedWithin))
	if err = storeError("looking for the same content", err); errors.Is(err, ErrNotFound) {
		return view, nil
	}

	return view, err
}

// describeSending tells who sends, and what the SMS says and costs. Without a service nobody knows.
func (g *Gateway) describeSending(ctx context.Context, service notification.Service, view *CompositionView) error {
	if service.EnteID != "" {
		ente, err := g.Store.Ente(ctx, service.EnteID)
		if err != nil {
			return storeError("reading the Ente", err)
		}

		view.EnteName = ente.Name
	}

	view.Content = view.Content.WithSMSTexts(view.EnteName)
	view.SMS = smsPreview(view.Content.SMSText)
	view.SMSCostMicros = int64(view.SMS.Parts) * g.SMSPartPriceMicros

	return nil
}

// SubmitComposition sends what a person wrote: as [Gateway.Submit], once for each idempotency key.
func (g *Gateway) SubmitComposition(ctx context.Context, actor Actor, composition Composition) (Receipt, error) {
	if !actor.May(PermissionSend) {
		return Receipt{}, ErrForbidden
	}

	submission, err := g.addressed(ctx, actor, composition)
	if err != nil {
		return Receipt{}, err
	}

	return g.Submit(ctx, actor, submission)
}

// CheckComposition asks IO whether the composition's citizen can be reached by its service, as [Gateway.CheckRecipient].
// Who asked is noted, and not about whom.
func (g *Gateway) CheckComposition(ctx context.Context, actor Actor, composition Composition) (Reachability, error) {
	if !actor.May(PermissionSend) {
		return Reachability{}, ErrForbidden
	}

	submission, err := g.addressed(ctx, actor, composition)
	if err != nil {
		return Reachability{}, err
	}

	service, err := g.sendingService(ctx, actor, submission.ServiceID)
	if err != nil {
		return Reachability{}, err
	}

	code := fiscalcode.Normalise(submission.FiscalCode)
	if err := g.checkFiscalCode("recipient.fiscal_code", code).OrNil(); err != nil {
		return Reachability{}, err
	}

	act := Act{Name: "citizen.check", EnteID: service.EnteID, Object: "service", ObjectID: service.ID}
	if err := g.audit(ctx, actor, act); err != nil {
		return Reachability{}, err
	}

	return g.CheckRecipient(ctx, actor, submission.ServiceID, code)
}

// addressed is the composition as a submission, with the recipient of the notification that it is like. A citizen whom one
// Ente wrote to is no recipient of another's by reference.
func (g *Gateway) addressed(ctx context.Context, actor Actor, composition Composition) (Submission, error) {
	submission := composition.Submission
	if composition.Like == "" || submission.FiscalCode != "" {
		return submission, nil
	}

	head, err := g.visible(ctx, actor, composition.Like)
	if err != nil {
		return submission, err
	}

	service, err := g.Store.Service(ctx, submission.ServiceID)

	switch {
	case errors.Is(err, db.ErrNotFound), errors.Is(err, db.ErrInvalid), err == nil && service.EnteID != head.EnteID:
		return submission, nil
	case err != nil:
		return submission, storeError("reading the service", err)
	}

	like, err := g.Store.Notification(ctx, head.ID)
	if err != nil {
		return submission, storeError("reading the notification", err)
	}

	submission.FiscalCode = like.Recipient.FiscalCode
	if submission.Phone == "" {
		submission.Phone = like.Recipient.Phone
	}

	return submission, nil
}
