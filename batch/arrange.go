package batch

import (
	"slices"
	"strings"

	"github.com/genio-gateway/genio/fiscalcode"
)

// arrange finds out what the columns hold, by their names or by GovIO's positions.
func arrange(layout Layout, rows []record, wanted Wanted) (Layout, error) {
	width, err := widthOf(rows)
	if err != nil {
		return Layout{}, err
	}

	if govIO, found := arrangeGovIO(layout, rows, width, wanted); found {
		return govIO, nil
	}

	layout.Header = hasHeader(rows[0].cells, wanted)
	if layout.Header && len(rows) == 1 {
		return Layout{}, problem(problemNoRows)
	}

	layout.Columns = make([]Column, width)

	if !layout.Header {
		arrangeByShape(layout.Columns, rows)

		return layout, nil
	}

	for i, name := range rows[0].cells[:min(width, len(rows[0].cells))] {
		layout.Columns[i].Header = headerText(name)
	}

	if err := arrangeByName(layout.Columns, wanted); err != nil {
		return Layout{}, err
	}

	if len(wanted.Columns) == 0 {
		centsByGovIOName(&layout, rows[0].cells)
	}

	return layout, nil
}

// widthOf is the number of columns: of the first row, or of more than half of the rows where those have more. A row that
// is longer than that has a separator in its text, and must not make a column of it.
func widthOf(rows []record) (int, error) {
	if len(rows) == 0 {
		return 0, problem(problemNoRows)
	}

	widths := make([]int, len(rows))
	for i, row := range rows {
		widths[i] = usedCells(row.cells)
	}

	first := widths[0]
	slices.Sort(widths)

	width := max(first, widths[(len(widths)-1)/2])
	if width > MaxColumns {
		return 0, problem(problemTooManyColumns)
	}

	return width, nil
}

// usedCells leaves out the empty ones at the end.
func usedCells(cells []string) int {
	used := len(cells)
	for used > 0 && isBlankRow(cells[used-1:used]) {
		used--
	}

	return used
}

func headerText(name string) string {
	const longest = 200

	text := strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if isControl(r) {
			return -1
		}

		return r
	}, name), "")

	text = strings.Join(strings.FieldsFunc(text, isInvisible), " ")
	if characters := []rune(text); len(characters) > longest {
		return string(characters[:longest])
	}

	return text
}

// hasHeader: a first row names the columns unless it has a citizen, or nothing in it is a name.
func hasHeader(first []string, wanted Wanted) bool {
	if slices.ContainsFunc(first, looksLikeFiscalCode) {
		return false
	}

	if recognised(first) > 0 {
		return true
	}

	for _, text := range first {
		folded := foldName(text)

		if slices.ContainsFunc(wanted.Placeholders, func(p string) bool { return foldName(p) == folded }) {
			return true
		}

		if _, given := wanted.Columns[text]; given {
			return true
		}
	}

	return !slices.ContainsFunc(first, looksLikeFiscalCodeOrNumber)
}

// looksLikeFiscalCode does not ask for a right check character: a row is a row even where its code is wrong.
func looksLikeFiscalCode(text string) bool {
	code := fiscalcode.Normalise(tidy(text).text)
	if _, err := fiscalcode.Parse(code); err == nil {
		return true
	}

	const personal = 16

	return len(code) == personal && !digitsOnly(code) && digitsOnly(strings.Map(omocodiaDigit, code[6:8]+code[9:11]+code[12:15]))
}

func omocodiaDigit(r rune) rune {
	if strings.ContainsRune("LMNPQRSTUV", r) {
		return '0'
	}

	return r
}

func looksLikeFiscalCodeOrNumber(text string) bool {
	bare := tidy(text).text

	return looksLikeFiscalCode(text) || isNumeric(bare)
}

// arrangeByShape finds in a file without names the one column that cannot be mistaken; a person says the rest.
func arrangeByShape(columns []Column, rows []record) {
	for i := range columns {
		if shareOf(rows, i, looksLikeFiscalCode) > shareClear {
			columns[i].Field = FieldFiscalCode

			return
		}
	}
}

const shareClear = 0.5

// shareOf is how many of the rows have such a text in the column.
func shareOf(rows []record, column int, is func(string) bool) float64 {
	found := 0

	for _, row := range rows {
		if column < len(row.cells) && is(row.cells[column]) {
			found++
		}
	}

	return float64(found) / float64(len(rows))
}

