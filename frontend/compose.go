package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const composePath = notificationsPath + "/new"

// ComposeGateway is what the pages ask of the use cases of writing a notification by hand.
type ComposeGateway interface {
	PreviewComposition(
		ctx context.Context, actor gateway.Actor, composition gateway.Composition,
	) (gateway.CompositionView, error)
	SubmitComposition(ctx context.Context, actor gateway.Actor, composition gateway.Composition) (gateway.Receipt, error)
	CheckComposition(ctx context.Context, actor gateway.Actor, composition gateway.Composition) (gateway.Reachability, error)
	SendTest(ctx context.Context, actor gateway.Actor, composition gateway.Composition) (gateway.Receipt, error)
	TestRecipient(ctx context.Context, actor gateway.Actor) (gateway.TestRecipient, error)
	KeepTestRecipient(ctx context.Context, actor gateway.Actor, recipient notification.Recipient) error
	ForgetTestRecipient(ctx context.Context, actor gateway.Actor) error
}

func (f *Frontend) mountCompose(r *routes) {
	bound := harden(templateFormLimit)

	r.get(composePath, gateway.PermissionSend, f.composeNew)
	r.postWith(bound, composePath, gateway.PermissionSend, f.composeCheck)
	r.postWith(bound, composePath+"/write", gateway.PermissionSend, f.composeWrite)
	r.postWith(bound, composePath+"/preview", gateway.PermissionSend, f.composePreview)
	r.postWith(bound, composePath+"/reach", gateway.PermissionSend, f.composeReach)
	r.postWith(bound, composePath+"/send", gateway.PermissionSend, f.composeSend)
	r.postWith(bound, composePath+"/test", gateway.PermissionSend, f.composeTest)
	r.postWith(bound, composePath+"/forget", gateway.PermissionSend, f.composeForget)
}

// composeNew begins with an empty form, with a template, or with what an earlier notification said.
func (f *Frontend) composeNew(c echo.Context) error {
	form := composeForm{
		Once: newOnceKey(), ServiceID: c.QueryParam(paramService), TemplateID: c.QueryParam(paramTemplate),
		Priority: string(notification.PriorityNormal), Values: map[string]string{},
	}

	if id := c.QueryParam("from"); id != "" {
		view, err := f.gateway.Notification(c.Request().Context(), actor(c), id)
		if err != nil {
			return fmt.Errorf("reading a notification: %w", err)
		}

		f.writeAgain(&form, &view)
	}

	work, err := f.composeWork(c, form)
	if err != nil {
		return err
	}

	if c.QueryParam("invented") != "" && work.template != nil {
		for _, name := range work.template.Placeholders {
			work.form.Values[name] = inventedValue(name, 0)
		}
	}

	return f.showComposing(c, http.StatusOK, work)
}

// writeAgain fills the form with what a notification said; to whom stays with the use cases.
func (f *Frontend) writeAgain(form *composeForm, view *gateway.View) {
	content := view.Content
	italian, english := content.Texts()

	// The text that is derived where nobody wrote one is derived again.
	if italian.SMSText == view.EnteName+": "+italian.Subject {
		italian.SMSText = ""
	}

	form.Like, form.ServiceID, form.Italian = view.ID, view.ServiceID, italian

	if english != nil {
		if english.SMSText == view.EnteName+": "+english.Subject {
			english.SMSText = ""
		}

		form.English = *english
	}

	if !strings.HasPrefix(view.ExternalReference, gateway.TestReferencePrefix) {
		form.Reference = view.ExternalReference
	}

	if view.Priority == notification.PriorityUrgent {
		form.Priority = string(notification.PriorityUrgent)
	}

	if due := content.DueDate; due != nil {
		local := due.In(f.timeZone)
		form.DueDay = local.Format(time.DateOnly)

		if local.Format(time.TimeOnly) != endOfDay {
			form.DueClock = local.Format("15:04")
		}
	}

	if payment := content.Payment; payment != nil {
		form.Notice, form.Payee, form.InvalidAfter = payment.NoticeNumber, payment.PayeeFiscalCode, payment.InvalidAfterDueDate
		form.Amount = strings.TrimSuffix(amount(payment.AmountCents, notification.Italian), " €")
	}
}

// composeWrite shows the form again with everything that was typed: back from the check, or with another template, of
// which htmx wants the fields alone.
func (f *Frontend) composeWrite(c echo.Context) error {
	form, err := readComposeForm(c)
	if err != nil {
		return err
	}

	form.TemplateVersion = 0

	work, err := f.composeWork(c, form)
	if err != nil {
		return err
	}

	if !isFragment(c) {
		return f.showComposing(c, http.StatusOK, work)
	}

	shown := f.composeTexts(work, f.basePage(c.Request(), account(c)), nil)

	text, err := f.render(composePage, "compose-text", shown)
	if err != nil {
		return err
	}

	return c.HTMLBlob(http.StatusOK, text)
}

// composePreview shows what is typed as the citizen would see it: alone to htmx, and beside the form to a browser
// without JavaScript.
func (f *Frontend) composePreview(c echo.Context) error {
	form, err := readComposeForm(c)
	if err != nil {
		return err
	}

	work, err := f.composeWork(c, form)
	if err != nil {
		return err
	}

	if !isFragment(c) {
		return f.showComposing(c, http.StatusOK, work)
	}

	preview, err := f.composedPreview(c, work, f.basePage(c.Request(), account(c)))
	if err != nil {
		return err
	}

	text, err := f.render(composePage, "compose-preview", preview)
	if err != nil {
		return err
	}

	return c.HTMLBlob(http.StatusOK, text)
}

// composeReach asks IO about the citizen. Whatever the answer, or if there is none, the notification can be sent.
func (f *Frontend) composeReach(c echo.Context) error {
	form, err := readComposeForm(c)
	if err != nil {
		return err
	}

	work, err := f.composeWork(c, form)
	if err != nil {
		return err
	}

	typed := f.typedComposition(work, f.basePage(c.Request(), account(c)), anyTime)

	answer, err := f.gateway.CheckComposition(c.Request().Context(), actor(c), typed.Composition)

	invalid, refused := errors.AsType[notification.FieldErrors](err)
	if err != nil && !refused && !errors.Is(err, gateway.ErrUnavailable) {
		return fmt.Errorf("checking a recipient: %w", err)
	}

	p := f.basePage(c.Request(), account(c))
	work.reach = reachOf(answer, invalid, err, p)

	if !isFragment(c) {
		return f.showComposing(c, http.StatusOK, work)
	}

	text, err := f.render(composePage, "compose-reach", work.reach)
	if err != nil {
		return err
	}

	return c.HTMLBlob(http.StatusOK, text)
}

// reachView is what IO says about the citizen.
type reachView struct {
	mark

	Text string // empty: nobody asked
}

func reachOf(answer gateway.Reachability, invalid notification.FieldErrors, err error, p page) reachView {
	switch {
	case len(invalid) > 0:
		return reachView{mark: mark{Icon: iconWarning, Tone: toneWarning}, Text: sentence(invalid[0], p.Lang)}
	case err != nil:
		return reachView{mark: mark{Icon: iconHelp, Tone: toneWarning}, Text: p.T("compose.reach.unavailable")}
	case answer.ReachableOnIO:
		return reachView{mark: mark{Icon: "it-check-circle", Tone: toneSuccess}, Text: p.T("compose.reach.yes")}
	}

	return reachView{
		mark: mark{Icon: iconMinus, Tone: toneInfo}, Text: p.T("compose.reach.no", explain(answer.Reason, p.Lang).Message),
	}
}
