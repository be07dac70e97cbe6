package batch_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/batch/batchtest"
)

func style(tb testing.TB, book *excelize.File, cell, format string) {
	tb.Helper()

	id, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
	require.NoError(tb, err)
	require.NoError(tb, book.SetCellStyle("Sheet1", cell, cell, id))
}

func TestExcel(t *testing.T) {
	t.Parallel()

	due := time.Date(2026, time.December, 31, 0, 0, 0, 0, time.UTC)

	file := workbook(t, func(book *excelize.File) {
		setRow(t, book, 1, "Codice Fiscale", "Nome", "Cellulare", "Numero avviso", "Importo", "Scadenza", "CAP", "Nato il", "Quota")
		setRow(t, book, 3, citizen(1), "Niccolò", 3331234567, "301234567890123456", 1234.5, due, 100, due.AddDate(-70, 0, 0), 12)
		style(t, book, "F3", "dd/mm/yyyy")
		style(t, book, "G3", "00000")
		style(t, book, "H3", `[$-410]d mmmm yyyy;@`)
		style(t, book, "I3", `"€" #,##0.00`)
		setRow(t, book, 4, citizen(2), "Ugo", "333 1234567", 301234567890123456, "1.234,56", 46387, "x", 1, "y")
		setRow(t, book, 5, citizen(2), true, 3.331234567e9, "301234567890123456", 0.1+0.2, "31/12/2026", "x", 1.5, "y")
		require.NoError(t, book.SetCellFormula("Sheet1", "A7", "B7"))
	})

	found, err := read(t, file, "nome", "cap", "nato il", "quota")
	require.NoError(t, err)
	require.Equal(t, batch.FormatXLSX, found.layout.Format)
	require.Equal(t, "Sheet1", found.layout.Sheet)
	require.Len(t, found.rows, 3)

	first := found.rows[0]
	require.Empty(t, first.Issues)
	require.Equal(t, 3, first.Number)
	require.Equal(t, "+393331234567", first.Recipient.Phone)
	require.Equal(t, int64(123_450), first.Payment.AmountCents)
	require.Equal(t, "2026-12-31T22:59:59Z", first.DueDate.Format(time.RFC3339))
	require.Equal(t, []string{"Niccolò", "00100", "31/12/1956", "12,00"}, first.Values, "as it stands in the cell")

	require.Equal(t, []string{"precision_lost"}, found.codes(1))

	third := found.rows[2]
	require.Equal(t, []string{"VERO", "x", "1,5", "y"}, third.Values)
	require.Equal(t, int64(30), third.Payment.AmountCents)
	require.Equal(t, "+393331234567", third.Recipient.Phone)
}

func TestExcelsNumbersOfDays(t *testing.T) {
	t.Parallel()

	for _, epoch1904 := range []bool{false, true} {
		file := workbook(t, func(book *excelize.File) {
			serial := 46387
			if epoch1904 {
				serial -= 1462
			}

			setRow(t, book, 1, "cf", "scadenza", "giorno")
			setRow(t, book, 2, citizen(1), serial, serial)
			style(t, book, "C2", "dd/mm/yyyy")
			require.NoError(t, book.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &epoch1904}))
		})

		found, err := read(t, file, "giorno")
		require.NoError(t, err)
		require.Equal(t, "2026-12-31T22:59:59Z", found.rows[0].DueDate.Format(time.RFC3339))
		require.Equal(t, []string{"31/12/2026"}, found.rows[0].Values)
	}
}

func TestSheets(t *testing.T) {
	t.Parallel()

	file := workbook(t, func(book *excelize.File) {
		for _, name := range []string{"Nascosto", "Avvisi", "Altro"} {
			_, err := book.NewSheet(name)
			require.NoError(t, err)
			require.NoError(t, book.SetCellValue(name, "A1", "cf"))
			require.NoError(t, book.SetCellValue(name, "A2", citizen(len(name))))
		}

		require.NoError(t, book.SetSheetVisible("Nascosto", false))
	})

	found, err := read(t, file)
	require.NoError(t, err)
	require.Equal(t, "Avvisi", found.layout.Sheet, "the first one that people see and that has rows")
	require.Equal(t, citizen(6), found.rows[0].Recipient.FiscalCode)

	found.layout.Sheet = "Altro"
	found, err = readAs(t, file, found.layout, rules(template{}))
	require.NoError(t, err)
	require.Equal(t, citizen(5), found.rows[0].Recipient.FiscalCode)

	found.layout.Sheet = "Nessuno"
	_, err = readAs(t, file, found.layout, rules(template{}))
	requireProblem(t, err, "file_no_such_sheet")
}

