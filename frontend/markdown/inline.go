package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Inline is a piece of a line: plain text, or something that holds other pieces.
type Inline struct {
	Kind  InlineKind
	Text  string   // of Text and Code
	Link  string   // of Link: where it leads
	Parts []Inline // of Bold, Italic and Link
}

// InlineKind tells what a piece is.
type InlineKind string

// The kinds of pieces.
const (
	Text   InlineKind = "text"
	Bold   InlineKind = "bold"
	Italic InlineKind = "italic"
	Code   InlineKind = "code"
	Link   InlineKind = "link"
	Break  InlineKind = "break" // a line ends here
)

const (
	// deepest bounds how far pieces lie within each other: nobody writes more, and hostile texts would.
	deepest = 6
	// escapable are the characters that a backslash makes plain.
	escapable = "\\`*_{}[]()#+-.!~<>|\"'$%&,/:;=?@^"
	// hardBreak is two spaces before the end of a line.
	hardBreak = "  "
)

func inlines(text string) []Inline { return scan(text, 0) }

// scanner reads a text from left to right. What it looked for and did not find is not looked for again, so that no
// text takes more than a few passes.
type scanner struct {
	text   string
	depth  int
	parts  []Inline
	plain  strings.Builder
	absent map[string]bool
}

func scan(text string, depth int) []Inline {
	reading := scanner{text: text, depth: depth, absent: map[string]bool{}}

	for at := 0; at < len(text); {
		at += reading.step(at)
	}

	reading.flush()

	return reading.parts
}

// step reads the piece that begins at a place, and tells its length.
func (s *scanner) step(at int) int {
	rest := s.text[at:]

	switch rest[0] {
	case '\\':
		return s.escape(rest)
	case '\n':
		return s.lineEnd()
	case '`':
		return s.code(rest)
	case '[':
		return s.link(rest)
	case '*', '_':
		return s.emphasis(at)
	}

	_, length := utf8.DecodeRuneInString(rest)
	s.plain.WriteString(rest[:length])

	return length
}

func (s *scanner) flush() {
	if s.plain.Len() > 0 {
		s.parts = append(s.parts, Inline{Kind: Text, Text: s.plain.String()})
		s.plain.Reset()
	}
}

func (s *scanner) add(piece Inline) {
	s.flush()
	s.parts = append(s.parts, piece)
}

func (s *scanner) escape(rest string) int {
	switch {
	case len(rest) > 1 && rest[1] == '\n':
		s.add(Inline{Kind: Break})
	case len(rest) > 1 && strings.IndexByte(escapable, rest[1]) >= 0:
		s.plain.WriteByte(rest[1])
	default:
		s.plain.WriteByte('\\')

		return 1
	}

	return 2
}

// lineEnd is a space, unless two spaces before it ask for a new line.
func (s *scanner) lineEnd() int {
	before := s.plain.String()
	s.plain.Reset()
	s.plain.WriteString(strings.TrimRight(before, " "))

	if strings.HasSuffix(before, hardBreak) {
		s.add(Inline{Kind: Break})
	} else {
		s.plain.WriteByte(' ')
	}

	return 1
}

func (s *scanner) code(rest string) int {
	end := s.find(rest[1:], "`")
	if end < 0 {
		s.plain.WriteByte('`')

		return 1
	}

	s.add(Inline{Kind: Code, Text: rest[1 : 1+end]})

	return end + 2
}

func (s *scanner) link(rest string) int {
	label := s.find(rest, "](")
	if label < 0 || s.depth >= deepest || strings.Contains(rest[1:label], "[") {
		s.plain.WriteByte('[')

		return 1
	}

	target := rest[label+2:]
	end := s.find(target, ")")

	if end < 0 || strings.ContainsAny(target[:end], " \t\n") {
		s.plain.WriteByte('[')

		return 1
	}

	s.add(Inline{Kind: Link, Link: target[:end], Parts: scan(rest[1:label], s.depth+1)})

	return label + 2 + end + 1
}

// find is where mark is, or -1. What is absent from a rest is absent from every shorter one.
func (s *scanner) find(rest, mark string) int {
	if s.absent[mark] {
		return -1
	}

	at := strings.Index(rest, mark)
	s.absent[mark] = at < 0

	return at
}

// emphasis reads *italic*, **bold** and ***both***, with stars or underscores. Within a word an underscore is a
// character like any other.
func (s *scanner) emphasis(at int) int {
	rest := s.text[at:]
	mark := rest[:len(rest)-len(strings.TrimLeft(rest, rest[:1]))]
	inner := rest[len(mark):]
	end := -1

	if len(mark) <= len("***") && s.depth < deepest && s.opens(at, mark, inner) {
		end = s.closing(mark, inner)
	}

	if end < 0 {
		s.plain.WriteString(mark)

		return len(mark)
	}

	parts := scan(inner[:end], s.depth+1)
	if len(mark) != len("*") {
		parts = []Inline{{Kind: Bold, Parts: parts}}
	}

	if len(mark) == len("**") {
		s.add(parts[0])
	} else {
		s.add(Inline{Kind: Italic, Parts: parts})
	}

	return len(mark) + end + len(mark)
}

func (s *scanner) opens(at int, mark, inner string) bool {
	next, _ := utf8.DecodeRuneInString(inner)
	before, _ := utf8.DecodeLastRuneInString(s.text[:at])

	return inner != "" && !unicode.IsSpace(next) && (mark[0] == '*' || !isWord(before))
}

// closing is where the same mark ends what it began, or -1.
func (s *scanner) closing(mark, inner string) int {
	if s.absent[mark] {
		return -1
	}

	for at := 0; at < len(inner); {
		run := len(inner[at:]) - len(strings.TrimLeft(inner[at:], mark[:1]))

		switch {
		case run == 0 && inner[at] == '\\':
			at += 2
		case run == 0:
			at++
		case run == len(mark) && closes(mark, inner, at):
			return at
		default:
			at += run
		}
	}

	s.absent[mark] = true

	return -1
}

func closes(mark, inner string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(inner[:at])
	after, _ := utf8.DecodeRuneInString(inner[at+len(mark):])

	return at > 0 && !unicode.IsSpace(before) && (mark[0] == '*' || !isWord(after))
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
