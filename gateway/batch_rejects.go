package gateway

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

const (
	// reportPage is how many rows of a report are in memory at once.
	reportPage = 500

	// The columns that a table of rejected rows has beside the file's own.
	rejectsRow    = "riga"
	rejectsReason = "motivo"
)

// WriteRejects writes the rows that are not sent, bad ones and duplicates, as they came in the file, with their number
// and with what is wrong. The table can be put right and uploaded again.
func (g *Gateway) WriteRejects(ctx context.Context, actor Actor, id string, w io.Writer, format TableFormat) error {
	stored, err := g.visibleBatch(ctx, actor, id)

	switch {
	case err != nil:
		return err
	case !actor.MayChange():
		// It is the file itself, with everything personal in it.
		return ErrForbidden
	case !hasRows(stored.Status):
		return ErrState
	}

	layout, err := layoutOf(stored)
	if err != nil {
		return err
	}

	filter := db.RowFilter{States: []notification.RowState{notification.RowBad}}
	if !stored.IncludeDuplicates {
		filter.States = append(filter.States, notification.RowDuplicate)
	}

	if err := g.audit(ctx, actor, batchAct("reject_download", stored.Batch, "format", string(format))); err != nil {
		return err
	}

	report := rejects{columns: rejectedColumns(layout), layout: layout}
	rows := func(after int) ([]db.BatchRow, error) { return g.Store.BatchRows(ctx, id, filter, after, reportPage) }

	return writeTable(w, format, table[db.BatchRow]{
		name: "Scarti", header: report.header(), page: rows, row: report.row,
		number: func(row db.BatchRow) int { return row.Number },
		whole:  func() error { return g.sameRows(ctx, stored) },
	})
}

// sameRows is ErrState where the rows are not those any more of which a report was begun: the file was read anew, or it
// was decided what to do with duplicates. The report is half of the one and half of the other then.
func (g *Gateway) sameRows(ctx context.Context, begun db.StoredBatch) error {
	now, err := g.Store.Batch(ctx, begun.ID)

	switch {
	case err != nil:
		return storeError("reading the batch again", err)
	case now.Check != begun.Check, now.IncludeDuplicates != begun.IncludeDuplicates, !hasRows(now.Status):
		return ErrState
	}

	return nil
}

// table is a report that is made page by page.
type table[Row any] struct {
	name   string
	header []cell
	page   func(after int) ([]Row, error)
	number func(Row) int
	row    func(Row) ([]cell, error)
	// whole tells at the end whether the pages belong together.
	whole func() error
	// last is a closing row; none where it is empty.
	last []cell
}

// writeTable reads the first page before it writes anything: what fails before that leaves no half a table behind.
func writeTable[Row any](w io.Writer, format TableFormat, t table[Row]) error {
	page, err := t.page(0)
	if err != nil {
		return storeError("reading the rows", err)
	}

	writes, err := newTable(w, format, t.name)
	if err != nil {
		return err
	}

	if err := writes.write(t.header); err != nil {
		return err
	}

	for len(page) > 0 {
		if err := t.writePage(writes, page); err != nil {
			return err
		}

		if len(page) < reportPage {
			break
		}

		if page, err = t.page(t.number(page[len(page)-1])); err != nil {
			return storeError("reading the rows", err)
		}
	}

	if err := t.whole(); err != nil {
		return err
	}

	if len(t.last) > 0 {
		if err := writes.write(t.last); err != nil {
			return err
		}
	}

	return writes.close()
}

func (t table[Row]) writePage(writes tableWriter, page []Row) error {
	for _, row := range page {
		cells, err := t.row(row)
		if err != nil {
			return err
		}

		if err := writes.write(cells); err != nil {
			return err
		}
	}

	return nil
}

// rejects writes rejected rows.
type rejects struct {
	layout batch.Layout
	// columns are those of the file that are handed back, by their number from 0.
	columns []int
}

// rejectedColumns leaves out what an earlier table of rejected rows had added to the file.
func rejectedColumns(layout batch.Layout) []int {
	var columns []int

	for i, column := range layout.Columns {
		added := column.Header == rejectsRow || column.Header == rejectsReason
		if !added || column.Field != "" {
			columns = append(columns, i)
		}
	}

	return columns
}

// header has the file's own names. A file without names gets those under which its columns are recognised.
func (r rejects) header() []cell {
	names := make([]string, 0, len(r.columns)+2)

	for _, column := range r.columns {
		names = append(names, headerOf(r.layout, column))
	}

	return texts(append(names, rejectsRow, rejectsReason)...)
}

func headerOf(layout batch.Layout, column int) string {
	if name := layout.Columns[column].Header; name != "" && layout.Header {
		return name
	}

	if name := headerUnder(layout.Columns[column].Field); name != "" {
		return name
	}

	return "colonna_" + strings.ToLower(columnLetters(column+1))
}

func (r rejects) row(row db.BatchRow) ([]cell, error) {
	payload, err := batch.DecodePayload(row.Payload)
	if err != nil {
		return nil, fmt.Errorf("reading row %d: %w", row.Number, err)
	}

	reason, err := r.reason(row)
	if err != nil {
		return nil, err
	}

	cells := make([]string, len(r.columns))

	for i, column := range r.columns {
		if column < len(payload.Cells) {
			cells[i] = payload.Cells[column]
		}
	}

	// Cells beyond the last column stand at the end: nothing is lost, and the columns stay in line.
	var beyond []string
	if width := len(r.layout.Columns); len(payload.Cells) > width {
		beyond = payload.Cells[width:]
	}

	return slices.Concat(texts(cells...), []cell{number(row.Number)}, texts(reason), texts(beyond...)), nil
}

// reason says in Italian what is wrong with the row.
func (r rejects) reason(row db.BatchRow) (string, error) {
	if row.State == notification.RowDuplicate {
		if row.DuplicateOf > 0 {
			return "Ripete la riga " + strconv.Itoa(row.DuplicateOf) + " del file.", nil
		}

		return "Lo stesso messaggio è già stato inviato a questa persona nelle ultime 24 ore.", nil
	}

	issues, err := issueViews(r.layout, row.Issues)
	if err != nil {
		return "", err
	}

	reasons := make([]string, len(issues))

	for i, issue := range issues {
		reasons[i] = issue.Messaggio
		if issue.ColumnName != "" {
			reasons[i] = issue.ColumnName + ": " + issue.Messaggio
		}
	}

	return strings.Join(reasons, " "), nil
}
