package gateway_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// csvRows reads a table as it is downloaded.
func csvRows(t *testing.T, table []byte) [][]string {
	t.Helper()

	text, marked := strings.CutPrefix(string(table), "\uFEFF")
	require.True(t, marked)

	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma, reader.FieldsPerRecord = ';', -1

	rows, err := reader.ReadAll()
	require.NoError(t, err)

	return rows
}

func (b bundle) rejects(t *testing.T, id string) [][]string {
	t.Helper()

	var table bytes.Buffer

	require.NoError(t, b.WriteRejects(t.Context(), b.user(gateway.RoleOperator), id, &table, gateway.TableCSV))

	return csvRows(t, table.Bytes())
}

func TestRejectsAreTheRowsThatAreNotSent(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.draft(t, append(threeRows(t), duplicateRow(t, 5, 0, "Ugo"))...)

		rows := b.rejects(t, id)

		require.Len(t, rows, 4)
		require.Equal(t, []string{"Codice Fiscale", "Cellulare", "Nome", "riga", "motivo"}, rows[0])

		require.Equal(t, []string{"RSSMRA80A01H501A", "'=1+1", "Ugo", "3"}, rows[1][:4], "no formula runs")
		require.Contains(t, rows[1][4], "Codice Fiscale: ")
		require.NotContains(t, rows[1][4], "RSSMRA80A01H501A")
		require.Equal(t, "di troppo", rows[1][5], "nothing is lost")

		require.Equal(t, []string{taxpayer(4), phoneAsWritten, "Ada", "4", "Ripete la riga 2 del file."}, rows[2])
		require.Contains(t, rows[3][4], "24 ore")
	})
}

func TestDuplicatesThatAreSentAreNoRejects(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.draft(t, threeRows(t)...)
		confirmation := gateway.Confirmation{IncludeDuplicates: true, Check: 1}
		require.NoError(t, b.ConfirmBatch(t.Context(), b.application(), id, confirmation))

		rows := b.rejects(t, id)

		require.Len(t, rows, 2)
		require.Equal(t, "3", rows[1][3])
	})
}

func TestRejectsOfRejectsHaveTheirColumnsOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		layout := taxLayout()
		layout.Columns = append(layout.Columns, batch.Column{Header: "riga"}, batch.Column{Header: "motivo"})

		row := badRow(t, 3)
		row.Payload = encoded(t, batch.RowPayload{Cells: []string{"RSSMRA80A01H501A", "", "Ugo", "7", "Codice errato."}})

		rows := b.rejects(t, b.checked(t, notification.BatchDraft, layout, row))

		require.Equal(t, []string{"Codice Fiscale", "Cellulare", "Nome", "riga", "motivo"}, rows[0])
		require.Equal(t, []string{"RSSMRA80A01H501A", "", "Ugo", "3"}, rows[1][:4])
		require.Len(t, rows[1], 5)
	})
}

// A file without names comes back with those under which its columns are recognised.
func TestRejectsOfAFileWithoutAHeaderCanBeUploadedAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		fields := []batch.Field{
			batch.FieldFiscalCode, batch.FieldPhone, batch.FieldReference, batch.FieldDueDate, batch.FieldNoticeNumber,
			batch.FieldAmountCents, batch.FieldInvalidAfter, batch.FieldPayee, batch.FieldSendAt, batch.Value("nome"), "",
		}
		layout := batch.Layout{Format: batch.FormatCSV, Encoding: batch.EncodingUTF8, Separator: ","}

		for _, field := range fields {
			layout.Columns = append(layout.Columns, batch.Column{Field: field})
		}

		row := badRow(t, 1)
		row.Payload = encoded(t, batch.RowPayload{Cells: []string{
			"RSSMRA80A01H501A", "3331234567", "pratica-1", "31/12/2026", "301000000000000001", "1250", "si", "", "", "Ugo", "a",
		}})
		id := b.checked(t, notification.BatchDraft, layout, row)

		var table bytes.Buffer

		require.NoError(t, b.WriteRejects(t.Context(), b.application(), id, &table, gateway.TableCSV))
		require.Equal(t, "colonna_k", csvRows(t, table.Bytes())[0][10])

		again, err := batch.Inspect(t.Context(), uploadedFile(table.Bytes()), batch.Wanted{Placeholders: []string{"nome"}})
		require.NoError(t, err)
		require.True(t, again.Header)

		for i, field := range fields {
			require.Equal(t, field, again.Columns[i].Field)
		}
	})
}

// A part of a table must not pass for the whole.
func TestReportsAreOfOneReading(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		author := b.user(gateway.RoleOperator)

		reports := map[string]func(id string, w io.Writer) error{
			"rejects": func(id string, w io.Writer) error {
				return b.WriteRejects(t.Context(), author, id, w, gateway.TableCSV)
			},
			"results": func(id string, w io.Writer) error {
				return b.WriteResults(t.Context(), author, id, w, gateway.TableCSV, notification.Italian)
			},
		}

		for name, report := range reports {
			var none bytes.Buffer

			require.ErrorIs(t, report(b.batchIn(t, notification.BatchChecking), &none), gateway.ErrState, name)
			require.Zero(t, none.Len(), name)

			id := b.batchIn(t, notification.BatchDraft)
			again := sync.OnceFunc(func() { require.NoError(t, b.RemapBatch(t.Context(), author, id, 1, nil, nil)) })

			err := report(id, writing(func(piece []byte) (int, error) {
				again()

				return len(piece), nil
			}))
			require.ErrorIs(t, err, gateway.ErrState, name)
		}
	})
}

