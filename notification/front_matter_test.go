package notification_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"github.com/genio-gateway/genio/notification"
)

const payAction = "iohandledlink://https://pagamenti.example.it/avviso"

func oneButton(text, action string) *notification.FrontMatter {
	return &notification.FrontMatter{
		Italian: notification.CallsToAction{First: notification.CallToAction{Text: text, Action: action}},
	}
}

func TestParseFrontMatterReadsIOsForms(t *testing.T) {
	t.Parallel()

	pay := oneButton("Paga ora", payAction)

	tests := map[string]struct {
		head string
		want *notification.FrontMatter
	}{
		"braces":              {"it:\n  cta_1: {text: \"Paga ora\", action: \"" + payAction + "\"}\n", pay},
		"block":               {"it:\n    cta_1: \n        text: \"Paga ora\"\n        action: \"" + payAction + "\"\n", pay},
		"single quotes":       {"it:\n  cta_1:\n    text: 'Paga ora'\n    action: '" + payAction + "'\n", pay},
		"no quotes":           {"it:\n  cta_1:\n    text: Paga ora\n    action: " + payAction + "\n", pay},
		"no quotes in braces": {"it:\n  cta_1: { text: Paga ora , action: " + payAction + " }\n", pay},
		"all in braces":       {"it: {cta_1: {text: \"Paga ora\", action: \"" + payAction + "\"}}\n", pay},
		"action before text":  {"it:\n  cta_1:\n    action: \"" + payAction + "\"\n    text: \"Paga ora\"\n", pay},
		"Windows line ends":   {"it:\r\n  cta_1:\r\n    text: \"Paga ora\"\r\n    action: \"" + payAction + "\"\r\n", pay},
		"comments and empty lines": {
			"# pulsanti\n\nit: # italiano\n  cta_1:\n\n    text: \"Paga ora\" # testo\n    action: " + payAction + " # link\n",
			pay,
		},
		"escapes in double quotes": {
			"it:\n  cta_1: {text: \"\\\"Paga\\\" \\\\ ora\", action: \"" + payAction + "\"}\n",
			oneButton(`"Paga" \ ora`, payAction),
		},
		"quote in single quotes": {"it:\n  cta_1: {text: 'L''avviso', action: '" + payAction + "'}\n", oneButton("L'avviso", payAction)},
		"YAML's signs in quotes": {
			"it:\n  cta_1: {text: \"a: b, {c} # d\", action: \"" + payAction + "\"}\n",
			oneButton("a: b, {c} # d", payAction),
		},
		"sign that is no comment": {
			"it:\n  cta_1:\n    text: Paga#ora\n    action: " + payAction + "#top\n",
			oneButton("Paga#ora", payAction+"#top"),
		},
		"emoji": {"it:\n  cta_1: {text: \"Paga 💶\", action: \"" + payAction + "\"}\n", oneButton("Paga 💶", payAction)},
		"phone": {
			"it:\n  cta_1: {text: \"Chiama\", action: \"iohandledlink://tel:+390612345\"}\n",
			oneButton("Chiama", "iohandledlink://tel:+390612345"),
		},
		"page of the app": {
			"it:\n  cta_1: {text: \"Servizi\", action: \"ioit://SERVICES_HOME\"}\n",
			oneButton("Servizi", "ioit://SERVICES_HOME"),
		},
		"IO's sign-on": {
			"it:\n  cta_1: {text: \"Entra\", action: \"iosso://https://ente.example.it/io?x=1\"}\n",
			oneButton("Entra", "iosso://https://ente.example.it/io?x=1"),
		},
		"two buttons, two languages": {
			"it:\n  cta_1: {text: \"Paga ora\", action: \"" + payAction + "\"}\n" +
				"  cta_2: {text: \"Scrivi\", action: \"iohandledlink://mailto:a@example.it\"}\n" +
				"en:\n  cta_1:\n    text: \"Pay now\"\n    action: \"" + payAction + "\"\n",
			&notification.FrontMatter{
				Italian: notification.CallsToAction{
					First:  notification.CallToAction{Text: "Paga ora", Action: payAction},
					Second: &notification.CallToAction{Text: "Scrivi", Action: "iohandledlink://mailto:a@example.it"},
				},
				English: &notification.CallsToAction{First: notification.CallToAction{Text: "Pay now", Action: payAction}},
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			frontMatter, body, errs := notification.ParseFrontMatter("---\n" + tt.head + "---\nIl testo\n---\nsegue")
			require.Empty(t, errs)
			require.Equal(t, tt.want, frontMatter)
			require.Equal(t, "Il testo\n---\nsegue", body, "later rules belong to the body")
		})
	}
}

