package frontendtest

import (
	"time"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// The templates.
const (
	TARIID    = "01936f6e-0000-7000-b000-000000000001"
	MensaID   = "01936f6e-0000-7000-b000-000000000002"
	VecchioID = "01936f6e-0000-7000-b000-000000000003"
	EsameID   = "01936f6e-0000-7000-b000-000000000004"
)

// TARI is a template with everything that there is, in its third version.
func TARI(now time.Time) gateway.TemplateView {
	return gateway.TemplateView{
		Template: notification.Template{
			ID: TARIID, EnteID: ComuneID, Name: "Avviso TARI", Version: 3, CreatedAt: now.AddDate(0, 0, -3),
			Italian: notification.TemplateText{
				Subject: "Tassa sui rifiuti: rata in scadenza il ((scadenza))",
				Markdown: "# Tassa sui rifiuti\n\nGentile **((nome))**,\n\nla *seconda rata* scade il ((scadenza)).\n\n" +
					"- Può pagare con l'avviso allegato\n- oppure allo sportello\n\nTutto su [questa pagina](https://www.esempio.it/tari).",
				SMSText: "Comune di Esempio: l’avviso TARI scade il ((scadenza)).",
				Buttons: []notification.Button{
					{Text: "Come si paga", Action: "iohandledlink://https://www.esempio.it/tari"},
					{Text: "Chiama l'ufficio", Action: "iohandledlink://tel:+390000000000"},
				},
			},
			English: &notification.TemplateText{
				Subject:  "Waste tax: instalment due on ((scadenza))",
				Markdown: "Dear **((nome))**,\n\nthe second instalment is due on ((scadenza)).\n\nPay with the notice or at the counter.",
				SMSText:  "Comune di Esempio: the TARI notice is due on ((scadenza)).",
			},
		},
		EnteName: enteName(ComuneID), Placeholders: []string{"nome", "scadenza"},
	}
}

// SampleTemplates are TARI in two versions, one without placeholders, one that is archived and one of another Ente.
func SampleTemplates(now time.Time) []gateway.TemplateView {
	earlier := TARI(now)
	earlier.Version, earlier.Italian.Subject = 2, "Tassa sui rifiuti in scadenza"

	mensa := template(MensaID, ComuneID, "Mensa: avviso ai genitori", now)
	archived := template(VecchioID, ComuneID, "Vecchio avviso", now)
	archived.ArchivedAt = now.AddDate(0, -1, 0)

	return []gateway.TemplateView{earlier, TARI(now), mensa, archived, template(EsameID, RegioneID, "Promemoria esame", now)}
}

func template(id, ente, name string, now time.Time) gateway.TemplateView {
	return gateway.TemplateView{
		Template: notification.Template{
			ID: id, EnteID: ente, Name: name, Version: 1, CreatedAt: now.AddDate(0, -2, 0),
			Italian: notification.TemplateText{Subject: "Un promemoria per lei", Markdown: sampleText},
		},
		EnteName: enteName(ente),
	}
}

// SamplePreview is a row of SampleBatch as the citizen will see it.
func SamplePreview(now time.Time) gateway.RowPreview {
	sample := TARI(now)
	due := time.Date(2026, time.December, 16, 22, 59, 59, 0, time.UTC)
	content := filled(
		gateway.TemplateDraft{Italian: sample.Italian, English: sample.English},
		map[string]string{"nome": "Maria Verdi", "scadenza": "16/12/2026"},
	)
	content.DueDate = &due
	content.Payment = &notification.Payment{NoticeNumber: "302000100000009421", AmountCents: sampleCents}

	return gateway.RowPreview{
		MaskedFiscalCode: mask(MarioRossi), MaskedPhone: "+39 ••• ••• ••67", Content: content, SMS: smsOf(content.SMSText),
	}
}