// writing is a function that takes what is written.
type writing func([]byte) (int, error)

func (w writing) Write(piece []byte) (int, error) { return w(piece) }

func TestRejectsArePersonal(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.batchIn(t, notification.BatchDraft)

		var table bytes.Buffer

		err := b.WriteRejects(t.Context(), b.user(gateway.RoleAuditor), id, &table, gateway.TableCSV)
		require.ErrorIs(t, err, gateway.ErrForbidden)

		err = b.WriteRejects(t.Context(), newTenant(t, store).application(), id, &table, gateway.TableCSV)
		require.ErrorIs(t, err, gateway.ErrNotFound)

		err = b.WriteRejects(t.Context(), b.application(), id, &table, "pdf")
		requireFields(t, err, map[string]string{"format": "unknown"})
		require.Zero(t, table.Len(), "nothing is written before it is clear that it can be")
	})
}

func TestReportsOfManyPages(t *testing.T) {
	t.Parallel()

	const rows = 1_001

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))
	bad := badRow(t, 2)
	batchRows := make([]db.BatchRow, rows)

	for i := range batchRows {
		batchRows[i] = bad
		batchRows[i].Number = i + 2
	}

	table := b.rejects(t, b.draft(t, batchRows...))

	require.Len(t, table, rows+1)

	for i, row := range table[1:] {
		require.Equal(t, batchRows[i].Number, atoi(t, row[3]))
	}
}

func TestResultsTellWhatBecameOfEachCitizen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		waiting := goodRow(t, 4, "Eva")
		waiting.Payload = encoded(t, batch.RowPayload{
			Cells: []string{taxpayer(4)}, Recipient: notification.Recipient{FiscalCode: taxpayer(4)},
			Reference: "=pratica", Values: []string{"Eva"},
		})
		id := b.draft(t, goodRow(t, 2, "Ada"), badRow(t, 3), waiting)
		require.NoError(t, b.ConfirmBatch(t.Context(), b.application(), id, gateway.Confirmation{Check: 1}))
		b.handOver(t, id, 2)
		b.settleRow(t, id, 2, notification.StatusNotDelivered, notification.ReasonSMSNoPhone)

		var table bytes.Buffer

		require.NoError(t, b.WriteResults(t.Context(), b.application(), id, &table, gateway.TableCSV, notification.Italian))

		rows := csvRows(t, table.Bytes())
		require.Len(t, rows, 3)
		require.Equal(t, []string{
			"riga", "riferimento", "codice_fiscale", "stato", "canale", "motivo", "accettata", "consegnata_a_io",
			"sms_inviato", "conclusa", "parti_sms",
		}, rows[0])
		require.Equal(t, []string{"2", "", taxpayer(2), "Non consegnata", ""}, rows[1][:5])
		require.Equal(t, notification.ReasonSMSNoPhone.Describe().Messaggio, rows[1][5])
		requireRomanTime(t, b.stored(t, b.row(t, id, 2).NotificationID).AcceptedAt, rows[1][6])
		require.NotEmpty(t, rows[1][9])
		require.Equal(t, []string{"4", "'=pratica", taxpayer(4), "In coda", "", "", "", "", "", "", "0"}, rows[2])
	})
}

func requireRomanTime(t *testing.T, want time.Time, written string) {
	t.Helper()

	zone, err := time.LoadLocation("Europe/Rome")
	require.NoError(t, err)

	got, err := time.ParseInLocation("02/01/2006 15:04:05", written, zone)
	require.NoError(t, err)
	require.True(t, got.Equal(want.Truncate(time.Second)))
}

func TestResultsAreMaskedForWhoOnlyLooks(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.batchIn(t, notification.BatchSending)

		var table bytes.Buffer

		require.NoError(t, b.WriteResults(
			t.Context(), b.user(gateway.RoleAuditor), id, &table, gateway.TableXLSX, notification.English))

		book, err := excelize.OpenReader(&table)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, book.Close()) })

		rows, err := book.GetRows("Results")
		require.NoError(t, err)
		require.Equal(t, "fiscal_code", rows[0][2])
		require.Equal(t, fiscalcode.Mask(taxpayer(2)), rows[1][2])
		require.Equal(t, "Queued", rows[1][3])

		err = b.WriteResults(
			t.Context(), newTenant(t, store).application(), id, &table, gateway.TableCSV, notification.Italian)
		require.ErrorIs(t, err, gateway.ErrNotFound)
	})
}

func TestBatchFileNames(t *testing.T) {
	t.Parallel()

	for name, want := range map[string]string{
		"TARI 2026":               "tari-2026-scarti.csv",
		"  È già l'ora: IMU/TASI": "e-gia-l-ora-imu-tasi-scarti.csv",
		"Привет":                  "invio-scarti.csv",
		"../../etc/passwd":        "etc-passwd-scarti.csv",
		`"; filename="a.exe`:      "filename-a-exe-scarti.csv",
		strings.Repeat("a", 100):  strings.Repeat("a", 60) + "-scarti.csv",
	} {
		view := gateway.BatchView{Batch: notification.Batch{Name: name}}
		require.Equal(t, want, gateway.BatchFileName(view, gateway.BatchRejects, gateway.TableCSV))
	}

	view := gateway.BatchView{Batch: notification.Batch{Name: "IMU"}}
	require.Equal(t, "imu-esiti.xlsx", gateway.BatchFileName(view, gateway.BatchResults, gateway.TableXLSX))
}
