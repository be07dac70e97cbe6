// Package markdown reads the part of Markdown that app IO's manual names (bold, italic, code, lists, headings, links), so
// that a page can show a message about as the citizen sees it. It makes no HTML: the page writes each piece as text.
package markdown

import (
	"regexp"
	"strings"
)

// Block is a paragraph, a heading, a list or a rule.
type Block struct {
	Kind  BlockKind
	Level int      // of a heading: 1 to 6
	Lines []Inline // of a paragraph or a heading
	Items [][]Inline
}

// BlockKind tells what a block is.
type BlockKind string

// The kinds of blocks.
const (
	Paragraph BlockKind = "paragraph"
	Heading   BlockKind = "heading"
	Bullets   BlockKind = "bullets"
	Numbers   BlockKind = "numbers"
	Rule      BlockKind = "rule"
)

var (
	headingLine = regexp.MustCompile(`^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$`)
	bulletLine  = regexp.MustCompile(`^ {0,3}[-*+][ \t]+(.*)$`)
	numberLine  = regexp.MustCompile(`^ {0,3}[0-9]{1,9}[.)][ \t]+(.*)$`)
	ruleLine    = regexp.MustCompile(`^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$`)
)

// Parse reads a text without front-matter. Every text is some Markdown, so it cannot fail.
func Parse(text string) []Block {
	var reading reader

	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		reading.line(line)
	}

	reading.end()

	return reading.blocks
}

// reader gathers the lines of a block until another one begins.
type reader struct {
	blocks  []Block
	pending []string
	kind    BlockKind // of the pending lines; a list's last item is pending
	items   [][]Inline
}

func (r *reader) line(line string) {
	switch {
	case strings.TrimSpace(line) == "":
		r.endItem()

		if r.kind == Paragraph {
			r.end()
		}
	case ruleLine.MatchString(line):
		r.end()
		r.blocks = append(r.blocks, Block{Kind: Rule})
	case headingLine.MatchString(line):
		r.end()

		found := headingLine.FindStringSubmatch(line)
		r.blocks = append(r.blocks, Block{Kind: Heading, Level: len(found[1]), Lines: inlines(found[2])})
	case bulletLine.MatchString(line):
		r.item(Bullets, bulletLine.FindStringSubmatch(line)[1])
	case numberLine.MatchString(line):
		r.item(Numbers, numberLine.FindStringSubmatch(line)[1])
	default:
		r.text(line)
	}
}

func (r *reader) item(kind BlockKind, text string) {
	if r.kind != kind {
		r.end()
	}

	r.endItem()
	r.kind = kind
	r.pending = []string{text}
}

// text goes on with what is pending: a paragraph, or an item of a list that no empty line has ended.
func (r *reader) text(line string) {
	if len(r.pending) == 0 {
		r.end()
		r.kind = Paragraph
	}

	r.pending = append(r.pending, strings.TrimLeft(line, " \t"))
}

func (r *reader) endItem() {
	if len(r.pending) == 0 || r.kind == Paragraph {
		return
	}

	r.items = append(r.items, inlines(strings.Join(r.pending, "\n")))
	r.pending = nil
}

// end closes the block whose lines are pending, if any.
func (r *reader) end() {
	r.endItem()

	switch {
	case r.kind == Paragraph:
		r.blocks = append(r.blocks, Block{Kind: Paragraph, Lines: inlines(strings.Join(r.pending, "\n"))})
	case len(r.items) > 0:
		r.blocks = append(r.blocks, Block{Kind: r.kind, Items: r.items})
	}

	r.pending, r.items, r.kind = nil, nil, ""
}
