package gateway

import (
	"context"
	"slices"

	"github.com/genio-gateway/genio/notification"
)

// PreviewTemplate shows a draft as a citizen would see it. Placeholders without a value stand there as they are
// written. A draft with errors is shown as far as it goes; limits after filling are named once it has none.
func (g *Gateway) PreviewTemplate(
	ctx context.Context, actor Actor, draft TemplateDraft, values map[string]string,
) (TemplatePreview, error) {
	template := draft.template(actor)

	enteName, err := g.senderName(ctx, actor, template.EnteID)
	if err != nil {
		return TemplatePreview{}, err
	}

	filling, errs := notification.Compile(template, enteName)
	// While somebody still writes, the name is not what they look at.
	errs = slices.DeleteFunc(errs, func(err notification.FieldError) bool { return err.Field == "name" })

	content, broken := filling.Fill(shownValues(filling, values))
	if len(errs) == 0 {
		errs = broken
	}

	return TemplatePreview{Content: content, SMS: smsPreview(content.SMSText), Errors: errs}, nil
}

// senderName is the Ente's, or a word that stands for it where support has not chosen one yet.
func (g *Gateway) senderName(ctx context.Context, actor Actor, enteID string) (string, error) {
	if enteID == "" && actor.seesEveryEnte() {
		return "Ente", nil
	}

	if !actor.SeesEnte(enteID) {
		return "", ErrNotFound
	}

	ente, err := g.Store.Ente(ctx, enteID)
	if err != nil {
		return "", storeError("reading the Ente", err)
	}

	return ente.Name, nil
}

// shownValues leaves names out that the draft does not have (any more).
func shownValues(filling *notification.Filling, given map[string]string) []string {
	values, _ := filling.Values(given)

	for i, name := range filling.Placeholders() {
		if notification.IsBlankValue(values[i]) {
			values[i] = "((" + name + "))"
		}
	}

	return values
}
