package frontend

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const composePage = "compose.html"

// composeWork is what the form's page is made of.
type composeWork struct {
	form     composeForm
	template *gateway.TemplateView // nil: free text, or a template that the person does not see
	like     *gateway.View         // nil: to somebody new
	problems map[string]string     // whole messages, by the form's field
	rest     []string              // problems of no field
	reach    reachView
}

// values are those of the template's placeholders, without what another template had.
func (w composeWork) values() map[string]string {
	values := map[string]string{}

	if w.template != nil {
		for _, name := range w.template.Placeholders {
			values[name] = w.form.Values[name]
		}
	}

	return values
}

func (f *Frontend) composeWork(c echo.Context, form composeForm) (composeWork, error) {
	work := composeWork{form: form}

	if form.TemplateID != "" {
		template, err := f.gateway.Template(c.Request().Context(), actor(c), form.TemplateID, form.TemplateVersion)

		switch {
		case errors.Is(err, gateway.ErrNotFound):
		case err != nil:
			return work, fmt.Errorf("reading a template: %w", err)
		default:
			work.template = &template
		}
	}

	if form.Like != "" {
		like, err := f.gateway.Notification(c.Request().Context(), actor(c), form.Like)
		if err != nil {
			return work, fmt.Errorf("reading a notification: %w", err)
		}

		work.like = &like
	}

	return work, nil
}

// composingPage is the form, with the preview beside it.
type composingPage struct {
	page
	Form       composeForm
	Services   []choice
	Templates  []choice
	Priorities []choice
	Like       string // the masked codice fiscale of the earlier citizen; empty: there is none
	LikePhone  string
	Text       composeTextView
	// Fields are those beside the text, by name.
	Fields  map[string]composeField
	Summary []summaryLine
	Problem map[string]string
	// PaymentOpen and MoreOpen show parts of the form at first sight.
	PaymentOpen, MoreOpen bool
	Reach                 reachView
	Preview               composePreview
}

// composeField is one field of one line.
type composeField struct {
	ID, Name string
	Label    string
	Hint     string
	Value    string
	Problem  string
	Type     string // of the input
	Mode     string // which keyboard a phone shows; empty: the usual one
	Most     int    // characters; 0: no bound
	Required bool
	Capitals bool
}

// composeTextView is what is written of the message: a free text, or the values of a template.
type composeTextView struct {
	page
	Template string // its name; empty: free text
	Texts    []languageFields
	Values   []composeField
	// Hidden is what is typed of the other kind: it is there again when somebody changes their mind.
	Hidden []hiddenField
}

func (f *Frontend) composeTexts(work composeWork, p page, problems map[string]string) composeTextView {
	shown := composeTextView{page: p}

	if work.template == nil {
		shown.Texts = []languageFields{
			newLanguageFields(notification.Italian, work.form.Italian, problems, p),
			newLanguageFields(notification.English, work.form.English, problems, p),
		}
		shown.Hidden = work.form.hiddenValues()

		for i := range shown.Texts {
			fields := shown.Texts[i].Fields
			fields[0].Hint = p.T("compose.subject_hint")
		}

		return shown
	}

	shown.Template, shown.Hidden = work.template.Name, work.form.hiddenTexts()

	for i, name := range work.template.Placeholders {
		id := valueID(i)
		shown.Values = append(shown.Values, composeField{
			ID: id, Name: valueFieldPrefix + name, Label: capitalised(name), Value: work.form.Values[name], Problem: problems[id],
			Type: inputText, Required: true,
		})
	}

	return shown
}

func valueID(i int) string { return "value-" + strconv.Itoa(i) }

