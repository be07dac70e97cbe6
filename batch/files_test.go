package batch_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/batch/batchtest"
	"github.com/genio-gateway/genio/simulator"
)

func citizen(n int) string { return simulator.FiscalCode(simulator.CitizenDelivered, n) }

// lines joins the lines of a CSV; CF and CF2 stand for citizens.
func lines(text ...string) batchtest.File {
	joined := strings.Join(text, "\n") + "\n"
	joined = strings.ReplaceAll(joined, "CF2", citizen(2))

	return batchtest.File{FileName: "avvisi.csv", Content: strings.ReplaceAll(joined, "CF", citizen(1))}
}

// workbook writes an Excel file whose first sheet has the given cells.
func workbook(tb testing.TB, write func(*excelize.File)) batchtest.File {
	tb.Helper()

	book := excelize.NewFile()
	write(book)

	var packed bytes.Buffer
	require.NoError(tb, book.Write(&packed))
	require.NoError(tb, book.Close())

	return batchtest.File{FileName: "avvisi.xlsx", Content: packed.String()}
}

func setRow(tb testing.TB, book *excelize.File, row int, cells ...any) {
	tb.Helper()

	require.NoError(tb, book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", row), &cells))
}

// reading is all that was found in a file.
type reading struct {
	layout  batch.Layout
	summary batch.Summary
	rows    []batch.Row
}

func (r reading) codes(i int) []string {
	codes := []string{}
	for _, issue := range r.rows[i].Issues {
		codes = append(codes, issue.Code)
	}

	return codes
}

func (r reading) repairs(i int) []string {
	codes := []string{}
	for _, repair := range r.rows[i].Repairs {
		codes = append(codes, repair.Code)
	}

	return codes
}

// read inspects and reads a file with a template of the placeholders.
func read(tb testing.TB, file batch.File, placeholders ...string) (reading, error) {
	tb.Helper()

	return readWith(tb, file, batch.Wanted{Placeholders: placeholders}, rules(template{placeholders: placeholders}))
}

func readWith(tb testing.TB, file batch.File, wanted batch.Wanted, with batch.Rules) (reading, error) {
	tb.Helper()

	layout, err := batch.Inspect(tb.Context(), file, wanted)
	if err != nil {
		return reading{}, err
	}

	return readAs(tb, file, layout, with)
}

func readAs(tb testing.TB, file batch.File, layout batch.Layout, with batch.Rules) (reading, error) {
	tb.Helper()

	found := reading{layout: layout}

	var err error

	found.summary, err = batch.Read(tb.Context(), file, layout, with, func(row *batch.Row) error {
		found.rows = append(found.rows, kept(row))

		return nil
	})

	return found, err
}

// kept is a copy of a row that outlives its turn.
func kept(row *batch.Row) batch.Row {
	copied := *row
	copied.Cells = slices.Clone(row.Cells)
	copied.Values = slices.Clone(row.Values)
	copied.Issues = slices.Clone(row.Issues)
	copied.Repairs = slices.Clone(row.Repairs)

	if row.DueDate != nil {
		due := *row.DueDate
		copied.DueDate = &due
	}

	if row.Payment != nil {
		payment := *row.Payment
		copied.Payment = &payment
	}

	return copied
}

func requireProblem(tb testing.TB, err error, code string) {
	tb.Helper()

	var found *batch.FileError

	require.ErrorAs(tb, err, &found)
	require.Equal(tb, code, found.Code)
	require.NotEmpty(tb, found.Error())
}
