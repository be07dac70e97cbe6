package frontendtest

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// CreateTemplate keeps a first version.
func (g *Gateway) CreateTemplate(_ context.Context, actor gateway.Actor, draft gateway.TemplateDraft) (gateway.TemplateView, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	if g.fault != nil {
		return gateway.TemplateView{}, g.fault
	}

	g.calls = append(g.calls, "create template")

	if invalid := check(draft); len(invalid) > 0 {
		return gateway.TemplateView{}, invalid
	}

	ente := draft.EnteID
	if ente == "" {
		ente = actor.EnteID
	}

	created := gateway.TemplateView{
		Template: notification.Template{ID: "new-" + strconv.Itoa(len(g.templates)), EnteID: ente}, EnteName: enteName(ente),
	}
	g.revise(&created, draft)

	return created, nil
}

// ReviseTemplate adds a version after the latest one, which the author has to have seen.
func (g *Gateway) ReviseTemplate(
	_ context.Context, actor gateway.Actor, id string, seen int, draft gateway.TemplateDraft,
) (gateway.TemplateView, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	latest, err := g.findTemplate(actor, id, 0)
	if err != nil {
		return gateway.TemplateView{}, err
	}

	if !mayWrite(actor) {
		return gateway.TemplateView{}, gateway.ErrForbidden
	}

	g.calls = append(g.calls, "revise template after "+strconv.Itoa(seen))

	if invalid := check(draft); len(invalid) > 0 {
		return gateway.TemplateView{}, invalid
	}

	if latest.Version != seen || !latest.ArchivedAt.IsZero() {
		return gateway.TemplateView{}, gateway.ErrState
	}

	g.revise(&latest, draft)

	return latest, nil
}

func (g *Gateway) revise(view *gateway.TemplateView, draft gateway.TemplateDraft) {
	view.Version++
	view.Name, view.Italian, view.English, view.CreatedAt = draft.Name, draft.Italian, draft.English, g.Clock()
	g.templates = append(g.templates, *view)
}

func check(draft gateway.TemplateDraft) notification.FieldErrors {
	var invalid notification.FieldErrors

	if draft.Name == "" {
		invalid = append(invalid, fieldError("name", "is required", "è obbligatorio")...)
	}

	if draft.Italian.Subject == "" {
		invalid = append(invalid, fieldError("italian.subject", "is required", "è obbligatorio")...)
	}

	for i, button := range draft.Italian.Buttons {
		if !strings.Contains(button.Action, "://") {
			invalid = append(invalid, fieldError("italian.buttons["+strconv.Itoa(i)+"].action", "is no action", "non è un'azione")...)
		}
	}

	return invalid
}

// Template reads a version; 0 is the latest.
func (g *Gateway) Template(_ context.Context, actor gateway.Actor, id string, version int) (gateway.TemplateView, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	return g.findTemplate(actor, id, version)
}

func (g *Gateway) findTemplate(actor gateway.Actor, id string, version int) (gateway.TemplateView, error) {
	if g.fault != nil {
		return gateway.TemplateView{}, g.fault
	}

	for _, view := range slices.Backward(g.templates) {
		if view.ID == id && actor.SeesEnte(view.EnteID) && (version == 0 || version == view.Version) {
			view.MayChange = mayWrite(actor)

			return view, nil
		}
	}

	return gateway.TemplateView{}, gateway.ErrNotFound
}

func mayWrite(actor gateway.Actor) bool {
	return actor.May(gateway.PermissionCompose)
}

// Templates lists the latest versions.
func (g *Gateway) Templates(_ context.Context, actor gateway.Actor, query gateway.TemplateQuery) ([]gateway.TemplateView, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	var (
		latest []gateway.TemplateView
		seen   = map[string]bool{}
	)

	for _, view := range slices.Backward(g.templates) {
		if seen[view.ID] || !actor.SeesEnte(view.EnteID) {
			continue
		}

		seen[view.ID] = true

		if query.Archived || view.ArchivedAt.IsZero() {
			latest = append(latest, view)
		}
	}

	slices.Reverse(latest)

	return latest, g.fault
}

// ArchiveTemplate takes a template out of use.
func (g *Gateway) ArchiveTemplate(_ context.Context, actor gateway.Actor, id string) error {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	latest, err := g.findTemplate(actor, id, 0)
	if err != nil {
		return err
	}

	if !mayWrite(actor) {
		return gateway.ErrForbidden
	}

	if !latest.ArchivedAt.IsZero() {
		return gateway.ErrState
	}

	g.calls = append(g.calls, "archive template")

	for i := range g.templates {
		if g.templates[i].ID == id {
			g.templates[i].ArchivedAt = g.Clock()
		}
	}

	return nil
}

// PreviewTemplate puts the values in their places, and checks the subject's length alone.
func (g *Gateway) PreviewTemplate(
	_ context.Context, _ gateway.Actor, draft gateway.TemplateDraft, values map[string]string,
) (gateway.TemplatePreview, error) {
	content := filled(draft, values)
	preview := gateway.TemplatePreview{Content: content, SMS: smsOf(content.SMSText)}

	if len(content.Subject) < notification.MinSubjectLength {
		preview.Errors = fieldError("italian.subject", "is too short", "è troppo corto")
	}

	return preview, g.broken()
}

func filled(draft gateway.TemplateDraft, values map[string]string) notification.Content {
	var pairs []string
	for name, value := range values {
		pairs = append(pairs, "(("+name+"))", value)
	}

	fill := strings.NewReplacer(pairs...).Replace
	content := notification.Content{
		Subject: fill(draft.Italian.Subject), Markdown: fill(withButtons(draft.Italian)), SMSText: fill(draft.Italian.SMSText),
	}

	if english := draft.English; english != nil {
		content.English = &notification.Translation{
			Subject: fill(english.Subject), Markdown: fill(withButtons(*english)), SMSText: fill(english.SMSText),
		}
	}

	return content
}

func withButtons(text notification.TemplateText) string {
	if len(text.Buttons) == 0 {
		return text.Markdown
	}

	calls := notification.CallsToAction{First: notification.CallToAction(text.Buttons[0])}

	if len(text.Buttons) > 1 {
		second := notification.CallToAction(text.Buttons[1])
		calls.Second = &second
	}

	whole, err := notification.FrontMatter{Italian: calls}.Prepend(text.Markdown)
	if err != nil {
		return text.Markdown
	}

	return whole
}

func smsOf(text string) gateway.SMSPreview {
	preview := gateway.SMSPreview{Text: text, Parts: 1}
	if strings.Contains(text, "’") {
		preview.Unicode, preview.Parts = true, 2
		preview.Doubling = []gateway.Substitution{{Character: "’", Instead: "'"}, {Character: "★"}}
	}

	return preview
}
