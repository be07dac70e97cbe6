package server

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// maxListedErrors is more than anybody mends at once, and keeps the answer to a careless request small.
const maxListedErrors = 100

// validation checks a request against its operation in the contract and finds every invalid field.
type validation struct {
	route   *routers.Route
	options *openapi3filter.Options
}

func newValidation(route *routers.Route) validation {
	// Keys are checked by a middleware of their own, before anything else is looked at. The library would read the whole
	// body, a file of 50 MiB included, only to have something checked that needs none of it.
	operation := *route.Operation
	operation.Security = &openapi3.SecurityRequirements{}

	open := *route
	open.Operation = &operation

	return validation{
		route: &open,
		options: &openapi3filter.Options{
			MultiError:          true,
			SkipSettingDefaults: true,
			// The handler binds the value that was checked, not a second and laxer reading of the body.
			KeepValidatedValue:      true,
			SchemaValidationOptions: schemaOptions(),
		},
	}
}

// newParameterValidation is for an operation whose body is checked while it is read.
func newParameterValidation(route *routers.Route) validation {
	parameters := newValidation(route)
	parameters.options.ExcludeRequestBody = true

	return parameters
}

func schemaOptions() []openapi3.SchemaValidationOption {
	return []openapi3.SchemaValidationOption{
		openapi3.WithStringFormatValidator("date-time", openapi3.NewCallbackValidator(checkInstant)),
	}
}

// schemaCheck checks a value by itself, as the validation of a request checks its body.
type schemaCheck struct {
	schema  *openapi3.Schema
	options []openapi3.SchemaValidationOption
}

func newSchemaCheck(schema *openapi3.Schema) schemaCheck {
	return schemaCheck{
		schema:  schema,
		options: append(schemaOptions(), openapi3.VisitAsRequest(), openapi3.MultiErrors()),
	}
}

// errorsOf lists the value's invalid fields; whole is the name of the value itself.
func (s schemaCheck) errorsOf(value any, whole string) notification.FieldErrors {
	err := s.schema.VisitJSON(value, s.options...)
	if err == nil {
		return nil
	}

	return tidy(schemaErrors("", whole, err, func(error) notification.FieldError { return wrongType(whole) }))
}

var errNoInstant = errors.New("not a date and time as in RFC 3339")

func checkInstant(text string) error {
	// As strict as the reading of the body, where time.Parse is not. Its error repeats the value.
	if new(time.Time).UnmarshalText([]byte(text)) != nil {
		return errNoInstant
	}

	return nil
}

func (v validation) middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		// Nobody waits any more: neither the checks nor the use case are worth their while.
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("validating a request: %w", err)
		}

		broken := v.parameterErrors(c.Request())

		err := openapi3filter.ValidateRequest(ctx, &openapi3filter.RequestValidationInput{
			Request:    c.Request(),
			PathParams: pathParameters(c),
			Route:      v.route,
			Options:    v.options,
		})
		if err != nil {
			found, fault := contractErrors(err)
			if fault != nil {
				return fault
			}

			broken = append(broken, found...)
		}

		if broken = tidy(broken); len(broken) > 0 {
			return fail(ProblemInvalidRequest, broken...)
		}

		return next(c)
	}
}

func pathParameters(c echo.Context) map[string]string {
	parameters := make(map[string]string, len(c.ParamNames()))
	for i, name := range c.ParamNames() {
		parameters[name] = c.ParamValues()[i]
	}

	return parameters
}

// parameterErrors finds what the library lets pass: parameters that the contract does not know, above all a codice
// fiscale in the address, and repeated ones, of which only one would count.
func (v validation) parameterErrors(r *http.Request) notification.FieldErrors {
	var broken notification.FieldErrors

	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		broken = append(broken, rule("query", ruleFormat, "is not a well-formed query", "non è una query corretta"))
	}

	for name, values := range query {
		parameter := v.route.Operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name)

		switch {
		case parameter == nil:
			broken = append(broken, rule(
				safeName(name), ruleUnknownParam,
				"is not a query parameter of this operation", "non è un parametro di questa operazione",
			))
		case len(values) > 1 && !parameter.Schema.Value.Type.Is(openapi3.TypeArray):
			broken = append(broken, repeated(name))
		case slices.ContainsFunc(values, func(value string) bool { return !utf8.ValidString(value) }):
			broken = append(broken, rule(name, ruleFormat, "must be UTF-8", "deve essere in UTF-8"))
		}
	}

	for _, parameter := range v.route.Operation.Parameters {
		if parameter.Value.In == openapi3.ParameterInHeader && len(r.Header.Values(parameter.Value.Name)) > 1 {
			broken = append(broken, repeated(parameter.Value.Name))
		}
	}

	return broken
}

func repeated(field string) notification.FieldError {
	return rule(field, ruleRepeated, "must be given once only", "va indicato una volta sola")
}

