package notification_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/genio-gateway/genio/notification"
)

func TestAValueIsOnlyText(t *testing.T) {
	t.Parallel()

	cases := map[string]struct{ template, value, filled string }{
		"a name":                   {"Gentile ((v)),", "Maria Rossi-Bianchi", "Gentile Maria Rossi-Bianchi,"},
		"an apostrophe":            {"((v))", "D'Angelo", "D'Angelo"},
		"an amount":                {"((v)) euro", "1.234,56", "1.234,56 euro"},
		"a date":                   {"entro il ((v)).", "31/12/2026", "entro il 31/12/2026."},
		"emphasis":                 {"((v))", "*a* _b_ ~~c~~", `\*a\* \_b\_ \~\~c\~\~`},
		"link":                     {"((v))", "[a](http://b.it)", `\[a\]\(http\://b.it\)`},
		"bare address":             {"((v))", "https://b.it", `https\://b.it`},
		"bare www":                 {"((v))", "www.b.it WWW.b.it", `www\.b.it WWW\.b.it`},
		"e-mail":                   {"((v))", "a@b.it", `a\@b.it`},
		"image before a link":      {"((v))[a](/b)", "ciao!", `ciao\![a](/b)`},
		"HTML":                     {"((v))", "<b>&lt;", `\<b\>\&lt;`},
		"heading":                  {"((v))", "# a", `\# a`},
		"quote":                    {"((v))", "> a", `\> a`},
		"bullet":                   {"((v))", "- a", `\- a`},
		"plus":                     {"((v))", "+ a", `\+ a`},
		"numbered":                 {"((v))", "1. a", `1\. a`},
		"numbered with a bracket":  {"((v))", "1) a", `1\) a`},
		"number before a dot":      {"((v)). testo", "1", `1\. testo`},
		"number in a quoted line":  {"> - ((v))) testo", "1", `> - 1\) testo`},
		"number ending a sentence": {"rata ((v)). Testo", "1", "rata 1. Testo"},
		"digits, then a dot":       {"1((v))", ". testo", `1\. testo`},
		"rule":                     {"((v))", "---", `\-\-\-`},
		"part of a rule":           {"--((v))", "-", `--\-`},
		"underline of a heading":   {"a\n((v))", "===", "a\n\\=\\=\\="},
		"code":                     {"`((v))`", "a`b", "`a&#96;b`"},
		"backslash at the end":     {"((v))[a](/b)", `\`, `\\[a](/b)`},
		"columns":                  {"((v))", "|:-|", `\|\:\-\|`},
		"lines":                    {"((v))", "a\r\n\r\n# b\n    c", `a \# b c`},
		"spaces at the ends":       {"((v))", "\t a\u00a0\u2028b \n", "a b"},
		"zero bytes, direction":    {"((v))", "a\x00b\u202ec\ufeff", "a b c"},
		"in an address":            {"[a](https://x.it/((v))) b", "a b/../c?d&e_f", "[a](https://x.it/a%20b%2F..%2Fc%3Fd%26e%5Ff) b"},
		"in a bare address":        {"https://x.it/?((v)) b", "è", "https://x.it/?%C3%A8 b"},
		"after an address":         {"https://x.it/ ((v))", "a_b", `https://x.it/ a\_b`},
		"emoji":                    {"((v))", "👍🏽", "👍🏽"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			content, errs := compiled(t, withBody(test.template)).Fill([]string{test.value})

			require.Empty(t, errs)
			require.Equal(t, test.filled+"\n\n"+longEnough, content.Markdown)
		})
	}
}

func TestAValueOnAButton(t *testing.T) {
	t.Parallel()

	cases := map[string]struct{ action, value, want string }{
		"path":         {"iohandledlink://https://x.it/((v))", "a/b c", "iohandledlink://https://x.it/a%2Fb%20c"},
		"sign-on":      {"iosso://https://x.it?v=((v))", "è", "iosso://https://x.it?v=%C3%A8"},
		"page":         {"ioit://((v))", "A-1", "ioit://A-1"},
		"phone":        {"iohandledlink://tel:((v))", "+39 010 123", "iohandledlink://tel:+39010123"},
		"e-mail":       {"iohandledlink://mailto:((v))?subject=((v))", "a@b.it", "iohandledlink://mailto:a@b.it?subject=a%40b.it"},
		"quotes":       {"ioit://((v))", "\"\n", "ioit://%22"},
		"literal only": {"ioit://A((v))B", "x", "ioit://AxB"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			made := withBody("")
			made.Italian.Buttons = []notification.Button{{Text: `"((v))"`, Action: test.action}}

			content, errs := compiled(t, made).Fill([]string{test.value})
			require.Empty(t, errs)

			frontMatter, _, errs := notification.ParseFrontMatter(content.Markdown)
			require.Empty(t, errs)
			require.Equal(t, test.want, frontMatter.Italian.First.Action)
			require.Equal(t, `"`+strings.TrimSpace(test.value)+`"`, frontMatter.Italian.First.Text)
		})
	}
}