func TestParseFrontMatterLeavesOtherMarkdownAlone(t *testing.T) {
	t.Parallel()

	for name, markdown := range map[string]string{
		"empty":                       "",
		"text":                        "Gentile cittadina, gentile cittadino",
		"a rule further down":         "Prima\n\n---\n\nDopo",
		"two rules further down":      "Prima\n---\nin mezzo\n---\nDopo",
		"a longer rule at the start":  "----\nTesto",
		"dashes in the first line":    "Avviso --- importante\n\n---\n\nfine",
		"a table in the first lines":  "| a | b |\n|---|---|\n| 1 | 2 |",
		"an indented rule at the top": "\n\n---\nTesto",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			frontMatter, body, errs := notification.ParseFrontMatter(markdown)
			require.Empty(t, errs)
			require.Nil(t, frontMatter)
			require.Equal(t, markdown, body)
		})
	}
}

func TestParseFrontMatterRefuses(t *testing.T) {
	t.Parallel()

	const (
		button  = `{text: "Paga", action: "` + payAction + `"}`
		buttons = "it:\n  cta_1: " + button + "\n"
	)

	withAction := func(action string) string {
		return "---\nit:\n  cta_1: {text: \"Paga\", action: \"" + action + "\"}\n---\n"
	}
	withText := func(text string) string {
		return "---\nit:\n  cta_1:\n    text: " + text + "\n    action: \"" + payAction + "\"\n---\n"
	}

	tests := map[string]struct {
		markdown string
		code     string
		line     string
	}{
		"never closed":                    {"---\n" + buttons, "front_matter_unclosed", "riga 1:"},
		"a rule as first line":            {"---\nGentile cittadino", "front_matter_unclosed", "riga 1:"},
		"space after the fence":           {"--- \n" + buttons + "---\n", "front_matter_position", "riga 1:"},
		"empty line before":               {"\n---\n" + buttons + "---\n", "front_matter_position", "riga 1:"},
		"space before":                    {" ---\n" + buttons + "---\n", "front_matter_position", "riga 1:"},
		"byte order mark":                 {"\ufeff---\n" + buttons + "---\n", "front_matter_position", "riga 1:"},
		"text the app would cut out":      {"Avviso --- importante\n---\nin mezzo\n---\nfine", "front_matter_position", "riga 1:"},
		"as much, with a byte order mark": {"--- importante\n---\nin mezzo\n---\ufeff\nfine", "front_matter_position", "riga 1:"},
		"the library's other fence":       {"= yaml =\n" + buttons + "= yaml =\n", "front_matter_position", "riga 1:"},
		"closed by dots":                  {"---\n" + buttons + "...\n---\n", "front_matter_unreadable", "riga 4:"},
		"nothing in it":                   {"---\n---\n", "front_matter_missing_key", "riga 1: manca it"},
		"only comments":                   {"---\n# it\n---\n", "front_matter_missing_key", "riga 1: manca it"},
		"no Italian":                      {"---\nen:\n  cta_1: " + button + "\n---\n", "front_matter_missing_key", "manca it"},
		"no first button":                 {"---\nit:\n  cta_2: " + button + "\n---\n", "front_matter_missing_key", "riga 3: manca cta_1"},
		"third button":                    {"---\n" + buttons + "  cta_3: " + button + "\n---\n", "front_matter_unknown_key", "riga 4:"},
		"German":                          {"---\n" + buttons + "de:\n  cta_1: " + button + "\n---\n", "front_matter_unknown_key", "riga 4:"},
		"no action":                       {"---\nit:\n  cta_1: {text: \"Paga\"}\n---\n", "front_matter_missing_key", "riga 3: manca action"},
		"no text": {
			"---\nit:\n  cta_1: {action: \"" + payAction + "\"}\n---\n",
			"front_matter_missing_key", "manca text",
		},
		"unknown part of a button": {
			"---\nit:\n  cta_1: {text: \"Paga\", action: \"" + payAction + "\", color: \"red\"}\n---\n",
			"front_matter_unknown_key", "riga 3:",
		},
		"button that is a text":   {"---\nit:\n  cta_1: Paga\n---\n", "front_matter_missing_key", "text e action"},
		"language that is a text": {"---\nit: Paga\n---\n", "front_matter_missing_key", "cta_1"},
		"text that is a mapping": {
			"---\nit:\n  cta_1:\n    text:\n      a: b\n    action: " + payAction + "\n---\n",
			"front_matter_unreadable", "riga 4:",
		},
		"braces in braces in braces":   {"---\nit: {cta_1: {text: {a: b}, action: c}}\n---\n", "front_matter_unreadable", "riga 2:"},
		"empty text":                   {withText(`""`), "front_matter_text", "riga 4:"},
		"blank text":                   {withText(`"  "`), "front_matter_text", "riga 4:"},
		"text that YAML takes as null": {withText("null"), "front_matter_unreadable", "riga 4:"},
		"text that is a number":        {withText("123"), "front_matter_unreadable", "riga 4:"},
		"text over two lines":          {withText("Paga\n      ora"), "front_matter_unreadable", "riga 5:"},
		"block text":                   {withText("|\n      Paga"), "front_matter_unreadable", "riga 4:"},
		"anchor":                       {withText("&a Paga"), "front_matter_unreadable", "riga 4:"},
		"tag":                          {withText("!!str Paga"), "front_matter_unreadable", "riga 4:"},
		"list":                         {withText("[Paga]"), "front_matter_unreadable", "riga 4:"},
		"colon in a plain text":        {withText("Avviso: paga"), "front_matter_unreadable", "riga 4:"},
		"open quotes":                  {withText(`"Paga`), "front_matter_unreadable", "riga 4:"},
		"open single quotes":           {withText(`'Paga`), "front_matter_unreadable", "riga 4:"},
		"text after the quotes":        {withText(`"Paga" ora`), "front_matter_unreadable", "riga 4:"},
		"comment without space":        {withText(`"Paga"#ora`), "front_matter_unreadable", "riga 4:"},
		"unknown escape":               {withText(`"Paga\nora"`), "front_matter_unreadable", "riga 4:"},
		"tab":                          {"---\nit:\n\tcta_1: " + button + "\n---\n", "front_matter_unreadable", "riga 3:"},
		"separator the app splits at":  {withText("\"Paga\u2028ora\""), "front_matter_unreadable", "riga 4:"},
		"no space after the colon":     {"---\nit:\n  cta_1:" + button + "\n---\n", "front_matter_unreadable", "riga 3:"},
		"indented root":                {"---\n  it:\n    cta_1: " + button + "\n---\n", "front_matter_unreadable", "riga 2:"},
		"ragged indentation": {
			"---\nit:\n  cta_1:\n    text: \"Paga\"\n     action: \"" + payAction + "\"\n---\n",
			"front_matter_unreadable", "riga 5:",
		},
		"key without value": {"---\nit:\n---\n", "front_matter_unreadable", "riga 2:"},
		"key twice":         {"---\n" + buttons + "  cta_1: " + button + "\n---\n", "front_matter_unreadable", "riga 4:"},
		"key twice in braces": {
			"---\nit:\n  cta_1: {text: \"a\", text: \"b\", action: \"c\"}\n---\n",
			"front_matter_unreadable", "riga 3:",
		},
		"braces over two lines": {
			"---\nit:\n  cta_1: {text: \"Paga\",\n    action: \"" + payAction + "\"}\n---\n",
			"front_matter_unreadable", "riga 3:",
		},
		"open braces":             {"---\nit:\n  cta_1: {text: \"Paga\"\n---\n", "front_matter_unreadable", "riga 3:"},
		"value missing in braces": {"---\nit:\n  cta_1: {text: , action: a}\n---\n", "front_matter_unreadable", "riga 3:"},
		"brace alone":             {"---\nit:\n  cta_1: {text: \n---\n", "front_matter_unreadable", "riga 3:"},
		"no key":                  {"---\nGentile cittadino\n---\n", "front_matter_unreadable", "riga 2:"},
		"web address alone":       {withAction("https://ente.example.it"), "front_matter_action", "riga 3:"},
		"script":                  {withAction("iohandledlink://javascript:alert(1)"), "front_matter_action", "riga 3:"},
		"copy":                    {withAction("iohandledlink://copy:abc"), "front_matter_action", "riga 3:"},
		"address without host":    {withAction("iohandledlink://https://"), "front_matter_action", "riga 3:"},
		"port without host":       {withAction("iohandledlink://https://:443/"), "front_matter_action", "riga 3:"},
		"phone without number":    {withAction("iohandledlink://tel:"), "front_matter_action", "riga 3:"},
		"space in an address":     {withAction("iohandledlink://https://ente.example.it/a b"), "front_matter_action", "riga 3:"},
		"sign-on without address": {withAction("iosso://ente"), "front_matter_action", "riga 3:"},
		"page without name":       {withAction("ioit://"), "front_matter_action", "riga 3:"},
		"other scheme":            {withAction("IOIT://SERVICES_HOME"), "front_matter_action", "riga 3:"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			frontMatter, _, errs := notification.ParseFrontMatter(tt.markdown)
			require.Nil(t, frontMatter)
			require.NotEmpty(t, errs)
			require.Equal(t, "content.markdown", errs[0].Field)
			require.Equal(t, tt.code, errs[0].Code)
			require.Contains(t, errs[0].Messaggio, tt.line)
			require.NotEmpty(t, errs[0].Message)
		})
	}
}

