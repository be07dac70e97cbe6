package frontend

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// The fields of the form that are not of the texts.
const (
	fieldFiscalCode  = "fiscal_code"
	fieldPhone       = "phone"
	fieldDueDay      = "due_day"
	fieldNotice      = "notice_number"
	fieldAmount      = "amount"
	fieldPayee       = "payee"
	fieldPriority    = "priority"
	fieldSendDay     = "day"
	fieldExpiresDay  = "expires_day"
	fieldSendAt      = "send_at"
	valueFieldPrefix = "value."

	// The texts of the two languages.
	prefixItalian = "italian."
	prefixEnglish = "english."

	// endOfDay is until when something is due on a day without a time, as for the rows of a file.
	endOfDay = "23:59:59"
)

// composeForm is what a person typed.
type composeForm struct {
	Once string
	// Like is the notification whose recipient is meant where no codice fiscale is typed.
	Like            string
	ServiceID       string
	TemplateID      string // empty: free text
	TemplateVersion int    // 0: the latest
	FiscalCode      string
	Phone           string
	Italian         notification.TemplateText
	English         notification.TemplateText
	Values          map[string]string // by placeholder

	Notice, Amount, Payee    string
	InvalidAfter             bool
	DueDay, DueClock         string
	Reference, Priority      string
	Day, Clock               string
	ExpiresDay, ExpiresClock string
}

func readComposeForm(c echo.Context) (composeForm, error) {
	values, err := c.FormParams()
	if err != nil || !isOnceKey(values.Get("once")) {
		return composeForm{}, echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}

	version, err := strconv.Atoi(values.Get("template_version"))
	if err != nil || version < 0 {
		version = 0
	}

	trimmed := func(name string) string { return strings.TrimSpace(values.Get(name)) }

	form := composeForm{
		Once: values.Get("once"), Like: values.Get("like"), ServiceID: values.Get(paramService),
		TemplateID: values.Get(paramTemplate), TemplateVersion: version,
		FiscalCode: trimmed(fieldFiscalCode), Phone: trimmed(fieldPhone),
		Italian: readText(values, prefixItalian), English: readText(values, prefixEnglish), Values: map[string]string{},
		Notice: trimmed(fieldNotice), Amount: trimmed(fieldAmount), Payee: trimmed(fieldPayee),
		InvalidAfter: values.Get("invalid_after") != "", DueDay: values.Get(fieldDueDay), DueClock: values.Get("due_clock"),
		Reference: trimmed(paramReference), Priority: values.Get(fieldPriority),
		Day: values.Get(fieldSendDay), Clock: values.Get("clock"),
		ExpiresDay: values.Get(fieldExpiresDay), ExpiresClock: values.Get("expires_clock"),
	}

	for name := range values {
		if placeholder, found := strings.CutPrefix(name, valueFieldPrefix); found {
			form.Values[placeholder] = values.Get(name)
		}
	}

	return form, nil
}

// hiddenField carries a value from one page to the next.
type hiddenField struct{ Name, Value string }

// hidden is everything that was typed, for a page that only shows it.
func (t composeForm) hidden() []hiddenField {
	all := []hiddenField{
		{"like", t.Like},
		{paramService, t.ServiceID},
		{paramTemplate, t.TemplateID},
		{fieldFiscalCode, t.FiscalCode},
		{fieldPhone, t.Phone},
		{fieldNotice, t.Notice},
		{fieldAmount, t.Amount},
		{fieldPayee, t.Payee},
		{fieldDueDay, t.DueDay},
		{"due_clock", t.DueClock},
		{paramReference, t.Reference},
		{fieldPriority, t.Priority},
		{fieldSendDay, t.Day},
		{"clock", t.Clock},
		{fieldExpiresDay, t.ExpiresDay},
		{"expires_clock", t.ExpiresClock},
	}

	if t.InvalidAfter {
		all = append(all, hiddenField{"invalid_after", "1"})
	}

	if t.TemplateVersion > 0 {
		all = append(all, hiddenField{"template_version", strconv.Itoa(t.TemplateVersion)})
	}

	all = slices.Concat(all, t.hiddenTexts(), t.hiddenValues())

	return slices.DeleteFunc(all, func(field hiddenField) bool { return field.Value == "" })
}