func (f *Frontend) showComposing(c echo.Context, status int, work composeWork) error {
	p := f.page(c, "compose.title")
	if work.like != nil {
		p.Title = p.T("compose.again_title")
	}

	services, err := f.serviceChoices(c.Request().Context(), actor(c), work.form.ServiceID, isActive)
	if err != nil {
		return err
	}

	// The one that a browser shows chosen is the one that the preview is of.
	if work.form.ServiceID == "" && len(services) > 0 {
		work.form.ServiceID = services[0].Value
	}

	templates, err := f.composeTemplates(c.Request().Context(), actor(c), work.form.TemplateID)
	if err != nil {
		return err
	}

	shown := composingPage{
		page: p, Form: work.form, Services: services, Templates: templates, Priorities: composePriorities(work.form.Priority, p),
		Text: f.composeTexts(work, p, work.problems), Fields: composeFields(work, p), Problem: work.problems, Reach: work.reach,
	}
	shown.Summary = composeSummary(shown, work.rest)
	shown.PaymentOpen, shown.MoreOpen = work.opens()

	if work.like != nil {
		shown.Like, shown.LikePhone = work.like.MaskedFiscalCode, work.like.MaskedPhone
	}

	if shown.Preview, err = f.composedPreview(c, work, p); err != nil {
		return err
	}

	return f.show(c, status, composePage, shown)
}

// opens tells which folded parts of the form have something to show.
func (w composeWork) opens() (payment, more bool) {
	form := w.form
	payment = form.hasPayment() || form.DueDay != "" || anyOf(w.problems, fieldNotice, fieldAmount, fieldPayee, fieldDueDay)
	more = form.Day != "" || form.ExpiresDay != "" || form.Priority == string(notification.PriorityUrgent) ||
		form.Reference != "" || anyOf(w.problems, paramReference, fieldPriority, fieldSendDay, fieldExpiresDay)

	return payment, more
}

func anyOf(problems map[string]string, fields ...string) bool {
	return slices.ContainsFunc(fields, func(field string) bool { return problems[field] != "" })
}

func (f *Frontend) composeTemplates(ctx context.Context, author gateway.Actor, chosen string) ([]choice, error) {
	templates, err := f.gateway.Templates(ctx, author, gateway.TemplateQuery{})
	if err != nil {
		return nil, fmt.Errorf("listing templates: %w", err)
	}

	var choices []choice

	for i := range templates {
		label := templates[i].Name
		if author.EnteID == "" {
			label = withEnte(label, templates[i].EnteName)
		}

		choices = append(choices, choice{Value: templates[i].ID, Label: label, Chosen: templates[i].ID == chosen})
	}

	return choices, nil
}

func composePriorities(chosen string, p page) []choice {
	var choices []choice

	for _, priority := range []notification.Priority{notification.PriorityNormal, notification.PriorityUrgent} {
		choices = append(choices, choice{Value: string(priority), Label: priority.Label(p.Lang), Chosen: string(priority) == chosen})
	}

	return choices
}

// composeFields are the fields beside the text.
func composeFields(work composeWork, p page) map[string]composeField {
	const (
		longestCode      = 40
		longestReference = 100
		longestAmount    = 30
	)

	form := work.form
	fields := map[string]composeField{}

	for _, field := range []composeField{
		{
			Name: fieldFiscalCode, Hint: "compose.fiscal_code_hint", Value: form.FiscalCode, Most: longestCode, Required: work.like == nil,
			Capitals: true,
		},
		{Name: fieldPhone, Hint: "compose.phone_hint", Value: form.Phone, Type: "tel", Most: longestCode},
		{Name: fieldDueDay, Hint: "compose.due_day_hint", Value: form.DueDay, Type: inputDate},
		{Name: "due_clock", Hint: "compose.due_clock_hint", Value: form.DueClock, Type: "time"},
		{Name: fieldNotice, Hint: "compose.notice_number_hint", Value: form.Notice, Mode: "numeric", Most: longestCode},
		{Name: fieldAmount, Hint: "compose.amount_hint", Value: form.Amount, Mode: "decimal", Most: longestAmount},
		{Name: fieldPayee, Hint: "compose.payee_hint", Value: form.Payee, Mode: "numeric", Most: longestCode},
		{Name: paramReference, Hint: "compose.reference_hint", Value: form.Reference, Most: longestReference},
		{Name: fieldSendDay, Value: form.Day, Type: inputDate},
		{Name: "clock", Value: form.Clock, Type: "time"},
		{Name: fieldExpiresDay, Value: form.ExpiresDay, Type: inputDate},
		{Name: "expires_clock", Value: form.ExpiresClock, Type: "time"},
	} {
		field.ID, field.Label, field.Problem = field.Name, p.T("compose."+field.Name), work.problems[field.Name]

		if field.Type == "" {
			field.Type = inputText
		}

		if field.Hint != "" {
			field.Hint = p.T(field.Hint)
		}

		fields[field.Name] = field
	}

	if work.like != nil {
		field := fields[fieldFiscalCode]
		field.Hint = p.T("compose.like_hint")
		fields[fieldFiscalCode] = field
	}

	return fields
}