func TestParseFrontMatterListsEveryFaultOfTheShape(t *testing.T) {
	t.Parallel()

	_, _, errs := notification.ParseFrontMatter(
		"---\nit:\n  cta_1: {text: \" \", action: \"x\"}\nen:\n  cta_2: {text: \"Pay\"}\n  cta_9: {a: b}\n---\n")

	codes := make([]string, len(errs))
	for i, err := range errs {
		codes[i] = err.Code
	}

	require.Equal(t, []string{
		"front_matter_text", "front_matter_action", "front_matter_unknown_key", "front_matter_missing_key", "front_matter_missing_key",
	}, codes)
}

func TestPrependGivesBackWhatWasWritten(t *testing.T) {
	t.Parallel()

	drawButton := func(t *rapid.T, label string) notification.CallToAction {
		return notification.CallToAction{
			Text: rapid.StringMatching(`[^\pC\pZ](?:[^\pC\pZ]| |"|\\|'|: |#|\{|,)*`).Draw(t, label+" text"),
			Action: rapid.SampledFrom([]string{"iohandledlink://https://ente.example.it/?q=", "iohandledlink://tel:", "ioit://"}).
				Draw(t, label+" action") + rapid.StringMatching(`[a-z0-9"\\'#,{}:&*!|>@-]+`).Draw(t, label+" target"),
		}
	}

	rapid.Check(t, func(t *rapid.T) {
		frontMatter := oneButton("", "")
		frontMatter.Italian.First = drawButton(t, "first")

		if rapid.Bool().Draw(t, "has a second button") {
			second := drawButton(t, "second")
			frontMatter.Italian.Second = &second
		}

		if rapid.Bool().Draw(t, "has English") {
			frontMatter.English = &notification.CallsToAction{First: drawButton(t, "English")}
		}

		body := rapid.String().Draw(t, "body")

		markdown, err := frontMatter.Prepend(body)
		require.NoError(t, err)

		parsed, rest, errs := notification.ParseFrontMatter(markdown)
		require.Empty(t, errs)
		require.Equal(t, frontMatter, parsed)
		require.Equal(t, body, rest)
		requireSameAsYAML(t, parsed, markdown)
	})
}

