package batch_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/batch/batchtest"
	"github.com/genio-gateway/genio/notification"
)

// requireSound reads whatever bytes there are and holds the outcome against what is promised of any file.
func requireSound(t *testing.T, file batchtest.File) {
	t.Helper()

	placeholders := []string{"nome", "importo"}
	with := rules(template{placeholders: placeholders})

	layout, err := batch.Inspect(t.Context(), file, batch.Wanted{Placeholders: placeholders})
	if err != nil {
		requireFileError(t, err)

		return
	}

	require.LessOrEqual(t, len(layout.Columns), batch.MaxColumns)
	require.Empty(t, layout.Check(batch.Wanted{Placeholders: placeholders}))

	if len(layout.Unmapped(batch.Wanted{Placeholders: placeholders})) > 0 {
		// A person would map the columns: the first one that is free for each.
		layout = mapped(layout, placeholders)
	}

	if len(layout.Unmapped(batch.Wanted{Placeholders: placeholders})) > 0 {
		return
	}

	last, rows := 0, 0

	found, err := batch.Read(t.Context(), file, layout, with, func(row *batch.Row) error {
		require.Greater(t, row.Number, last)
		last = row.Number
		rows++

		requireSoundRow(t, row, with)

		return nil
	})
	if err != nil {
		requireFileError(t, err)

		return
	}

	require.Equal(t, rows, found.Counts.Rows)
	require.Equal(t, rows, found.Counts.Good+found.Counts.Bad+found.Counts.Duplicates)
}

func requireFileError(t *testing.T, err error) {
	t.Helper()

	var problem *batch.FileError

	require.ErrorAs(t, err, &problem)

	neutral, _ := batch.Text("")
	message, _ := batch.Text(problem.Code)
	require.NotEqual(t, neutral, message)
}

func mapped(layout batch.Layout, placeholders []string) batch.Layout {
	wanted := []batch.Field{batch.FieldFiscalCode, batch.Value(placeholders[0]), batch.Value(placeholders[1])}

	for i := range layout.Columns {
		layout.Columns[i].Field = ""
		if i < len(wanted) {
			layout.Columns[i].Field = wanted[i]
		}
	}

	return layout
}

func requireSoundRow(t *testing.T, row *batch.Row, with batch.Rules) {
	t.Helper()

	neutral, _ := batch.Text("")

	for _, found := range append(row.Issues, row.Repairs...) {
		message, _ := batch.Text(found.Code)
		require.NotEqual(t, neutral, message, found.Code)
		require.GreaterOrEqual(t, found.Column, 0)
	}

	if len(row.Issues) > 0 {
		return
	}

	_, err := with.FiscalCodes.Validate(row.Recipient.FiscalCode)
	require.NoError(t, err)

	if row.Recipient.Phone != "" {
		again, err := with.Phones.Normalise(row.Recipient.Phone)
		require.NoError(t, err)
		require.Equal(t, row.Recipient.Phone, again)
	}

	content := notification.Content{
		Subject: strings.Repeat("a", notification.MinSubjectLength), Markdown: strings.Repeat("a", notification.MinMarkdownLength),
		DueDate: row.DueDate, Payment: row.Payment,
	}
	require.Empty(t, content.Validate(with.MaxPaymentCents))

	require.Len(t, row.Values, len(with.Content.Placeholders()))

	for _, value := range row.Values {
		require.NotEmpty(t, value)
		require.NotContains(t, value, "\x00")
	}
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"",
		"cf;nome;importo\n" + citizen(1) + ";Anna;12\n",
		"codice_fiscale,nome,telefono,numero_avviso,importo,scadenza\r\n" + citizen(1) +
			",\"An\"\"na\",3331234567,301234567890123456,\"1.234,56\",31/12/2026\r\n",
		"taxcode,expedition_date,due_date,notice_number,amount,invalid_after_due_date,payee,nome,importo\n" +
			citizen(1) + ",,2026-12-31T10:00:00,301234567890123456,1,,,a,b\n",
		citizen(1) + ",2026-12-31T10:00:00,Anna,12\n",
		"sep=;\ncf;nome;importo\n\"" + citizen(1) + "\n;;",
		"\xff\xfec\x00f\x00;\x00a\x00\n\x001\x00",
		"\xef\xbb\xbfcf\tnome\timporto\r" + citizen(2) + "\tNiccol\xf2\t1.234\r",
		"cf;nome;importo;riferimento;data_invio\n" + citizen(1) + ";=\"x\";'+1;A;2020-01-01\n" + citizen(1) + ";x;1;A\nB",
	} {
		f.Add([]byte(seed))
	}

	f.Fuzz(func(t *testing.T, content []byte) {
		requireSound(t, batchtest.File{FileName: "a.csv", Content: string(content)})
	})
}

// FuzzSheet changes the XML of a sheet, which no one would reach through a ZIP's checksums.
func FuzzSheet(f *testing.F) {
	sound := workbook(f, func(book *excelize.File) {
		setRow(f, book, 1, "cf", "nome", "importo")
		setRow(f, book, 2, citizen(1), "Anna", 12.5)
	})

	for _, seed := range []string{
		`<row r="1"><c r="A1" t="inlineStr"><is><t>cf</t></is></c></row><row><c t="str"><v>x</v></c><c s="1"><v>1e99</v></c></row>`,
		`<row r="1"><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c></row>` +
			`<row r="9"><c t="s"><v>3</v></c><c t="b"><v>1</v></c><c><v>46387.5</v></c></row>`,
		`<row r="0"/><row r="-1"><c r="ZZZZZZZZ1"><v>1</v></c></row>`,
		`<row><c t="inlineStr"><is><r><t>a_x0000_</t></r><rPh><t>b</t></rPh></is></c></row>`,
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, rows string) {
		requireSound(t, changed(t, sound, "xl/worksheets/sheet1.xml", func(string) string {
			return `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`
		}))
	})
}

// FuzzWorkbook changes the packed file itself.
func FuzzWorkbook(f *testing.F) {
	sound := workbook(f, func(book *excelize.File) {
		setRow(f, book, 1, "cf", "nome", "importo")
		setRow(f, book, 2, citizen(1), "Anna", 12.5)
	})

	f.Add([]byte(sound.Content))
	f.Add([]byte(sound.Content[:len(sound.Content)/2]))
	f.Add(bytes.Repeat([]byte("PK\x03\x04"), 10))

	f.Fuzz(func(t *testing.T, content []byte) {
		requireSound(t, batchtest.File{FileName: "a.xlsx", Content: string(content)})
	})
}

// What is wrong is said without saying what was written.
func TestIssuesNeverRepeatAValue(t *testing.T) {
	t.Parallel()

	const secret = "SEGRETO"

	found, err := read(t, lines(
		"cf;nome;telefono;numero_avviso;importo;scadenza;data_invio;riferimento",
		secret+";"+secret+"\x07;"+secret+";"+secret+";"+secret+";"+secret+";"+secret+";"+secret+"\x07",
	), "nome")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(found.rows[0].Issues), 7)

	for _, issue := range found.rows[0].Issues {
		message, messaggio := batch.Text(issue.Code)
		require.NotContains(t, issue.Code+string(issue.Field)+message+messaggio, secret)
	}

	_, err = read(t, batchtest.File{FileName: secret + ".csv", Content: "cf;nome\n\"" + secret + "\nx\"" + secret}, "nome")
	requireProblem(t, err, "file_unbalanced_quotes")
	require.NotContains(t, err.Error(), secret)
}
