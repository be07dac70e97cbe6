package gateway_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
)

// taxFile is what an Ente uploads; its rows are those of taxRows.
const taxFile = "Codice Fiscale;Cellulare;Nome\r\n"

// taxTemplate has one placeholder.
func (f tenant) taxTemplate(tb testing.TB, store *db.Store) notification.Template {
	tb.Helper()

	template := notification.Template{
		ID: newID(tb), EnteID: f.ente.ID, Name: "TARI", Version: 1,
		Italian: notification.TemplateText{
			Subject:  "TARI 2026 per ((nome))",
			Markdown: "Gentile ((nome)), il Comune le invia l'avviso di pagamento della tassa sui rifiuti per l'anno 2026.",
		},
		CreatedAt: time.Now().UTC(),
	}
	require.NoError(tb, store.CreateTemplate(tb.Context(), template))

	return template
}

// upload is a file of the tenant's, for a template of its own.
func (b bundle) upload(tb testing.TB) gateway.BatchUpload {
	tb.Helper()

	return gateway.BatchUpload{
		ServiceID: b.service.ID, TemplateID: b.taxTemplate(tb, b.store).ID,
		Name: "TARI 2026", FileName: "tari.csv", File: strings.NewReader(taxFile + taxpayer(1) + ";;Ugo\r\n"),
	}
}

func taxpayer(n int) string { return simulator.FiscalCode(simulator.CitizenDelivered, n) }

// uploaded is a batch whose file nobody has read yet.
func (b bundle) uploaded(tb testing.TB) gateway.BatchView {
	tb.Helper()

	view, err := b.UploadBatch(tb.Context(), b.user(gateway.RoleOperator), b.upload(tb))
	require.NoError(tb, err)

	return view
}

func taxLayout() batch.Layout {
	return batch.Layout{
		Format: batch.FormatCSV, Encoding: batch.EncodingUTF8, Separator: ";", Header: true,
		Columns: []batch.Column{
			{Header: "Codice Fiscale", Field: batch.FieldFiscalCode},
			{Header: "Cellulare", Field: batch.FieldPhone},
			{Header: "Nome", Field: batch.Value("nome")},
		},
	}
}

// goodRow is the row of a citizen with a phone.
func goodRow(tb testing.TB, number int, name string) db.BatchRow {
	tb.Helper()

	code := taxpayer(number)
	payload := batch.RowPayload{
		Cells:     []string{code, phoneAsWritten, name},
		Recipient: notification.Recipient{FiscalCode: code, Phone: phone},
		Values:    []string{name},
	}

	return db.BatchRow{
		Number: number, State: notification.RowGood, NotificationID: newID(tb), Payload: encoded(tb, payload),
		ContentHash: []byte(code + name), SMSParts: 1,
	}
}

// badRow is the row of nobody: there is a cell too many, and its codice fiscale is wrong.
func badRow(tb testing.TB, number int) db.BatchRow {
	tb.Helper()

	return db.BatchRow{
		Number: number, State: notification.RowBad,
		Payload: encoded(tb, batch.RowPayload{Cells: []string{"RSSMRA80A01H501A", "=1+1", "Ugo", "di troppo"}}),
		Issues: issues(tb,
			batch.Issue{Column: 1, Field: batch.FieldFiscalCode, Code: "check_character"},
			batch.Issue{Code: "too_many_cells"},
		),
	}
}

// duplicateRow repeats an earlier row; 0: a notification of the last 24 hours.
func duplicateRow(tb testing.TB, number, of int, name string) db.BatchRow {
	tb.Helper()

	row := goodRow(tb, number, name)
	row.State, row.DuplicateOf = notification.RowDuplicate, of

	return row
}

func encoded(tb testing.TB, payload batch.RowPayload) []byte {
	tb.Helper()

	written, err := payload.Encode()
	require.NoError(tb, err)

	return written
}

func issues(tb testing.TB, list ...batch.Issue) json.RawMessage {
	tb.Helper()

	written, err := json.Marshal(list)
	require.NoError(tb, err)

	return written
}

// draft is a batch whose file was read and has these rows.
func (b bundle) draft(tb testing.TB, rows ...db.BatchRow) string {
	tb.Helper()

	return b.checked(tb, notification.BatchDraft, taxLayout(), rows...)
}

func (b bundle) checked(
	tb testing.TB, status notification.BatchStatus, layout batch.Layout, rows ...db.BatchRow,
) string {
	tb.Helper()

	id := b.uploaded(tb).ID
	b.check(tb, id, 1, status, layout, rows...)

	return id
}

// check does what the activity that reads the file does.
func (b bundle) check(
	tb testing.TB, id string, check int, status notification.BatchStatus, layout batch.Layout, rows ...db.BatchRow,
) {
	tb.Helper()

	found, err := json.Marshal(layout)
	require.NoError(tb, err)

	outcome := db.CheckOutcome{Status: status, Layout: found}
	if status == notification.BatchUnreadable {
		outcome.Problem = "file_pdf"
	}

	for _, row := range rows {
		outcome.Counts.Rows++

		switch row.State {
		case notification.RowGood:
			outcome.Counts.Good++
			outcome.Counts.WithPhone++
			outcome.Counts.SMSParts += row.SMSParts
		case notification.RowBad:
			outcome.Counts.Bad++
		case notification.RowDuplicate:
			outcome.Counts.Duplicates++
		}
	}

	require.NoError(tb, b.store.BeginCheck(tb.Context(), id, check))
	require.NoError(tb, b.store.AddBatchRows(tb.Context(), id, check, rows))
	require.NoError(tb, b.store.FinishCheck(tb.Context(), id, check, outcome))
}

