package notification

import (
	"strings"
	"unicode"
)

// ReasonsSaying are the reasons whose plain words in the language hold the text, in the catalogue's order: what went
// wrong as people tell it, whatever its code. Accents, case and the kind of spaces and apostrophes make no difference.
// A text without a letter or digit says nothing, and finds none.
func ReasonsSaying(text string, lang Lang) []Reason {
	wanted := plainWords(text)
	if !strings.ContainsFunc(wanted, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return nil
	}

	var found []Reason

	for _, reason := range Catalogue() {
		if strings.Contains(plainWords(wording{reason.Messaggio, reason.Message}.in(lang)), wanted) {
			found = append(found, reason.Reason)
		}
	}

	return found
}

// plainWords writes a text so that two that are read alike are alike.
func plainWords(text string) string {
	plain := strings.NewReplacer(
		"à", "a", "á", "a", "è", "e", "é", "e", "ì", "i", "í", "i", "ò", "o", "ó", "o", "ù", "u", "ú", "u", "’", "'",
	).Replace(strings.ToLower(text))

	// Accents that were typed after their letter.
	plain = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}

		return r
	}, plain)

	return strings.Join(strings.Fields(plain), " ")
}
