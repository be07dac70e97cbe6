package server

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/genio-gateway/genio/notification"
)

// wholeBody is the field of an error that concerns the body and no single field of it.
const wholeBody = "body"

// Names of the rules that the contract itself checks, as FieldError.Code.
const (
	ruleNull         = "null"
	ruleType         = "type"
	ruleRequired     = "required"
	ruleUnknownField = "unknown_field"
	ruleUnknownParam = "unknown_parameter"
	ruleRepeated     = "repeated"
	ruleFormat       = "format"
	ruleNotAllowed   = "not_allowed"
	ruleTooShort     = "too_short"
	ruleTooLong      = "too_long"
	ruleTooSmall     = "too_small"
	ruleTooLarge     = "too_large"
	ruleTooMany      = "too_many"
	ruleTooFew       = "too_few"
	ruleEmpty        = "empty"
	ruleNotTogether  = "not_together"
	ruleInvalid      = "invalid"
)

// fieldError says which rule of its schema a field breaks. The library's own text is not used: it holds the value.
func fieldError(field string, broken *openapi3.SchemaError) notification.FieldError {
	schema := broken.Schema
	if broken.Value == nil && broken.SchemaField != "required" {
		return rule(
			field, ruleNull,
			"must not be null; leave the field out instead", "non può essere null; ometti il campo",
		)
	}

	switch broken.SchemaField {
	case "type":
		return rule(field, ruleType, "must be "+typeName(schema).English, "deve essere "+typeName(schema).Italian)
	case "required":
		return rule(field, ruleRequired, "is required", "è obbligatorio")
	case "enum":
		values := allowedValues(schema)

		return rule(field, ruleNotAllowed, "must be one of: "+values, "deve essere uno tra: "+values)
	case "pattern", "format":
		text := formatName(schema)

		return rule(field, ruleFormat, text.English, text.Italian)
	default:
		return boundError(field, broken)
	}
}

func boundError(field string, broken *openapi3.SchemaError) notification.FieldError {
	schema := broken.Schema

	switch {
	case broken.SchemaField == "minLength":
		return rule(
			field, ruleTooShort,
			fmt.Sprintf("must have at least %d characters", schema.MinLength),
			fmt.Sprintf("deve avere almeno %d caratteri", schema.MinLength),
		)
	case broken.SchemaField == "maxLength" && schema.MaxLength != nil:
		return rule(
			field, ruleTooLong,
			fmt.Sprintf("must have at most %d characters", *schema.MaxLength),
			fmt.Sprintf("deve avere al massimo %d caratteri", *schema.MaxLength),
		)
	case broken.SchemaField == "minimum" && schema.Min != nil:
		return rule(
			field, ruleTooSmall,
			fmt.Sprintf("must be at least %.0f", *schema.Min),
			fmt.Sprintf("deve essere almeno %.0f", *schema.Min),
		)
	case broken.SchemaField == "maximum" && schema.Max != nil:
		return rule(
			field, ruleTooLarge,
			fmt.Sprintf("must be at most %.0f", *schema.Max),
			fmt.Sprintf("deve essere al massimo %.0f", *schema.Max),
		)
	default:
		return sizeError(field, broken)
	}
}

// sizeError is about how much a list or an object has in it.
func sizeError(field string, broken *openapi3.SchemaError) notification.FieldError {
	schema := broken.Schema

	switch {
	case broken.SchemaField == "maxItems" && schema.MaxItems != nil:
		return rule(
			field, ruleTooMany,
			fmt.Sprintf("must have at most %d elements", *schema.MaxItems),
			fmt.Sprintf("può avere al massimo %d elementi", *schema.MaxItems),
		)
	case broken.SchemaField == "minItems":
		return rule(
			field, ruleTooFew,
			fmt.Sprintf("must have at least %d elements", schema.MinItems),
			fmt.Sprintf("deve avere almeno %d elementi", schema.MinItems),
		)
	case broken.SchemaField == "maxProperties" && schema.MaxProps != nil:
		return rule(
			field, ruleTooMany,
			fmt.Sprintf("must have at most %d fields", *schema.MaxProps),
			fmt.Sprintf("può avere al massimo %d campi", *schema.MaxProps),
		)
	default:
		return rule(field, ruleInvalid, "is not valid", "non è valido")
	}
}

func rule(field, code, message, messaggio string) notification.FieldError {
	return notification.FieldError{Field: field, Code: code, Message: message, Messaggio: messaggio}
}

func unknownField(field string) notification.FieldError {
	return rule(field, ruleUnknownField, "is not a field of this request", "non è un campo di questa richiesta")
}

func wrongType(field string) notification.FieldError {
	if field == "" {
		field = wholeBody
	}

	return rule(field, ruleType, "is not of the right type", "non è del tipo giusto")
}

func typeName(schema *openapi3.Schema) Text {
	switch {
	case schema.Type.Is(openapi3.TypeString):
		return Text{"un testo", "a text"}
	case schema.Type.Is(openapi3.TypeInteger):
		return Text{"un numero intero", "a whole number"}
	case schema.Type.Is(openapi3.TypeBoolean):
		return Text{"true o false", "true or false"}
	case schema.Type.Is(openapi3.TypeArray):
		return Text{"un elenco", "a list"}
	default:
		return Text{"un oggetto", "an object"}
	}
}

// formatName says what a text must look like.
func formatName(schema *openapi3.Schema) Text {
	switch {
	case schema.Format == "date-time":
		return Text{
			"deve essere una data con ora, secondi e fuso orario secondo RFC 3339, dal 2000 in poi, come 2026-12-01T09:00:00+01:00",
			"must be a date and time with seconds and time zone as in RFC 3339, from 2000 on, such as 2026-12-01T09:00:00+01:00",
		}
	case schema.Format == "uuid":
		return Text{"deve essere un UUID", "must be a UUID"}
	case schema.Type.Is(openapi3.TypeInteger):
		return Text{"deve essere un numero intero, non troppo grande", "must be a whole number, not too large"}
	default:
		return Text{"contiene caratteri non ammessi", "has characters that are not allowed"}
	}
}

func allowedValues(schema *openapi3.Schema) string {
	values := make([]string, len(schema.Enum))
	for i, value := range schema.Enum {
		values[i] = fmt.Sprint(value)
	}

	return strings.Join(values, ", ")
}

var wellFormedName = regexp.MustCompile(`^[A-Za-z][A-Za-z_-]{0,39}$`)

// safeName is a submitted field's or parameter's name where it looks like a name, and "*" where it may hold a value:
// names hold no digits, codici fiscali and phone numbers do.
func safeName(name string) string {
	if wellFormedName.MatchString(name) {
		return name
	}

	return "*"
}
