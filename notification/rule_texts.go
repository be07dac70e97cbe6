package notification

import (
	"errors"
	"fmt"

	"github.com/genio-gateway/genio/fiscalcode"
)

// FiscalCodeError is the rule that package fiscalcode found broken, as an invalid field.
func FiscalCodeError(field string, err error) FieldError {
	var rule fiscalcode.RuleError
	if !errors.As(err, &rule) {
		return FieldError{
			Field: field, Code: "invalid",
			Message: "is not a valid codice fiscale", Messaggio: "non è un codice fiscale valido",
		}
	}

	return FieldError{Field: field, Code: rule.Code(), Message: rule.Error(), Messaggio: rule.Messaggio()}
}

func required(field string) FieldError {
	return FieldError{Field: field, Code: "required", Message: "is required", Messaggio: "è obbligatorio"}
}

func blank(field string) FieldError {
	return FieldError{
		Field: field, Code: "blank",
		Message: "has no text but spaces", Messaggio: "non contiene testo, ma solo spazi",
	}
}

func tooShort(field string, shortest int) FieldError {
	return FieldError{
		Field: field, Code: "too_short",
		Message:   fmt.Sprintf("must have at least %d characters", shortest),
		Messaggio: fmt.Sprintf("deve avere almeno %d caratteri", shortest),
	}
}

func tooLong(field string, longest int) FieldError {
	return FieldError{
		Field: field, Code: "too_long",
		Message:   fmt.Sprintf("must have at most %d characters; an emoji may count for more than one", longest),
		Messaggio: fmt.Sprintf("deve avere al massimo %d caratteri; un'emoji può valere più di un carattere", longest),
	}
}
