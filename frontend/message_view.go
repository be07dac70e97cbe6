package frontend

import (
	"unicode/utf16"

	"github.com/genio-gateway/genio/frontend/markdown"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// messageView is a message about as app IO shows it.
type messageView struct {
	page
	Written   notification.Lang // the message's own language, which need not be the page's
	Ente      string
	Service   string
	Subject   string
	Blocks    []markdown.Block
	Buttons   []notification.CallToAction
	DueDate   moment
	Payment   []fact
	Broken    []string // what the app could not read, in words
	SubjectOf string   // how much of what IO allows it takes
	TextOf    string
}

// smsView is a text as an SMS.
type smsView struct {
	page
	Written  notification.Lang
	Text     string
	Parts    string // empty where they were not counted
	Unicode  bool
	Doubling []string
}

// messageView shows a content in Italian, or its translation where it has one.
func (f *Frontend) messageView(content notification.Content, lang notification.Lang, p page) messageView {
	subject, text := content.Subject, content.Markdown
	if lang == notification.English && content.English != nil {
		subject, text = content.English.Subject, content.English.Markdown
	}

	shown := messageView{
		page: p, Written: lang, Subject: subject, Payment: paymentFacts(content.Payment, p),
		SubjectOf: lengthOf(subject, notification.MaxSubjectLength, p), TextOf: lengthOf(text, notification.MaxMarkdownLength, p),
	}

	if content.DueDate != nil {
		shown.DueDate = f.moment(*content.DueDate, p.Lang)
	}

	head, body, invalid := notification.ParseFrontMatter(text)
	for _, problem := range invalid {
		shown.Broken = append(shown.Broken, sentence(problem, p.Lang))
	}

	shown.Blocks = markdown.Parse(body)
	shown.Buttons = buttonsOf(head, lang)

	return shown
}

// buttonsOf are those that the app shows to somebody who reads the language.
func buttonsOf(head *notification.FrontMatter, lang notification.Lang) []notification.CallToAction {
	if head == nil {
		return nil
	}

	calls := head.Italian
	if lang == notification.English && head.English != nil {
		calls = *head.English
	}

	buttons := []notification.CallToAction{calls.First}
	if calls.Second != nil {
		buttons = append(buttons, *calls.Second)
	}

	return buttons
}

// lengthOf tells how long a text is, in the units that IO counts in: UTF-16's.
func lengthOf(text string, most int, p page) string {
	return p.T("preview.length", count(utf16Length(text), p.Lang), count(most, p.Lang))
}

func utf16Length(text string) int { return len(utf16.Encode([]rune(text))) }

func newSMSView(preview gateway.SMSPreview, p page) smsView {
	shown := smsView{
		page: p, Written: notification.Italian, Text: preview.Text, Parts: p.N("preview.sms.parts", preview.Parts), Unicode: preview.Unicode,
	}

	for _, character := range preview.Doubling {
		if character.Instead == "" {
			shown.Doubling = append(shown.Doubling, p.T("preview.sms.doubling", character.Character))
		} else {
			shown.Doubling = append(shown.Doubling, p.T("preview.sms.doubling_instead", character.Character, character.Instead))
		}
	}

	return shown
}
