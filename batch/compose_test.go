package batch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/notification"
)

func composedTemplate() notification.Template {
	return notification.Template{
		ID: "0197f0c0-0000-7000-8000-000000000003", Name: "TARI", Version: 2,
		Italian: notification.TemplateText{
			Subject:  "TARI 2026 per ((nome))",
			Markdown: "Gentile ((nome)), il Comune le invia l'avviso di pagamento della tassa sui rifiuti, rata ((rata)) di due.",
		},
		English: &notification.TemplateText{
			Subject:  "Waste tax 2026 for ((nome))",
			Markdown: "Dear ((nome)), the municipality sends you the notice of payment of the waste tax, part ((rata)) of two.",
		},
	}
}

func composer(t *testing.T, change func(*notification.Batch)) *batch.Maker {
	t.Helper()

	b := notification.Batch{ID: "0197f0c0-0000-7000-8000-000000000004", Priority: notification.PriorityBulk}
	change(&b)

	maker, err := batch.NewMaker(b,
		notification.Service{ID: "service", EnteID: "ente", Policy: notification.DefaultPolicy()},
		notification.Ente{ID: "ente", Name: "Comune di Prova"}, composedTemplate())
	require.NoError(t, err)

	return maker
}

func asItIs(*notification.Batch) {}

func taxRow() batch.RowPayload {
	row := wholePayload()
	row.SendAt, row.Values = time.Time{}, []string{"Ada", "1"}

	return row
}

func TestARowBecomesANotification(t *testing.T) {
	t.Parallel()

	row := taxRow()

	n, err := composer(t, asItIs).Notification("0197f0c0-0000-7000-8000-000000000005", row)
	require.NoError(t, err)

	require.Equal(t, "TARI 2026 per Ada", n.Content.Subject)
	require.Contains(t, n.Content.Markdown, "rata 1 di due")
	require.Equal(t, "Comune di Prova: TARI 2026 per Ada", n.Content.SMSText, "the text is fixed now")
	require.Equal(t, "Waste tax 2026 for Ada", n.Content.English.Subject)
	require.Equal(t, "Comune di Prova: Waste tax 2026 for Ada", n.Content.English.SMSText)
	require.Equal(t, row.DueDate, n.Content.DueDate)
	require.Equal(t, row.Payment, n.Content.Payment)
	require.Len(t, n.ContentHash, 32)

	n.Content, n.ContentHash = notification.Content{}, nil
	require.Equal(t, notification.Notification{
		ID: "0197f0c0-0000-7000-8000-000000000005", EnteID: "ente", ServiceID: "service",
		BatchID: "0197f0c0-0000-7000-8000-000000000004", ExternalReference: "pratica-42", Recipient: row.Recipient,
		Policy: notification.DefaultPolicy(), Priority: notification.PriorityBulk, Run: 1,
	}, n)
}

func TestARowIsSentWithItsBatchOrLater(t *testing.T) {
	t.Parallel()

	noon := time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)

	for name, test := range map[string]struct{ batch, row, want time.Time }{
		"at once":                 {},
		"with its batch":          {batch: noon, want: noon},
		"at its own time":         {row: noon, want: noon},
		"later than its batch":    {batch: noon, row: noon.Add(time.Hour), want: noon.Add(time.Hour)},
		"never before its batch":  {batch: noon, row: noon.Add(-time.Hour), want: noon},
		"at the same time as all": {batch: noon, row: noon, want: noon},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			row := taxRow()
			row.SendAt = test.row

			n, err := composer(t, func(b *notification.Batch) { b.SendAt = test.batch }).Notification("id", row)

			require.NoError(t, err)
			require.Equal(t, test.want, n.SendAt)
		})
	}
}

func TestARowIsRecognisedByWhatItsCitizenReads(t *testing.T) {
	t.Parallel()

	maker := composer(t, asItIs)

	n, err := maker.Notification("id", taxRow())
	require.NoError(t, err)

	hash, err := maker.ContentHash(taxRow())
	require.NoError(t, err)
	require.Equal(t, n.ContentHash, hash)
	require.Equal(t, notification.ContentHash("service", n.Recipient.FiscalCode, n.Content), hash)

	for name, change := range map[string]func(*batch.RowPayload){
		"citizen": func(r *batch.RowPayload) { r.Recipient.FiscalCode = "VRDLGU85T10F205N" },
		"value":   func(r *batch.RowPayload) { r.Values = []string{"Ada", "2"} },
		"payment": func(r *batch.RowPayload) { r.Payment = nil },
	} {
		row := taxRow()
		change(&row)

		other, err := maker.ContentHash(row)
		require.NoError(t, err)
		require.NotEqual(t, hash, other, name)
	}

	same := taxRow()
	same.Reference, same.Recipient.Phone, same.Cells = "pratica-43", "", nil

	again, err := maker.ContentHash(same)
	require.NoError(t, err)
	require.Equal(t, hash, again)
}

func TestARowThatDoesNotFitBecomesNothing(t *testing.T) {
	t.Parallel()

	row := taxRow()
	row.Values = []string{"", "1"}

	_, err := composer(t, asItIs).Notification("id", row)

	var fields notification.FieldErrors

	require.ErrorAs(t, err, &fields)
	require.Equal(t, "personalisation.nome", fields[0].Field)

	_, err = composer(t, asItIs).ContentHash(row)
	require.ErrorAs(t, err, &fields)
}

func TestATemplateThatCannotBeFilledMakesNothing(t *testing.T) {
	t.Parallel()

	broken := composedTemplate()
	broken.Italian.Subject = "TARI per ((nome"

	_, err := batch.NewMaker(notification.Batch{}, notification.Service{}, notification.Ente{}, broken)

	require.Error(t, err)

	var fields notification.FieldErrors

	require.NotErrorAs(t, err, &fields, "nobody submitted it")
}
