package notification

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// yamlScanner reads the values of one line.
type yamlScanner struct {
	text  string
	pos   int
	line  int
	depth int
}

func (s *yamlScanner) rest() string { return s.text[s.pos:] }

func (s *yamlScanner) skipSpaces() {
	s.pos = len(s.text) - len(strings.TrimLeft(s.rest(), " "))
}

// atEnd is true as well before a comment, which needs a space before it.
func (s *yamlScanner) atEnd() bool {
	before := s.pos
	s.skipSpaces()

	return s.rest() == "" || s.rest()[0] == '#' && s.pos > before
}

// key reads a key, which mapping must not hold yet, its colon, and demands a space or the end after it.
func (s *yamlScanner) key(mapping *yamlNode) (string, *frontMatterFault) {
	length := strings.IndexFunc(s.rest(), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' })
	if length <= 0 || s.rest()[length] != ':' || unicode.IsDigit(rune(s.rest()[0])) {
		return "", s.unreadable("a key with its colon is expected here", "qui deve esserci una chiave seguita dai due punti")
	}

	key := s.rest()[:length]
	if mapping.has(key) {
		return "", s.unreadable("the key is there twice", "la chiave è presente due volte")
	}

	s.pos += length + 1

	if s.rest() != "" && s.rest()[0] != ' ' {
		return "", s.unreadable("a space is missing after the colon", "manca uno spazio dopo i due punti")
	}

	return key, nil
}

func (s *yamlScanner) value(inBraces bool) (yamlNode, *frontMatterFault) {
	node := yamlNode{line: s.line}

	var fault *frontMatterFault

	switch s.text[s.pos] {
	case '{':
		return s.braces()
	case '"':
		node.text, fault = s.doubleQuoted()
	case '\'':
		node.text, fault = s.singleQuoted()
	default:
		node.text, fault = s.plain(inBraces)
	}

	return node, fault
}

// braces reads {key: value, key: value} within one line.
func (s *yamlScanner) braces() (yamlNode, *frontMatterFault) {
	node := yamlNode{line: s.line, isMapping: true}

	if s.depth == maxYAMLDepth {
		return node, s.unreadable("too many braces", "troppe parentesi graffe")
	}

	s.depth++

	for closed := false; !closed; {
		s.pos++ // the brace or the comma
		s.skipSpaces()

		key, fault := s.key(&node)
		if fault != nil {
			return node, fault
		}

		s.skipSpaces()

		if s.rest() == "" {
			return node, s.unclosedBraces()
		}

		value, fault := s.value(true)
		if fault != nil {
			return node, fault
		}

		node.entries = append(node.entries, yamlEntry{line: s.line, key: key, value: value})

		s.skipSpaces()

		if s.rest() == "" || s.rest()[0] != ',' && s.rest()[0] != '}' {
			return node, s.unclosedBraces()
		}

		closed = s.rest()[0] == '}'
	}

	s.pos++
	s.depth--

	return node, nil
}

func (s *yamlScanner) unclosedBraces() *frontMatterFault {
	return s.unreadable("a comma or a closing brace is missing", "manca una virgola o una parentesi graffa chiusa")
}

// plain reads a value without quotes. It takes only what begins with a letter and cannot be anything but
// a text for any YAML parser.
func (s *yamlScanner) plain(inBraces bool) (string, *frontMatterFault) {
	text := s.rest()
	if inBraces {
		if end := strings.IndexAny(text, ",}"); end >= 0 {
			text = text[:end]
		}
	} else if comment := strings.Index(text, " #"); comment >= 0 {
		text = text[:comment]
	}

	s.pos += len(text)
	text = strings.TrimRight(text, " ")

	first, _ := utf8.DecodeRuneInString(text)
	ambiguous := !unicode.IsLetter(first) || strings.Contains(text, ": ") || strings.HasSuffix(text, ":") ||
		isYAMLKeyword(text) || inBraces && (strings.ContainsAny(text, "{[]") || strings.Contains(text, " #"))

	if ambiguous {
		return "", s.unreadable("put the value in double quotes", "racchiudere il valore tra virgolette doppie")
	}

	return text, nil
}

func isYAMLKeyword(text string) bool {
	switch strings.ToLower(text) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		return true
	}

	return false
}

func (s *yamlScanner) singleQuoted() (string, *frontMatterFault) {
	var value strings.Builder

	for s.pos++; s.pos < len(s.text); s.pos++ {
		if s.text[s.pos] == '\'' {
			if !strings.HasPrefix(s.rest(), "''") {
				s.pos++

				return value.String(), nil
			}

			s.pos++
		}

		value.WriteByte(s.text[s.pos])
	}

	return "", s.unclosedQuotes()
}

func (s *yamlScanner) doubleQuoted() (string, *frontMatterFault) {
	var value strings.Builder

	for s.pos++; s.pos < len(s.text); s.pos++ {
		switch s.text[s.pos] {
		case '"':
			s.pos++

			return value.String(), nil
		case '\\':
			s.pos++

			if s.rest() == "" || s.rest()[0] != '"' && s.rest()[0] != '\\' {
				return "", s.unreadable(`after a backslash only " and \ can stand`, `dopo una barra rovesciata sono ammessi solo " e \`)
			}
		}

		value.WriteByte(s.text[s.pos])
	}

	return "", s.unclosedQuotes()
}

func (s *yamlScanner) unclosedQuotes() *frontMatterFault {
	return s.unreadable("the closing quotes are missing", "mancano le virgolette di chiusura")
}

func (s *yamlScanner) unreadable(message, messaggio string) *frontMatterFault {
	return unreadable(s.line, message, messaggio)
}
