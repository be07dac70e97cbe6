package server_test

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// operation is one of the contract's that asks for a key.
type operation struct {
	*openapi3.Operation

	path, method string
}

func operations(t *testing.T) []operation {
	t.Helper()

	var all []operation

	eachOperation(t, func(path, method string, found *openapi3.Operation) {
		if found.Security == nil {
			all = append(all, operation{found, path, method})
		}
	})
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.path+a.method, b.path+b.method) })

	return all
}

// foreignRequest is a request that names something of another Ente.
type foreignRequest struct{ path, text, mediaType string }

// requestsWith are the operation's requests that name an id: in the path, in each parameter of the address, and in each field
// of each example of a body that holds an id.
func requestsWith(t *testing.T, one operation, own tenant, id string) []foreignRequest {
	t.Helper()

	path := strings.NewReplacer("{id}", id, "{number}", "2").Replace(one.path)
	require.NotContains(t, path, "{", "a parameter of the path that this test does not know")

	if one.RequestBody == nil {
		requests := []foreignRequest{}
		if path != one.path {
			requests = append(requests, foreignRequest{path: path})
		}

		for _, parameter := range one.Parameters {
			if name := parameter.Value.Name; strings.HasSuffix(name, "_id") {
				requests = append(requests, foreignRequest{
					path: strings.ReplaceAll(path, id, uuid.NewString()) + "?" + url.Values{name: {id}}.Encode(),
				})
			}
		}

		return requests
	}

	var requests []foreignRequest

	mediaType, content := bodyOf(one.Operation)

	for _, example := range content.Examples {
		for _, field := range append(idFields(example.Value.Value, ""), "") {
			if field == "" && path == one.path {
				continue // names nothing
			}

			body := ownIDs(example.Value.Value, "", own, field, id)
			text, sentAs := exampleBody(t, mediaType, body)
			// The boundary of a form is random.
			requests = append(requests, foreignRequest{path: path, text: text, mediaType: sentAs})
		}
	}

	return requests
}

// idFields are the paths of the fields that hold an id.
func idFields(value any, path string) []string {
	var fields []string

	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			fields = append(fields, idFields(value[name], path+"."+name)...)
		}
	case []any:
		for i, item := range value {
			fields = append(fields, idFields(item, fmt.Sprintf("%s.%d", path, i))...)
		}
	case string:
		if uuid.Validate(value) == nil {
			fields = append(fields, path)
		}
	}

	return fields
}

// ownIDs is the value with the Ente's own ids in it, and the other's in one field.
func ownIDs(value any, path string, own tenant, field, id string) any {
	switch value := value.(type) {
	case map[string]any:
		changed := map[string]any{}
		for name, inner := range value {
			changed[name] = ownIDs(inner, path+"."+name, own, field, id)
		}

		return changed
	case []any:
		changed := make([]any, len(value))
		for i, item := range value {
			changed[i] = ownIDs(item, fmt.Sprintf("%s.%d", path, i), own, field, id)
		}

		return changed
	case string:
		switch {
		case path == field:
			return id
		case strings.HasSuffix(path, ".service_id"):
			return own.serviceID
		case strings.HasSuffix(path, ".template_id"):
			return own.template
		case strings.HasSuffix(path, ".batch_id"):
			return own.batch
		}
	}

	return value
}
