package notification

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a template's placeholders.
const (
	MaxPlaceholderLength = 50 // characters
	MaxPlaceholders      = 50
)

// The marks of a placeholder. A text that needs two opening parentheses themselves writes \(( for them; of three and
// more in a row the last two open the placeholder.
const (
	placeholderOpen    = "(("
	placeholderClose   = "))"
	placeholderLiteral = `\((`
)

// textToken is a piece of a template's text: a literal, or the placeholder of a name.
type textToken struct {
	literal string
	name    string // empty: a literal
}

// placeholderFault is what is wrong with a placeholder, and in which line of the text, from 1.
type placeholderFault struct {
	line      int
	code      string
	message   string
	messaggio string
}

func (f *placeholderFault) fieldError(field string) FieldError {
	return FieldError{
		Field: field, Code: f.code,
		Message:   fmt.Sprintf("line %d: %s", f.line, f.message),
		Messaggio: fmt.Sprintf("riga %d: %s", f.line, f.messaggio),
	}
}

// parsePlaceholders cuts a text at its placeholders, or tells the first fault. Two literals never follow each other.
func parsePlaceholders(text string) ([]textToken, *placeholderFault) {
	var (
		tokens  []textToken
		literal strings.Builder
	)

	flush := func() {
		if literal.Len() > 0 {
			tokens = append(tokens, textToken{literal: literal.String()})
			literal.Reset()
		}
	}

	rest := text

	for {
		before, after, found := cutOpening(rest)
		literal.WriteString(before)

		if !found {
			flush()

			return tokens, nil
		}

		name, following, fault := cutPlaceholder(after)
		if fault != nil {
			fault.line = 1 + strings.Count(text[:len(text)-len(after)], "\n")

			return nil, fault
		}

		flush()

		tokens = append(tokens, textToken{name: name})
		rest = following
	}
}

// cutOpening gives the text before the next placeholder, with its literal parentheses, and what follows the opening.
func cutOpening(text string) (before, after string, found bool) {
	var literal strings.Builder

	for {
		at := strings.Index(text, placeholderOpen)
		if at < 0 {
			literal.WriteString(text)

			return literal.String(), "", false
		}

		end := at + len(placeholderOpen)

		if strings.HasSuffix(text[:end], placeholderLiteral) {
			literal.WriteString(text[:at-1] + placeholderOpen)
			text = text[end:]

			continue
		}

		for strings.HasPrefix(text[end:], placeholderOpen[:1]) {
			end++
		}

		literal.WriteString(text[:end-len(placeholderOpen)])

		return literal.String(), text[end:], true
	}
}

// cutPlaceholder reads a name and its closing parentheses. A name stands on one line.
func cutPlaceholder(text string) (name, after string, fault *placeholderFault) {
	line, _, _ := strings.Cut(text, "\n")

	inner, _, closed := strings.Cut(line, placeholderClose)
	if !closed {
		return "", "", &placeholderFault{
			code:    "placeholder_unclosed",
			message: `a placeholder needs two closing parentheses on its line; write \(( for two parentheses as such`,
			messaggio: `un segnaposto si chiude con due parentesi sulla stessa riga; ` +
				`per scrivere due parentesi aperte usare \((`,
		}
	}

	name = strings.TrimSpace(inner)

	return name, text[len(inner)+len(placeholderClose):], checkPlaceholder(name)
}

func checkPlaceholder(name string) *placeholderFault {
	switch {
	case strings.Contains(name, placeholderOpen):
		return &placeholderFault{
			code:      "placeholder_nested",
			message:   "a placeholder cannot stand inside another one",
			messaggio: "un segnaposto non può stare dentro un altro",
		}
	case strings.ContainsFunc(name, notInPlaceholder):
		return &placeholderFault{
			code:      "placeholder_characters",
			message:   "the name of a placeholder has letters, digits, spaces, - and _ only",
			messaggio: "il nome di un segnaposto può avere solo lettere, cifre, spazi, - e _",
		}
	case NormalisePlaceholder(name) == "":
		return &placeholderFault{
			code:      "placeholder_empty",
			message:   "a placeholder needs a name between its parentheses",
			messaggio: "un segnaposto deve avere un nome tra le parentesi",
		}
	case utf8.RuneCountInString(name) > MaxPlaceholderLength:
		return &placeholderFault{
			code:      "placeholder_too_long",
			message:   fmt.Sprintf("the name of a placeholder has at most %d characters", MaxPlaceholderLength),
			messaggio: fmt.Sprintf("il nome di un segnaposto può avere al massimo %d caratteri", MaxPlaceholderLength),
		}
	}

	return nil
}

func notInPlaceholder(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) && !strings.ContainsRune(" -_", r)
}

// ValidPlaceholder tells whether a placeholder can have the name.
func ValidPlaceholder(name string) bool { return checkPlaceholder(name) == nil }

// NormalisePlaceholder brings the spellings of a name to one form: capitals, accents, spaces, hyphens and underscores
// make no difference. It serves to compare names, for columns and values that people have named.
func NormalisePlaceholder(name string) string {
	return strings.Map(func(r rune) rune {
		r = withoutAccent(unicode.ToLower(r))
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1 // also a combining accent, as macOS writes it
		}

		return r
	}, name)
}

// withoutAccent knows the accents of Italy's languages and of its neighbours'.
func withoutAccent(r rune) rune {
	const spellings = "aàáâãäåā cçćč dđď eèéêëēėę iìíîïī lł nñńň oòóôõöøō rř sšś tť uùúûüūů yýÿ zžźż"

	if r < utf8.RuneSelf {
		return r
	}

	at := strings.IndexRune(spellings, r)
	if at < 0 {
		return r
	}

	return rune(spellings[strings.LastIndexByte(spellings[:at], ' ')+1])
}
