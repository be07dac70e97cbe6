package notification

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxTemplateName is what lists and menus have room for.
const maxTemplateName = 100 // characters

// piece is a part of a text: a literal, or a placeholder's value in the form of its place.
type piece struct {
	literal     string
	placeholder int // index; meaningful where literal is empty
	form        escaping
}

// fillText is one of the texts that a template becomes.
type fillText struct {
	field             string // of the content
	shortest, longest int    // UTF-16 code units
	pieces            []piece
	static            int // length of the literals
}

// The texts of one language, in the order of a Filling's texts. English follows Italian.
const (
	textSubject = iota
	textMarkdown
	textSMS
)

const (
	textsPerLanguage = textSMS + 1
	allTexts         = 2 * textsPerLanguage
)

// Validate lists what is wrong with a template, by the fields of the template: italian.subject,
// english.buttons[1].action. Limits that depend on the values are not broken yet.
func (t Template) Validate() FieldErrors {
	_, errs := Compile(t, "")

	return errs
}

// Placeholders lists the names in the order of their first appearance: in the Italian subject, markdown, SMS text and
// buttons, and then in the English ones. Names that [NormalisePlaceholder] holds equal are one placeholder.
func (t Template) Placeholders() []string {
	filling, _ := Compile(t, "")

	return filling.Placeholders()
}

// Compile prepares a template for being filled many times. The Ente's name stands in SMS texts that are derived from
// the subject. A template with errors is compiled as far as it goes, so that it can be shown: what cannot be read
// stands there as it was written, and buttons with faults are left out.
func Compile(t Template, enteName string) (*Filling, FieldErrors) {
	c := compiler{indexes: map[string]int{}, enteName: enteName}

	c.checkName(t.Name)

	italian := c.language("italian", t.Italian)

	var english *languageTexts

	if t.English != nil {
		c.onlyKnown = true
		texts := c.language("english", *t.English)
		english = &texts

		if len(t.English.Buttons) > 0 && len(t.Italian.Buttons) == 0 {
			c.fault("english.buttons", "needs_italian",
				"app IO shows English buttons only beside Italian ones", "l'app IO mostra pulsanti in inglese solo accanto a quelli in italiano")
		}
	}

	if len(c.names) > MaxPlaceholders {
		c.fault("placeholders", "too_many", fmt.Sprintf("at most %d placeholders", MaxPlaceholders),
			fmt.Sprintf("al massimo %d segnaposto", MaxPlaceholders))
	}

	frontMatter := frontMatterPieces(italian, english)
	filling := &Filling{names: c.names, indexes: c.indexes}
	filling.add("content.", italian.texts(frontMatter))

	if english != nil {
		filling.add("content.english.", english.texts(frontMatter))
	}

	c.checkLengths("italian.", filling.texts[:textsPerLanguage])
	c.checkLengths("english.", filling.texts[textsPerLanguage:])
	filling.doubtful = len(frontMatter) == 0 && (looksFenced(italian.body) || english != nil && looksFenced(english.body))
	filling.countUses()

	return filling, c.errs
}

// compiler collects the placeholders and the faults of a template.
type compiler struct {
	names    []string
	indexes  map[string]int // by normalised name
	enteName string
	// onlyKnown: the text must do with the placeholders that are there.
	onlyKnown bool
	errs      FieldErrors
}

func (c *compiler) fault(field, code, message, messaggio string) {
	c.errs = append(c.errs, FieldError{Field: field, Code: code, Message: message, Messaggio: messaggio})
}

func (c *compiler) faulty(field string) bool {
	return slices.ContainsFunc(c.errs, func(err FieldError) bool { return err.Field == field })
}

func (c *compiler) checkName(name string) {
	const field = "name"

	switch {
	case strings.TrimSpace(name) == "":
		c.errs = append(c.errs, required(field))
	case utf8.RuneCountInString(name) > maxTemplateName:
		c.fault(field, "too_long", fmt.Sprintf("at most %d characters", maxTemplateName),
			fmt.Sprintf("al massimo %d caratteri", maxTemplateName))
	default:
		c.checkCharacters(field, name, "")
	}
}

