package batch_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/batch/batchtest"
)

// A few bytes of a small file may stand for very many: each case would take gigabytes, or hours, if it were let through.
func TestSmallWorkbooksThatWouldGrow(t *testing.T) {
	t.Parallel()

	const (
		sheet  = "xl/worksheets/sheet1.xml"
		shared = "xl/sharedStrings.xml"
		book   = "xl/workbook.xml"
	)

	sound := workbook(t, func(book *excelize.File) {
		setRow(t, book, 1, "cf", "nome", "nota")
		setRow(t, book, 2, citizen(1), "Anna", "x")
	})
	pieces := strings.Repeat(strings.Repeat("a", 1000)+"<!-- -->", 300)
	long := changed(t, sound, shared, func(s string) string {
		return strings.Replace(s, "<t>x</t>", "<t>"+strings.Repeat("x", 200_000)+"</t>", 1)
	})
	before, _, _ := strings.Cut(partOf(t, long, shared), "xxxx")
	longCell := fmt.Sprintf(`<c t="s"><v>%d</v></c>`, strings.Count(before, "<si>")-1)

	rows := func(text string) func(string) string {
		return func(s string) string { return strings.Replace(s, "</sheetData>", text+"</sheetData>", 1) }
	}

	tests := map[string]struct {
		file   batchtest.File
		part   string
		change func(string) string
		want   string
	}{
		"a value of many pieces":   {sound, sheet, rows("<row><c><v>" + pieces + "</v></c></row>"), "file_broken"},
		"a text of many pieces":    {sound, sheet, rows(`<row><c t="inlineStr"><is><t>` + pieces + "</t></is></c></row>"), "file_broken"},
		"a long row":               {long, sheet, rows("<row>" + longCell + longCell + "</row>"), "file_row_too_long"},
		"a text of very many rows": {long, sheet, rows(strings.Repeat("<row><c/><c/>"+longCell+"</row>", 2_700)), "file_unpacks_too_large"},
		"very many sheets": {sound, book, func(s string) string {
			one := s[strings.Index(s, "<sheet "):strings.Index(s, "</sheets>")]

			return strings.Replace(s, one, strings.Repeat(one, 1_001), 1)
		}, "file_unpacks_too_large"},
		"very many relations": {sound, "xl/_rels/workbook.xml.rels", func(s string) string {
			var more strings.Builder
			for i := range 10_000 {
				_, _ = fmt.Fprintf(&more, `<Relationship Id="x%d" Type="a" Target="b"/>`, i)
			}

			return strings.Replace(s, "</Relationships>", more.String()+"</Relationships>", 1)
		}, "file_unpacks_too_large"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := read(t, changed(t, tt.file, tt.part, tt.change), "nome")
			requireProblem(t, err, tt.want)
		})
	}
}

// partOf is one part of a workbook, unpacked.
func partOf(tb testing.TB, file batchtest.File, name string) (text string) {
	tb.Helper()

	changed(tb, file, name, func(part string) string {
		text = part

		return part
	})

	return text
}

// watched tells of each time that the file is read to its end.
type watched struct {
	batchtest.File

	ended func()
}

func (w watched) Open() (io.ReadCloser, error) {
	return struct {
		io.Reader
		io.Closer
	}{strings.NewReader(w.Content), closing(w.ended)}, nil
}

type closing func()

func (c closing) Close() error {
	c()

	return nil
}

// emptySheets is a workbook in which every sheet has to be looked at.
func emptySheets(tb testing.TB) batchtest.File {
	tb.Helper()

	return workbook(tb, func(book *excelize.File) {
		for i := range 20 {
			_, err := book.NewSheet(fmt.Sprintf("Foglio %d", i))
			require.NoError(tb, err)
		}
	})
}

func TestAWorkbookIsUnpackedOnceForAllItsSheets(t *testing.T) {
	t.Parallel()

	read := 0
	_, err := batch.Inspect(t.Context(), watched{emptySheets(t), func() { read++ }}, batch.Wanted{})

	requireProblem(t, err, "file_no_rows")
	require.Equal(t, 2, read, "for its format, and for its sheets")
}

// An activity whose time is over must not go on unpacking beside its next try.
func TestUnpackingEndsWithItsContext(t *testing.T) {
	t.Parallel()

	ctx, stop := context.WithCancel(t.Context())
	_, err := batch.Inspect(ctx, watched{emptySheets(t), stop}, batch.Wanted{})

	require.ErrorIs(t, err, context.Canceled)
}