// threeRows are a good one, a bad one and one that repeats the first.
func threeRows(tb testing.TB) []db.BatchRow {
	tb.Helper()

	return []db.BatchRow{goodRow(tb, 2, "Ada"), badRow(tb, 3), duplicateRow(tb, 4, 2, "Ada")}
}

// batchIn is a batch in the given state.
func (b bundle) batchIn(tb testing.TB, status notification.BatchStatus) string {
	tb.Helper()

	switch status {
	case notification.BatchChecking:
		return b.uploaded(tb).ID
	case notification.BatchMapping, notification.BatchUnreadable:
		return b.checked(tb, status, taxLayout())
	case notification.BatchDraft, notification.BatchScheduled, notification.BatchSending, notification.BatchPaused,
		notification.BatchCompleted, notification.BatchCancelled, notification.BatchDiscarded:
	}

	id := b.draft(tb, threeRows(tb)...)

	switch status {
	case notification.BatchDraft:
		return id
	case notification.BatchDiscarded:
		require.NoError(tb, b.store.DiscardBatch(tb.Context(), id))

		return id
	case notification.BatchScheduled:
		require.NoError(tb, b.store.ConfirmBatch(tb.Context(), id, 1, time.Now().Add(time.Hour), false))

		return id
	default:
	}

	require.NoError(tb, b.store.ConfirmBatch(tb.Context(), id, 1, time.Time{}, false))

	if status != notification.BatchSending {
		from := []notification.BatchStatus{notification.BatchSending}
		require.NoError(tb, b.store.MoveBatch(tb.Context(), id, from, status))
	}

	return id
}

func (b bundle) storedBatch(tb testing.TB, id string) db.StoredBatch {
	tb.Helper()

	stored, err := b.store.Batch(tb.Context(), id)
	require.NoError(tb, err)

	return stored
}

// handOver makes notifications of rows, as the activity that sends a page does.
func (b bundle) handOver(tb testing.TB, id string, numbers ...int) {
	tb.Helper()

	maker := b.maker(tb, id)

	for _, number := range numbers {
		row := b.row(tb, id, number)
		payload, err := batch.DecodePayload(row.Payload)
		require.NoError(tb, err)

		n, err := maker.Notification(row.NotificationID, payload)
		require.NoError(tb, err)

		_, err = b.store.AcceptRows(tb.Context(), []notification.Notification{n})
		require.NoError(tb, err)
	}
}

func (b bundle) row(tb testing.TB, id string, number int) db.BatchRow {
	tb.Helper()

	row, err := b.store.BatchRow(tb.Context(), id, number)
	require.NoError(tb, err)

	return row
}

// settleRow ends the notification of a row that was handed over.
func (b bundle) settleRow(
	tb testing.TB, id string, number int, status notification.Status, reason notification.Reason,
) {
	tb.Helper()

	notificationID := b.row(tb, id, number).NotificationID
	b.began(tb, notificationID, 1, firstRun)
	b.settle(tb, notificationID, status, reason)
}

// uploadedFile is a file that is uploaded again.
type uploadedFile []byte

func (f uploadedFile) Open() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f)), nil }

func (f uploadedFile) Size() int64 { return int64(len(f)) }

func (uploadedFile) Name() string { return "scarti.csv" }

func atoi(tb testing.TB, text string) int {
	tb.Helper()

	number, err := strconv.Atoi(text)
	require.NoError(tb, err)

	return number
}

// uploadedAgain is another batch of the same template.
func (b bundle) uploadedAgain(tb testing.TB, templateID string) string {
	tb.Helper()

	upload := b.upload(tb)
	upload.TemplateID = templateID

	view, err := b.UploadBatch(tb.Context(), b.application(), upload)
	require.NoError(tb, err)

	return view.ID
}

// hash gives rows what they are recognised by, as the activity that reads the file does.
func (b bundle) hash(tb testing.TB, id string, rows []db.BatchRow) {
	tb.Helper()

	maker := b.maker(tb, id)

	for i := range rows {
		payload, err := batch.DecodePayload(rows[i].Payload)
		require.NoError(tb, err)

		rows[i].ContentHash, err = maker.ContentHash(payload)
		require.NoError(tb, err)
	}
}

func (b bundle) maker(tb testing.TB, id string) *batch.Maker {
	tb.Helper()

	stored := b.storedBatch(tb, id)
	template, err := b.store.Template(tb.Context(), stored.TemplateID, stored.TemplateVersion)
	require.NoError(tb, err)

	maker, err := batch.NewMaker(stored.Batch, b.service, b.ente, template)
	require.NoError(tb, err)

	return maker
}
