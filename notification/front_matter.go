package notification

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// FrontMatter is the head of a message's markdown from which app IO makes buttons ("calls to action"). IO
// does not check it when the message is submitted: where it cannot read it, the app leaves the buttons out
// and may show the raw head to the citizen. So GeNIO refuses what it is not sure that the app reads.
type FrontMatter struct {
	Italian CallsToAction
	English *CallsToAction // nil: English-speaking citizens see the Italian buttons
}

// CallsToAction are the buttons in one language, two at most.
type CallsToAction struct {
	First  CallToAction
	Second *CallToAction // nil: one button
}

// CallToAction is one button.
type CallToAction struct {
	Text string
	// Action is what the button opens: "iohandledlink://" before a link of https, http, mailto, tel or sms;
	// "ioit://" before a page of the app; "iosso://" before the address of a site with IO's sign-on.
	Action string
}

// ParseFrontMatter splits a markdown text into its front-matter, nil where it has none, and its body. It
// reads the part of YAML that IO's manual uses, with the values plain, in single or in double quotes, and
// mappings as blocks or in braces on one line; anything else is an error, with its line of the markdown.
func ParseFrontMatter(markdown string) (*FrontMatter, string, FieldErrors) {
	block, body, fault := cutFrontMatter(markdown)
	if fault != nil {
		return nil, "", FieldErrors{fault.fieldError()}
	}

	if block == nil {
		return nil, markdown, nil
	}

	root, fault := readFrontMatter(block)
	if fault != nil {
		return nil, "", FieldErrors{fault.fieldError()}
	}

	frontMatter, errs := frontMatterOf(root)
	if len(errs) > 0 {
		return nil, "", errs
	}

	return frontMatter, body, nil
}

// Prepend writes the front-matter before body. Values are quoted, so that a merged name cannot break out
// of its value; it refuses only what ParseFrontMatter would refuse, with FieldErrors.
func (f FrontMatter) Prepend(body string) (string, error) {
	var text strings.Builder

	text.WriteString(frontMatterFence + "\n")
	f.Italian.write(&text, keyItalian)

	if f.English != nil {
		f.English.write(&text, keyEnglish)
	}

	text.WriteString(frontMatterFence + "\n" + body)

	if _, _, errs := ParseFrontMatter(text.String()); len(errs) > 0 {
		return "", errs
	}

	return text.String(), nil
}

func (c CallsToAction) write(text *strings.Builder, language string) {
	fmt.Fprintf(text, "%s:\n", language)
	c.First.write(text, keyFirstCTA)

	if c.Second != nil {
		c.Second.write(text, keySecondCTA)
	}
}

func (c CallToAction) write(text *strings.Builder, key string) {
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)

	fmt.Fprintf(text, "  %s:\n    %s: \"%s\"\n    %s: \"%s\"\n",
		key, keyText, quote.Replace(c.Text), keyAction, quote.Replace(c.Action))
}

// allowedAction tells whether app IO can carry the action out. The app knows "copy:" links as well, but not
// in buttons.
func allowedAction(action string) bool {
	if strings.ContainsFunc(action, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return false
	}

	if link, ok := strings.CutPrefix(action, "iohandledlink://"); ok {
		return isWebAddress(link) || isContactLink(link)
	}

	if address, ok := strings.CutPrefix(action, "iosso://"); ok {
		return isWebAddress(address)
	}

	page, ok := strings.CutPrefix(action, "ioit://")

	return ok && page != ""
}

func isWebAddress(link string) bool {
	if !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "http://") {
		return false
	}

	address, err := url.Parse(link)

	return err == nil && address.Hostname() != ""
}

func isContactLink(link string) bool {
	for _, scheme := range []string{"mailto:", "tel:", "sms:"} {
		if contact, ok := strings.CutPrefix(link, scheme); ok {
			return contact != ""
		}
	}

	return false
}
