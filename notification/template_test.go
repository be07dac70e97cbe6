package notification_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

const (
	longEnough = "Gentile cittadina, gentile cittadino, questo avviso riguarda la tassa sui rifiuti per l'anno in corso."
	inEnglish  = "Dear citizen, this notice is about the waste tax for the present year. Please read it with care, thank you."
)

func template() notification.Template {
	return notification.Template{
		Name: "TARI 2026",
		Italian: notification.TemplateText{
			Subject:  "Avviso per ((nome))",
			Markdown: "Gentile ((nome)), deve ((importo)) euro.\n\n" + longEnough,
			Buttons: []notification.Button{
				{Text: "Paga ((importo))", Action: "iohandledlink://https://paga.example.it/?avviso=((numero avviso))"},
				{Text: "Chiama", Action: "iohandledlink://tel:+390101234567"},
			},
		},
		English: &notification.TemplateText{
			Subject:  "Notice for ((Nome))",
			Markdown: "Dear ((NOME)), you owe ((importo)) euro.\n\n" + inEnglish,
			Buttons:  []notification.Button{{Text: "Pay \"now\"", Action: "ioit://SERVICES_HOME"}},
		},
	}
}

func compiled(tb testing.TB, t notification.Template) *notification.Filling {
	tb.Helper()

	filling, errs := notification.Compile(t, "Comune di Prova")
	require.Empty(tb, errs)

	return filling
}

// withBody is a template whose Italian text alone matters.
func withBody(markdown string) notification.Template {
	return notification.Template{
		Name: "Prova", Italian: notification.TemplateText{Subject: "Un avviso del Comune", Markdown: markdown + "\n\n" + longEnough},
	}
}

func TestFillingATemplate(t *testing.T) {
	t.Parallel()

	filling := compiled(t, template())
	require.Equal(t, []string{"nome", "importo", "numero avviso"}, filling.Placeholders())

	content, errs := filling.Fill([]string{"D'Angelo *Anna*\n", "12,50", "3010 & 1"})
	require.Empty(t, errs)

	frontMatter := `---
it:
  cta_1:
    text: "Paga 12,50"
    action: "iohandledlink://https://paga.example.it/?avviso=3010%20%26%201"
  cta_2:
    text: "Chiama"
    action: "iohandledlink://tel:+390101234567"
en:
  cta_1:
    text: "Pay \"now\""
    action: "ioit://SERVICES_HOME"
---
`
	require.Equal(t, notification.Content{
		Subject:  "Avviso per D'Angelo *Anna*",
		Markdown: frontMatter + `Gentile D'Angelo \*Anna\*, deve 12,50 euro.` + "\n\n" + longEnough,
		SMSText:  "Comune di Prova: Avviso per D'Angelo *Anna*",
		English: &notification.Translation{
			Subject:  "Notice for D'Angelo *Anna*",
			Markdown: frontMatter + `Dear D'Angelo \*Anna\*, you owe 12,50 euro.` + "\n\n" + inEnglish,
			SMSText:  "Comune di Prova: Notice for D'Angelo *Anna*",
		},
	}, content)
	require.Equal(t, content.SMSText, filling.SMS([]string{"D'Angelo *Anna*", "", ""}))
	require.Empty(t, content.Validate(0))
}

// TestFrontMatterIsWrittenAsByHand: the pieces and Prepend must not drift apart.
func TestFrontMatterIsWrittenAsByHand(t *testing.T) {
	t.Parallel()

	calls := notification.CallsToAction{
		First:  notification.CallToAction{Text: `Paga "ora" \ dopo`, Action: "ioit://SERVICES_HOME"},
		Second: &notification.CallToAction{Text: "Chiama", Action: "iohandledlink://tel:+390101234567"},
	}
	buttons := []notification.Button{notification.Button(calls.First), notification.Button(*calls.Second)}

	written := withBody("")
	written.Italian.Buttons = buttons
	written.English = &notification.TemplateText{Subject: "A notice of the town", Markdown: inEnglish, Buttons: buttons}

	content, errs := compiled(t, written).Fill(nil)
	require.Empty(t, errs)

	want, err := notification.FrontMatter{Italian: calls, English: &calls}.Prepend("\n\n" + longEnough)
	require.NoError(t, err)
	require.Equal(t, want, content.Markdown)

	want, err = notification.FrontMatter{Italian: calls, English: &calls}.Prepend(inEnglish)
	require.NoError(t, err)
	require.Equal(t, want, content.English.Markdown)
}