func TestRichTextsAndFormulas(t *testing.T) {
	t.Parallel()

	file := workbook(t, func(book *excelize.File) {
		setRow(t, book, 1, "cf", "nome", "nota")
		setRow(t, book, 2, citizen(1), "", "a\rb")
		setRow(t, book, 3, citizen(2), "x", "y")
		require.NoError(t, book.SetCellRichText("Sheet1", "B2", []excelize.RichTextRun{{Text: "An"}, {Text: "na"}}))
	})
	file = changed(t, file, "xl/worksheets/sheet1.xml", func(sheet string) string {
		at := strings.LastIndex(sheet, `<c r="B3"`)
		end := at + strings.Index(sheet[at:], "</c>") + len("</c>")

		return sheet[:at] + `<c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c>` + sheet[end:]
	})

	found, err := read(t, file, "nome", "nota")
	require.NoError(t, err)
	require.Equal(t, []string{"Anna", "a\rb"}, found.rows[0].Values)
	require.Equal(t, []string{"formula_error"}, found.codes(1))
}

// changed rewrites one part of a workbook.
func changed(tb testing.TB, file batchtest.File, name string, change func(string) string) batchtest.File {
	tb.Helper()

	archive, err := zip.NewReader(strings.NewReader(file.Content), file.Size())
	require.NoError(tb, err)

	var packed bytes.Buffer

	writer := zip.NewWriter(&packed)

	for _, part := range archive.File {
		opened, err := part.Open()
		require.NoError(tb, err)

		text, err := io.ReadAll(opened)
		require.NoError(tb, err)

		if part.Name == name {
			text = []byte(change(string(text)))
		}

		written, err := writer.Create(part.Name)
		require.NoError(tb, err)

		_, err = written.Write(text)
		require.NoError(tb, err)
	}

	require.NoError(tb, writer.Close())

	return batchtest.File{FileName: file.FileName, Content: packed.String()}
}

func TestDamagedWorkbooks(t *testing.T) {
	t.Parallel()

	sound := workbook(t, func(book *excelize.File) {
		setRow(t, book, 1, "cf", "nome")

		for row := 2; row < 400; row++ {
			setRow(t, book, row, citizen(row), strings.Repeat("a", row))
		}
	})

	const sheet = "xl/worksheets/sheet1.xml"

	tests := map[string]struct {
		part   string
		change func(string) string
		want   string
	}{
		"a sheet that breaks off": {sheet, func(s string) string { return s[:len(s)/2] }, "file_broken"},
		"a sheet that is no XML":  {sheet, func(string) string { return "cf;nome" }, "file_broken"},
		"an empty sheet":          {sheet, func(string) string { return "" }, "file_broken"},
		"a text that is not there": {
			sheet, func(s string) string { return strings.Replace(s, "<v>0</v>", "<v>99999</v>", 1) }, "file_broken",
		},
		"a row before its time": {sheet, func(s string) string { return strings.Replace(s, `<row r="7"`, `<row r="3"`, 1) }, "file_broken"},
		"a row far below": {
			sheet, func(s string) string { return strings.Replace(s, `<row r="7"`, `<row r="1048577"`, 1) }, "file_broken",
		},
		"a cell far out": {
			sheet, func(s string) string { return strings.Replace(s, `r="B4"`, `r="XFD4"`, 1) }, "file_too_many_columns",
		},
		"a cell without a letter": {sheet, func(s string) string { return strings.Replace(s, `r="B4"`, `r="4"`, 1) }, "file_broken"},
		"a huge piece": {
			sheet,
			func(s string) string {
				return strings.Replace(s, "<sheetData>", "<sheetData>"+strings.Repeat(" ", 2<<20), 1)
			},
			"file_broken",
		},
		"a deep one": {
			sheet,
			func(s string) string {
				return strings.Replace(s, "<sheetData>", strings.Repeat("<a>", 100)+"<sheetData>", 1)
			},
			"file_broken",
		},
		"texts that break off": {"xl/sharedStrings.xml", func(s string) string { return s[:len(s)/2] }, "file_broken"},
		"a bomb": {
			"xl/styles.xml", func(string) string { return strings.Repeat(" ", 20<<20) }, "file_unpacks_too_large",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := read(t, changed(t, sound, tt.part, tt.change), "nome")
			requireProblem(t, err, tt.want)
		})
	}

	_, err := read(t, changed(t, sound, "none", nil), "nome")
	require.NoError(t, err)
}
