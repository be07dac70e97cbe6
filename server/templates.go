package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server/api"
)

// CreateTemplate keeps a text with placeholders.
func (a *operations) CreateTemplate(
	ctx context.Context, request api.CreateTemplateRequestObject,
) (api.CreateTemplateResponseObject, error) {
	view, err := a.gateway.CreateTemplate(ctx, actorOf(ctx), draftOf(request.Body.Name, request.Body.Italian, request.Body.English))
	if err != nil {
		return nil, fmt.Errorf("creating a template: %w", err)
	}

	body := templateOf(view)

	return api.CreateTemplate201JSONResponse{
		Body: body, Headers: api.CreateTemplate201ResponseHeaders{Location: body.Links.Self},
	}, nil
}

// ListTemplates lists the latest versions.
func (a *operations) ListTemplates(
	ctx context.Context, request api.ListTemplatesRequestObject,
) (api.ListTemplatesResponseObject, error) {
	views, err := a.gateway.Templates(ctx, actorOf(ctx), gateway.TemplateQuery{Archived: request.Params.Archived})
	if err != nil {
		return nil, fmt.Errorf("listing templates: %w", err)
	}

	items := make([]api.Template, len(views))
	for i, view := range views {
		items[i] = templateOf(view)
	}

	return api.ListTemplates200JSONResponse{Items: items}, nil
}

// GetTemplate reads one version.
func (a *operations) GetTemplate(ctx context.Context, request api.GetTemplateRequestObject) (api.GetTemplateResponseObject, error) {
	view, err := a.gateway.Template(ctx, actorOf(ctx), strings.ToLower(request.ID), int(request.Params.Version))
	if err != nil {
		return nil, fmt.Errorf("reading a template: %w", err)
	}

	return api.GetTemplate200JSONResponse(templateOf(view)), nil
}

// ReviseTemplate makes a new version.
func (a *operations) ReviseTemplate(
	ctx context.Context, request api.ReviseTemplateRequestObject,
) (api.ReviseTemplateResponseObject, error) {
	draft := draftOf(request.Body.Name, request.Body.Italian, request.Body.English)

	view, err := a.gateway.ReviseTemplate(ctx, actorOf(ctx), strings.ToLower(request.ID), int(request.Body.Version), draft)
	if err != nil {
		return nil, fmt.Errorf("revising a template: %w", err)
	}

	return api.ReviseTemplate200JSONResponse(templateOf(view)), nil
}

// ArchiveTemplate takes a template out of use.
func (a *operations) ArchiveTemplate(
	ctx context.Context, request api.ArchiveTemplateRequestObject,
) (api.ArchiveTemplateResponseObject, error) {
	if err := a.gateway.ArchiveTemplate(ctx, actorOf(ctx), strings.ToLower(request.ID)); err != nil {
		return nil, fmt.Errorf("archiving a template: %w", err)
	}

	return api.ArchiveTemplate204Response{}, nil
}

// PreviewTemplate fills a text that need not be kept.
func (a *operations) PreviewTemplate(
	ctx context.Context, request api.PreviewTemplateRequestObject,
) (api.PreviewTemplateResponseObject, error) {
	draft := draftOf("", request.Body.Italian, request.Body.English)

	preview, err := a.gateway.PreviewTemplate(ctx, actorOf(ctx), draft, request.Body.Personalisation)
	if err != nil {
		return nil, fmt.Errorf("previewing a template: %w", err)
	}

	return api.PreviewTemplate200JSONResponse{
		Content: filledOf(preview.Content),
		Sms:     smsPreviewOf(preview.SMS),
		Errors:  fieldErrorsOf(preview.Errors[:min(len(preview.Errors), maxListedErrors)]),
	}, nil
}

func draftOf(name string, italian, english api.TemplateText) gateway.TemplateDraft {
	draft := gateway.TemplateDraft{Name: name, Italian: textOf(italian)}

	// The contract requires a subject within a text, so that an empty one means no text.
	if english.Subject != "" {
		text := textOf(english)
		draft.English = &text
	}

	return draft
}

func textOf(body api.TemplateText) notification.TemplateText {
	text := notification.TemplateText{Subject: body.Subject, Markdown: body.Markdown, SMSText: body.SmsText}

	for _, button := range body.Buttons {
		text.Buttons = append(text.Buttons, notification.Button{Text: button.Text, Action: button.Action})
	}

	return text
}

func templateOf(view gateway.TemplateView) api.Template {
	shown := api.Template{
		ID:           view.ID,
		Name:         view.Name,
		Version:      count(view.Version),
		Italian:      templateTextOf(view.Italian),
		Placeholders: append([]string{}, view.Placeholders...),
		MayChange:    view.MayChange,
		CreatedAt:    utc(view.CreatedAt),
		ArchivedAt:   utc(view.ArchivedAt),
		Links:        api.TemplateLinks{Self: apiPath + "/templates/" + view.ID},
	}

	if view.English != nil {
		shown.English = templateTextOf(*view.English)
	}

	return shown
}

func templateTextOf(text notification.TemplateText) api.TemplateText {
	shown := api.TemplateText{Subject: text.Subject, Markdown: text.Markdown, SmsText: text.SMSText}

	for _, button := range text.Buttons {
		shown.Buttons = append(shown.Buttons, api.Button{Text: button.Text, Action: button.Action})
	}

	return shown
}