// hiddenTexts are those of the free text: they stay while somebody looks at a template.
func (t composeForm) hiddenTexts() []hiddenField {
	var all []hiddenField

	for _, each := range []struct {
		prefix string
		text   notification.TemplateText
	}{{prefixItalian, t.Italian}, {prefixEnglish, t.English}} {
		all = append(all, hiddenField{each.prefix + "subject", each.text.Subject}, hiddenField{each.prefix + "markdown", each.text.Markdown},
			hiddenField{each.prefix + "sms_text", each.text.SMSText})

		for i, button := range each.text.Buttons {
			name := buttonField(each.prefix, i)
			all = append(all, hiddenField{name + ".text", button.Text}, hiddenField{name + ".action", button.Action})
		}
	}

	return slices.DeleteFunc(all, func(field hiddenField) bool { return field.Value == "" })
}

func (t composeForm) hiddenValues() []hiddenField {
	var all []hiddenField

	for _, name := range slices.Sorted(maps.Keys(t.Values)) {
		if t.Values[name] != "" {
			all = append(all, hiddenField{valueFieldPrefix + name, t.Values[name]})
		}
	}

	return all
}

// hasPayment tells whether anything of a payment was typed.
func (t composeForm) hasPayment() bool {
	return t.Notice != "" || t.Amount != "" || t.Payee != "" || t.InvalidAfter
}

// empty tells whether nothing of the message was typed yet.
func (t composeForm) empty() bool {
	return t.TemplateID == "" && !hasText(t.Italian) && !hasText(t.English)
}

// typedComposition is the form in the use case's words, with what could not be read: whole messages by the form's field.
type typedComposition struct {
	gateway.Composition

	problems map[string]string
	invalid  notification.FieldErrors
}

// Whether times that have passed are a slip. On the way from the check to the sending a time may pass: what was to be
// sent then is sent at once, as for everybody else.
const (
	comingTime = true
	anyTime    = false
)

func (f *Frontend) typedComposition(work composeWork, p page, coming bool) typedComposition {
	form := work.form
	typed := typedComposition{problems: map[string]string{}}
	typed.Submission = gateway.Submission{
		ServiceID: form.ServiceID, ExternalReference: form.Reference, FiscalCode: form.FiscalCode, Phone: form.Phone,
		Priority: notification.Priority(form.Priority),
	}
	typed.Like = form.Like

	if form.TemplateID != "" {
		typed.Template = &gateway.Personalised{
			TemplateID: form.TemplateID, TemplateVersion: form.TemplateVersion, Values: work.values(),
		}
	} else {
		var english *notification.TemplateText
		if hasText(form.English) {
			english = &form.English
		}

		typed.Content, typed.invalid = notification.Written(form.Italian, english)
	}

	note := func(field, problem string) {
		if problem != "" {
			typed.problems[field] = p.T(problem)
		}
	}

	var problem string

	typed.Content.DueDate, problem = f.readDue(form)
	note(fieldDueDay, problem)

	read := func(day, clock string) (time.Time, string) { return f.italianTime(day, clock) }
	if coming {
		read = func(day, clock string) (time.Time, string) { return f.readSendAt(sendForm{Day: day, Clock: clock}) }
	}

	typed.SendAt, problem = read(form.Day, form.Clock)
	note(fieldSendDay, problem)

	typed.ExpiresAt, problem = read(form.ExpiresDay, form.ExpiresClock)
	note(fieldExpiresDay, problem)

	typed.readPayment(form, p)

	return typed
}

// readDue is the end of the day where there is no time.
func (f *Frontend) readDue(form composeForm) (due *time.Time, problem string) {
	if form.DueDay == "" && form.DueClock == "" {
		return nil, ""
	}

	if form.DueDay != "" && form.DueClock == "" {
		at, err := time.ParseInLocation(time.DateTime, form.DueDay+" "+endOfDay, f.timeZone)
		if err != nil {
			return nil, "send.bad_time"
		}

		return &at, ""
	}

	at, problem := f.italianTime(form.DueDay, form.DueClock)
	if problem != "" {
		return nil, problem
	}

	return &at, ""
}

func (t *typedComposition) readPayment(form composeForm, p page) {
	if !form.hasPayment() {
		return
	}

	withoutSpaces := func(text string) string { return strings.Join(strings.Fields(text), "") }
	payment := notification.Payment{
		NoticeNumber: withoutSpaces(form.Notice), PayeeFiscalCode: withoutSpaces(form.Payee), InvalidAfterDueDate: form.InvalidAfter,
	}

	if form.Amount == "" {
		t.problems[fieldAmount] = p.T("compose.amount_missing")
	} else {
		cents, code := batch.Euro(form.Amount)
		if code != "" {
			t.problems[fieldAmount] = batch.ProblemText(code, p.Lang)
		}

		payment.AmountCents = cents
	}

	t.Content.Payment = &payment
}
