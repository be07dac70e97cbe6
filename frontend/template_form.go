package frontend

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const mostButtons = 2

// templateForm is what a person typed about a template.
type templateForm struct {
	ID       string // empty: a new one
	EnteID   string
	Name     string
	Seen     int // the version that the author saw
	Once     string
	Italian  notification.TemplateText
	English  notification.TemplateText
	Archived bool
}

func formOf(view *gateway.TemplateView) templateForm {
	form := templateForm{
		ID: view.ID, EnteID: view.EnteID, Name: view.Name, Seen: view.Version, Italian: view.Italian, Archived: !view.ArchivedAt.IsZero(),
	}
	if view.English != nil {
		form.English = *view.English
	}

	return form
}

func readTemplateForm(c echo.Context) (templateForm, error) {
	values, err := c.FormParams()
	if err != nil || !isOnceKey(values.Get("once")) {
		return templateForm{}, echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}

	seen, err := strconv.Atoi(values.Get(paramSeen))
	if err != nil {
		seen = 0
	}

	return templateForm{
		ID: values.Get("id"), EnteID: values.Get(paramEnte), Name: strings.TrimSpace(values.Get(paramName)), Seen: seen,
		Once: values.Get("once"), Italian: readText(values, prefixItalian), English: readText(values, prefixEnglish),
	}, nil
}

func readText(values url.Values, prefix string) notification.TemplateText {
	text := notification.TemplateText{
		Subject:  values.Get(prefix + "subject"),
		Markdown: withoutReturns(values.Get(prefix + "markdown")),
		SMSText:  withoutReturns(values.Get(prefix + "sms_text")),
	}

	for i := range mostButtons {
		button := notification.Button{
			Text: values.Get(buttonField(prefix, i) + ".text"), Action: values.Get(buttonField(prefix, i) + ".action"),
		}
		if button != (notification.Button{}) {
			text.Buttons = append(text.Buttons, button)
		}
	}

	return text
}

// buttonField is a button's name in the use case's words, which the form shares.
func buttonField(prefix string, i int) string { return prefix + "buttons[" + strconv.Itoa(i) + "]" }

// draft is the form in the use case's words. The English text counts where anything of it is there.
func (t templateForm) draft() gateway.TemplateDraft {
	draft := gateway.TemplateDraft{EnteID: t.EnteID, Name: t.Name, Italian: t.Italian}
	if hasText(t.English) {
		draft.English = &t.English
	}

	return draft
}

func hasText(text notification.TemplateText) bool {
	return strings.TrimSpace(text.Subject+text.Markdown+text.SMSText) != "" || len(text.Buttons) > 0
}

// languageFields are the fields of a template's text in one language.
type languageFields struct {
	Lang   notification.Lang
	Prefix string
	Fields []formField
	// Open shows the fields at first sight.
	Open bool
}

// formField is one field of a form, with its problem beside it.
type formField struct {
	Name     string // its id, too
	Label    string
	Hint     string
	Value    string
	Lines    int // of a field for several lines; 0: one line
	Most     int // characters
	Required bool
	Problem  string
}

func newLanguageFields(lang notification.Lang, text notification.TemplateText, problems map[string]string, p page) languageFields {
	const (
		markdownLines = 12
		smsLines      = 3
	)

	prefix := prefixItalian
	if lang == notification.English {
		prefix = prefixEnglish
	}

	italian := lang == notification.Italian
	shown := languageFields{Lang: lang, Prefix: prefix, Open: italian || hasText(text), Fields: []formField{
		{Name: "subject", Label: "template.subject", Hint: "template.subject_hint", Value: text.Subject, Required: italian},
		{
			Name: "markdown", Label: "template.markdown", Hint: "template.markdown_hint", Value: text.Markdown, Lines: markdownLines,
			Required: italian,
		},
		{Name: "sms_text", Label: "template.sms_text", Hint: "template.sms_hint", Value: text.SMSText, Lines: smsLines},
	}}

	for i := range mostButtons {
		button := notification.Button{}
		if i < len(text.Buttons) {
			button = text.Buttons[i]
		}

		field := strings.TrimPrefix(buttonField(prefix, i), prefix)
		shown.Fields = append(shown.Fields,
			formField{Name: field + ".text", Label: "template.button_text." + strconv.Itoa(i+1), Value: button.Text},
			formField{
				Name: field + ".action", Label: "template.button_action." + strconv.Itoa(i+1), Value: button.Action, Hint: "template.action_hint",
			})
	}

	for i := range shown.Fields {
		field := &shown.Fields[i]
		field.Name, field.Label = prefix+field.Name, p.T(field.Label)
		field.Problem = problems[field.Name]

		if field.Hint != "" {
			field.Hint = p.T(field.Hint)
		}

		shown.Open = shown.Open || field.Problem != ""
	}

	return shown
}
