package frontend

import (
	"context"
	"fmt"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// templatePage shows a template: as a form to whoever may change it, else to read.
type templatePage struct {
	page
	Heading string
	Form    templateForm
	Enti    []choice // only where the author has to say whose template it is
	Texts   []languageFields
	// EnteProblem and NameProblem are whole messages.
	EnteProblem, NameProblem string
	// Summary are the problems at the top of the form, each with the field it leads to.
	Summary []summaryLine

	MayChange bool
	Action    string // the address that the form is sent to
	Archive   string // the address; empty where it cannot be archived
	Upload    string // the address; empty where no file can be handed in
	// Note says why the page is only to read; empty otherwise.
	Note   string
	Newest string // the address of the latest version, where this is an earlier one

	// Overtaken says that somebody else made another version, which Others shows.
	Overtaken string
	Others    []fact

	Preview *templatePreview
}

// summaryLine is a problem, and the field to go to.
type summaryLine struct {
	Field string // empty: none
	Text  string
}

// templateWork is what a page of a template is made of.
type templateWork struct {
	view      *gateway.TemplateView // nil: a new one
	form      templateForm
	invalid   notification.FieldErrors
	latest    int  // the latest version's number, where view may be an earlier one
	overtaken bool // view is another's version, newer than the one that the author saw
	preview   bool // the page shows it at once
}

func (f *Frontend) showTemplate(c echo.Context, status int, work templateWork) error {
	p := f.page(c, "template.new")
	if work.view != nil {
		p.Title = work.view.Name
	}

	problems, rest := sortProblems(work.invalid, templateFieldNames(work.form), p.Lang)
	shown := templatePage{
		page: p, Heading: p.Title, Form: work.form, EnteProblem: problems[paramEnte], NameProblem: problems[paramName],
		Action: templatesPath, MayChange: true,
		Texts: []languageFields{
			newLanguageFields(notification.Italian, work.form.Italian, problems, p),
			newLanguageFields(notification.English, work.form.English, problems, p),
		},
	}
	shown.Form.Once = newOnceKey()
	shown.Summary = summary(&shown, rest)

	if err := f.fillTemplatePage(c, work, &shown); err != nil {
		return err
	}

	return f.show(c, status, "template.html", shown)
}

func (f *Frontend) fillTemplatePage(c echo.Context, work templateWork, shown *templatePage) error {
	ctx, author := c.Request().Context(), actor(c)

	if work.view == nil && author.EnteID == "" {
		enti, err := f.enteChoices(ctx, author, work.form.EnteID)
		if err != nil {
			return err
		}

		shown.Enti = enti
	}

	if work.view != nil {
		describeTemplate(work, shown, author)
	}

	if !work.preview {
		return nil
	}

	preview, err := f.templatePreview(ctx, author, work.form, shown.page)
	if err != nil {
		return err
	}

	shown.Preview = &preview

	return nil
}

func (f *Frontend) enteChoices(ctx context.Context, author gateway.Actor, chosen string) ([]choice, error) {
	known, err := f.gateway.Enti(ctx, author)
	if err != nil {
		return nil, fmt.Errorf("listing the Enti: %w", err)
	}

	var choices []choice
	for _, ente := range known {
		choices = append(choices, choice{Value: ente.ID, Label: ente.Name, Chosen: ente.ID == chosen})
	}

	return choices, nil
}

// describeTemplate tells what can be done with a template that is there.
func describeTemplate(work templateWork, shown *templatePage, author gateway.Actor) {
	view := work.view
	archived := !view.ArchivedAt.IsZero()
	earlier := work.latest > view.Version

	shown.Form.ID, shown.Action = view.ID, templateAddress(view.ID)
	shown.MayChange = view.MayChange && !archived && !earlier

	switch {
	case archived:
		shown.Note = shown.T("template.is_archived")
	case earlier:
		shown.Note = shown.T("template.is_earlier", count(view.Version, shown.Lang), count(work.latest, shown.Lang))
		shown.Newest = templateAddress(view.ID)
	case !view.MayChange:
		shown.Note = shown.T("template.read_only")
	}

	if shown.MayChange {
		shown.Archive = templateAddress(view.ID) + "/archive"
	}

	if author.MayChange() && !archived {
		shown.Upload = uploadAddress("", view.ID)
	}

	if work.overtaken {
		shown.overtakenBy(view)
	}
}

// overtakenBy shows the other's text, and lets the author put the own one in its place.
func (t *templatePage) overtakenBy(view *gateway.TemplateView) {
	t.Overtaken = t.T("template.overtaken", count(view.Version, t.Lang))
	t.Form.Seen = view.Version

	add := func(text notification.TemplateText, lang notification.Lang) {
		suffix := " (" + t.T("preview.lang."+string(lang)) + ")"
		t.Others = append(t.Others,
			fact{Name: t.T("template.subject") + suffix, Value: text.Subject},
			fact{Name: t.T("template.markdown") + suffix, Value: text.Markdown})

		if text.SMSText != "" {
			t.Others = append(t.Others, fact{Name: t.T("template.sms_text") + suffix, Value: text.SMSText})
		}
	}

	add(view.Italian, notification.Italian)

	if view.English != nil {
		add(*view.English, notification.English)
	}
}

// templateFieldNames are the form's names of the use case's fields: nearly all are the same.
func templateFieldNames(form templateForm) map[string]string {
	names := map[string]string{paramName: paramName, fieldEnteID: paramEnte}

	for prefix, text := range map[string]notification.TemplateText{prefixItalian: form.Italian, prefixEnglish: form.English} {
		for _, field := range []string{"subject", "markdown", "sms_text"} {
			names[prefix+field] = prefix + field
		}

		for i := range mostButtons {
			for _, field := range []string{".text", ".action"} {
				names[buttonField(prefix, i)+field] = buttonField(prefix, i) + field
			}

			if i < len(text.Buttons) { // a problem of the whole button
				names[buttonField(prefix, i)] = buttonField(prefix, i) + ".text"
			}
		}

		names[prefix+"buttons"] = buttonField(prefix, 0) + ".text"
	}

	return names
}

// summary lists the problems in the order of the form.
func summary(shown *templatePage, rest []string) []summaryLine {
	var lines []summaryLine

	add := func(field, label, problem string) {
		if problem != "" {
			lines = append(lines, summaryLine{Field: field, Text: label + ": " + problem})
		}
	}

	add(paramEnte, shown.T("list.filter.ente"), shown.EnteProblem)
	add(paramName, shown.T("template.name"), shown.NameProblem)

	for _, text := range shown.Texts {
		for _, field := range text.Fields {
			add(field.Name, field.Label+" ("+shown.T("preview.lang."+string(text.Lang))+")", field.Problem)
		}
	}

	for _, problem := range rest {
		lines = append(lines, summaryLine{Text: problem})
	}

	return lines
}
