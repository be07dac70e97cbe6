package notification

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// escaping is how a value is written, by the place where it stands.
type escaping uint8

const (
	// asPlain is for subjects and SMS.
	asPlain escaping = iota
	// asMarkdown is for the body of a message: no character of the value means anything there.
	asMarkdown
	// asQuoted is for a button's text, in the double quotes of the front-matter.
	asQuoted
	// asAddress is for links: only letters, digits, hyphens and dots stay as they are. What else RFC 3986 leaves
	// unreserved means something in markdown, and may be encoded.
	asAddress
	// asContact is for phone numbers and addresses of e-mail in links, which keep + and @ and lose their spaces.
	asContact
)

const (
	escapings = int(asContact) + 1
	hexDigits = "0123456789ABCDEF"
)

// write gives a value the form of its place. Everywhere it is one line: runs of spaces, line ends and control
// characters become one space, and none stays at its ends.
func (e escaping) write(value string) string {
	value = onOneLine(value)

	switch e {
	case asPlain:
	case asMarkdown:
		return escapeMarkdown(value)
	case asQuoted:
		return quoteYAML(value)
	case asAddress:
		return encodeAddress(value, "")
	case asContact:
		return encodeAddress(strings.ReplaceAll(value, " ", ""), "+@")
	}

	return value
}

func onOneLine(value string) string {
	if isOneLine(value) {
		return value
	}

	var (
		line strings.Builder
		gap  bool
	)

	for _, r := range value {
		if isGap(r) {
			gap = line.Len() > 0

			continue
		}

		if gap {
			line.WriteByte(' ')
		}

		line.WriteRune(r)

		gap = false
	}

	return line.String()
}

// isOneLine tells for most values, quickly, that onOneLine leaves them as they are: words of ASCII with a space between.
func isOneLine(value string) bool {
	space := true // none may begin, end or follow another

	for i := range len(value) {
		if value[i] < ' ' || value[i] >= 0x7F || value[i] == ' ' && space {
			return false
		}

		space = value[i] == ' '
	}

	return value == "" || !space
}

// isGap tells what becomes a space: spaces of every kind, control characters, the byte order mark, and the marks of
// writing direction, which would turn the text after the value around.
func isGap(r rune) bool {
	if r < utf8.RuneSelf {
		return r <= ' ' || r == 0x7F
	}

	return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff' ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// isBroken tells what shows that a value was damaged before it came here: invalid UTF-8 and its replacement, and two
// code points that are no characters.
func isBroken(r rune) bool { return r >= utf8.RuneError && r <= 0xFFFF }

// escapeMarkdown takes the meaning from every character that has one in CommonMark or in the extensions that make
// links, tables and strikes of plain text. A backtick becomes an entity, because a backslash before it would still
// close a span of code.
func escapeMarkdown(value string) string {
	var escaped strings.Builder

	for i := range len(value) {
		switch {
		case value[i] == '`':
			escaped.WriteString("&#96;")

			continue
		case meansInMarkdown(value[i]), meansAtEdges(value[i]) && atEdge(value, i):
			escaped.WriteByte('\\')
		}

		escaped.WriteByte(value[i])
	}

	return escaped.String()
}

func meansInMarkdown(c byte) bool {
	switch c {
	case '\\', '*', '_', '{', '}', '[', ']', '(', ')', '<', '>', '#', '!', '|', '~', '&', '@', '"':
		return true
	}

	return false
}

// meansAtEdges: list items (1. + -), rules and front-matter (---), underlines of headings (=== ---), columns of
// tables (:-) and addresses (https://). None of them has a letter or a digit on both sides, and so most names,
// amounts and dates stay as they are.
func meansAtEdges(c byte) bool {
	switch c {
	case '-', '=', ':', '.', '+':
		return true
	}

	return false
}

func atEdge(value string, i int) bool {
	if i == 0 || i+1 == len(value) || !isAlphanumeric(value[i-1]) || !isAlphanumeric(value[i+1]) {
		return true
	}

	// www.example.it would become a link.
	const www = "www"

	return value[i] == '.' && i >= len(www) && strings.EqualFold(value[i-len(www):i], www)
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func quoteYAML(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
}

func encodeAddress(value, kept string) string {
	var encoded strings.Builder

	for i := range len(value) {
		c := value[i]
		if staysInAddress(c) || strings.IndexByte(kept, c) >= 0 {
			encoded.WriteByte(c)

			continue
		}

		encoded.WriteByte('%')
		encoded.WriteByte(hexDigits[c>>4])
		encoded.WriteByte(hexDigits[c&0xF])
	}

	return encoded.String()
}

func staysInAddress(c byte) bool { return isAlphanumeric(c) || c == '-' || c == '.' }
