package frontend

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// The fields of the own recipient on the check's page.
const (
	fieldOwnCode  = "own_fiscal_code"
	fieldOwnPhone = "own_phone"
)

// composeCheckPage says in words what is about to be sent, to whom and when, before it is.
type composeCheckPage struct {
	page
	Hidden  []hiddenField
	Once    string
	Facts   []fact
	Repeats string // a whole message; empty: nothing alike was sent
	Earlier string // the address of what was
	Preview composePreview
	Submit  string
	Problem string // a whole message

	Own      gateway.TestRecipient
	OwnOpen  bool
	OwnCode  composeField
	OwnPhone composeField
	// Sent is the address of the test that was just sent.
	Sent string
}

// checkNews is what the check's page has to tell beside the notification itself.
type checkNews struct {
	once     string // empty: a new key, for what is sent from this page
	problem  string // a message's key
	sent     string // the address of a test
	own      notification.Recipient
	problems map[string]string
}

// unavailableNews lets the same page be sent again, to become the same notification.
func unavailableNews(form composeForm) checkNews {
	return checkNews{once: form.Once, problem: "compose.check.unavailable"}
}

// composeCheck checks what was typed. What is wrong comes back beside its field; else the person is asked.
func (f *Frontend) composeCheck(c echo.Context) error {
	form, err := readComposeForm(c)
	if err != nil {
		return err
	}

	form.TemplateVersion = 0

	return f.checkComposing(c, http.StatusOK, form, comingTime, checkNews{})
}

func (f *Frontend) checkComposing(c echo.Context, status int, form composeForm, coming bool, news checkNews) error {
	work, err := f.composeWork(c, form)
	if err != nil {
		return err
	}

	// What is checked is what is sent, even if somebody revises the template meanwhile.
	if work.template != nil {
		work.form.TemplateVersion = work.template.Version
	}

	typed := f.typedComposition(work, f.basePage(c.Request(), account(c)), coming)

	view, err := f.gateway.PreviewComposition(c.Request().Context(), actor(c), typed.Composition)
	if err != nil {
		return fmt.Errorf("checking a notification: %w", err)
	}

	if len(view.Errors) > 0 || len(typed.invalid) > 0 || len(typed.problems) > 0 {
		return f.refuseComposing(c, work, typed, view.Errors)
	}

	return f.showCheck(c, status, work, typed, view, news)
}

// refuseComposing shows the form again, with each problem beside its field. A field that could not be read has no other
// problem.
func (f *Frontend) refuseComposing(
	c echo.Context, work composeWork, typed typedComposition, invalid notification.FieldErrors,
) error {
	names := composeFieldNames(work)
	all := slices.DeleteFunc(slices.Concat(typed.invalid, invalid), func(problem notification.FieldError) bool {
		return typed.problems[names[problem.Field]] != ""
	})

	work.problems, work.rest = sortProblems(all, names, languageOf(c.Request()))
	maps.Copy(work.problems, typed.problems)

	return f.showComposing(c, http.StatusUnprocessableEntity, work)
}

func (f *Frontend) showCheck(
	c echo.Context, status int, work composeWork, typed typedComposition, view gateway.CompositionView, news checkNews,
) error {
	p := f.page(c, "compose.check.title")

	own, err := f.gateway.TestRecipient(c.Request().Context(), actor(c))
	if err != nil {
		return fmt.Errorf("reading the test recipient: %w", err)
	}

	shown := composeCheckPage{
		page: p, Hidden: work.form.hidden(), Once: news.once, Facts: f.checkFacts(view, typed, work, p), Preview: f.viewPreview(view, p),
		Submit: p.T("compose.check.submit"), Own: own, OwnOpen: len(news.problems) > 0, Sent: news.sent,
		OwnCode: composeField{
			ID: fieldOwnCode, Name: fieldOwnCode, Label: p.T("compose.test.fiscal_code"), Value: news.own.FiscalCode,
			Problem: news.problems[fieldOwnCode], Type: inputText, Capitals: true,
		},
		OwnPhone: composeField{
			ID: fieldOwnPhone, Name: fieldOwnPhone, Label: p.T("compose.test.phone"), Value: news.own.Phone,
			Problem: news.problems[fieldOwnPhone], Type: "tel",
		},
	}

	if shown.Once == "" {
		shown.Once = newOnceKey()
	}

	if news.problem != "" {
		shown.Problem = p.T(news.problem)
	}

	if !typed.SendAt.IsZero() {
		shown.Submit = p.T("compose.check.schedule")
	}

	if view.Repeats.ID != "" {
		shown.Repeats = p.T("compose.check.repeats", f.moment(view.Repeats.AcceptedAt, p.Lang).shortly())
		shown.Earlier = notificationAddress(view.Repeats.ID)
	}

	return f.show(c, status, "compose_check.html", shown)
}

func (f *Frontend) checkFacts(view gateway.CompositionView, typed typedComposition, work composeWork, p page) []fact {
	atOnce := p.T("compose.check.at_once")
	if !typed.SendAt.IsZero() {
		atOnce = f.moment(typed.SendAt, p.Lang).shortly()
	}

	lines := []fact{
		{Name: "preview.recipient", Value: view.MaskedFiscalCode, Code: true},
		{Name: labelPhone, Value: orNone(view.MaskedPhone, p)},
		{Name: labelEnte, Value: view.EnteName},
		{Name: "detail.service", Value: view.ServiceName},
		{Name: "compose.send_at", Value: atOnce},
		{Name: "detail.priority", Value: typed.Priority.Label(p.Lang)},
		{Name: "detail.reference", Value: typed.ExternalReference, Code: true},
	}

	if !typed.ExpiresAt.IsZero() {
		lines = append(lines, fact{Name: "compose.expires_at", Value: f.moment(typed.ExpiresAt, p.Lang).shortly()})
	}

	if work.template != nil {
		lines = append(lines, fact{Name: "compose.template", Value: work.template.Name})
	}

	return named(slices.DeleteFunc(lines, func(line fact) bool { return line.Value == "" }), p)
}

