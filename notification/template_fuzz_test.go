package notification_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

func FuzzPlaceholders(f *testing.F) {
	for _, seed := range []string{
		"", "((nome))", "(((nome)))", `\((nome))`, `\(((nome)))`, "((", "))((", "((a((b))", "((a\n))",
		"((\xff))", "((a))((A))(( a ))", "((((a))))",
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, text string) {
		filling, errs := notification.Compile(withBody(text), "Comune")

		for _, name := range filling.Placeholders() {
			require.True(t, notification.ValidPlaceholder(name))
			require.NotEmpty(t, notification.NormalisePlaceholder(name))
			require.Equal(t, notification.NormalisePlaceholder(name),
				notification.NormalisePlaceholder(notification.NormalisePlaceholder(name)))
		}

		if len(errs) > 0 {
			return
		}

		if !strings.Contains(text, "((") {
			content, _ := filling.Fill(nil)
			require.Equal(t, text+"\n\n"+longEnough, content.Markdown)
		}
	})
}

// FuzzFilling: whatever a value is, the message has the structure that any other value gives it.
func FuzzFilling(f *testing.F) {
	for _, seed := range []string{
		"Maria Rossi", "[a](http://b.it)", "---\nit:", "1. a", "\"\n    action: \"ioit://x", "`a`", "# a", "= yaml =", "a\\", "😀\u202e",
		"www.a.it", "...", "it:", "- - -", "\\", ":-|", "%", "ß\u0301",
	} {
		f.Add(seed)
	}

	made := template()
	made.Italian.Subject, made.English = "Un avviso del Comune", nil
	made.Italian.Markdown = "((v))\n((v)). ((v))\n\n- ((v))\n\n`((v))` **((v))** [((v))](https://x.it/((v)))\n--((v))\n" + longEnough
	made.Italian.Buttons[0] = notification.Button{Text: "Paga ((v))", Action: "iohandledlink://https://x.it/((v))#((v))"}
	made.Italian.Buttons[1].Action = "iohandledlink://mailto:((v))?subject=((v))"

	f.Fuzz(func(t *testing.T, value string) {
		filling := compiled(t, made)

		content, errs := filling.Fill([]string{value})
		require.Equal(t, errs, filling.Check([]string{value}))

		if len(errs) > 0 {
			return
		}

		frontMatter, body, errs := notification.ParseFrontMatter(content.Markdown)
		require.Empty(t, errs)

		requireInside(t, "Paga ", frontMatter.Italian.First.Text, "")
		requireInside(t, "iohandledlink://https://x.it/", frontMatter.Italian.First.Action, "")
		requireInside(t, "iohandledlink://mailto:", frontMatter.Italian.Second.Action, "")
		require.Equal(t, 1, strings.Count(frontMatter.Italian.First.Action, "#"))
		require.Equal(t, 1, strings.Count(frontMatter.Italian.Second.Action, "?"))

		plain, _ := compiled(t, made).Fill([]string{"x"})
		_, plainBody, _ := notification.ParseFrontMatter(plain.Markdown)
		require.Equal(t, structureOf(plainBody), structureOf(body))
	})
}

func requireInside(t *testing.T, before, text, after string) {
	t.Helper()

	require.True(t, strings.HasPrefix(text, before) && strings.HasSuffix(text, after))
	require.Greater(t, len(text), len(before)+len(after))
	require.NotContains(t, text, "\n")
}

// structureOf is what gives a markdown its structure: line by line, how it begins, and its marks that no backslash
// takes the meaning from.
func structureOf(markdown string) []string {
	var structure []string

	for line := range strings.SplitSeq(markdown, "\n") {
		structure = append(structure, beginningOf(line)+marksIn(line))
	}

	return structure
}

func beginningOf(line string) string {
	text := strings.TrimLeft(line, "0123456789")

	switch {
	case text != line && (strings.HasPrefix(text, ". ") || strings.HasPrefix(text, ") ")):
		return "item "
	case line != "" && strings.Trim(line, "-=+:| ") == "":
		return "rule "
	case strings.HasPrefix(line, "- "), strings.HasPrefix(line, "+ "):
		return "bullet "
	}

	return ""
}

func marksIn(line string) string {
	var marks strings.Builder

	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\':
			i++
		case strings.IndexByte("*_[]()<>#!|~&@`{}", line[i]) >= 0:
			marks.WriteByte(line[i])
		case strings.HasPrefix(line[i:], "://"),
			strings.HasPrefix(strings.ToLower(line[i:]), "www.") && (i == 0 || strings.IndexByte(" *_~(", line[i-1]) >= 0):
			marks.WriteString("link")
		}
	}

	// A backtick of a value is an entity.
	return strings.ReplaceAll(marks.String(), "&#", "")
}
