package notification_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

func writtenText(buttons ...notification.Button) notification.TemplateText {
	return notification.TemplateText{
		Subject: "Rinnovo della carta d'identità", Markdown: "Testo con ((parentesi)) che resta com'è. " + strings.Repeat("x", 80),
		SMSText: "Rinnovi la carta", Buttons: buttons,
	}
}

func TestWrittenTextsComeBack(t *testing.T) {
	t.Parallel()

	first := notification.Button{Text: `Prenota "ora" ((x))`, Action: "iohandledlink://https://www.esempio.it/a"}
	second := notification.Button{Text: "Chiama", Action: "iohandledlink://tel:+39055"}
	english := writtenText(notification.Button{Text: "Book", Action: "ioit://SERVICES"})
	plain := writtenText()

	for name, test := range map[string]struct {
		italian notification.TemplateText
		english *notification.TemplateText
	}{
		"plain":            {writtenText(), nil},
		"one button":       {writtenText(first), nil},
		"two buttons":      {writtenText(first, second), nil},
		"two languages":    {writtenText(first), &english},
		"Italian buttons":  {writtenText(first), &plain},
		"nothing typed":    {notification.TemplateText{}, nil},
		"front-matter own": {notification.TemplateText{Markdown: "---\nit:\n  cta_1:\n"}, nil},
	} {
		content, errs := notification.Written(test.italian, test.english)
		require.Empty(t, errs, name)

		italian, translated := content.Texts()
		require.Equal(t, test.italian, italian, name)
		require.Equal(t, test.english, translated, name)
	}
}

func TestWrittenNamesTheButton(t *testing.T) {
	t.Parallel()

	good := notification.Button{Text: "Apri", Action: "iohandledlink://https://www.esempio.it"}

	for name, test := range map[string]struct {
		buttons []notification.Button
		field   string
	}{
		"no text":        {[]notification.Button{{Action: good.Action}}, "content.buttons[0].text"},
		"no action":      {[]notification.Button{good, {Text: "Apri"}}, "content.buttons[1].action"},
		"script":         {[]notification.Button{{Text: "Apri", Action: "javascript:alert(1)"}}, "content.buttons[0].action"},
		"bare address":   {[]notification.Button{{Text: "Apri", Action: "https://www.esempio.it"}}, "content.buttons[0].action"},
		"two lines":      {[]notification.Button{{Text: "Apri\nora", Action: good.Action}}, "content.buttons[0].text"},
		"three buttons":  {[]notification.Button{good, good, good}, "content.buttons"},
		"spaces in text": {[]notification.Button{{Text: "  ", Action: good.Action}}, "content.buttons[0].text"},
	} {
		content, errs := notification.Written(writtenText(test.buttons...), nil)
		require.Len(t, errs, 1, name)
		require.Equal(t, test.field, errs[0].Field, name)
		require.NotContains(t, content.Markdown, "---", name)
	}

	english := writtenText(good)
	_, errs := notification.Written(writtenText(), &english)
	require.Equal(t, "content.buttons[0].text", errs[0].Field)
}

func FuzzWritten(f *testing.F) {
	f.Add("Apri", "iohandledlink://https://www.esempio.it", "testo")
	f.Add("\"\\", "ioit://x", "---\n")
	f.Fuzz(func(t *testing.T, text, action, markdown string) {
		content, errs := notification.Written(notification.TemplateText{
			Subject: "x", Markdown: markdown, Buttons: []notification.Button{{Text: text, Action: action}},
		}, nil)
		if len(errs) > 0 || content.Markdown == markdown {
			return
		}

		head, body, broken := notification.ParseFrontMatter(content.Markdown)
		require.Empty(t, broken)
		require.Equal(t, notification.CallToAction{Text: text, Action: action}, head.Italian.First)
		require.Equal(t, markdown, body)
	})
}
