package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"
)

// curlExamples are the operation's calls as a shell takes them.
func curlExamples(route *routers.Route, needsKey bool) []example {
	const sampleID = "01934f40-1f6a-7c3e-8f55-1f4b1d3a9e77"

	path := strings.NewReplacer("{id}", sampleID, "{number}", "2").Replace(route.Path)
	lines := []string{"curl --request " + route.Method + " '" + route.Spec.Servers[0].URL + path + "'"}

	if needsKey {
		lines = append(lines, `--header "Authorization: Bearer $GENIO_API_KEY"`)
	}

	if route.Operation.Parameters.GetByInAndName(openapi3.ParameterInHeader, "Idempotency-Key") != nil {
		lines = append(lines, "--header 'Idempotency-Key: tari-2026-000123'")
	}

	if route.Operation.RequestBody == nil {
		return []example{{Summary: "curl", Text: strings.Join(lines, lineBreak)}}
	}

	content := route.Operation.RequestBody.Value.Content
	if form := content[formMediaType]; form != nil {
		return formExamples(lines, form)
	}

	return bodyExamples(lines, examplesOf(content[echo.MIMEApplicationJSON].Examples))
}

const lineBreak = " \\\n  "

func bodyExamples(lines []string, bodies []example) []example {
	lines = append(lines, "--header 'Content-Type: application/json'", "--data-binary @- <<'JSON'")

	calls := make([]example, len(bodies))
	for i, body := range bodies {
		calls[i] = example{Summary: body.Summary, Text: strings.Join(lines, lineBreak) + "\n" + body.Text + "\nJSON"}
	}

	return calls
}

// formExamples give a form part by part, the file last.
func formExamples(lines []string, form *openapi3.MediaType) []example {
	var calls []example

	for _, name := range slices.Sorted(maps.Keys(form.Examples)) {
		parts, _ := form.Examples[name].Value.Value.(map[string]any)
		call := slices.Clone(lines)

		for _, part := range slices.Sorted(maps.Keys(parts)) {
			if part != filePart {
				call = append(call, "--form '"+part+"="+partText(parts[part])+"'")
			}
		}

		call = append(call, fmt.Sprintf("--form '%s=@%v'", filePart, parts[filePart]))
		calls = append(calls, example{Summary: form.Examples[name].Value.Summary, Text: strings.Join(call, lineBreak)})
	}

	return calls
}

// partText is a part's value as it is sent: a text as it stands, anything else as JSON.
func partText(value any) string {
	if text, isText := value.(string); isText {
		return text
	}

	encoded, err := json.Marshal(value)
	if err != nil { // the document was read from text: everything in it can be written again
		return ""
	}

	return string(encoded)
}
