package fiscalcode

import (
	"strings"
	"unicode/utf8"
)

const (
	maskSign     = "•"
	maskedSuffix = 3
)

// Mask hides a code for the eyes of the help desk. It keeps the last three characters: two digits of the
// place of birth, or of the office, and the check character. That is enough to tell two rows apart or to
// confirm a code that a caller reads out, and says nothing about name, sex or date of birth. Omocodia letters
// among the three are shown as digits, because so rare a code would point at few people. Text that is
// no codice fiscale by its length is hidden whole, with its length.
func Mask(code string) string {
	kind, err := kindOf(code)
	if err != nil {
		return strings.Repeat(maskSign, min(utf8.RuneCountInString(code), personalLength))
	}

	shown := code
	if kind == Personal {
		shown = baseBody(code) + code[checkIndex:]
	}

	hidden := len(shown) - maskedSuffix

	return strings.Repeat(maskSign, hidden) + shown[hidden:]
}
