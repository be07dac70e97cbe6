package server

import (
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server/api"
)

// filledOf is a text as the citizen reads it in app IO. Its SMS is shown beside it.
func filledOf(content notification.Content) api.FilledContent {
	filled := api.FilledContent{Subject: content.Subject, Markdown: content.Markdown}

	if content.DueDate != nil {
		filled.DueDate = utc(*content.DueDate)
	}

	if payment := content.Payment; payment != nil {
		filled.Payment = api.FilledPayment{
			NoticeNumber:        payment.NoticeNumber,
			AmountCents:         payment.AmountCents,
			InvalidAfterDueDate: payment.InvalidAfterDueDate,
			PayeeFiscalCode:     payment.PayeeFiscalCode,
		}
	}

	if english := content.English; english != nil {
		filled.English = api.FilledTranslation{Subject: english.Subject, Markdown: english.Markdown}
	}

	return filled
}

func smsPreviewOf(preview gateway.SMSPreview) api.SmsPreview {
	substitutions := make([]api.Substitution, len(preview.Doubling))
	for i, one := range preview.Doubling {
		substitutions[i] = api.Substitution{Character: one.Character, Instead: one.Instead}
	}

	return api.SmsPreview{
		Text: preview.Text, Parts: count(preview.Parts), Unicode: preview.Unicode, Substitutions: substitutions,
	}
}
