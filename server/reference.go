package server

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// reference is the contract as its page shows it.
type reference struct {
	Version, Summary, Description, BaseURL string
	Groups                                 []group
	Webhooks                               []operation
	Schemas                                []schema
}

type group struct {
	Name, Description string
	Operations        []operation
}

type operation struct {
	ID, Method, Path, Summary, Description string
	// NeedsKey tells whether a caller needs an API key; webhooks are calls to others.
	NeedsKey       bool
	Parameters     []field
	Body, BodyType string // the name of its schema, its media type; empty for none
	Examples       []example
	Answers        []answer
}

// field is a parameter or a property.
type field struct {
	Name, Place, Type, Link, Rules, Description string
	Required                                    bool
}

type example struct{ Summary, Text string }

type answer struct {
	Status, Description, Schema string
	Types                       []string // media types
	Headers                     []field
	Examples                    []example
}

type schema struct {
	Name, Type, Description, Rules string
	Properties                     []field
}

func referenceOf(contract, webhooks *openapi3.T) reference {
	summary, _ := contract.Info.Extensions["x-summary"].(string)
	shown := reference{
		Version:     contract.Info.Version,
		Summary:     summary,
		Description: contract.Info.Description,
		BaseURL:     contract.Servers[0].URL,
	}

	for _, tag := range contract.Tags {
		shown.Groups = append(shown.Groups, group{
			Name: tag.Name, Description: tag.Description, Operations: operationsOf(contract, tag.Name),
		})
	}

	for _, path := range webhooks.Paths.InMatchingOrder() {
		item := webhooks.Paths.Value(path)
		route := routers.Route{Spec: webhooks, Path: path, PathItem: item, Method: http.MethodPost, Operation: item.Post}
		call := describe(&route)
		call.Examples = examplesOf(item.Post.RequestBody.Value.Content[call.BodyType].Examples)
		shown.Webhooks = append(shown.Webhooks, call)
	}

	for _, name := range slices.Sorted(maps.Keys(contract.Components.Schemas)) {
		shown.Schemas = append(shown.Schemas, schemaOf(name, contract.Components.Schemas[name].Value))
	}

	return shown
}

func operationsOf(contract *openapi3.T, tag string) []operation {
	var shown []operation

	for _, path := range contract.Paths.InMatchingOrder() {
		item := contract.Paths.Value(path)

		for _, method := range []string{"POST", "GET", "PUT", "PATCH", "DELETE"} {
			described := item.GetOperation(method)
			if described != nil && slices.Contains(described.Tags, tag) {
				route := routers.Route{Spec: contract, Path: path, PathItem: item, Method: method, Operation: described}
				shown = append(shown, operationOf(&route))
			}
		}
	}

	slices.SortStableFunc(shown, func(a, b operation) int {
		return cmp.Or(cmp.Compare(strings.Count(a.Path, "/"), strings.Count(b.Path, "/")), cmp.Compare(a.Path, b.Path))
	})

	return shown
}

func operationOf(route *routers.Route) operation {
	shown := describe(route)
	shown.NeedsKey = needsKey(route)
	shown.Examples = curlExamples(route, shown.NeedsKey)

	return shown
}

// describe tells all of an operation but how to call it.
func describe(route *routers.Route) operation {
	described := route.Operation
	shown := operation{
		ID: described.OperationID, Method: route.Method, Path: route.Path,
		Summary: described.Summary, Description: described.Description,
	}

	for _, parameter := range slices.Concat(route.PathItem.Parameters, described.Parameters) {
		shown.Parameters = append(shown.Parameters, parameterOf(parameter.Value))
	}

	if described.RequestBody != nil {
		for mediaType, content := range described.RequestBody.Value.Content { // there is one
			shown.BodyType, shown.Body = mediaType, refName(content.Schema.Ref)
		}
	}

	for _, status := range slices.Sorted(maps.Keys(described.Responses.Map())) {
		shown.Answers = append(shown.Answers, answerOf(status, described.Responses.Value(status).Value))
	}

	return shown
}

func parameterOf(parameter *openapi3.Parameter) field {
	shown := fieldOf(parameter.Name, parameter.Schema, parameter.Required)
	shown.Place = parameter.In
	shown.Description = cmp.Or(parameter.Description, shown.Description)

	return shown
}

