package batch

import "slices"

// GovIO's CSV has its columns by position: taxcode, expedition_date, then the due date and the four of a payment where
// its template has them, then the placeholders. Its header is never read, so it may say anything.

// govIOVariant is one of the layouts that GovIO's templates make.
func govIOVariant(dueDate, payment bool) []Field {
	fields := []Field{FieldFiscalCode, FieldSendAt}
	if dueDate {
		fields = append(fields, FieldDueDate)
	}

	if payment {
		fields = append(fields, FieldNoticeNumber, FieldAmountCents, FieldInvalidAfter, FieldPayee)
	}

	return fields
}

func govIOVariants() [][]Field {
	return [][]Field{
		govIOVariant(true, true), govIOVariant(false, true), govIOVariant(true, false), govIOVariant(false, false),
	}
}

// arrangeGovIO recognises the layout by the names of GovIO's documentation, or by the shape of the first rows.
func arrangeGovIO(layout Layout, rows []record, width int, wanted Wanted) (Layout, bool) {
	first, body := rows[0].cells, rows[1:]
	named := hasGovIONames(first)
	layout.Header = named || !slices.ContainsFunc(first, looksLikeFiscalCode)

	if !layout.Header {
		body = rows
	}

	if len(body) == 0 || len(wanted.Columns) > 0 || !named && !mayBePositional(layout, first) {
		return layout, false
	}

	fits := func(fields []Field) bool { return shapesFit(body, fields, width-len(wanted.Placeholders)) }
	if named {
		fits = func(fields []Field) bool { return namesFit(first, fields) }
	}

	variants := govIOVariants()

	found := slices.IndexFunc(variants, fits)
	if found < 0 {
		return layout, false
	}

	layout.GovIO = true
	layout.Columns = govIOColumns(first, width, variants[found], layout.Header)
	arrangeGovIOValues(layout.Columns, len(variants[found]), wanted, layout.Header)

	return layout, true
}

// mayBePositional: names that are known say more than positions, and GovIO's files have commas.
func mayBePositional(layout Layout, first []string) bool {
	return layout.Format == FormatCSV && layout.Separator == comma && (!layout.Header || recognised(first) == 0)
}

func hasGovIONames(first []string) bool {
	return len(first) > 1 && foldName(first[0]) == "taxcode" && foldName(first[1]) == "expeditiondate"
}

func namesFit(first []string, fields []Field) bool {
	if len(first) < len(fields) {
		return false
	}

	for i, field := range fields {
		if !isGovIOName(foldName(first[i]), field) {
			return false
		}
	}

	// A known field behind them stands at another place than GovIO's: by its name it is found, by position it would be lost.
	return recognised(first[len(fields):]) == 0
}

func shapesFit(body []record, fields []Field, width int) bool {
	if width < len(fields) {
		return false
	}

	for i, field := range fields {
		if shareOf(body, i, func(text string) bool { return hasShapeOf(field, text) }) <= shareClear {
			return false
		}
	}

	return true
}

// centsByGovIOName: whoever uses GovIO's names means GovIO's cents, be the columns in another order or the last ones missing.
func centsByGovIOName(layout *Layout, first []string) {
	if !hasGovIONames(first) {
		return
	}

	for i := range layout.Columns {
		if layout.Columns[i].Field == FieldAmountEuro && foldName(layout.Columns[i].Header) == govIOAmount {
			layout.Columns[i].Field = FieldAmountCents
			layout.GovIO = true
		}
	}
}

const govIOAmount = "amount"

func isGovIOName(folded string, field Field) bool {
	if field == FieldAmountCents {
		return folded == govIOAmount || rankOf(folded, knownNames()[field]) >= 0
	}

	return rankOf(folded, knownNames()[field]) >= 0
}

// hasShapeOf tells whether a text may be a field of GovIO's, of which some may be empty.
func hasShapeOf(field Field, text string) bool {
	bare := tidy(text).text

	switch field {
	case FieldFiscalCode:
		return looksLikeFiscalCode(text)
	case FieldSendAt:
		return bare == "" || isWrittenDate(bare)
	case FieldDueDate:
		return isWrittenDate(bare)
	case FieldNoticeNumber:
		return isDigits(bare, noticeDigits)
	case FieldAmountCents:
		return digitsOnly(bare)
	case FieldInvalidAfter:
		return slices.Contains([]string{"", "true", "false"}, bare)
	case FieldPayee:
		return bare == "" || isDigits(bare, provisionalDigits)
	default:
		return false
	}
}

func isDigits(text string, length int) bool { return len(text) == length && digitsOnly(text) }

func isWrittenDate(text string) bool {
	_, code := parseDate(text, kindText)

	return code == "" && !digitsOnly(text)
}

func govIOColumns(first []string, width int, fields []Field, header bool) []Column {
	columns := make([]Column, width)

	for i := range columns {
		if header && i < len(first) {
			columns[i].Header = headerText(first[i])
		}

		if i < len(fields) {
			columns[i].Field = fields[i]
		}
	}

	return columns
}

// arrangeGovIOValues gives the placeholders their columns: by name if one of them has its own, else by position. Names
// that fit in part leave the others to a person, because positions would then mix them up.
func arrangeGovIOValues(columns []Column, from int, wanted Wanted, header bool) {
	named := false

	for _, placeholder := range wanted.Placeholders {
		name := foldName(placeholder)

		for i := from; i < len(columns) && header; i++ {
			if columns[i].Field == "" && foldName(columns[i].Header) == name {
				columns[i].Field = Value(placeholder)
				named = true

				break
			}
		}
	}

	if named {
		return
	}

	for i, placeholder := range wanted.Placeholders {
		if from+i < len(columns) {
			columns[from+i].Field = Value(placeholder)
		}
	}
}
