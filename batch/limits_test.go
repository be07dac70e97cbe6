package batch_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/batch/batchtest"
)

func TestUnreadableFiles(t *testing.T) {
	t.Parallel()

	archive := func(names ...string) string {
		var packed bytes.Buffer

		writer := zip.NewWriter(&packed)

		for _, name := range names {
			part, err := writer.Create(name)
			require.NoError(t, err)

			_, err = io.WriteString(part, "<a/>")
			require.NoError(t, err)
		}

		require.NoError(t, writer.Close())

		return packed.String()
	}

	const oldOffice = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

	tests := map[string]struct{ name, content, want string }{
		"nothing":            {"a.csv", "", "file_empty"},
		"blank":              {"a.csv", " \n\r\n\t", "file_empty"},
		"a header alone":     {"a.csv", "cf;nome\n", "file_no_rows"},
		"separators alone":   {"a.csv", ";;;\n;;;\n", "file_no_rows"},
		"old Excel":          {"a.xls", oldOffice + "Workbook", "file_xls"},
		"a password":         {"a.xlsx", oldOffice + "\x00", "file_encrypted"},
		"Word":               {"a.doc", oldOffice, "file_unknown_format"},
		"OpenDocument":       {"a.ods", archive("mimetype", "content.xml"), "file_ods"},
		"Word of today":      {"a.docx", archive("word/document.xml"), "file_unknown_format"},
		"binary Excel":       {"a.xlsb", archive("xl/workbook.bin"), "file_xls"},
		"PDF":                {"a.csv", "%PDF-1.7\n", "file_pdf"},
		"a page":             {"a.xls", "<html><table>", "file_html"},
		"a picture":          {"a.csv", "\x89PNG\r\n", "file_unknown_format"},
		"noise":              {"a.csv", strings.Repeat("\x01\x02\x03", 50), "file_unknown_format"},
		"a ZIP cut off":      {"a.xlsx", archive("xl/workbook.xml")[:40], "file_broken"},
		"no sheet":           {"a.xlsx", archive("xl/workbook.xml"), "file_no_rows"},
		"too many columns":   {"a.csv", "cf" + strings.Repeat(";a", 200) + "\n" + strings.Repeat("1;", 200) + "1\n", "file_too_many_columns"},
		"an open quote":      {"a.csv", "cf;nome\n" + citizen(1) + ";\"" + strings.Repeat("a;b\n", 100_000), "file_row_too_long"},
		"a quote over lines": {"a.csv", "cf;nome\n" + citizen(1) + ";\"Anna\n" + citizen(2) + ";\"Ugo\"\n", "file_unbalanced_quotes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := read(t, batchtest.File{FileName: tt.name, Content: tt.content}, "nome")
			requireProblem(t, err, tt.want)
		})
	}
}

func TestSizeLimits(t *testing.T) {
	t.Parallel()

	_, err := batch.Inspect(t.Context(), huge{lines("cf", "CF"), batch.MaxBytes + 1}, batch.Wanted{})
	requireProblem(t, err, "file_too_large")

	_, err = batch.Inspect(t.Context(), lying{}, batch.Wanted{})
	requireProblem(t, err, "file_too_large")

	rows := "cf\n" + strings.Repeat(citizen(1)+"\n", batch.MaxRows)

	found, err := batch.Read(t.Context(), batchtest.File{Content: rows}, csvLayout(), rules(template{}),
		func(*batch.Row) error { return nil })
	require.NoError(t, err)
	require.Equal(t, batch.MaxRows, found.Counts.Rows)
	require.Equal(t, batch.MaxRows-1, found.Counts.Duplicates)

	_, err = batch.Read(t.Context(), batchtest.File{Content: rows + citizen(2)}, csvLayout(), rules(template{}),
		func(*batch.Row) error { return nil })
	requireProblem(t, err, "file_too_many_rows")
}

func TestWideRows(t *testing.T) {
	t.Parallel()

	separators := strings.Repeat(";", 10_000)

	found, err := read(t, lines("cf;nome", citizen(1)+";Anna"+separators, citizen(2)+";Ugo"+separators), "nome")
	require.NoError(t, err)
	require.Equal(t, []string{citizen(1), "Anna"}, found.rows[0].Cells)
	require.Empty(t, found.rows[1].Issues)

	_, err = read(t, lines("cf;nome", citizen(1)+";Anna", citizen(2)+";Ugo"+separators+"x"), "nome")
	requireProblem(t, err, "file_too_many_columns")

	_, err = read(t, lines("cf;nome", citizen(1)+";Anna", citizen(2)+`;U"go`+separators+"x"), "nome")
	requireProblem(t, err, "file_too_many_columns")
}

func csvLayout() batch.Layout {
	return batch.Layout{
		Format: batch.FormatCSV, Encoding: batch.EncodingUTF8, Separator: ";", Header: true,
		Columns: []batch.Column{{Header: "cf", Field: batch.FieldFiscalCode}},
	}
}

// huge says that it is larger than it is.
type huge struct {
	batchtest.File

	size int64
}

func (h huge) Size() int64 { return h.size }

// lying is larger than it says.
type lying struct{}

func (lying) Open() (io.ReadCloser, error) {
	return io.NopCloser(io.LimitReader(endless{}, batch.MaxBytes+2)), nil
}
func (lying) Size() int64  { return 10 }
func (lying) Name() string { return "a.csv" }

type endless struct{}

func (endless) Read(into []byte) (int, error) {
	for i := range into {
		into[i] = "cf;nome\n"[i%8]
	}

	return len(into), nil
}

// broken cannot be read to its end.
type broken struct{ batchtest.File }

var errDisk = errors.New("the disk is gone")

func (b broken) Open() (io.ReadCloser, error) {
	return io.NopCloser(io.MultiReader(strings.NewReader(b.Content), failing{})), nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errDisk }

func TestAReadErrorIsNoFault(t *testing.T) {
	t.Parallel()

	file := broken{lines("cf", "CF")}

	_, err := batch.Inspect(t.Context(), file, batch.Wanted{})
	require.ErrorIs(t, err, errDisk)

	_, err = batch.Read(t.Context(), file, csvLayout(), rules(template{}), func(*batch.Row) error { return nil })
	require.ErrorIs(t, err, errDisk)
}
