// Package fiscalcode reads and checks the Italian codice fiscale of natural persons: the 16-character code
// of the Ministerial Decree of 23 December 1976, its omocodia variants, and the provisional 11-digit code.
//
// A codice fiscale is personal data. No error of this package repeats the value, and a Code prints and logs
// itself masked; Value is the one way to the full text.
package fiscalcode

import (
	"log/slog"
	"time"
)

// Kind tells the two forms of a natural person's code apart.
type Kind string

// The kinds.
const (
	// Personal is the 16-character code.
	Personal Kind = "personal"
	// Provisional is the 11-digit code that tax offices give until a personal one can be assigned. An
	// organization's code and a partita IVA have the same form: the digits alone do not tell them apart.
	Provisional Kind = "provisional"
)

// Sex as the code tells it.
type Sex string

// The sexes a personal code knows.
const (
	Male   Sex = "M"
	Female Sex = "F"
)

const (
	personalLength    = 16
	provisionalLength = 11
)

// Code is a codice fiscale that has passed the checks. Parse and Validator.Parse make it; the zero Code is
// of no kind and has no value.
type Code struct {
	value string
	kind  Kind
}

// Parse checks code as it stands, upper case and without spaces: use Normalise first on what people typed.
// The error is a RuleError.
func Parse(code string) (Code, error) {
	kind, err := kindOf(code)
	if err != nil {
		return Code{}, err
	}

	switch kind {
	case Personal:
		err = checkPersonal(code)
	case Provisional:
		err = ValidateNumeric(code)
	}

	if err != nil {
		return Code{}, err
	}

	return Code{value: code, kind: kind}, nil
}

// Value is the whole code. It is personal data.
func (c Code) Value() string { return c.value }

// Kind is Personal or Provisional.
func (c Code) Kind() Kind { return c.kind }

// Masked is the code as Mask shows it.
func (c Code) Masked() string { return Mask(c.value) }

// String is the masked form, so that a Code in a formatted text betrays nobody.
func (c Code) String() string { return c.Masked() }

// GoString is the masked form, for %#v.
func (c Code) GoString() string { return c.Masked() }

// LogValue is the masked form, for slog.
func (c Code) LogValue() slog.Value { return slog.StringValue(c.Masked()) }

// Sex is what the day of birth tells; empty for a provisional code.
func (c Code) Sex() Sex {
	if c.kind != Personal {
		return ""
	}

	if encodedDay(c.value) > femaleDayOffset {
		return Female
	}

	return Male
}

// PlaceCode is the cadastral code of the municipality of birth, such as "H501", or of the foreign state,
// which begins with Z; omocodia letters are turned back into digits. Empty for a provisional code.
func (c Code) PlaceCode() string {
	if c.kind != Personal {
		return ""
	}

	return baseBody(c.value)[placeStart:]
}

// BirthDate is the date of birth at midnight UTC. The code holds two digits of the year, so it is read as
// the latest possible date not after ref's own calendar day: somebody of a hundred years or more is taken
// for a child, which BirthDates makes visible. It is false for a provisional code and where no date is
// possible before ref.
func (c Code) BirthDate(ref time.Time) (time.Time, bool) {
	dates := c.BirthDates(ref)
	if len(dates) == 0 {
		return time.Time{}, false
	}

	return dates[0], true
}