// composeSend sends, once for each page that asked: a double click and a reload lead to the same notification.
func (f *Frontend) composeSend(c echo.Context) error {
	form, err := readComposeForm(c)
	if err != nil {
		return err
	}

	work, err := f.composeWork(c, form)
	if err != nil {
		return err
	}

	typed := f.typedComposition(work, f.basePage(c.Request(), account(c)), anyTime)
	if len(typed.invalid) > 0 || len(typed.problems) > 0 {
		return f.refuseComposing(c, work, typed, nil)
	}

	typed.IdempotencyKey = onceIdempotency(actor(c), form.Once, "")

	receipt, err := f.gateway.SubmitComposition(c.Request().Context(), actor(c), typed.Composition)
	invalid, refused := errors.AsType[notification.FieldErrors](err)

	switch {
	case refused:
		return f.refuseComposing(c, work, typed, invalid)
	case errors.Is(err, gateway.ErrUnavailable):
		return f.checkComposing(c, http.StatusServiceUnavailable, form, anyTime, unavailableNews(form))
	case errors.Is(err, gateway.ErrIdempotencyConflict):
		return f.checkComposing(c, http.StatusConflict, form, anyTime, checkNews{problem: "compose.check.changed"})
	case err != nil:
		return fmt.Errorf("sending a notification: %w", err)
	case typed.SendAt.IsZero():
		f.leaveNotice(c, toneSuccess, "compose.sent")
	default:
		f.leaveNotice(c, toneSuccess, "compose.scheduled")
	}

	return redirect(c, notificationAddress(receipt.ID))
}

// onceIdempotency is the name of what a page sends: nobody uses up another's.
func onceIdempotency(author gateway.Actor, once, kind string) string {
	return "backoffice/" + author.ID + "/" + kind + once
}

// composeTest sends what was typed to the person who typed it, whose own recipient it keeps for the next time.
func (f *Frontend) composeTest(c echo.Context) error {
	form, err := readComposeForm(c)
	if err != nil {
		return err
	}

	ctx, author := c.Request().Context(), actor(c)

	own := notification.Recipient{FiscalCode: c.FormValue(fieldOwnCode), Phone: c.FormValue(fieldOwnPhone)}

	problems, err := f.keepOwn(c, own)
	if err != nil {
		return err
	}

	if len(problems) > 0 {
		return f.checkComposing(c, http.StatusUnprocessableEntity, form, anyTime, checkNews{own: own, problems: problems})
	}

	work, err := f.composeWork(c, form)
	if err != nil {
		return err
	}

	typed := f.typedComposition(work, f.basePage(c.Request(), account(c)), anyTime)
	if len(typed.invalid) > 0 || len(typed.problems) > 0 {
		return f.refuseComposing(c, work, typed, nil)
	}

	typed.IdempotencyKey = onceIdempotency(author, form.Once, "test/")

	receipt, err := f.gateway.SendTest(ctx, author, typed.Composition)
	invalid, refused := errors.AsType[notification.FieldErrors](err)

	switch {
	case refused:
		return f.refuseComposing(c, work, typed, invalid)
	case errors.Is(err, gateway.ErrState):
		return f.checkComposing(c, http.StatusUnprocessableEntity, form, anyTime, checkNews{
			problems: map[string]string{fieldOwnCode: f.basePage(c.Request(), nil).T("compose.test.missing")},
		})
	case errors.Is(err, gateway.ErrUnavailable):
		return f.checkComposing(c, http.StatusServiceUnavailable, form, anyTime, unavailableNews(form))
	case err != nil:
		return fmt.Errorf("sending a test: %w", err)
	}

	return f.checkComposing(c, http.StatusOK, form, anyTime, checkNews{sent: notificationAddress(receipt.ID)})
}

// keepOwn keeps what the person typed of themselves, where they did; the problems are whole messages by field.
func (f *Frontend) keepOwn(c echo.Context, own notification.Recipient) (problems map[string]string, err error) {
	if own == (notification.Recipient{}) {
		return map[string]string{}, nil
	}

	err = f.gateway.KeepTestRecipient(c.Request().Context(), actor(c), own)
	if invalid, refused := errors.AsType[notification.FieldErrors](err); refused {
		problems, _ = sortProblems(invalid, map[string]string{
			"recipient.fiscal_code": fieldOwnCode, "recipient.phone": fieldOwnPhone,
		}, languageOf(c.Request()))

		return problems, nil
	}

	if err != nil {
		return nil, fmt.Errorf("keeping the test recipient: %w", err)
	}

	return map[string]string{}, nil
}

// composeForget forgets the person's own recipient.
func (f *Frontend) composeForget(c echo.Context) error {
	form, err := readComposeForm(c)
	if err != nil {
		return err
	}

	if err := f.gateway.ForgetTestRecipient(c.Request().Context(), actor(c)); err != nil {
		return fmt.Errorf("forgetting the test recipient: %w", err)
	}

	return f.checkComposing(c, http.StatusOK, form, anyTime, checkNews{})
}
