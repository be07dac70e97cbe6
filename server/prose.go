package server

import (
	"html/template"
	"regexp"
	"strings"
)

var (
	codeWords   = regexp.MustCompile("`([^`]+)`")
	strongWords = regexp.MustCompile(`\*\*([^*]+)\*\*`)
)

// prose shows the little Markdown that the contract's descriptions use: paragraphs, lists, code and strong words.
func prose(text string) template.HTML {
	var shown strings.Builder

	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if strings.HasPrefix(block, "- ") {
			shown.WriteString("<ul>")

			for item := range strings.SplitSeq("\n"+block, "\n- ") {
				if item != "" {
					shown.WriteString("<li>" + inline(item) + "</li>")
				}
			}

			shown.WriteString("</ul>")

			continue
		}

		if block != "" {
			shown.WriteString("<p>" + inline(block) + "</p>")
		}
	}

	return template.HTML(shown.String()) //nolint:gosec // escaped by inline, and the contract is our own
}

func inline(text string) string {
	text = template.HTMLEscapeString(text)
	text = codeWords.ReplaceAllString(text, "<code>$1</code>")

	return strongWords.ReplaceAllString(text, "<strong>$1</strong>")
}
