package notification

import "strings"

// The reader of the small part of YAML that a front-matter needs. Whatever it accepts, a full YAML parser
// reads in the same way; it need not accept all that a full parser would.

// yamlNode is a mapping or a text.
type yamlNode struct {
	line      int
	isMapping bool
	text      string
	entries   []yamlEntry
}

type yamlEntry struct {
	line  int
	key   string
	value yamlNode
}

func (n *yamlNode) has(key string) bool {
	for _, entry := range n.entries {
		if entry.key == key {
			return true
		}
	}

	return false
}

// maxYAMLDepth: language, button, text.
const maxYAMLDepth = 3

// firstBlockLine is the line of the markdown after the opening fence.
const firstBlockLine = 2

type yamlLine struct {
	number int
	indent int
	text   string // without the indentation
}

type yamlReader struct {
	lines []yamlLine
	next  int
}

func readFrontMatter(block []string) (yamlNode, *frontMatterFault) {
	var reader yamlReader

	for i, text := range block {
		if strings.ContainsFunc(text, func(r rune) bool { return !isYAMLPrintable(r) }) {
			return yamlNode{}, unreadable(firstBlockLine+i, "tabs and control characters are not allowed",
				"tabulazioni e caratteri di controllo non sono ammessi")
		}

		content := strings.TrimLeft(text, " ")
		if content != "" && content[0] != '#' {
			reader.lines = append(reader.lines, yamlLine{number: firstBlockLine + i, indent: len(text) - len(content), text: content})
		}
	}

	if len(reader.lines) == 0 {
		return yamlNode{line: 1, isMapping: true}, nil
	}

	return reader.mapping(0, 1)
}

// isYAMLPrintable leaves out tabs as well, and the separators that the app takes for line ends.
func isYAMLPrintable(r rune) bool {
	switch {
	case r < ' ', r >= 0x7F && r <= 0x9F, r == '\u2028', r == '\u2029', r == '\ufeff', r >= '\ufffd' && r <= '\uffff':
		return false
	default:
		return true
	}
}

// mapping reads the entries that begin at indent.
func (r *yamlReader) mapping(indent, depth int) (yamlNode, *frontMatterFault) {
	node := yamlNode{line: r.lines[r.next].number, isMapping: true}

	for r.next < len(r.lines) && r.lines[r.next].indent >= indent {
		line := r.lines[r.next]
		if line.indent > indent {
			return node, unreadable(line.number, "the indentation does not match the lines above",
				"il rientro non corrisponde alle righe precedenti")
		}

		r.next++

		scanner := yamlScanner{text: line.text, line: line.number, depth: depth}

		key, fault := scanner.key(&node)
		if fault != nil {
			return node, fault
		}

		value, fault := r.value(&scanner, line, depth)
		if fault != nil {
			return node, fault
		}

		node.entries = append(node.entries, yamlEntry{line: line.number, key: key, value: value})
	}

	return node, nil
}

// value reads what follows a key: on its line, or indented below it.
func (r *yamlReader) value(scanner *yamlScanner, line yamlLine, depth int) (yamlNode, *frontMatterFault) {
	if !scanner.atEnd() {
		node, fault := scanner.value(false)
		if fault != nil {
			return node, fault
		}

		if !scanner.atEnd() {
			return node, unreadable(line.number, "unexpected text after the value", "testo inatteso dopo il valore")
		}

		return node, nil
	}

	if depth == maxYAMLDepth || r.next == len(r.lines) || r.lines[r.next].indent <= line.indent {
		return yamlNode{}, unreadable(line.number, "the key has no value", "la chiave non ha un valore")
	}

	return r.mapping(r.lines[r.next].indent, depth+1)
}

func unreadable(line int, message, messaggio string) *frontMatterFault {
	return &frontMatterFault{line: line, code: "front_matter_unreadable", message: message, messaggio: messaggio}
}
