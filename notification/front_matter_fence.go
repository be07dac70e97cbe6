package notification

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

const (
	frontMatterFence = "---"
	byteOrderMark    = "\ufeff"
)

// frontMatterFault is what is wrong with a front-matter, and in which line of the markdown, from 1.
type frontMatterFault struct {
	line      int
	code      string
	message   string
	messaggio string
}

func (f *frontMatterFault) fieldError() FieldError {
	return FieldError{
		Field:     fieldMarkdown,
		Code:      f.code,
		Message:   fmt.Sprintf("front-matter, line %d: %s", f.line, f.message),
		Messaggio: fmt.Sprintf("front-matter, riga %d: %s", f.line, f.messaggio),
	}
}

// cutFrontMatter gives the lines between the two fences, nil where the markdown has no front-matter, and
// the body after them.
func cutFrontMatter(markdown string) ([]string, string, *frontMatterFault) {
	first, rest := cutLine(markdown)
	if first != frontMatterFence {
		return nil, markdown, misplacedFrontMatter(markdown)
	}

	block := []string{}

	for rest != "" {
		var line string

		line, rest = cutLine(rest)
		if strings.TrimRight(line, " \t") == frontMatterFence {
			return block, rest, nil
		}

		block = append(block, line)
	}

	return nil, "", &frontMatterFault{
		line: 1, code: "front_matter_unclosed",
		message:   "a markdown that begins with --- needs a second line of --- after the buttons",
		messaggio: "un markdown che inizia con --- deve avere una seconda riga --- dopo i pulsanti",
	}
}

func cutLine(text string) (first, rest string) {
	line, others, _ := strings.Cut(text, "\n")

	return strings.TrimSuffix(line, "\r"), others
}

// misplacedFrontMatter finds what somebody meant as a front-matter and the app does not read as one, and
// what nobody meant as one and the app would cut out of the text.
func misplacedFrontMatter(markdown string) *frontMatterFault {
	if !meantAsFrontMatter(markdown) && !cutOutByApp(markdown) {
		return nil
	}

	return &frontMatterFault{
		line: 1, code: "front_matter_position",
		message:   "the front-matter must begin at the very start with a line of --- and nothing else",
		messaggio: "il front-matter deve iniziare all'inizio del testo con una riga che contiene solo ---",
	}
}

// meantAsFrontMatter: spaces, empty lines or a byte order mark stand around the first fence.
func meantAsFrontMatter(markdown string) bool {
	first, rest := cutLine(strings.TrimLeft(markdown, byteOrderMark+" \t\r\n"))
	if strings.TrimSpace(first) != frontMatterFence {
		return false
	}

	second, _ := cutLine(rest)
	second = strings.TrimSpace(second)

	return strings.HasPrefix(second, keyItalian+":") || strings.HasPrefix(second, keyEnglish+":")
}

// cutOutByApp: the library that the app uses looks no further than for a fence somewhere in the first line,
// and then takes the first fenced lines for the front-matter, wherever they are.
func cutOutByApp(markdown string) bool {
	const otherFence = "= yaml ="

	first, _ := cutLine(markdown)
	if !strings.Contains(first, frontMatterFence) && !strings.Contains(first, otherFence) {
		return false
	}

	lines := strings.FieldsFunc(markdown, func(r rune) bool { return strings.ContainsRune("\n\r\u2028\u2029", r) })

	return hasFencedLines(lines, frontMatterFence) || hasFencedLines(lines, otherFence)
}

func hasFencedLines(lines []string, fence string) bool {
	opening := slices.IndexFunc(lines, func(line string) bool { return strings.TrimPrefix(line, byteOrderMark) == fence })
	if opening < 0 {
		return false
	}

	return slices.ContainsFunc(lines[opening+1:], func(line string) bool {
		line = strings.TrimRightFunc(line, func(r rune) bool { return unicode.IsSpace(r) || string(r) == byteOrderMark })

		return line == fence || line == "..."
	})
}