// composeSummary lists the problems in the order of the form.
func composeSummary(shown composingPage, rest []string) []summaryLine {
	var lines []summaryLine

	add := func(field, label, problem string) {
		if problem != "" {
			lines = append(lines, summaryLine{Field: field, Text: label + ": " + problem})
		}
	}

	add(paramService, shown.T("list.filter.service"), shown.Problem[paramService])
	add(paramTemplate, shown.T("compose.template"), shown.Problem[paramTemplate])

	for _, name := range []string{fieldFiscalCode, fieldPhone} {
		add(name, shown.Fields[name].Label, shown.Problem[name])
	}

	for _, text := range shown.Text.Texts {
		for _, field := range text.Fields {
			add(field.Name, field.Label+" ("+shown.T("preview.lang."+string(text.Lang))+")", field.Problem)
		}
	}

	for _, field := range shown.Text.Values {
		add(field.ID, field.Label, field.Problem)
	}

	for _, name := range []string{fieldDueDay, fieldNotice, fieldAmount, fieldPayee, paramReference} {
		add(name, shown.Fields[name].Label, shown.Problem[name])
	}

	add(fieldPriority, shown.T("compose.priority"), shown.Problem[fieldPriority])
	add(fieldSendDay, shown.T("compose.send_at"), shown.Problem[fieldSendDay])
	add(fieldExpiresDay, shown.T("compose.expires_at"), shown.Problem[fieldExpiresDay])

	for _, problem := range rest {
		lines = append(lines, summaryLine{Text: problem})
	}

	return lines
}

// composeFieldNames are the form's names of the use case's fields.
func composeFieldNames(work composeWork) map[string]string {
	names := map[string]string{
		"service_id": paramService, "template_id": paramTemplate, "template_version": paramTemplate,
		"recipient.fiscal_code": fieldFiscalCode, "recipient.phone": fieldPhone, "content.due_date": fieldDueDay,
		"content.payment.notice_number": fieldNotice, "content.payment.amount_cents": fieldAmount,
		"content.payment.payee_fiscal_code": fieldPayee, "external_reference": paramReference, "priority": fieldPriority,
		fieldSendAt: fieldSendDay, "expires_at": fieldExpiresDay,
	}

	if work.template != nil {
		for i, name := range work.template.Placeholders {
			names["personalisation."+name] = valueID(i)
		}

		return names
	}

	for prefix, form := range map[string]string{"content.": prefixItalian, "content.english.": prefixEnglish} {
		for _, field := range []string{"subject", "markdown", "sms_text"} {
			names[prefix+field] = form + field
		}

		for i := range mostButtons {
			for _, part := range []string{".text", ".action"} {
				names[buttonField(prefix, i)+part] = buttonField(form, i) + part
			}
		}

		names[prefix+"buttons"] = buttonField(form, 0) + ".text"
	}

	return names
}