func TestPrependRefusesWhatWouldBreakOut(t *testing.T) {
	t.Parallel()

	for name, frontMatter := range map[string]*notification.FrontMatter{
		"line end in the text":      oneButton("Paga\"\n    action: \"ioit://X", payAction),
		"fence in the text":         oneButton("Paga\n---\n", payAction),
		"line separator":            oneButton("Paga\u2028ora", payAction),
		"NUL":                       oneButton("Paga\x00", payAction),
		"no text":                   oneButton("", payAction),
		"line end in the action":    oneButton("Paga", payAction+"\n  cta_2: {text: a, action: b}"),
		"an action the app ignores": oneButton("Paga", "javascript:alert(1)"),
		"nothing":                   {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			markdown, err := frontMatter.Prepend("corpo")
			require.ErrorAs(t, err, &notification.FieldErrors{})
			require.Empty(t, markdown)
		})
	}
}

func FuzzParseFrontMatter(f *testing.F) {
	for _, seed := range []string{
		"", "---", "---\n---\n", "Testo --- con\n---\na\n---\n", "--- \nit:\n", "\ufeff---\nit:\n---\n",
		"---\nit:\n  cta_1: {text: \"Paga ora\", action: \"" + payAction + "\"}\n---\nTesto",
		"---\r\nit:\r\n  cta_1:\r\n    text: 'L''avviso'\r\n    action: ioit://SERVICES_HOME # pagina\r\n---\r\nTesto",
		"---\nit: {cta_1: {text: Paga ora, action: ioit://a}, cta_2: {text: \"\\\"\\\\\", action: 'ioit://b'}}\n# fine\n---\nTesto",
		"---\nit:\n  cta_1: &x {text: *a, action: !!str b}\n---\n",
		"---\nit:\n  cta_1:\n    text: |\n      Paga\n    action: >-\n      ioit://a\n---\n",
		"---\nit:\n cta_1:\n  text: a - b ? c [d] {e}, f\n  action: ioit://a{b},[c]\n---\n",
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, markdown string) {
		frontMatter, body, errs := notification.ParseFrontMatter(markdown)
		if len(errs) > 0 {
			require.Nil(t, frontMatter)

			return
		}

		require.True(t, strings.HasSuffix(markdown, body))

		if frontMatter == nil {
			require.Equal(t, markdown, body)

			return
		}

		requireSameAsYAML(t, frontMatter, markdown)

		again, err := frontMatter.Prepend(body)
		require.NoError(t, err)

		parsed, rest, errs := notification.ParseFrontMatter(again)
		require.Empty(t, errs)
		require.Equal(t, frontMatter, parsed)
		require.Equal(t, body, rest)
	})
}

// requireSameAsYAML holds the small reader against a full YAML parser.
func requireSameAsYAML(t require.TestingT, frontMatter *notification.FrontMatter, markdown string) {
	block := markdown[len("---"):]
	block = block[:len(block)-len(bodyOf(t, markdown))]
	block = strings.TrimRight(block, " \t\r\n")
	block = strings.TrimSuffix(block, "---")

	var read map[string]map[string]map[string]any

	require.NoError(t, yaml.Unmarshal([]byte(block), &read))

	want := map[string]map[string]map[string]any{"it": asYAML(frontMatter.Italian)}
	if frontMatter.English != nil {
		want["en"] = asYAML(*frontMatter.English)
	}

	require.Equal(t, want, read)
}

func bodyOf(t require.TestingT, markdown string) string {
	_, body, errs := notification.ParseFrontMatter(markdown)
	require.Empty(t, errs)

	return body
}

func asYAML(calls notification.CallsToAction) map[string]map[string]any {
	buttons := map[string]map[string]any{"cta_1": {"text": calls.First.Text, "action": calls.First.Action}}
	if calls.Second != nil {
		buttons["cta_2"] = map[string]any{"text": calls.Second.Text, "action": calls.Second.Action}
	}

	return buttons
}
