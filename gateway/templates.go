package gateway

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// mayWriteTemplates tells whether the actor may change an Ente's templates. An application may where its key is not limited
// to services, since a template serves them all.
func (a Actor) mayWriteTemplates(enteID string) bool {
	if a.Kind == ActorApplication {
		return a.SeesEnte(enteID) && len(a.ServiceIDs) == 0
	}

	return a.May(PermissionCompose) && a.SeesEnte(enteID)
}

// CreateTemplate keeps a new template of an Ente.
func (g *Gateway) CreateTemplate(ctx context.Context, actor Actor, draft TemplateDraft) (TemplateView, error) {
	template := draft.template(actor)

	if template.EnteID == "" && actor.seesEveryEnte() {
		return TemplateView{}, invalid("ente_id", "required", "which Ente's template it is", "indicare di quale Ente è il modello")
	}

	if !actor.mayWriteTemplates(template.EnteID) {
		return TemplateView{}, ErrForbidden
	}

	if err := g.checkTemplate(template).OrNil(); err != nil {
		return TemplateView{}, err
	}

	id, err := uuid.NewV7()
	if err != nil {
		return TemplateView{}, fmt.Errorf("making an id: %w", err)
	}

	template.ID, template.Version = id.String(), 1

	if err := g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return templateAct("create", template), storeError("storing the template", store.CreateTemplate(ctx, template))
	}); err != nil {
		return TemplateView{}, err
	}

	return g.templateView(ctx, actor, template)
}

// ReviseTemplate makes the next version of a template from the one that the author saw. Where somebody else made
// one since, or the template was archived, it returns [ErrState] and changes nothing. A template stays its Ente's.
func (g *Gateway) ReviseTemplate(
	ctx context.Context, actor Actor, id string, seen int, draft TemplateDraft,
) (TemplateView, error) {
	present, err := g.writableTemplate(ctx, actor, id)
	if err != nil {
		return TemplateView{}, err
	}

	template := draft.template(actor)
	template.ID, template.EnteID, template.Version = present.ID, present.EnteID, seen+1

	if err := g.checkTemplate(template).OrNil(); err != nil {
		return TemplateView{}, err
	}

	if err := g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		err := store.ReviseTemplate(ctx, template, seen)

		return templateAct("revise", template), storeError("storing the template's version", err)
	}); err != nil {
		return TemplateView{}, err
	}

	return g.templateView(ctx, actor, template)
}

// checkTemplate finds what breaks a rule. A template is stored in clear and read by all of the Ente: what it says of a
// citizen is what it is filled with.
func (g *Gateway) checkTemplate(template notification.Template) notification.FieldErrors {
	fields := template.Validate()
	texts := map[string]string{"name": template.Name}

	add := func(language string, text notification.TemplateText) {
		texts[language+".subject"], texts[language+".markdown"] = text.Subject, text.Markdown
		texts[language+".sms_text"] = text.SMSText
	}

	add("italian", template.Italian)

	if template.English != nil {
		add("english", *template.English)
	}

	for _, field := range slices.Sorted(maps.Keys(texts)) {
		if g.namesCitizen(texts[field], "") {
			fields = append(fields, notification.FieldError{
				Field: field, Code: codePersonalData,
				Message:   "no codice fiscale: write a placeholder, which is filled for each citizen",
				Messaggio: "niente codice fiscale: scrivere un segnaposto, che si riempie per ogni cittadino",
			})
		}
	}

	return fields
}

// Template shows one version of a template; 0 is the latest.
func (g *Gateway) Template(ctx context.Context, actor Actor, id string, version int) (TemplateView, error) {
	template, err := g.visibleTemplate(ctx, actor, id, version)
	if err != nil {
		return TemplateView{}, err
	}

	return g.templateView(ctx, actor, template)
}

// Templates lists the latest versions that the actor may see, by name.
func (g *Gateway) Templates(ctx context.Context, actor Actor, query TemplateQuery) ([]TemplateView, error) {
	enteID := query.EnteID
	if enteID == "" {
		enteID = actor.EnteID
	}

	if enteID == "" && !actor.seesEveryEnte() || enteID != "" && !actor.SeesEnte(enteID) {
		return []TemplateView{}, nil
	}

	templates, err := g.Store.Templates(ctx, enteID, query.Archived)
	if err != nil {
		return nil, storeError("reading the templates", err)
	}

	enti, err := g.Store.Enti(ctx)
	if err != nil {
		return nil, storeError("reading the Enti", err)
	}

	names := make(map[string]string, len(enti))
	for _, ente := range enti {
		names[ente.ID] = ente.Name
	}

	views := make([]TemplateView, len(templates))
	for i, template := range templates {
		views[i] = viewOfTemplate(actor, template, names[template.EnteID])
	}

	return views, nil
}

// ArchiveTemplate takes a template out of use. What was made of it stays, and it can still be read.
func (g *Gateway) ArchiveTemplate(ctx context.Context, actor Actor, id string) error {
	template, err := g.writableTemplate(ctx, actor, id)
	if err != nil {
		return err
	}

	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return templateAct("archive", template), storeError("archiving the template", store.ArchiveTemplate(ctx, id))
	})
}

