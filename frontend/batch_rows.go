package frontend

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const paramRows = "rows"

// rowKind is which rows of a batch's file the page shows.
type rowKind string

const (
	rowsBad       rowKind = "bad"
	rowsDuplicate rowKind = "duplicate"
	rowsRepaired  rowKind = "repaired"
	rowsGood      rowKind = "good"
)

// rowFilter is what the table of rows shows, as the address says it.
type rowFilter struct {
	trail

	Kind rowKind // empty: what most needs somebody's eyes
}

func readRowFilter(values url.Values) rowFilter {
	read := rowFilter{trail: readTrail(values)}

	switch kind := rowKind(values.Get(paramRows)); kind {
	case rowsBad, rowsDuplicate, rowsRepaired, rowsGood:
		read.Kind = kind
	}

	return read
}

func (l rowFilter) values() url.Values {
	values := url.Values{}

	if l.Kind != "" {
		values.Set(paramRows, string(l.Kind))
	}

	l.write(values)

	return values
}

func (l rowFilter) address(id string) string { return addressWith(batchAddress(id), l.values()) }

func (l rowFilter) query() gateway.RowQuery {
	after, _ := strconv.Atoi(l.Cursor) // whatever is no number stands for the beginning
	query := gateway.RowQuery{After: max(after, 0)}

	switch l.Kind {
	case rowsRepaired:
		query.Repaired = true
	case rowsDuplicate:
		query.States = []notification.RowState{notification.RowDuplicate}
	case rowsGood:
		query.States = []notification.RowState{notification.RowGood}
	case rowsBad:
		query.States = []notification.RowState{notification.RowBad}
	}

	return query
}

// firstKind is what most needs somebody's eyes.
func firstKind(counts notification.BatchCounts) rowKind {
	switch {
	case counts.Bad > 0:
		return rowsBad
	case counts.Duplicates > 0:
		return rowsDuplicate
	case counts.Repaired > 0:
		return rowsRepaired
	default:
		return rowsGood
	}
}

// rowTable shows one page of a file's rows, with what was found about them.
type rowTable struct {
	Kind           rowKind
	Filters        []shortcut
	Lines          []rowLine
	Previous, Next string
}

// rowLine is one finding about a row; a row of which nothing is to be said has one line, too.
type rowLine struct {
	Number  string
	Column  string
	Text    string
	Preview string // the address; empty where the row cannot be filled
}

func (f *Frontend) rowTable(c echo.Context, p page, view *gateway.BatchView, wanted rowFilter) (rowTable, error) {
	if wanted.Kind == "" {
		wanted.Kind = firstKind(view.Counts)
	}

	found, err := f.gateway.BatchRows(c.Request().Context(), actor(c), view.ID, wanted.query())
	if err != nil {
		return rowTable{}, fmt.Errorf("reading a batch's rows: %w", err)
	}

	shown := rowTable{Kind: wanted.Kind, Filters: rowShortcuts(view, wanted.Kind, p)}
	for i := range found.Items {
		shown.Lines = append(shown.Lines, rowLines(view.ID, &found.Items[i], p)...)
	}

	if found.Next > 0 {
		shown.Next = rowFilter{Kind: wanted.Kind, trail: wanted.next(strconv.Itoa(found.Next))}.address(view.ID) + "#rows"
	}

	if wanted.Cursor != "" {
		shown.Previous = rowFilter{Kind: wanted.Kind, trail: wanted.previous()}.address(view.ID) + "#rows"
	}

	return shown, nil
}

func rowShortcuts(view *gateway.BatchView, current rowKind, p page) []shortcut {
	counts := view.Counts
	all := []shortcut{
		{mark: mark{Label: p.T("row.kind.good"), Icon: iconDone, Tone: toneSuccess}, Count: count(counts.Good, p.Lang)},
		{mark: mark{Label: p.T("row.kind.bad"), Icon: iconFault, Tone: toneDanger}, Count: count(counts.Bad, p.Lang)},
		{mark: mark{Label: p.T("row.kind.duplicate"), Icon: "it-copy", Tone: toneWarning}, Count: count(counts.Duplicates, p.Lang)},
		{mark: mark{Label: p.T("row.kind.repaired"), Icon: "it-tool", Tone: toneInfo}, Count: count(counts.Repaired, p.Lang)},
	}

	for i, kind := range []rowKind{rowsGood, rowsBad, rowsDuplicate, rowsRepaired} {
		all[i].Address = rowFilter{Kind: kind}.address(view.ID) + "#rows"
		all[i].Current = kind == current
	}

	return all
}

func rowLines(id string, row *gateway.RowView, p page) []rowLine {
	number := count(row.Number, p.Lang)
	preview := rowAddress(id, row.Number)

	if row.State == notification.RowBad {
		preview = ""
	}

	var lines []rowLine

	for _, issue := range row.Issues {
		lines = append(lines, rowLine{Number: number, Column: issue.ColumnName, Text: issueText(issue, p.Lang)})
	}

	if row.State == notification.RowDuplicate {
		lines = append(lines, rowLine{Number: number, Text: duplicateText(row.DuplicateOf, p)})
	}

	for _, repair := range row.Repairs {
		lines = append(lines, rowLine{Number: number, Column: repair.ColumnName, Text: p.T("row.repaired", issueText(repair, p.Lang))})
	}

	if len(lines) == 0 {
		lines = append(lines, rowLine{Number: number, Text: p.T("row.nothing")})
	}

	lines[0].Preview = preview

	return lines
}

func issueText(issue gateway.IssueView, lang notification.Lang) string {
	if lang == notification.English {
		return issue.Message
	}

	return issue.Messaggio
}

func duplicateText(of int, p page) string {
	if of == 0 {
		return p.T("row.sent_before")
	}

	return p.T("row.duplicate_of", count(of, p.Lang))
}

func rowAddress(id string, number int) string {
	return batchAddress(id) + "/rows/" + strconv.Itoa(number) + "/preview"
}
