package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// templatePreview is a template filled with invented values.
type templatePreview struct {
	page
	Placeholders []string
	Problems     []string
	Messages     []messageView
	SMS          []smsView
}

// previewTemplate shows what is typed as the citizen would see it: alone to htmx, and below the form to a browser
// without JavaScript.
func (f *Frontend) previewTemplate(c echo.Context) error {
	form, err := readTemplateForm(c)
	if err != nil {
		return err
	}

	if !isFragment(c) {
		return f.showUnsaved(c, form)
	}

	p := f.basePage(c.Request(), account(c))

	shown, err := f.templatePreview(c.Request().Context(), actor(c), form, p)
	if err != nil {
		return err
	}

	text, err := f.render("template.html", "template-preview", shown)
	if err != nil {
		return err
	}

	return c.HTMLBlob(http.StatusOK, text)
}

func (f *Frontend) showUnsaved(c echo.Context, form templateForm) error {
	work := templateWork{form: form, preview: true}

	if form.ID != "" {
		view, err := f.gateway.Template(c.Request().Context(), actor(c), form.ID, 0)
		if err != nil {
			return fmt.Errorf("reading a template: %w", err)
		}

		work.view = &view
	}

	return f.showTemplate(c, http.StatusOK, work)
}

func (f *Frontend) templatePreview(ctx context.Context, author gateway.Actor, form templateForm, p page) (templatePreview, error) {
	draft := form.draft()
	shown := templatePreview{
		page: p, Placeholders: notification.Template{Italian: draft.Italian, English: draft.English}.Placeholders(),
	}
	values := map[string]string{}

	for _, name := range shown.Placeholders {
		values[name] = inventedValue(name, 0)
	}

	filled, err := f.gateway.PreviewTemplate(ctx, author, draft, values)

	invalid, refused := errors.AsType[notification.FieldErrors](err)
	if err != nil && !refused {
		return templatePreview{}, fmt.Errorf("previewing a template: %w", err)
	}

	for _, problem := range slices.Concat(invalid, filled.Errors) {
		shown.Problems = append(shown.Problems, problemAt(problem, form, p))
	}

	if !refused {
		f.fillPreview(&shown, filled)
	}

	return shown, nil
}

func (f *Frontend) fillPreview(shown *templatePreview, filled gateway.TemplatePreview) {
	shown.Messages = []messageView{f.messageView(filled.Content, notification.Italian, shown.page)}
	shown.SMS = []smsView{newSMSView(filled.SMS, shown.page)}

	if filled.Content.English == nil {
		return
	}

	shown.Messages = append(shown.Messages, f.messageView(filled.Content, notification.English, shown.page))

	if text := filled.Content.English.SMSText; text != "" {
		shown.SMS = append(shown.SMS, smsView{page: shown.page, Written: notification.English, Text: text})
	}
}

// problemAt names the field that a problem is about.
func problemAt(problem notification.FieldError, form templateForm, p page) string {
	field := templateFieldNames(form)[problem.Field]

	texts := map[notification.Lang]notification.TemplateText{notification.Italian: form.Italian, notification.English: form.English}

	for lang, text := range texts {
		for _, known := range newLanguageFields(lang, text, nil, p).Fields {
			if known.Name == field {
				return known.Label + " (" + p.T("preview.lang."+string(lang)) + "): " + sentence(problem, p.Lang)
			}
		}
	}

	return sentence(problem, p.Lang)
}
