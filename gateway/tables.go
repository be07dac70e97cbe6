package gateway

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/genio-gateway/genio/batch"
)

// tableWriter writes a table row by row, without ever holding it whole.
type tableWriter interface {
	write(row []cell) error
	// close writes what is left. Without it the table is incomplete, which a reader notices.
	close() error
}

// cell is a text, or a number that a spreadsheet can add up.
type cell struct {
	text   string
	number bool
}

// texts are cells that no spreadsheet takes for a formula.
func texts(values ...string) []cell {
	row := make([]cell, len(values))
	for i, value := range values {
		row[i] = cell{text: batch.SafeCell(value)}
	}

	return row
}

func number(value int) cell { return cell{text: strconv.Itoa(value), number: true} }

// newTable begins a table. The name is what a workbook calls its sheet.
func newTable(w io.Writer, format TableFormat, name string) (tableWriter, error) {
	switch format {
	case TableCSV:
		return newCSVTable(w)
	case TableXLSX:
		return newXLSXTable(w, name)
	}

	return nil, invalid("format", codeUnknown, "one of csv, xlsx", "uno tra csv, xlsx")
}

// csvTable is written as an Italian Excel opens it with a double click: semicolons, and a byte order mark, without
// which it would read UTF-8 as Windows-1252.
type csvTable struct {
	writer *csv.Writer
	record []string
}

const byteOrderMark = "\uFEFF"

func newCSVTable(w io.Writer) (*csvTable, error) {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return nil, fmt.Errorf("beginning a table: %w", err)
	}

	writer := csv.NewWriter(w)
	writer.Comma = ';'
	writer.UseCRLF = true

	return &csvTable{writer: writer}, nil
}

func (t *csvTable) write(row []cell) error {
	t.record = t.record[:0]
	for _, cell := range row {
		t.record = append(t.record, cell.text)
	}

	if err := t.writer.Write(t.record); err != nil {
		return fmt.Errorf("writing a row: %w", err)
	}

	return nil
}

func (t *csvTable) close() error {
	t.writer.Flush()

	if err := t.writer.Error(); err != nil {
		return fmt.Errorf("ending a table: %w", err)
	}

	return nil
}