func TestPlaceholdersInTheirOrder(t *testing.T) {
	t.Parallel()

	text := func(names ...string) notification.TemplateText {
		return notification.TemplateText{
			Subject: "((" + names[0] + "))", Markdown: "((" + names[1] + ")) ((" + names[0] + "))", SMSText: "((" + names[2] + "))",
			Buttons: []notification.Button{{Text: "((" + names[3] + "))", Action: "ioit://((" + names[4] + "))"}},
		}
	}
	english := text("f", "a", "G", "E", "h")
	order := notification.Template{Italian: text("c", "B", "a", "d", "e"), English: &english}

	require.Equal(t, []string{"c", "B", "a", "d", "e", "f", "G", "h"}, order.Placeholders())
}

func TestPlaceholdersAreRead(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		body   string
		names  []string
		filled string
	}{
		"spaces around a name":       {"a (( nome )) b", []string{"nome"}, "a v b"},
		"spellings of one":           {"((Codice Fiscale))((codice_fiscale))((CODICE-FISCALE))", []string{"Codice Fiscale"}, "vvv"},
		"accents make no difference": {"((città))((citta))((CITTA\u0300))", []string{"città"}, "vvv"},
		"literal parentheses":        {`f(g(x)) e \((nome)) e ( (a)`, nil, `f(g(x)) e ((nome)) e ( (a)`},
		"in parentheses":             {"(((nome)))", []string{"nome"}, "(v)"},
		"in many parentheses":        {"((((nome))))", []string{"nome"}, "((v))"},
		"closing alone":              {"a)) b", nil, "a)) b"},
		"side by side":               {"((a))((b))((a))", []string{"a", "b"}, "vvv"},
		"digits":                     {"((rata 1))", []string{"rata 1"}, "v"},
		"the longest name":           {"((" + strings.Repeat("è", 50) + "))", []string{strings.Repeat("è", 50)}, "v"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			filling := compiled(t, withBody(test.body))
			require.Equal(t, test.names, filling.Placeholders())

			content, errs := filling.Fill([]string{"v", "v"}[:len(test.names)])
			require.Empty(t, errs)
			require.Equal(t, test.filled+"\n\n"+longEnough, content.Markdown)
		})
	}
}

func TestNormalisePlaceholder(t *testing.T) {
	t.Parallel()

	for name, want := range map[string]string{
		"Codice_Fiscale": "codicefiscale",
		"codice-fiscale": "codicefiscale",
		"Città":          "citta",
		"Citta\u0300":    "citta",
		"PERCHÉ":         "perche",
		"rata 1":         "rata1",
		"Žluťoučký":      "zlutoucky",
		" - _ ":          "",
		"дом":            "дом",
	} {
		require.Equal(t, want, notification.NormalisePlaceholder(name))
	}
}

