package fiscalcode

import (
	"strings"
	"unicode"
)

// Normalise turns what people type, paste or export into the form that Parse checks: upper case, without
// spaces of any kind or invisible characters. It is for the edges only, so that inside there is one form.
// Only ASCII letters change case: Unicode would turn the Turkish ı or the long ſ into letters of a valid code.
func Normalise(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
			return -1
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		default:
			return r
		}
	}, text)
}