// contractErrors turns the library's tree of errors into a list of fields. An invalid id in the path names nothing
// that could exist, so it is ErrNotFound; an error that the library did not mean for the caller is given back.
func contractErrors(err error) (notification.FieldErrors, error) {
	var broken notification.FieldErrors

	for _, one := range leaves(err) {
		var request *openapi3filter.RequestError
		if !errors.As(one, &request) {
			return nil, one
		}

		if request.Parameter != nil && request.Parameter.In == openapi3.ParameterInPath {
			return nil, gateway.ErrNotFound
		}

		broken = append(broken, requestErrors(request)...)
	}

	return broken, nil
}

func requestErrors(request *openapi3filter.RequestError) notification.FieldErrors {
	base := ""
	if request.Parameter != nil {
		base = request.Parameter.Name
	}

	return schemaErrors(base, wholeBody, request.Err, func(error) notification.FieldError { return unreadable(base, request) })
}

// schemaErrors turns what the library found wrong with a value into fields below base. whole is the name of the value
// itself where base is empty; other says what an error is that breaks no schema.
func schemaErrors(base, whole string, err error, other func(error) notification.FieldError) notification.FieldErrors {
	var broken notification.FieldErrors

	// The library has one error for each unknown field, which names the whole object and not the field.
	searched := map[string]bool{}

	for _, one := range leaves(err) {
		var schema *openapi3.SchemaError

		switch {
		case errors.As(one, &schema) && schema.SchemaField == "properties":
			path := fieldPath(base, schema.JSONPointer())
			if !searched[path] {
				broken = append(broken, unknownFields(path, schema)...)
			}

			searched[path] = true
		case errors.As(one, &schema):
			broken = append(broken, fieldError(cmp.Or(fieldPath(base, schema.JSONPointer()), whole), schema))
		default:
			broken = append(broken, other(one))
		}
	}

	return broken
}

// unreadable is a parameter that is empty, missing or not of its type, or a body that is missing.
func unreadable(field string, request *openapi3filter.RequestError) notification.FieldError {
	switch {
	case errors.Is(request.Err, openapi3filter.ErrInvalidRequired):
		return rule(cmp.Or(field, wholeBody), ruleRequired, "is required", "è obbligatorio")
	case errors.Is(request.Err, openapi3filter.ErrInvalidEmptyValue):
		return rule(field, ruleEmpty, "must not be empty", "non può essere vuoto")
	case request.Parameter != nil && request.Parameter.Schema != nil:
		name := typeName(request.Parameter.Schema.Value)

		return rule(field, ruleType, "must be "+name.English, "deve essere "+name.Italian)
	default:
		return wrongType(field)
	}
}

// unknownFields names the fields of an object that its schema does not know.
func unknownFields(path string, broken *openapi3.SchemaError) notification.FieldErrors {
	object, isObject := broken.Value.(map[string]any)
	if !isObject {
		return notification.FieldErrors{wrongType(path)}
	}

	var unknown notification.FieldErrors

	for name := range object {
		if broken.Schema.Properties[name] == nil {
			unknown = append(unknown, unknownField(fieldPath(path, []string{safeName(name)})))
		}
	}

	return unknown
}

// fieldPath names a field. Names that the caller chose, such as those of placeholders, are shown where they are safe.
func fieldPath(base string, pointer []string) string {
	const longestIndex = 5 // digits, fewer than those of any number that is somebody's

	path := base

	for _, step := range pointer {
		switch {
		case strings.Trim(step, "0123456789") == "" && len(step) <= longestIndex:
			path += "[" + step + "]"
		case path == "":
			path = safeName(step)
		default:
			path += "." + safeName(step)
		}
	}

	return path
}

// leaves are the single errors within errors of several.
func leaves(err error) []error {
	several, isSeveral := err.(openapi3.MultiError) //nolint:errorlint // only the outermost layer
	if !isSeveral {
		return []error{err}
	}

	var all []error
	for _, one := range several {
		all = append(all, leaves(one)...)
	}

	return all
}

// tidy sorts by field and keeps one error of each: a malformed UUID is not also too short. Of very many it keeps the
// first ones.
func tidy(broken notification.FieldErrors) notification.FieldErrors {
	slices.SortStableFunc(broken, func(a, b notification.FieldError) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(weight(a.Code), weight(b.Code)))
	})

	broken = slices.CompactFunc(broken, func(a, b notification.FieldError) bool { return a.Field == b.Field })

	return broken[:min(len(broken), maxListedErrors)]
}

// weight puts the rule that explains most first.
func weight(code string) int {
	switch code {
	case ruleNull, ruleType, ruleRequired, ruleUnknownField, ruleUnknownParam, ruleRepeated, ruleEmpty:
		return 0
	case ruleFormat, ruleNotAllowed:
		return 1
	default:
		return 2
	}
}