func TestValuesByName(t *testing.T) {
	t.Parallel()

	filling := compiled(t, withBody("((Nome)) ((numero avviso))"))

	values, errs := filling.Values(map[string]string{"NOME": "Anna", "Numero_Avviso": "1"})
	require.Empty(t, errs)
	require.Equal(t, []string{"Anna", "1"}, values)

	values, errs = filling.Values(map[string]string{"nome": "Anna"})
	require.Empty(t, errs)
	_, errs = filling.Fill(values)
	requireOnly(t, errs, "personalisation.numero avviso", "required")

	_, errs = filling.Values(map[string]string{"nome": "Anna", "cognome": "Verdi"})
	requireOnly(t, errs, "personalisation.cognome", "unknown")

	_, errs = filling.Values(map[string]string{"nome": "Anna", "NOME": "Berta"})
	requireOnly(t, errs, "personalisation.Nome", "duplicate")

	for _, value := range []string{"RSSMRA80A01H501U", "+393331234567", "Un testo? Forse.", strings.Repeat("a", 51)} {
		_, errs = filling.Values(map[string]string{value: ""})
		requireOnly(t, errs, "personalisation", "unknown")
	}
}

func TestValuesThatCannotBeUsed(t *testing.T) {
	t.Parallel()

	filling := compiled(t, withBody("((nome))"))

	for value, code := range map[string]string{
		"": "required", "\n": "required", "\u00a0": "required", "Nicol\ufffd": "encoding", "Nicol\xf2": "encoding", "a\uffff": "encoding",
	} {
		_, errs := filling.Fill([]string{value})
		requireOnly(t, errs, "personalisation.nome", code)
		require.Equal(t, errs, filling.Check([]string{value}))
	}

	content, errs := filling.Fill(nil)
	requireOnly(t, errs, "personalisation.nome", "required")
	require.Equal(t, "\n\n"+longEnough, content.Markdown)
	require.Equal(t, errs, filling.Check(nil))
}

func TestTextsThatAreTooLongNameThePlaceholder(t *testing.T) {
	t.Parallel()

	made := template()
	made.Italian.SMSText = "((nome)) ((importo))"
	filling := compiled(t, made)

	cases := map[string]struct {
		values      []string
		field, name string
	}{
		"subject":          {[]string{strings.Repeat("a", 110), "1", "1"}, "content.subject", "nome"},
		"markdown":         {[]string{"Anna", "1", strings.Repeat("?", 3400)}, "content.markdown", "numero avviso"},
		"SMS text":         {[]string{"Anna", strings.Repeat("1", 1600), "1"}, "content.sms_text", "importo"},
		"English markdown": {[]string{"Anna", "1", strings.Repeat("?", 3400)}, "content.english.markdown", "numero avviso"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			errs := filling.Check(test.values)
			require.NotEmpty(t, errs)

			for _, err := range errs {
				if err.Field != test.field {
					continue
				}

				require.Equal(t, "too_long", err.Code)
				require.Contains(t, err.Message, "(("+test.name+"))")
				require.Contains(t, err.Messaggio, "(("+test.name+"))")
				require.NotContains(t, err.Message+err.Messaggio, "aaa")

				return
			}

			require.Fail(t, "the field is not named", errs.Error())
		})
	}
}

// TestAValueThatWouldMakeAFrontMatterIsRefused: these templates invite it, and no value is known beforehand.
func TestAValueThatWouldMakeAFrontMatterIsRefused(t *testing.T) {
	t.Parallel()

	for body, value := range map[string]string{
		"= ((v)) =\nciao\n= yaml =": "yaml",
		" ---\n((v))":               "it:a",
	} {
		filling := compiled(t, withBody(body))
		_, errs := filling.Fill([]string{value})

		requireOnly(t, errs, "content.markdown", "front_matter_position")
		require.Equal(t, errs, filling.Check([]string{value}))
		require.Empty(t, filling.Check([]string{"Anna"}))
	}
}

func TestLimitsAfterFillingAreExact(t *testing.T) {
	t.Parallel()

	const value = "😀 *è*" // 6 units, 8 in markdown

	for padding, code := range map[int]string{3: "too_short", 4: "", 114: "", 115: "too_long"} {
		made := withBody("")
		made.Italian.Subject = "((v))" + strings.Repeat("a", padding)
		requireVerdict(t, compiled(t, made), value, "content.subject", code)
	}

	for padding, code := range map[int]string{71: "too_short", 72: "", 9_992: "", 9_993: "too_long"} {
		made := withBody("")
		made.Italian.Markdown = strings.Repeat("a", padding) + "((v))"
		requireVerdict(t, compiled(t, made), value, "content.markdown", code)
	}

	for padding, code := range map[int]string{1_594: "", 1_595: "too_long"} {
		made := withBody("")
		made.Italian.SMSText = strings.Repeat("a", padding) + "((v))"
		requireVerdict(t, compiled(t, made), value, "content.sms_text", code)
	}
}

