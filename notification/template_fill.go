package notification

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Filling makes contents of a template and values. It is safe for concurrent use.
//
// A value is text and nothing else: in the body of the message it cannot make links, headings, lists, HTML or
// front-matter; on a button it stays within its quotes, and in an address it is percent-encoded behind the site that
// the template names. It is always one line.
type Filling struct {
	names   []string
	indexes map[string]int // by normalised name
	texts   []fillText     // three in Italian, and three in English where there is English
	uses    [][]use        // by placeholder
	// doubtful: only the filled markdown tells whether app IO would take its beginning for a front-matter.
	doubtful bool
}

// use is a placeholder's place in a text.
type use struct {
	text  int
	form  escaping
	count int
}

// Placeholders lists the names in the order in which values are given.
func (f *Filling) Placeholders() []string { return slices.Clone(f.names) }

// Values puts values by name into the order of the placeholders. A name may be written as [NormalisePlaceholder]
// allows. It lists the names that the template does not have, or that are there twice; a value that is missing stays
// empty, of which Check and Fill tell.
func (f *Filling) Values(personalisation map[string]string) ([]string, FieldErrors) {
	var errs FieldErrors

	values := make([]string, len(f.names))
	given := make([]bool, len(f.names))

	for _, name := range slices.Sorted(maps.Keys(personalisation)) {
		index, known := f.indexes[NormalisePlaceholder(name)]

		switch {
		case !known:
			errs = append(errs, unknownPlaceholder(name))
		case given[index]:
			errs = append(errs, FieldError{
				Field: f.valueField(index), Code: "duplicate",
				Message:   "is there twice, in different spellings",
				Messaggio: "è presente due volte, con grafie diverse",
			})
		default:
			values[index], given[index] = personalisation[name], true
		}
	}

	return values, errs
}

// Check is Fill's verdict on the values without its content. Where all is well it costs a glance at each value: it
// runs for each of 100,000 rows. Only values near a limit are filled in to know.
func (f *Filling) Check(values []string) FieldErrors {
	if f.surelyFits(values) {
		return nil
	}

	_, errs := f.Fill(values)

	return errs
}

func (f *Filling) surelyFits(values []string) bool {
	if f.doubtful || len(values) != len(f.names) {
		return false
	}

	var lengths [allTexts]int

	for i, value := range values {
		measured, fine := measure(value)
		if !fine {
			return false
		}

		for _, use := range f.uses[i] {
			lengths[use.text] += use.count * measured[use.form]
		}
	}

	for i := range f.texts {
		length := lengths[i] + f.texts[i].static
		if length < f.texts[i].shortest || length > f.texts[i].longest {
			return false
		}
	}

	return true
}

// Fill makes the content, with its SMS texts. Values that are missing or damaged are named by placeholder
// (personalisation.nome), texts that break IO's limits by their field of the content; the content is there in any
// case, to be shown. It has no due date and no payment.
func (f *Filling) Fill(values []string) (Content, FieldErrors) {
	errs := f.checkValues(values)
	content := f.content(values)

	if len(errs) > 0 {
		return content, errs
	}

	errs = content.Validate(0)
	for i := range errs {
		f.nameLongest(&errs[i], values)
	}

	return content, errs
}

// SMS is the Italian text for a citizen whom IO does not reach.
func (f *Filling) SMS(values []string) string { return f.texts[textSMS].write(values) }

func (f *Filling) content(values []string) Content {
	content := Content{
		Subject:  f.texts[textSubject].write(values),
		Markdown: f.texts[textMarkdown].write(values),
		SMSText:  f.SMS(values),
	}

	if len(f.texts) == allTexts {
		content.English = &Translation{
			Subject:  f.texts[textsPerLanguage+textSubject].write(values),
			Markdown: f.texts[textsPerLanguage+textMarkdown].write(values),
			SMSText:  f.texts[textsPerLanguage+textSMS].write(values),
		}
	}

	return content
}

func (f *Filling) checkValues(values []string) FieldErrors {
	var errs FieldErrors

	for i := range f.names {
		value := valueAt(values, i)

		switch {
		case strings.ContainsFunc(value, isBroken):
			errs = append(errs, FieldError{
				Field: f.valueField(i), Code: "encoding",
				Message:   "has characters that were lost in a conversion: it is not valid UTF-8",
				Messaggio: "contiene caratteri persi in una conversione: non è codificato correttamente in UTF-8",
			})
		case IsBlankValue(value):
			errs = append(errs, required(f.valueField(i)))
		}
	}

	return errs
}

// IsBlankValue tells whether nothing would be left of a value in a text.
func IsBlankValue(value string) bool { return onOneLine(value) == "" }

func (f *Filling) valueField(index int) string { return "personalisation." + f.names[index] }

// unknownPlaceholder repeats a name only where it cannot be a value that slipped into the wrong place, such as a
// codice fiscale or a phone number.
func unknownPlaceholder(name string) FieldError {
	const mostDigits = 2

	field := "personalisation"

	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}

		return -1
	}, name)

	if ValidPlaceholder(name) && len(digits) <= mostDigits {
		field += "." + name
	}

	return FieldError{
		Field: field, Code: "unknown",
		Message: "the template has no such placeholder", Messaggio: "il modello non ha questo segnaposto",
	}
}

// nameLongest tells whose value makes a text too long.
func (f *Filling) nameLongest(err *FieldError, values []string) {
	if err.Code != "too_long" {
		return
	}

	text := slices.IndexFunc(f.texts, func(text fillText) bool { return text.field == err.Field })
	if text < 0 {
		return
	}

	longest, most := -1, 0

	for i := range f.names {
		length := 0

		for _, use := range f.uses[i] {
			if use.text == text {
				length += use.count * utf16Length(use.form.write(valueAt(values, i)))
			}
		}

		if length > most {
			longest, most = i, length
		}
	}

	if longest < 0 {
		return
	}

	err.Message += fmt.Sprintf("; the longest value is that of ((%s))", f.names[longest])
	err.Messaggio += fmt.Sprintf("; il valore più lungo è quello di ((%s))", f.names[longest])
}

func (f *Filling) add(prefix string, texts []fillText) {
	for _, text := range texts {
		text.field = prefix + text.field

		for _, each := range text.pieces {
			text.static += utf16Length(each.literal)
		}

		f.texts = append(f.texts, text)
	}
}

func (f *Filling) countUses() {
	f.uses = make([][]use, len(f.names))

	for text := range f.texts {
		for _, each := range f.texts[text].pieces {
			if each.literal == "" {
				f.countUse(each.placeholder, use{text: text, form: each.form, count: 1})
			}
		}
	}
}

func (f *Filling) countUse(placeholder int, found use) {
	uses := f.uses[placeholder]
	same := slices.IndexFunc(uses, func(u use) bool { return u.text == found.text && u.form == found.form })

	if same >= 0 {
		uses[same].count++

		return
	}

	f.uses[placeholder] = append(uses, found)
}

func (t fillText) countPlaceholders() int {
	count := 0

	for _, each := range t.pieces {
		if each.literal == "" {
			count++
		}
	}

	return count
}

// write puts the values in their places.
func (t fillText) write(values []string) string {
	var text strings.Builder

	for _, each := range t.pieces {
		if each.literal != "" {
			text.WriteString(each.literal)
		} else {
			text.WriteString(each.form.write(valueAt(values, each.placeholder)))
		}
	}

	return text.String()
}

func valueAt(values []string, index int) string {
	if index >= len(values) {
		return ""
	}

	return values[index]
}
