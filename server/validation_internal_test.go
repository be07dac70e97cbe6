package server

import (
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/stretchr/testify/require"
)

// The work for unknown fields grows with their number, not with its square: each is looked at once.
func TestUnknownFieldsAreFoundOnce(t *testing.T) {
	t.Parallel()

	const unknown = 300

	fields := make([]string, unknown)
	for i := range fields {
		fields[i] = `"` + strings.Repeat("x", i/10+1) + strings.Repeat("y", i%10) + `":1`
	}

	within := strings.Join(fields, ",")

	found, fault := contractErrors(brokenDecision(t, `{"decision":"sms",`+within+`}`))
	require.NoError(t, fault)
	require.Len(t, found, unknown)
	require.Len(t, tidy(found), maxListedErrors)
}

// brokenDecision is what the contract's library says of a body.
func brokenDecision(t *testing.T, body string) error {
	t.Helper()

	contract, err := Contract("")
	require.NoError(t, err)

	const path = "/notifications/{id}/decide"

	item := contract.Paths.Value(path)
	require.NotNil(t, item)

	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")

	checks := newValidation(&routers.Route{Spec: contract, Path: path, PathItem: item, Method: http.MethodPost, Operation: item.Post})

	return openapi3filter.ValidateRequestBody(t.Context(), &openapi3filter.RequestValidationInput{
		Request: request, Route: checks.route, Options: checks.options,
	}, item.Post.RequestBody.Value)
}

// Names come by the hundred; compiling a pattern for each would be most of the work.
//
//nolint:paralleltest // AllocsPerRun counts what every goroutine allocates
func TestANameIsCheckedWithoutAllocating(t *testing.T) {
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = safeName("external_reference") }))
}
