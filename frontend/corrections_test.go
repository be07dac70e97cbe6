package frontend_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

func uniqueID(t *testing.T) string {
	t.Helper()

	id, err := uuid.NewV7()
	require.NoError(t, err)

	return id.String()
}

// template is one of the invented Ente's, with a placeholder in its text.
func (b realOffice) template(placeholder string) notification.Template {
	b.t.Helper()

	template := notification.Template{
		ID: uniqueID(b.t), EnteID: b.ente.ID, Name: "Rettifica " + placeholder, Version: 1, CreatedAt: time.Now(),
		Italian: notification.TemplateText{
			Subject:  "Avviso corretto per ((" + placeholder + "))",
			Markdown: "Gentile ((" + placeholder + ")), il Comune le aveva inviato un avviso con un errore: ecco quello corretto.",
		},
	}
	require.NoError(b.t, b.store.CreateTemplate(b.t.Context(), template))

	return template
}

// sentBatch is a batch of one row, whose citizen has the message.
func (b realOffice) sentBatch() string {
	b.t.Helper()

	template, ctx := b.template("nome"), b.t.Context()
	recipient := notification.Recipient{FiscalCode: "RSSMRA80A01H501U"}

	payload := batch.RowPayload{Cells: []string{recipient.FiscalCode, "Ada"}, Recipient: recipient, Values: []string{"Ada"}}
	encoded, err := payload.Encode()
	require.NoError(b.t, err)

	id, _, err := b.store.CreateBatch(ctx, db.NewBatch{Batch: notification.Batch{
		ID: uniqueID(b.t), EnteID: b.ente.ID, ServiceID: b.service.ID, TemplateID: template.ID, TemplateVersion: 1, Name: "TARI 2026",
	}})
	require.NoError(b.t, err)
	require.NoError(b.t, b.store.UploadedBatch(ctx, id, 0))

	row := db.BatchRow{Number: 2, State: notification.RowGood, NotificationID: uniqueID(b.t), Payload: encoded, ContentHash: []byte("hash")}
	require.NoError(b.t, b.store.AddBatchRows(ctx, id, 1, []db.BatchRow{row}))
	require.NoError(b.t, b.store.FinishCheck(ctx, id, 1, db.CheckOutcome{
		Status: notification.BatchDraft, Counts: notification.BatchCounts{Rows: 1, Good: 1},
	}))
	require.NoError(b.t, b.store.ConfirmBatch(ctx, id, 1, time.Time{}, false))

	_, err = b.store.AcceptRows(ctx, []notification.Notification{{
		ID: row.NotificationID, EnteID: b.ente.ID, ServiceID: b.service.ID, BatchID: id, Recipient: recipient,
		Policy: notification.DefaultPolicy(), Priority: notification.PriorityBulk, Run: 1,
	}})
	require.NoError(b.t, err)
	require.NoError(b.t, b.store.Settle(ctx, row.NotificationID, db.Settlement{
		Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: notification.ChannelIO,
	}))

	return "/batches/" + id
}

func TestABatchIsSetRightForTheSameAudience(t *testing.T) {
	t.Parallel()

	b := openSupport(t, gateway.RoleAdministrator)
	wrong := b.sentBatch()
	unfit := b.template("comune")
	right := b.template("nome")

	require.Contains(t, b.get(wrong).body, `href="`+wrong+`/correct"`)

	form := b.get(wrong + "/correct")
	require.Equal(t, http.StatusOK, form.status)
	require.Contains(t, form.body, "1 destinatario ha ricevuto il messaggio")

	values := url.Values{"template": {unfit.ID}, "once": {form.once(t)}}
	refused := b.post(wrong+"/correct", values)
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, `id="template-problem"`)
	require.Contains(t, refused.body, `value="`+unfit.ID+`" selected`)

	values.Set("template", right.ID)
	made := b.post(wrong+"/correct", values)
	require.Equal(t, http.StatusSeeOther, made.status)
	require.True(t, strings.HasPrefix(made.location(), "/batches/"))
	require.NotEqual(t, wrong, made.location())
	require.Equal(t, wrong, b.post(wrong+"/correct", values).location(), "a second click makes no second one")

	require.Contains(t, b.get(made.location()).body, `href="`+wrong+`"`)
	require.Contains(t, b.get(wrong).body, `href="`+made.location()+`"`)
}