func (g *Gateway) visibleTemplate(
	ctx context.Context, actor Actor, id string, version int,
) (notification.Template, error) {
	template, err := g.Store.Template(ctx, id, version)
	if err != nil {
		return notification.Template{}, storeError("reading the template", err)
	}

	if !actor.SeesEnte(template.EnteID) {
		return notification.Template{}, ErrNotFound
	}

	return template, nil
}

func (g *Gateway) writableTemplate(ctx context.Context, actor Actor, id string) (notification.Template, error) {
	template, err := g.visibleTemplate(ctx, actor, id, 0)
	if err != nil {
		return template, err
	}

	if !actor.mayWriteTemplates(template.EnteID) {
		return template, ErrForbidden
	}

	return template, nil
}

func (g *Gateway) templateView(
	ctx context.Context, actor Actor, template notification.Template,
) (TemplateView, error) {
	ente, err := g.Store.Ente(ctx, template.EnteID)
	if err != nil {
		return TemplateView{}, storeError("reading the Ente", err)
	}

	return viewOfTemplate(actor, template, ente.Name), nil
}

func viewOfTemplate(actor Actor, template notification.Template, enteName string) TemplateView {
	return TemplateView{
		Template: template, EnteName: enteName, Placeholders: template.Placeholders(),
		MayChange: actor.mayWriteTemplates(template.EnteID) && template.ArchivedAt.IsZero(),
	}
}

// template is what the author meant: forms send the line ends of Windows, and fields that were left empty.
func (d TemplateDraft) template(actor Actor) notification.Template {
	template := notification.Template{
		EnteID: d.EnteID, Name: strings.TrimSpace(d.Name), Italian: tidyText(d.Italian), CreatedAt: time.Now().UTC(),
	}

	if template.EnteID == "" {
		template.EnteID = actor.EnteID
	}

	if d.English != nil {
		if english := tidyText(*d.English); !isEmptyText(english) {
			template.English = &english
		}
	}

	return template
}

func tidyText(text notification.TemplateText) notification.TemplateText {
	lines := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	tidy := notification.TemplateText{
		Subject:  strings.TrimSpace(text.Subject),
		Markdown: lines.Replace(text.Markdown),
		SMSText:  strings.TrimSpace(lines.Replace(text.SMSText)),
	}

	for _, button := range text.Buttons {
		tidy.Buttons = append(tidy.Buttons, notification.Button{
			Text: strings.TrimSpace(button.Text), Action: strings.TrimSpace(button.Action),
		})
	}

	// Only the last ones: an error names a button by its place.
	for len(tidy.Buttons) > 0 && tidy.Buttons[len(tidy.Buttons)-1] == (notification.Button{}) {
		tidy.Buttons = slices.Clip(tidy.Buttons[:len(tidy.Buttons)-1])
	}

	if len(tidy.Buttons) == 0 {
		tidy.Buttons = nil
	}

	return tidy
}

func isEmptyText(text notification.TemplateText) bool {
	return text.Subject == "" && strings.TrimSpace(text.Markdown) == "" && text.SMSText == "" && len(text.Buttons) == 0
}

// filling is the template that a submission asks for, which must be of the service's Ente and in use.
func (g *Gateway) filling(ctx context.Context, enteID string, wish Personalised) (*notification.Filling, error) {
	template, err := g.usableTemplate(ctx, enteID, wish.TemplateID, wish.TemplateVersion)
	if err != nil {
		return nil, err
	}

	ente, err := g.Store.Ente(ctx, enteID)
	if err != nil {
		return nil, storeError("reading the Ente", err)
	}

	filling, errs := notification.Compile(template, ente.Name)
	if len(errs) > 0 {
		// Not wrapped: these are no fields of the submission.
		return nil, fmt.Errorf("compiling version %d of template %s: %s", template.Version, template.ID, errs.Error())
	}

	return filling, nil
}

// usableTemplate is a version of one of the Ente's templates that is in use; 0: the latest.
func (g *Gateway) usableTemplate(
	ctx context.Context, enteID, id string, version int,
) (notification.Template, error) {
	template, err := g.Store.Template(ctx, id, version)
	if err = storeError("reading the template", err); errors.Is(err, ErrNotFound) && version != 0 {
		return notification.Template{}, g.missingVersion(ctx, enteID, id)
	}

	if err != nil && !errors.Is(err, ErrNotFound) {
		return notification.Template{}, err
	}

	if err != nil || template.EnteID != enteID {
		return notification.Template{}, unknownTemplate()
	}

	if !template.ArchivedAt.IsZero() {
		return notification.Template{}, invalid("template_id", "archived", "the template is not in use any more", "il modello non è più in uso")
	}

	return template, nil
}

func unknownTemplate() error {
	return invalid("template_id", codeUnknown, "no such template", "il modello non esiste")
}

// missingVersion tells a version that is not there from a template that is not.
func (g *Gateway) missingVersion(ctx context.Context, enteID, id string) error {
	template, err := g.Store.Template(ctx, id, 0)
	if err = storeError("reading the template", err); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}

	if err != nil || template.EnteID != enteID {
		return unknownTemplate()
	}

	return invalid("template_version", codeUnknown, "the template has no such version", "il modello non ha questa versione")
}
