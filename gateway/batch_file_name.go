package gateway

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// BatchTable is a table that is made of a batch.
type BatchTable string

// The tables.
const (
	BatchRejects BatchTable = "scarti"
	BatchResults BatchTable = "esiti"
)

// fileNameLength keeps names within what every system and every header can hold.
const fileNameLength = 60

// BatchFileName is what a batch's table is called when it is saved: ASCII letters, digits and hyphens, which need no
// quoting anywhere.
func BatchFileName(view BatchView, kind BatchTable, format TableFormat) string {
	name := plainName(view.Name)
	if name == "" {
		name = "invio"
	}

	return name + "-" + string(kind) + "." + string(format)
}

// plainName writes a name without accents, and a hyphen in the place of everything else.
func plainName(name string) string {
	var plain strings.Builder

	gap := false

	for _, character := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case character < unicode.MaxASCII && (unicode.IsLetter(character) || unicode.IsDigit(character)):
			if gap && plain.Len() > 0 {
				plain.WriteByte('-')
			}

			gap = false

			plain.WriteRune(character)
		case unicode.Is(unicode.Mn, character):
		default:
			gap = true
		}

		if plain.Len() >= fileNameLength {
			break
		}
	}

	return plain.String()
}
