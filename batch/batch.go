// Package batch reads the files in which Enti hand in many notifications at once: CSV, TSV and Excel, in the encodings
// and spellings of Italian offices. It finds out how a file is laid out, reads it row by row without ever holding it
// whole, repairs what spreadsheets damage where that is beyond doubt, and names what is wrong, cell by cell, without
// repeating a value.
package batch

import (
	"io"
	"time"

	"github.com/genio-gateway/genio/notification"
)

// Limits of a file.
const (
	MaxRows    = 100_000
	MaxBytes   = 50 << 20
	MaxColumns = 200
)

// File is an uploaded file, which may be read more than once.
type File interface {
	// Open reads the file from its beginning.
	Open() (io.ReadCloser, error)
	// Size is in bytes.
	Size() int64
	// Name is what the file was called, for its ending; it may be empty.
	Name() string
}

// Format is how a file holds its table.
type Format string

// The formats.
const (
	FormatCSV  Format = "csv" // also separated by semicolons or tabs
	FormatXLSX Format = "xlsx"
)

// Encoding is how a CSV's characters are written.
type Encoding string

// The encodings.
const (
	EncodingUTF8        Encoding = "utf-8"
	EncodingUTF16LE     Encoding = "utf-16le"
	EncodingUTF16BE     Encoding = "utf-16be"
	EncodingWindows1252 Encoding = "windows-1252"
)

// Layout is how a file is laid out: found by Inspect, and put right by a person where that is not sure.
type Layout struct {
	Format    Format   `json:"format"`
	Encoding  Encoding `json:"encoding,omitempty"`  // of a CSV
	Separator string   `json:"separator,omitempty"` // of a CSV: "," ";" or a tab
	Sheet     string   `json:"sheet,omitempty"`     // of an Excel file
	// Header tells that the first row names the columns.
	Header bool `json:"header"`
	// GovIO tells that the columns were recognised by GovIO's positional layout, in which amounts are in cents.
	GovIO   bool     `json:"govio,omitempty"`
	Columns []Column `json:"columns"`
}

// Column is one column of a file, from left to right.
type Column struct {
	// Header is its name in the file; empty where the file has none.
	Header string `json:"header"`
	// Field is what it holds: one of the fields below, or Value of a placeholder; empty: it is not used.
	Field Field `json:"field,omitempty"`
}

// Field is what a column holds.
type Field string

// The fields beside the placeholders' values.
const (
	FieldFiscalCode   Field = "fiscal_code"
	FieldPhone        Field = "phone"
	FieldReference    Field = "external_reference"
	FieldDueDate      Field = "due_date"
	FieldNoticeNumber Field = "notice_number"
	FieldAmountEuro   Field = "amount_euro"
	FieldAmountCents  Field = "amount_cents"
	FieldInvalidAfter Field = "invalid_after_due_date"
	FieldPayee        Field = "payee_fiscal_code"
	FieldSendAt       Field = "send_at"
	placeholderPrefix       = "placeholder:"
)

// Value is the field of a placeholder's value.
func Value(placeholder string) Field { return Field(placeholderPrefix + placeholder) }

// Row is one row of a file, checked.
type Row struct {
	// Number is the row's in the file, as a spreadsheet numbers it: the header is 1.
	Number int
	// Cells are the row as it was read.
	Cells []string

	Recipient notification.Recipient
	Reference string
	SendAt    time.Time // zero: with the batch
	DueDate   *time.Time
	Payment   *notification.Payment
	// Values are the placeholders' values, in the order of the template's placeholders.
	Values []string

	// Issues are what is wrong; a row that has any is not sent.
	Issues []Issue
	// Repairs are what was put right in silence's place: they are shown, and hinder nothing.
	Repairs []Issue
	// DuplicateOf is the earlier row of the file with the same recipient and content; 0: none.
	DuplicateOf int
	// SMSParts is how many parts the SMS would have; 0 where no phone is known.
	SMSParts int
	// Doubling is the first character that makes the SMS cost about twice as much; 0: none.
	Doubling rune
}

// Issue is what is wrong with a cell, or with a row where Column is 0. It never holds a value.
type Issue struct {
	Column int    `json:"column"` // 1 is the leftmost
	Field  Field  `json:"field,omitempty"`
	Code   string `json:"code"` // see Text
}
