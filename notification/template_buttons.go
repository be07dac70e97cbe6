package notification

import (
	"fmt"
	"strings"
)

// maxButtons is app IO's.
const maxButtons = 2

type buttonPieces struct{ text, action []piece }

// buttons reads the buttons of one language; none where one of them has a fault.
func (c *compiler) buttons(field string, buttons []Button) []buttonPieces {
	if len(buttons) > maxButtons {
		c.fault(field, "too_many", fmt.Sprintf("at most %d buttons", maxButtons), fmt.Sprintf("al massimo %d pulsanti", maxButtons))

		return nil
	}

	faults := len(c.errs)
	compiled := make([]buttonPieces, len(buttons))

	for i, button := range buttons {
		each := fmt.Sprintf("%s[%d]", field, i)
		compiled[i] = buttonPieces{text: c.buttonText(each+".text", button.Text), action: c.action(each+".action", button.Action)}
	}

	if len(c.errs) > faults {
		return nil
	}

	return compiled
}

func (c *compiler) buttonText(field, text string) []piece {
	pieces := c.pieces(field, text, asQuoted)

	switch {
	case c.faulty(field):
	case isBlank(text):
		c.errs = append(c.errs, required(field))
	case strings.ContainsFunc(text, notShownOnAButton):
		c.fault(field, "characters", "the button needs a text of one line", "il pulsante deve avere un testo su una sola riga")
	}

	return pieces
}

// action reads what a button opens. A value stands in it encoded, and only where it cannot change what is opened.
func (c *compiler) action(field, text string) []piece {
	pieces := c.pieces(field, text, asAddress)
	before := ""

	for i := range pieces {
		if pieces[i].literal != "" {
			before += pieces[i].literal

			continue
		}

		if !valueAllowedAfter(before) && !c.faulty(field) {
			c.placeholderPosition(field)
		}

		if link := strings.TrimPrefix(before, "iohandledlink://"); isContactLink(link+stand) && !strings.Contains(link, "?") {
			pieces[i].form = asContact
		}

		before += stand
	}

	switch {
	case c.faulty(field):
	case text == "":
		c.errs = append(c.errs, required(field))
	case !allowedAction(before):
		c.fault(field, "action",
			"the action must be iohandledlink:// with an https, http, mailto, tel or sms link, ioit:// or iosso://",
			"l'azione deve essere iohandledlink:// con un link https, http, mailto, tel o sms, ioit:// oppure iosso://")
	}

	return pieces
}

func valueAllowedAfter(before string) bool {
	if strings.HasPrefix(before, "ioit://") {
		return true
	}

	_, link, _ := strings.Cut(before, "://")

	return isContactLink(link+stand) || isWebAddress(link+stand) && siteWritten(link)
}

// frontMatterPieces is what [FrontMatter.Prepend] writes before a body, in pieces; empty where there are no buttons.
// Each text gets the buttons of both languages, because the app chooses by its own language.
func frontMatterPieces(italian languageTexts, english *languageTexts) []piece {
	if len(italian.buttons) == 0 {
		return nil
	}

	pieces := []piece{{literal: frontMatterFence + "\n"}}
	pieces = appendButtons(pieces, keyItalian, italian.buttons)

	if english != nil && len(english.buttons) > 0 {
		pieces = appendButtons(pieces, keyEnglish, english.buttons)
	}

	return append(pieces, piece{literal: frontMatterFence + "\n"})
}

func appendButtons(pieces []piece, language string, buttons []buttonPieces) []piece {
	pieces = append(pieces, piece{literal: language + ":\n"})

	for i, button := range buttons {
		key := [...]string{keyFirstCTA, keySecondCTA}[i]

		pieces = append(pieces, piece{literal: fmt.Sprintf("  %s:\n    %s: \"", key, keyText)})
		pieces = appendQuoted(pieces, button.text)
		pieces = append(pieces, piece{literal: fmt.Sprintf("\"\n    %s: \"", keyAction)})
		pieces = appendQuoted(pieces, button.action)
		pieces = append(pieces, piece{literal: "\"\n"})
	}

	return pieces
}

func appendQuoted(pieces, quoted []piece) []piece {
	for _, each := range quoted {
		each.literal = quoteYAML(each.literal)
		pieces = append(pieces, each)
	}

	return pieces
}
