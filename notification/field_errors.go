package notification

import (
	"fmt"
	"strings"
)

// FieldError names one invalid field and the rule it breaks. It never holds the submitted value, which may
// be personal data.
type FieldError struct {
	// Field is the path in the API's own words, such as "content.payment.notice_number".
	Field string
	// Code is the stable name of the rule, such as "too_long" or "check_character".
	Code string
	// Message says the rule in English, Messaggio the same in Italian.
	Message   string
	Messaggio string
}

// FieldErrors is every invalid field of one submission.
type FieldErrors []FieldError

// Error lists the fields and rules in one line.
func (e FieldErrors) Error() string {
	parts := make([]string, len(e))
	for i, f := range e {
		parts[i] = fmt.Sprintf("%s: %s", f.Field, f.Message)
	}

	return strings.Join(parts, "; ")
}

// OrNil is e as an error, or nil where no field is invalid.
func (e FieldErrors) OrNil() error {
	if len(e) == 0 {
		return nil
	}

	return e
}