func answerOf(status string, response *openapi3.Response) answer {
	shown := answer{Status: status}
	if response.Description != nil {
		shown.Description = *response.Description
	}

	for _, name := range slices.Sorted(maps.Keys(response.Headers)) {
		header := response.Headers[name].Value
		described := fieldOf(name, header.Schema, header.Required)
		described.Description = header.Description
		shown.Headers = append(shown.Headers, described)
	}

	for _, mediaType := range slices.Sorted(maps.Keys(response.Content)) {
		content := response.Content[mediaType]
		shown.Types = append(shown.Types, mediaType)
		shown.Schema = refName(content.Schema.Ref)
		shown.Examples = append(shown.Examples, examplesOf(content.Examples)...)
	}

	return shown
}

func schemaOf(name string, described *openapi3.Schema) schema {
	label, _ := typeOf(described.NewRef())
	shown := schema{Name: name, Type: label, Description: described.Description, Rules: rulesOf(described)}

	names := slices.Concat(described.Required, slices.Sorted(maps.Keys(described.Properties)))
	for i, property := range names {
		if i >= len(described.Required) && slices.Contains(described.Required, property) {
			continue
		}

		shown.Properties = append(shown.Properties, fieldOf(property, described.Properties[property], i < len(described.Required)))
	}

	return shown
}

func fieldOf(name string, described *openapi3.SchemaRef, required bool) field {
	label, link := typeOf(described)

	return field{
		Name: name, Type: label, Link: link, Required: required,
		Rules: rulesOf(described.Value), Description: described.Value.Description,
	}
}

// typeOf names a type, and the schema that explains it.
func typeOf(described *openapi3.SchemaRef) (label, link string) {
	if name := refName(described.Ref); name != "" {
		return name, name
	}

	if described.Value.Type.Is(openapi3.TypeArray) {
		label, link = typeOf(described.Value.Items)

		return "list of " + label, link
	}

	if values := described.Value.AdditionalProperties.Schema; values != nil {
		label, link = typeOf(values)

		return "object of " + label, link
	}

	label = strings.Join(described.Value.Type.Slice(), " or ")
	if described.Value.Format != "" {
		label += " (" + described.Value.Format + ")"
	}

	return label, ""
}

func refName(ref string) string {
	return ref[strings.LastIndexByte(ref, '/')+1:]
}

// rulesOf puts a schema's bounds into words.
func rulesOf(described *openapi3.Schema) string {
	var rules []string

	if len(described.Enum) > 0 {
		rules = append(rules, "one of: "+allowedValues(described))
	}

	switch {
	case described.MaxLength == nil:
	case described.MinLength == *described.MaxLength:
		rules = append(rules, fmt.Sprintf("%d characters", *described.MaxLength))
	case described.MinLength > 1:
		rules = append(rules, fmt.Sprintf("%d to %d characters", described.MinLength, *described.MaxLength))
	default:
		rules = append(rules, fmt.Sprintf("at most %d characters", *described.MaxLength))
	}

	if described.Min != nil {
		rules = append(rules, fmt.Sprintf("from %.0f", *described.Min))
	}

	if described.Max != nil {
		rules = append(rules, fmt.Sprintf("up to %.0f", *described.Max))
	}

	if described.MaxItems != nil {
		rules = append(rules, fmt.Sprintf("at most %d elements", *described.MaxItems))
	}

	if described.MaxProps != nil {
		rules = append(rules, fmt.Sprintf("at most %d fields", *described.MaxProps))
	}

	if described.Default != nil {
		rules = append(rules, fmt.Sprintf("default %v", described.Default))
	}

	return strings.Join(rules, "; ")
}

func examplesOf(described openapi3.Examples) []example {
	var shown []example

	for _, name := range slices.Sorted(maps.Keys(described)) {
		text, err := json.MarshalIndent(described[name].Value.Value, "", "  ")
		if err != nil { // the document was read from text: everything in it can be written again
			continue
		}

		shown = append(shown, example{Summary: described[name].Value.Summary, Text: string(text)})
	}

	return shown
}