// requireVerdict wants Check and Fill to say the same; the empty code is that all is well.
func requireVerdict(t *testing.T, filling *notification.Filling, value, field, code string) {
	t.Helper()

	_, errs := filling.Fill([]string{value})
	require.Equal(t, errs, filling.Check([]string{value}))

	if code == "" {
		require.Empty(t, errs)
	} else {
		requireOnly(t, errs, field, code)
	}
}

func TestShortTextsAfterFilling(t *testing.T) {
	t.Parallel()

	made := withBody("")
	made.Italian.Subject = "((oggetto))"
	filling := compiled(t, made)

	requireOnly(t, filling.Check([]string{"123456789"}), "content.subject", "too_short")
	require.Empty(t, filling.Check([]string{"1234567890"}))
}

// genText makes what people write and what hurts.
func genText() *rapid.Generator[string] {
	return rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{
		"a", "Z", "è", "1", " ", "\n", "\t", "\u00a0", "-", "--", "=", ":", ".", "+", "www", "`", "\\", "\"", "'", "<", "(", ")", "[", "]",
		"!", "#", "|", "&", "@", "_", "*", "~", "😀", "€", "\ufeff", "\u202e", "\x00", "\ufffd", "\xff", "\u200b", "yaml", "it:", "---\n",
	}), 0, 40), func(parts []string) string { return strings.Join(parts, "") })
}

// genTemplate makes templates near the limits with values in every kind of place, some of them doubtful.
func genTemplate() *rapid.Generator[notification.Template] {
	return rapid.Custom(func(t *rapid.T) notification.Template {
		padding := func(limit int) string { return strings.Repeat("p", rapid.IntRange(0, limit).Draw(t, "padding")) }
		beginning := rapid.SampledFrom([]string{"", "((a)) --- ", "= ((a)) =\n", "((a))\n", "1((b)). ", "---((a))\n", "((a))---\n---\n"})

		made := notification.Template{
			Name: "Prova",
			Italian: notification.TemplateText{
				Subject:  "((a))" + padding(115),
				Markdown: beginning.Draw(t, "beginning") + "((a)) `((b))` [x](https://x.it/((a))) " + padding(9_900),
			},
		}

		if rapid.Bool().Draw(t, "SMS text") {
			made.Italian.SMSText = "((b))" + padding(1_590)
		}

		if rapid.Bool().Draw(t, "buttons") {
			made.Italian.Buttons = []notification.Button{
				{Text: "((a)) \"", Action: "iohandledlink://https://x.it/((b))"}, {Text: "\\", Action: "iohandledlink://tel:((b))"},
			}
		}

		if rapid.Bool().Draw(t, "English") {
			made.English = &notification.TemplateText{Subject: "((b))" + padding(115), Markdown: "((b))" + padding(9_900)}
		}

		return made
	})
}

// TestCheckAgreesWithFill: the glance and the truth give one verdict, and the truth is that of Content.Validate.
func TestCheckAgreesWithFill(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		filling, errs := notification.Compile(genTemplate().Draw(t, "template"), "Comune di Prova")
		if len(errs) > 0 {
			t.Skip("no valid template")
		}

		values := []string{genText().Draw(t, "a"), genText().Draw(t, "b")}
		content, errs := filling.Fill(values)

		require.Equal(t, errs, filling.Check(values))
		require.Equal(t, content.SMSText, filling.SMS(values))

		if len(errs) == 0 {
			require.Empty(t, content.Validate(0))
		}
	})
}

//nolint:paralleltest // what others allocate meanwhile would be counted.
func TestCheckAllocatesNothing(t *testing.T) {
	filling := compiled(t, template())
	values := []string{"Maria Rossi", "1.234,56", "301000000012345678"}

	var errs notification.FieldErrors

	require.Zero(t, testing.AllocsPerRun(100, func() { errs = append(errs, filling.Check(values)...) }))
	require.Empty(t, errs)
}

func BenchmarkCheck(b *testing.B) {
	filling := compiled(b, template())
	values := []string{"Maria Rossi", "1.234,56", "301000000012345678"}

	b.ReportAllocs()

	for b.Loop() {
		if errs := filling.Check(values); len(errs) > 0 {
			b.Fatal(errs)
		}
	}
}
