package markdown_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend/markdown"
)

// outline writes blocks in a short form: a test reads it more easily than structures.
func outline(blocks []markdown.Block) string {
	var lines []string

	for _, block := range blocks {
		var line strings.Builder

		line.WriteString(string(block.Kind) + strings.Repeat("#", block.Level) + ":" + pieces(block.Lines))

		for _, item := range block.Items {
			line.WriteString(" (" + pieces(item) + ")")
		}

		lines = append(lines, line.String())
	}

	return strings.Join(lines, "\n")
}

func pieces(inlines []markdown.Inline) string {
	var text strings.Builder

	for _, piece := range inlines {
		switch piece.Kind {
		case markdown.Text:
			text.WriteString(piece.Text)
		case markdown.Code:
			text.WriteString("<code " + piece.Text + ">")
		case markdown.Break:
			text.WriteString("<break>")
		case markdown.Bold, markdown.Italic:
			text.WriteString("<" + string(piece.Kind) + " " + pieces(piece.Parts) + ">")
		case markdown.Link:
			text.WriteString("<link " + piece.Link + " " + pieces(piece.Parts) + ">")
		}
	}

	return text.String()
}

func TestParse(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct{ text, expected string }{
		"nothing":                  {"\n \n", ""},
		"paragraphs":               {"uno\ndue\n\ntre", "paragraph:uno due\nparagraph:tre"},
		"a line break":             {"uno  \ndue\\\ntre", "paragraph:uno<break>due<break>tre"},
		"headings":                 {"# Uno\n## Due ##\n####### sette", "heading#:Uno\nheading##:Due\nparagraph:####### sette"},
		"bullets":                  {"- uno\n* due\n  ancora\n\n+ tre\n\nfine", "bullets: (uno) (due ancora) (tre)\nparagraph:fine"},
		"numbers":                  {"1. uno\n2) due", "numbers: (uno) (due)"},
		"a list after a paragraph": {"ecco:\n- uno", "paragraph:ecco:\nbullets: (uno)"},
		"two kinds of lists":       {"- uno\n1. due", "bullets: (uno)\nnumbers: (due)"},
		"a rule":                   {"uno\n***\ndue", "paragraph:uno\nrule:\nparagraph:due"},
		"emphasis":                 {"**a** *b* ***c*** __d__ _e_", "paragraph:<bold a> <italic b> <italic <bold c>> <bold d> <italic e>"},
		"within each other":        {"**a *b* c**", "paragraph:<bold a <italic b> c>"},
		"within a word":            {"nome_e_cognome a*b*c", "paragraph:nome_e_cognome a<italic b>c"},
		"no emphasis":              {"2 * 3 * 4 **aperto ****x****", "paragraph:2 * 3 * 4 **aperto ****x****"},
		"escapes":                  {`\*no\* \[no](x) \ sì`, `paragraph:*no* [no](x) \ sì`},
		"code":                     {"`a*b*` e `aperto", "paragraph:<code a*b*> e `aperto"},
		"a link":                   {"[**qui**](https://esempio.it/a_b_c)", "paragraph:<link https://esempio.it/a_b_c <bold qui>>"},
		"no links":                 {"[a](b c) [d] [e](f", "paragraph:[a](b c) [d] [e](f"},
		"lines of Windows":         {"uno\r\n\r\ndue", "paragraph:uno\nparagraph:due"},
		"HTML is text":             {"<b>x</b>", "paragraph:<b>x</b>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.expected, outline(markdown.Parse(test.text)))
		})
	}
}

// shown is the text that a page would write.
func shown(inlines []markdown.Inline) string {
	var text strings.Builder
	for _, piece := range inlines {
		text.WriteString(piece.Text + shown(piece.Parts))
	}

	return text.String()
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"# Titolo\n\ntesto **forte** e [qui](https://esempio.it)\n- a\n- b", "***", "*a _b **c `d", `\`, "[[[](x)", strings.Repeat("*a ", 50),
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, text string) {
		// Nothing is invented, and nothing changes its place.
		rest := strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", " ")

		for _, block := range markdown.Parse(text) {
			require.LessOrEqual(t, block.Level, 6)

			for _, line := range append(block.Items, block.Lines) {
				for _, character := range []byte(shown(line)) {
					at := strings.IndexByte(rest, character)
					require.GreaterOrEqual(t, at, 0)

					rest = rest[at+1:]
				}
			}
		}
	})
}

func TestHostileTextsTakeFewPasses(t *testing.T) {
	t.Parallel()

	const openings = 200_000

	for _, opening := range []string{"*a ", "[", "`", "[a](", "_a *b ", "**a *b ***c "} {
		text := strings.Repeat(opening, openings)
		require.NotEmpty(t, markdown.Parse(text))
	}
}
