package server_test

import (
	"context"
	"strconv"
	"time"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const templateID = "01934f3f-52c0-7b19-8a44-2d7e6f0b9c31"

func (g *gatewayInMemory) CreateTemplate(
	_ context.Context, actor gateway.Actor, draft gateway.TemplateDraft,
) (gateway.TemplateView, error) {
	return viewOfTemplate(draft, 1), g.note(actor, func() { g.draft = draft })
}

func (g *gatewayInMemory) ReviseTemplate(
	_ context.Context, actor gateway.Actor, id string, seen int, draft gateway.TemplateDraft,
) (gateway.TemplateView, error) {
	if id != knownID {
		return gateway.TemplateView{}, gateway.ErrNotFound
	}

	if seen != 1 {
		return gateway.TemplateView{}, gateway.ErrState
	}

	return viewOfTemplate(draft, seen+1), g.note(actor, func() { g.draft = draft })
}

func (g *gatewayInMemory) Template(_ context.Context, actor gateway.Actor, id string, version int) (gateway.TemplateView, error) {
	if id != knownID {
		return gateway.TemplateView{}, gateway.ErrNotFound
	}

	return viewOfTemplate(draftOfTemplate(), max(version, 1)), g.act(actor, id, "template "+strconv.Itoa(version))
}

func (g *gatewayInMemory) Templates(
	_ context.Context, actor gateway.Actor, query gateway.TemplateQuery,
) ([]gateway.TemplateView, error) {
	views := []gateway.TemplateView{viewOfTemplate(draftOfTemplate(), 1)}

	if query.Archived {
		archived := viewOfTemplate(draftOfTemplate(), 1)
		archived.ArchivedAt = archived.CreatedAt.Add(time.Hour)
		views = append(views, archived)
	}

	return views, g.note(actor, func() {})
}

func (g *gatewayInMemory) ArchiveTemplate(_ context.Context, actor gateway.Actor, id string) error {
	return g.act(actor, id, "archive")
}

func (g *gatewayInMemory) PreviewTemplate(
	_ context.Context, actor gateway.Actor, draft gateway.TemplateDraft, values map[string]string,
) (gateway.TemplatePreview, error) {
	return gateway.TemplatePreview{
		Content: notification.Content{Subject: "Appuntamento del " + values["data"], Markdown: "Buongiorno"},
		SMS:     gateway.SMSPreview{Text: "Appuntamento", Parts: 1},
		Errors:  notification.FieldErrors{{Field: "italian.markdown", Code: "too_short", Message: "too short", Messaggio: "troppo corto"}},
	}, g.note(actor, func() { g.draft = draft })
}

func draftOfTemplate() gateway.TemplateDraft {
	return gateway.TemplateDraft{
		Name: "Promemoria",
		Italian: notification.TemplateText{
			Subject: "Appuntamento del ((data))", Markdown: "Buongiorno ((nome))", SMSText: "Ci vediamo il ((data))",
			Buttons: []notification.Button{{Text: "Come arrivare", Action: "iohandledlink://https://www.comune.example.it"}},
		},
		English: &notification.TemplateText{Subject: "Appointment on ((data))", Markdown: "Good morning ((nome))"},
	}
}

func viewOfTemplate(draft gateway.TemplateDraft, version int) gateway.TemplateView {
	return gateway.TemplateView{
		Template: notification.Template{
			ID: knownID, EnteID: enteID, Name: draft.Name, Version: version, Italian: draft.Italian, English: draft.English,
			CreatedAt: time.Date(2026, 12, 1, 9, 0, 0, 0, time.FixedZone("CET", 3600)),
		},
		Placeholders: []string{"data", "nome"}, MayChange: true,
	}
}