// arrangeByName gives first what an application says, then placeholders and fields by their names.
func arrangeByName(columns []Column, wanted Wanted) error {
	fixed, err := arrangeAsGiven(columns, wanted.Columns)
	if err != nil {
		return err
	}

	folded := make([]string, len(columns))
	for i, column := range columns {
		folded[i] = foldName(column.Header)
	}

	taken := map[Field]bool{}
	for i := range fixed {
		taken[columns[i].Field] = true
	}

	names := map[string]bool{}
	for _, placeholder := range wanted.Placeholders {
		names[foldName(placeholder)] = true
	}

	for _, field := range Fields() {
		if taken[field] || (!alsoAValue(field) && nameIsPlaceholder(folded, knownNames()[field], names)) {
			continue
		}

		if at := clearest(folded, knownNames()[field], columns, fixed); at >= 0 {
			columns[at].Field = field
		}
	}

	dropHalfPayments(columns, fixed)

	for _, placeholder := range wanted.Placeholders {
		if !taken[Value(placeholder)] {
			arrangePlaceholder(columns, folded, placeholder, fixed)
		}
	}

	return nil
}

// arrangeAsGiven tells which columns an application has spoken for.
func arrangeAsGiven(columns []Column, given map[string]Field) (map[int]bool, error) {
	fixed := map[int]bool{}

	for header, field := range given {
		at := slices.IndexFunc(columns, func(c Column) bool { return c.Header == headerText(header) })
		if at < 0 {
			folded := foldName(header)
			at = slices.IndexFunc(columns, func(c Column) bool { return folded != "" && foldName(c.Header) == folded })
		}

		if at < 0 {
			return nil, problem(problemUnknownColumn)
		}

		columns[at].Field = field
		fixed[at] = true
	}

	return fixed, nil
}

// alsoAValue tells whether a column may hold the field and fill a placeholder of its name at once. A template's
// ((telefono)) is more likely the office's number than the citizen's.
func alsoAValue(field Field) bool {
	switch field {
	case FieldFiscalCode, FieldDueDate, FieldNoticeNumber, FieldAmountEuro, FieldAmountCents, FieldReference:
		return true
	default:
		return false
	}
}

func nameIsPlaceholder(folded, names []string, placeholders map[string]bool) bool {
	return slices.ContainsFunc(folded, func(name string) bool { return placeholders[name] && rankOf(name, names) >= 0 })
}

func clearest(folded, names []string, columns []Column, fixed map[int]bool) int {
	best, bestRank := -1, len(names)

	for i, name := range folded {
		rank := rankOf(name, names)
		if rank >= 0 && rank < bestRank && columns[i].Field == "" && !fixed[i] {
			best, bestRank = i, rank
		}
	}

	return best
}

// dropHalfPayments leaves a payment out of which the file has only one half: an amount alone is a text to read.
func dropHalfPayments(columns []Column, fixed map[int]bool) {
	amount := slices.IndexFunc(columns, func(c Column) bool { return c.Field == FieldAmountEuro })
	cents := slices.IndexFunc(columns, func(c Column) bool { return c.Field == FieldAmountCents })
	notice := slices.IndexFunc(columns, func(c Column) bool { return c.Field == FieldNoticeNumber })

	// Two amounts say the same; the one in cents cannot be misread.
	if amount >= 0 && cents >= 0 && !fixed[amount] {
		columns[amount].Field = ""
	}

	if notice >= 0 && (amount >= 0 || cents >= 0) {
		return
	}

	for i := range columns {
		switch columns[i].Field {
		case FieldAmountEuro, FieldAmountCents, FieldInvalidAfter, FieldPayee:
			if !fixed[i] && notice < 0 {
				columns[i].Field = ""
			}
		default:
		}
	}
}

// arrangePlaceholder gives the placeholder the column of its name, if that column holds nothing else.
func arrangePlaceholder(columns []Column, folded []string, placeholder string, fixed map[int]bool) {
	name := foldName(placeholder)

	for i := range columns {
		if folded[i] == name && columns[i].Field == "" && !fixed[i] {
			columns[i].Field = Value(placeholder)

			return
		}
	}
}