func TestTemplateNamesTheBrokenRule(t *testing.T) {
	t.Parallel()

	button := func(text, action string) func(*notification.Template) {
		return func(t *notification.Template) {
			t.Italian.Buttons = []notification.Button{{Text: text, Action: action}}
		}
	}
	body := func(text string) func(*notification.Template) {
		return func(t *notification.Template) { t.Italian.Markdown = text }
	}
	subject := func(text string) func(*notification.Template) {
		return func(t *notification.Template) { t.Italian.Subject = text }
	}
	english := func(text string) func(*notification.Template) {
		return func(t *notification.Template) { t.English.Subject = text }
	}
	sms := func(text string) func(*notification.Template) {
		return func(t *notification.Template) { t.Italian.SMSText = text }
	}
	many := strings.Builder{}

	for i := range 51 {
		fmt.Fprintf(&many, "((campo %d)) ", i)
	}

	const link = "iohandledlink://https://paga.example.it/"

	cases := map[string]struct {
		change      func(*notification.Template)
		field, code string
	}{
		"no name":               {func(t *notification.Template) { t.Name = " " }, "name", "required"},
		"long name":             {func(t *notification.Template) { t.Name = strings.Repeat("è", 101) }, "name", "too_long"},
		"name of two lines":     {func(t *notification.Template) { t.Name = "a\nb" }, "name", "characters"},
		"no subject":            {subject(""), "italian.subject", "required"},
		"short subject":         {subject("Avviso"), "italian.subject", "too_short"},
		"subject can never fit": {subject(strings.Repeat("a", 120) + "((nome))"), "italian.subject", "too_long"},
		"subject of two lines":  {subject("Avviso per\n((nome))"), "italian.subject", "characters"},
		"long SMS text":         {sms(strings.Repeat("a", 1601)), "italian.sms_text", "too_long"},
		"blank SMS text":        {sms(" "), "italian.sms_text", "blank"},
		"no text":               {body(""), "italian.markdown", "required"},
		"blank text":            {body(" \n"), "italian.markdown", "blank"},
		"short text": {func(t *notification.Template) {
			t.Italian.Markdown, t.Italian.Buttons, t.English = "Ciao", nil, nil
		}, "italian.markdown", "too_short"},
		"text can never fit":     {body(strings.Repeat("a", 9_990) + "((nome))((nome))"), "italian.markdown", "too_long"},
		"NUL":                    {body(longEnough + "\x00"), "italian.markdown", "characters"},
		"Latin-1":                {body(longEnough + "citt\xe0"), "italian.markdown", "characters"},
		"own front-matter":       {body(prepend(longEnough)), "italian.markdown", "front_matter"},
		"broken front-matter":    {body("---\n" + longEnough), "italian.markdown", "front_matter_unclosed"},
		"unclosed":               {body(longEnough + "((nome)"), "italian.markdown", "placeholder_unclosed"},
		"closed on another line": {body(longEnough + "((nome\n))"), "italian.markdown", "placeholder_unclosed"},
		"empty":                  {body(longEnough + "(( - ))"), "italian.markdown", "placeholder_empty"},
		"nested":                 {body(longEnough + "((a ((b)) c))"), "italian.markdown", "placeholder_nested"},
		"characters":             {body(longEnough + "((a?b))"), "italian.markdown", "placeholder_characters"},
		"long placeholder":       {body(longEnough + "((" + strings.Repeat("a", 51) + "))"), "italian.markdown", "placeholder_too_long"},
		"value chooses the site": {body(longEnough + " https://((nome))/a"), "italian.markdown", "placeholder_position"},
		"value ends the site":    {body(longEnough + " [a](http://example.it((nome)))"), "italian.markdown", "placeholder_position"},
		"value is a link":        {body(longEnough + " [a](((nome)))"), "italian.markdown", "placeholder_position"},
		"value is a broken link": {body(longEnough + " [a](\n <((nome))>)"), "italian.markdown", "placeholder_position"},
		"value ends a scheme":    {body(longEnough + " [a](https:((nome)))"), "italian.markdown", "placeholder_position"},
		"value is a reference":   {body("[a]: ((nome))\n\n" + longEnough + " [a]"), "italian.markdown", "placeholder_position"},
		"many placeholders":      {body(longEnough + many.String()), "placeholders", "too_many"},
		"button without text":    {button(" ", link), "italian.buttons[0].text", "required"},
		"button of two lines":    {button("a\nb", link), "italian.buttons[0].text", "characters"},
		"button without action":  {button("Paga", ""), "italian.buttons[0].action", "required"},
		"unknown action":         {button("Paga", "javascript:alert(1)"), "italian.buttons[0].action", "action"},
		"action with a space":    {button("Paga", link+"a b"), "italian.buttons[0].action", "action"},
		"value chooses the link": {button("Paga", "iohandledlink://((nome))"), "italian.buttons[0].action", "placeholder_position"},
		"value chooses the host": {button("Paga", "iohandledlink://https://((nome))/"), "italian.buttons[0].action", "placeholder_position"},
		"unclosed in a button":   {button("Paga ((", link), "italian.buttons[0].text", "placeholder_unclosed"},
		"short English":          {english("Notice"), "english.subject", "too_short"},
		"placeholder unknown":    {english("Notice for ((surname))"), "english.subject", "placeholder_unknown"},
		"only English buttons":   {func(t *notification.Template) { t.Italian.Buttons = nil }, "english.buttons", "needs_italian"},
		"English button's action": {func(t *notification.Template) {
			t.English.Buttons[0].Action = "ioit://"
		}, "english.buttons[0].action", "action"},
		"three buttons": {func(t *notification.Template) {
			t.Italian.Buttons = append(t.Italian.Buttons, t.Italian.Buttons[0])
		}, "italian.buttons", "too_many"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			broken := template()
			test.change(&broken)

			requireOnly(t, broken.Validate(), test.field, test.code)
		})
	}
}

func TestTheLineOfABrokenPlaceholder(t *testing.T) {
	t.Parallel()

	errs := withBody("a ((b))\n((c))\n ((").Validate()

	requireOnly(t, errs, "italian.markdown", "placeholder_unclosed")
	require.Contains(t, errs[0].Message, "line 3:")
	require.Contains(t, errs[0].Messaggio, "riga 3:")
}

func TestABrokenTemplateIsShownAsFarAsItGoes(t *testing.T) {
	t.Parallel()

	broken := template()
	broken.Italian.Subject = "Avviso per ((nome"
	broken.Italian.Buttons[0].Action = "javascript:alert(1)"

	filling, errs := notification.Compile(broken, "Comune di Prova")
	require.Len(t, errs, 2)

	content, _ := filling.Fill([]string{"Anna", "1"})
	require.Equal(t, "Avviso per ((nome", content.Subject)
	require.Equal(t, "Gentile Anna, deve 1 euro.\n\n"+longEnough, content.Markdown)
}
