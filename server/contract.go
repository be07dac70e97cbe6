package server

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/server/api"
)

// exampleURL is what the contract's text holds in the place of the installation's public URL.
const exampleURL = "https://genio.example.it"

//go:embed openapi.yaml
var contractText string

// Contract loads the API's OpenAPI document, as an installation with the public URL serves it; an empty URL keeps the
// example's address.
func Contract(publicURL string) (*openapi3.T, error) {
	loader := openapi3.NewLoader()

	document, err := loader.LoadFromData([]byte(contractFor(publicURL)))
	if err != nil {
		return nil, fmt.Errorf("loading the OpenAPI document: %w", err)
	}

	if err := document.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("validating the OpenAPI document: %w", err)
	}

	return document, nil
}

func contractFor(publicURL string) string {
	if publicURL == "" {
		return contractText
	}

	return strings.ReplaceAll(contractText, exampleURL, publicURL)
}

// registerOperations binds the contract's operations to Echo, each behind what the contract asks for: a key, a
// readable body, valid fields.
func registerOperations(e *echo.Echo, contract *openapi3.T, operations *operations) {
	before := map[string][]echo.MiddlewareFunc{}

	for path, item := range contract.Paths.Map() {
		for method, operation := range item.Operations() {
			route := &routers.Route{Spec: contract, Path: path, PathItem: item, Method: method, Operation: operation}
			before[operation.OperationID] = beforeOperation(route, operations)
		}
	}

	api.RegisterHandlersWithOptions(e, api.NewStrictHandler(operations, nil), api.RegisterHandlersOptions{
		BaseURL:              apiPath,
		OperationMiddlewares: before,
	})
	e.Any("/api"+everythingElse, outsideContract(contract))
}

func beforeOperation(route *routers.Route, operations *operations) []echo.MiddlewareFunc {
	var before []echo.MiddlewareFunc

	if needsKey(route) {
		before = append(before, operations.authenticate)
	} else {
		before = append(before, operations.limitOpen)
	}

	switch body := route.Operation.RequestBody; {
	case body == nil:
		return append(before, negotiateTable, newValidation(route).middleware)
	case body.Value.Content[formMediaType] != nil:
		return append(before, formIntake, newParameterValidation(route).middleware)
	case route.Operation.OperationID == bulkOperation:
		envelope, item := envelopeOf(route)

		before = append(before, operations.boundBulks)

		return append(before, intake(bulkBounds()), newValidation(envelope).middleware, newItemCheck(item).middleware)
	default:
		return append(before, intake(plainBounds()), newValidation(route).middleware)
	}
}

// needsKey tells whether the operation asks for an API key: its own word, or else the document's.
func needsKey(route *routers.Route) bool {
	security := route.Spec.Security
	if route.Operation.Security != nil {
		security = *route.Operation.Security
	}

	return len(security) > 0
}

// outsideContract answers what no operation takes: 405 where the path exists with other methods, else 404.
func outsideContract(contract *openapi3.T) echo.HandlerFunc {
	return func(c echo.Context) error {
		var allowed []string

		for path, item := range contract.Paths.Map() {
			if matches(apiPath+path, c.Request().URL.Path) {
				allowed = slices.AppendSeq(allowed, maps.Keys(item.Operations()))
			}
		}

		if len(allowed) == 0 {
			return fail(ProblemNotFound)
		}

		slices.Sort(allowed)
		c.Response().Header().Set(echo.HeaderAllow, strings.Join(slices.Compact(allowed), ", "))

		return fail(ProblemMethodNotAllowed)
	}
}

// matches tells whether an address is one that the path of the contract stands for.
func matches(template, address string) bool {
	expected, given := strings.Split(template, "/"), strings.Split(address, "/")

	return slices.EqualFunc(expected, given, func(pattern, segment string) bool {
		return pattern == segment || strings.HasPrefix(pattern, "{") && segment != ""
	})
}
