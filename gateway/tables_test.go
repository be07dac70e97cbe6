package gateway_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/genio-gateway/genio/gateway"
)

func TestCSVTablesOpenInAnItalianExcel(t *testing.T) {
	t.Parallel()

	var written bytes.Buffer

	require.NoError(t, gateway.WriteTable(&written, gateway.TableCSV,
		[]string{"riga", "nome", "nota"},
		[]string{"#2", "Nicolò", "prima; poi\nseconda"},
		[]string{"#3", "=2+3", `detto "il Moro"`},
	))

	require.Equal(t,
		"\uFEFFriga;nome;nota\r\n2;Nicolò;\"prima; poi\r\nseconda\"\r\n3;'=2+3;\"detto \"\"il Moro\"\"\"\r\n",
		written.String())
}

func TestXLSXTablesAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()

	rows := [][]string{
		{"riga", "nome", "nota"},
		{"#2", "  Nicolò & figli <srl>", "prima\nseconda"},
		{"#3", "301000000000000001", ""},
		{"#4", "+39333", "😀"},
	}

	var written bytes.Buffer

	require.NoError(t, gateway.WriteTable(&written, gateway.TableXLSX, rows...))

	book, err := excelize.OpenReader(&written)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, book.Close()) })
	require.Equal(t, []string{`Prova & "prova"`}, book.GetSheetList())

	got, err := book.GetRows(book.GetSheetName(0))
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"riga", "nome", "nota"},
		{"2", "  Nicolò & figli <srl>", "prima\nseconda"},
		{"3", "301000000000000001"},
		{"4", "'+39333", "😀"},
	}, got)

	kind, err := book.GetCellType(book.GetSheetName(0), "A2")
	require.NoError(t, err)
	require.NotEqual(t, excelize.CellTypeInlineString, kind, "numbers can be added up")

	kind, err = book.GetCellType(book.GetSheetName(0), "B3")
	require.NoError(t, err)
	require.Equal(t, excelize.CellTypeInlineString, kind, "a notice number is no number")
}

func TestXLSXTablesCutWhatExcelCannotOpen(t *testing.T) {
	t.Parallel()

	const longest = 32_767

	cases := map[string]struct{ written, want string }{
		"fits":        {strings.Repeat("a", longest), strings.Repeat("a", longest)},
		"too long":    {strings.Repeat("a", longest+1), strings.Repeat("a", longest)},
		"accents fit": {strings.Repeat("à", longest), strings.Repeat("à", longest)},
		"half a surrogate": {
			"a" + strings.Repeat("😀", longest/2) + "a", "a" + strings.Repeat("😀", longest/2),
		},
		"emoji at the end": {
			strings.Repeat("😀", longest/2+1), strings.Repeat("😀", longest/2),
		},
		"no text of XML": {"a\x00b", "a\uFFFDb"},
	}

	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var written bytes.Buffer

			require.NoError(t, gateway.WriteTable(&written, gateway.TableXLSX, []string{test.written}))

			book, err := excelize.OpenReader(&written)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, book.Close()) })

			got, err := book.GetCellValue(book.GetSheetName(0), "A1")
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestATableOfAnUnknownFormat(t *testing.T) {
	t.Parallel()

	err := gateway.WriteTable(io.Discard, "ods", []string{"riga"})

	requireFields(t, err, map[string]string{"format": "unknown"})
}

// brokenPipe takes so many bytes and no more.
type brokenPipe struct{ room int }

var errBrokenPipe = errors.New("broken pipe")

func (p *brokenPipe) Write(data []byte) (int, error) {
	if p.room -= len(data); p.room < 0 {
		return 0, errBrokenPipe
	}

	return len(data), nil
}

func TestATableWhoseReaderGoesAwaySaysSo(t *testing.T) {
	t.Parallel()

	for _, format := range []gateway.TableFormat{gateway.TableCSV, gateway.TableXLSX} {
		whole := &bytes.Buffer{}
		row := []string{"nota", strings.Repeat("x", 100)}
		require.NoError(t, gateway.WriteTable(whole, format, row))

		for room := range whole.Len() {
			require.ErrorIs(t, gateway.WriteTable(&brokenPipe{room: room}, format, row), errBrokenPipe)
		}
	}
}

// A reader that hangs up in the middle must not find a table that looks whole.
func TestAnXLSXTableThatBreaksOffCannotBeOpened(t *testing.T) {
	t.Parallel()

	var written bytes.Buffer

	require.NoError(t, gateway.WriteTable(&written, gateway.TableXLSX, []string{"riga"}, []string{"#2"}))

	cut := written.Bytes()[:written.Len()-30]
	_, err := zip.NewReader(bytes.NewReader(cut), int64(len(cut)))

	require.ErrorIs(t, err, zip.ErrFormat)
}

func TestColumnLetters(t *testing.T) {
	t.Parallel()

	for column, want := range map[int]string{
		1: "A", 2: "B", 26: "Z", 27: "AA", 52: "AZ", 53: "BA", 200: "GR", 702: "ZZ", 703: "AAA",
	} {
		require.Equal(t, want, gateway.ColumnLetters(column))
	}
}
