package notification

import "fmt"

// Written is the content that a person wrote for one citizen, without placeholders: each text gets the buttons of both
// languages as IO's front-matter, because the app chooses by its own language. What is wrong with a button is named as
// content.buttons[0].text; everything else is for [Content.Validate]. Where a button is wrong the content has none, so
// that it can still be shown.
func Written(italian TemplateText, english *TemplateText) (Content, FieldErrors) {
	content := Content{Subject: italian.Subject, Markdown: italian.Markdown, SMSText: italian.SMSText}
	errs := checkButtons(fieldContent, italian.Buttons)

	if english != nil {
		content.English = &Translation{Subject: english.Subject, Markdown: english.Markdown, SMSText: english.SMSText}
		errs = append(errs, checkButtons(fieldEnglish, english.Buttons)...)

		if len(english.Buttons) > 0 && len(italian.Buttons) == 0 {
			errs = append(errs, required(fieldContent+".buttons[0].text"))
		}
	}

	if len(errs) > 0 || len(italian.Buttons) == 0 {
		return content, errs
	}

	frontMatter := FrontMatter{Italian: callsOf(italian.Buttons)}
	if english != nil && len(english.Buttons) > 0 {
		calls := callsOf(english.Buttons)
		frontMatter.English = &calls
	}

	return content.prepend(frontMatter)
}

// prepend writes the front-matter before the texts that there are: nothing is missed of one that is only buttons.
func (c Content) prepend(frontMatter FrontMatter) (Content, FieldErrors) {
	texts := []*string{&c.Markdown}
	if c.English != nil {
		texts = append(texts, &c.English.Markdown)
	}

	for _, text := range texts {
		if isBlank(*text) {
			continue
		}

		headed, err := frontMatter.Prepend(*text)
		if err != nil {
			return c, FieldErrors{{
				Field: fieldMarkdown, Code: "front_matter",
				Message: "app IO could not read the buttons", Messaggio: "app IO non riuscirebbe a leggere i pulsanti",
			}}
		}

		*text = headed
	}

	return c, nil
}

// checkButtons holds buttons to the rules of those of a template, of which the text is all literal here.
func checkButtons(field string, buttons []Button) FieldErrors {
	field += ".buttons"

	if len(buttons) > maxButtons {
		return FieldErrors{{
			Field: field, Code: "too_many",
			Message: fmt.Sprintf("at most %d buttons", maxButtons), Messaggio: fmt.Sprintf("al massimo %d pulsanti", maxButtons),
		}}
	}

	var errs FieldErrors

	for i, button := range buttons {
		each := fmt.Sprintf("%s[%d]", field, i)
		_, fault := callFrontMatter(CallToAction(button)).Prepend("")

		switch {
		case isBlank(button.Text):
			errs = append(errs, required(each+".text"))
		case button.Action == "":
			errs = append(errs, required(each+".action"))
		case fault == nil:
		case !allowedAction(button.Action):
			errs = append(errs, FieldError{
				Field: each + ".action", Code: "action",
				Message:   "the action must be iohandledlink:// with an https, http, mailto, tel or sms link, ioit:// or iosso://",
				Messaggio: "l'azione deve essere iohandledlink:// con un link https, http, mailto, tel o sms, ioit:// oppure iosso://",
			})
		default:
			errs = append(errs, FieldError{
				Field: each + ".text", Code: "characters",
				Message: "the button needs a text of one line", Messaggio: "il pulsante deve avere un testo su una sola riga",
			})
		}
	}

	return errs
}

func callFrontMatter(call CallToAction) FrontMatter {
	return FrontMatter{Italian: CallsToAction{First: call}}
}

func callsOf(buttons []Button) CallsToAction {
	calls := CallsToAction{First: CallToAction(buttons[0])}

	if len(buttons) > 1 {
		second := CallToAction(buttons[1])
		calls.Second = &second
	}

	return calls
}

// Texts is what [Written] was given, as far as the content tells. A front-matter that cannot be read stays in its text.
func (c Content) Texts() (italian TemplateText, english *TemplateText) {
	italian = TemplateText{Subject: c.Subject, Markdown: c.Markdown, SMSText: c.SMSText}

	head, body, errs := ParseFrontMatter(c.Markdown)
	if len(errs) == 0 {
		italian.Markdown = body
	}

	if head != nil {
		italian.Buttons = buttonsOf(head.Italian)
	}

	if c.English == nil {
		return italian, nil
	}

	english = &TemplateText{Subject: c.English.Subject, Markdown: c.English.Markdown, SMSText: c.English.SMSText}

	head, body, errs = ParseFrontMatter(c.English.Markdown)
	if len(errs) == 0 {
		english.Markdown = body
	}

	if head != nil && head.English != nil {
		english.Buttons = buttonsOf(*head.English)
	}

	return italian, english
}

func buttonsOf(calls CallsToAction) []Button {
	buttons := []Button{Button(calls.First)}
	if calls.Second != nil {
		buttons = append(buttons, Button(*calls.Second))
	}

	return buttons
}
