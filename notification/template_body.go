package notification

import (
	"cmp"
	"regexp"
	"strings"
)

// stand is written in a value's place where only the text around it matters.
const stand = "0"

// body reads a message's text. Values in it are escaped by where they stand, and the text beside them is kept from
// making something of them that the template does not say.
func (c *compiler) body(field, text string) []piece {
	c.checkCharacters(field, text, "\r\n\t")
	pieces := c.pieces(field, text, asMarkdown)
	before := ""

	for i := range pieces {
		if pieces[i].literal != "" {
			pieces[i].literal = guardListItem(pieces[i].literal, before, i > 0)
			before += pieces[i].literal

			continue
		}

		address, inside := openAddress(before)
		if inside {
			pieces[i].form = asAddress
		}

		if (inside && !siteWritten(address) || !inside && opensLink(before)) && !c.faulty(field) {
			c.placeholderPosition(field)
		}

		before += stand
	}

	c.checkBody(field, text, before)

	return pieces
}

func (c *compiler) checkBody(field, text, filled string) {
	if c.faulty(field) {
		return
	}

	if text == "" || isBlank(text) {
		c.errs = append(c.errs, checkText(field, text, 1, MaxMarkdownLength)...)

		return
	}

	frontMatter, _, errs := ParseFrontMatter(filled)

	for _, err := range errs {
		err.Field = field
		c.errs = append(c.errs, err)
	}

	if frontMatter != nil {
		c.fault(field, "front_matter", "buttons have their own fields; the text begins without ---",
			"i pulsanti hanno campi propri; il testo inizia senza ---")
	}
}

// guardListItem: a line that begins with a placeholder and a dot would become an item of a list where the value is a
// number, and only there.
func guardListItem(literal, before string, followsValue bool) string {
	if !followsValue || literal[0] != '.' && literal[0] != ')' {
		return literal
	}

	line := before[strings.LastIndexByte(before, '\n')+1:]
	if strings.Trim(line, " \t>*+-0123456789") != "" {
		return literal
	}

	return `\` + literal
}

// openAddress gives the beginning of the web address that the text after before goes on with.
func openAddress(before string) (address string, inside bool) {
	address = before[strings.LastIndexAny(before, " \t\r\n<>()[]\"'")+1:]
	lower := strings.ToLower(address)

	for _, beginning := range []string{"https://", "http://", "www."} {
		if strings.HasPrefix(lower, beginning) {
			return address, true
		}
	}

	return "", false
}

// linkTarget is what follows the marks that make a link of a text, [text](target) and [text]: target. A backslash takes
// nothing from the characters of a target: CommonMark reads it as if it were not there.
var linkTarget = regexp.MustCompile(`(?:\]\(|(?m:^[ \t>]*\[[^\]\n]+\]:))\s*<?([^\s<>()]*)$`)

// opensLink tells whether the text after before would choose where a link leads. An address with its site is
// openAddress's matter.
func opensLink(before string) bool {
	target := linkTarget.FindStringSubmatchIndex(before)
	if target == nil {
		return false
	}

	written := before[target[len(target)-2]:]

	return !strings.HasPrefix(written, "ioit://") && !isContactLink(written+stand)
}

// siteWritten tells whether an address has its host already, so that a value cannot choose where a link leads.
func siteWritten(address string) bool {
	if _, link, ok := strings.Cut(address, "://"); ok {
		address = link
	}

	return strings.IndexAny(address, "/?#") > 0
}

func (c *compiler) placeholderPosition(field string) {
	c.fault(field, "placeholder_position",
		"a placeholder can stand in an address only after the site, as in https://www.example.it/((code))",
		"in un indirizzo un segnaposto può stare solo dopo il sito, come in https://www.esempio.it/((codice))")
}

// looksFenced tells whether a text without buttons is so near to a front-matter that only the filled text can tell.
func looksFenced(body []piece) bool {
	text := outline(body)
	first, _ := cutLine(strings.TrimLeft(text, byteOrderMark+" \t\r\n"))

	return strings.Contains(first, frontMatterFence) || strings.Contains(text, "= ")
}

// outline is a text in which something stands in each value's place.
func outline(pieces []piece) string {
	var text strings.Builder

	for _, each := range pieces {
		text.WriteString(cmp.Or(each.literal, stand))
	}

	return text.String()
}
