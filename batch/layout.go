package batch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/genio-gateway/genio/notification"
)

// Wanted is what a file's columns are to be found for.
type Wanted struct {
	// Placeholders are the template's, in the order in which a positional layout has them.
	Placeholders []string
	// Columns says of headers what they hold, where an application knows; an empty field leaves the column unused.
	Columns map[string]Field
}

// separators are those a CSV may have, the most Italian first.
const separators = ";,\t"

// Placeholder is the placeholder whose value the field is; false for the other fields.
func (f Field) Placeholder() (string, bool) { return strings.CutPrefix(string(f), placeholderPrefix) }

// Fields lists the fields beside the placeholders' values.
func Fields() []Field {
	return []Field{
		FieldFiscalCode, FieldPhone, FieldReference, FieldDueDate, FieldNoticeNumber, FieldAmountEuro, FieldAmountCents,
		FieldInvalidAfter, FieldPayee, FieldSendAt,
	}
}

// Column is the index of the column that holds the field; -1: none. A placeholder that has no column of its own takes
// its value from the one that bears its name, so that ((importo)) and the amount to pay can be the same column.
func (l Layout) Column(field Field) int {
	if at := slices.IndexFunc(l.Columns, func(c Column) bool { return c.Field == field }); at >= 0 {
		return at
	}

	name, ok := field.Placeholder()
	if !ok || !l.Header {
		return -1
	}

	folded := foldName(name)

	return slices.IndexFunc(l.Columns, func(c Column) bool { return c.Field != "" && foldName(c.Header) == folded })
}

// Unmapped lists the fields that a column has to be found for before the file can be read: the codice fiscale, every
// placeholder, and the other half of a payment.
func (l Layout) Unmapped(wanted Wanted) []Field {
	var missing []Field

	need := func(field Field) {
		if l.Column(field) < 0 {
			missing = append(missing, field)
		}
	}

	need(FieldFiscalCode)

	for _, name := range wanted.Placeholders {
		need(Value(name))
	}

	hasAmount := l.Column(FieldAmountEuro) >= 0 || l.Column(FieldAmountCents) >= 0
	hasNotice := l.Column(FieldNoticeNumber) >= 0

	switch {
	case hasNotice && !hasAmount:
		missing = append(missing, FieldAmountEuro)
	case !hasNotice && (hasAmount || l.Column(FieldInvalidAfter) >= 0 || l.Column(FieldPayee) >= 0):
		missing = append(missing, FieldNoticeNumber)
	}

	return missing
}

// Check lists what is wrong with a layout that a person or an application has put right, beside what is Unmapped.
func (l Layout) Check(wanted Wanted) notification.FieldErrors {
	var errs notification.FieldErrors

	if len(l.Columns) > MaxColumns {
		errs = append(errs, notification.FieldError{
			Field: "columns", Code: "too_many",
			Message:   fmt.Sprintf("at most %d columns", MaxColumns),
			Messaggio: fmt.Sprintf("al massimo %d colonne", MaxColumns),
		})
	}

	seen := map[Field]bool{}

	for i, column := range l.Columns {
		if column.Field == "" {
			continue
		}

		if code := l.columnCode(column.Field, seen, wanted); code != "" {
			errs = append(errs, columnError(i, code))
		}

		seen[column.Field] = true
	}

	return errs
}

func (l Layout) columnCode(field Field, seen map[Field]bool, wanted Wanted) string {
	name, isValue := field.Placeholder()

	switch {
	case isValue && !slices.Contains(wanted.Placeholders, name), !isValue && !slices.Contains(Fields(), field):
		return "unknown"
	case seen[field], field == FieldAmountEuro && seen[FieldAmountCents], field == FieldAmountCents && seen[FieldAmountEuro]:
		return "twice"
	}

	return ""
}

func columnError(index int, code string) notification.FieldError {
	found := notification.FieldError{
		Field: fmt.Sprintf("columns[%d]", index), Code: code,
		Message:   "holds what another column holds already: choose one of them",
		Messaggio: "contiene ciò che contiene già un'altra colonna: sceglierne una",
	}
	if code == "unknown" {
		found.Message = "neither a field nor a placeholder of the template"
		found.Messaggio = "non è né un campo né un segnaposto del modello"
	}

	return found
}
