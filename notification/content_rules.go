package notification

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of app IO's message (OpenAPI of "IO API for Public Administration Services"), counted in UTF-16
// code units as its validator does: an emoji beyond the Basic Multilingual Plane counts two.
const (
	MinSubjectLength  = 10
	MaxSubjectLength  = 120
	MinMarkdownLength = 80
	MaxMarkdownLength = 10_000
)

// MaxSMSTextLength is Twilio's limit for the body of a message. It is counted in UTF-16 code units too, the
// stricter reading of Twilio's "characters".
const MaxSMSTextLength = 1_600

// The years that a due date may lie in. IO sets no bounds; outside these, the date is a slip of the
// keyboard or an empty value. A past date is allowed, as IO allows it: notices may be overdue.
const (
	firstDueYear = 2000
	lastDueYear  = 2099
)

// Fields in the API's own words.
const (
	fieldContent  = "content"
	fieldEnglish  = "content.english"
	fieldSubject  = "content.subject"
	fieldMarkdown = "content.markdown"
	fieldDueDate  = "content.due_date"
	fieldSMSText  = "content.sms_text"
)

// Validate lists every field that breaks a rule of IO or of the SMS provider, empty where none does.
// maxPaymentCents is the service's payment ceiling in euro cents; 0 allows no payment. IO silently accepts
// some of what is refused here and then shows the citizen nothing useful: a blank subject, buttons that
// its app cannot read.
func (c Content) Validate(maxPaymentCents int64) FieldErrors {
	var errs FieldErrors

	errs = append(errs, checkText(fieldSubject, c.Subject, MinSubjectLength, MaxSubjectLength)...)
	errs = append(errs, c.checkMarkdown()...)
	errs = append(errs, checkDueDate(c.DueDate)...)

	if c.Payment != nil {
		errs = append(errs, c.Payment.Validate(maxPaymentCents)...)
	}

	if c.SMSText != "" {
		errs = append(errs, checkText(fieldSMSText, c.SMSText, 1, MaxSMSTextLength)...)
	}

	return append(errs, c.checkEnglish()...)
}

// checkEnglish holds the English texts to the same rules, as content.english.subject and so on.
func (c Content) checkEnglish() FieldErrors {
	if c.English == nil {
		return nil
	}

	texts := Content{Subject: c.English.Subject, Markdown: c.English.Markdown, SMSText: c.English.SMSText}

	errs := texts.Validate(0)
	for i := range errs {
		errs[i].Field = fieldEnglish + strings.TrimPrefix(errs[i].Field, fieldContent)
	}

	return errs
}

func (c Content) checkMarkdown() FieldErrors {
	if errs := checkText(fieldMarkdown, c.Markdown, MinMarkdownLength, MaxMarkdownLength); len(errs) > 0 {
		return errs
	}

	_, body, errs := ParseFrontMatter(c.Markdown)
	if len(errs) == 0 && isBlank(body) {
		errs = append(errs, blank(fieldMarkdown))
	}

	return errs
}

// checkText applies the rules that every text keeps; one error at most, the most telling.
func checkText(field, text string, shortest, longest int) FieldErrors {
	length := utf16Length(text)

	switch {
	case text == "":
		return FieldErrors{required(field)}
	case !utf8.ValidString(text):
		return FieldErrors{{
			Field: field, Code: "encoding",
			Message: "is not valid UTF-8", Messaggio: "non è codificato correttamente in UTF-8",
		}}
	case isBlank(text):
		return FieldErrors{blank(field)}
	case length < shortest:
		return FieldErrors{tooShort(field, shortest)}
	case length > longest:
		return FieldErrors{tooLong(field, longest)}
	}

	return nil
}

func checkDueDate(due *time.Time) FieldErrors {
	if due == nil {
		return nil
	}

	if year := due.UTC().Year(); year >= firstDueYear && year <= lastDueYear {
		return nil
	}

	return FieldErrors{{
		Field: fieldDueDate, Code: "out_of_range",
		Message:   "must be between the years 2000 and 2099",
		Messaggio: "deve essere compresa tra gli anni 2000 e 2099",
	}}
}

func isBlank(text string) bool { return strings.TrimSpace(text) == "" }

// utf16Length counts as JavaScript does.
func utf16Length(text string) int {
	const lastOfBasicPlane = 0xFFFF

	length := 0

	for _, r := range text {
		length++

		if r > lastOfBasicPlane {
			length++
		}
	}

	return length
}