// checkCharacters keeps out what a database or a reader cannot take; allowed are the control characters that may stand.
func (c *compiler) checkCharacters(field, text, allowed string) {
	control := func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune(allowed, r) }

	if utf8.ValidString(text) && !strings.ContainsFunc(text, control) {
		return
	}

	c.fault(field, "characters",
		"has characters that cannot be shown here, such as control characters or line ends",
		"contiene caratteri che qui non possono essere mostrati, come caratteri di controllo o a capo")
}

// languageTexts are a template's texts in one language, in pieces. The front-matter is common to all languages.
type languageTexts struct {
	subject, body, sms []piece
	buttons            []buttonPieces
}

func (l languageTexts) texts(frontMatter []piece) []fillText {
	return []fillText{
		textSubject:  {field: "subject", shortest: MinSubjectLength, longest: MaxSubjectLength, pieces: l.subject},
		textMarkdown: {field: "markdown", shortest: MinMarkdownLength, longest: MaxMarkdownLength, pieces: slices.Concat(frontMatter, l.body)},
		textSMS:      {field: "sms_text", shortest: 1, longest: MaxSMSTextLength, pieces: l.sms},
	}
}

func (c *compiler) language(prefix string, text TemplateText) languageTexts {
	const lineEnds = "\r\n"

	compiled := languageTexts{
		subject: c.plain(prefix+".subject", text.Subject, ""),
		body:    c.body(prefix+".markdown", text.Markdown),
	}

	if compiled.sms = c.plain(prefix+".sms_text", text.SMSText, lineEnds); text.SMSText == "" {
		compiled.sms = slices.Concat([]piece{{literal: Content{}.SMS(c.enteName)}}, compiled.subject)
	}

	compiled.buttons = c.buttons(prefix+".buttons", text.Buttons)

	return compiled
}

func (c *compiler) plain(field, text, allowed string) []piece {
	c.checkCharacters(field, text, allowed)

	return c.pieces(field, text, asPlain)
}

// pieces cuts a text at its placeholders. Where it cannot be read, it is one literal.
func (c *compiler) pieces(field, text string, form escaping) []piece {
	tokens, fault := parsePlaceholders(text)
	if fault != nil {
		c.errs = append(c.errs, fault.fieldError(field))

		return []piece{{literal: text}}
	}

	pieces := make([]piece, len(tokens))
	for i, token := range tokens {
		pieces[i] = piece{literal: token.literal, form: form}
		if token.name != "" {
			pieces[i].placeholder = c.index(field, token.name)
		}
	}

	return pieces
}

// index is the placeholder's number; a new one is added.
func (c *compiler) index(field, name string) int {
	key := NormalisePlaceholder(name)

	index, known := c.indexes[key]
	if known {
		return index
	}

	if c.onlyKnown {
		c.fault(field, "placeholder_unknown", "the placeholder (("+name+")) is not in the Italian text",
			"il segnaposto (("+name+")) non è nel testo italiano")
	}

	index = len(c.names)
	c.indexes[key] = index
	c.names = append(c.names, name)

	return index
}

// checkLengths finds what can never fit, whatever the values, of which each has one character at least.
func (c *compiler) checkLengths(prefix string, texts []fillText) {
	for i, text := range texts {
		field := prefix + [...]string{"subject", "markdown", "sms_text"}[i]
		if c.faulty(field) {
			continue
		}

		placeholders := text.countPlaceholders()

		switch {
		case placeholders == 0:
			c.errs = append(c.errs, checkText(field, text.write(nil), text.shortest, text.longest)...)
		case text.static+placeholders > text.longest:
			c.errs = append(c.errs, tooLong(field, text.longest))
		}
	}
}
