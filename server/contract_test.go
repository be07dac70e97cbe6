package server_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server"
)

func contract(t *testing.T) *openapi3.T {
	t.Helper()

	document, err := server.Contract("")
	require.NoError(t, err)

	return document
}

func eachOperation(t *testing.T, visit func(path, method string, operation *openapi3.Operation)) {
	t.Helper()

	for path, item := range contract(t).Paths.Map() {
		for method, operation := range item.Operations() {
			visit(path, method, operation)
		}
	}
}

// Every example of a request is accepted as it stands.
func TestExamplesOfRequestsAreAccepted(t *testing.T) {
	t.Parallel()

	sent := 0

	eachOperation(t, func(path, method string, operation *openapi3.Operation) {
		if operation.RequestBody == nil {
			return
		}

		mediaType, content := bodyOf(operation)
		require.NotEmpty(t, content.Examples, operation.OperationID)

		for name, example := range content.Examples {
			body, sentAs := exampleBody(t, mediaType, example.Value.Value)

			got := newSite(t).send(call{
				method: method, path: "/api/v1" + filled(path), body: body, header: map[string]string{"Content-Type": sentAs},
			})
			require.Less(t, got.status, http.StatusMultipleChoices, "%s, %s: %s", operation.OperationID, name, got.body)

			sent++
		}
	})

	require.Positive(t, sent)
}

// bodyOf is the one body that an operation takes.
func bodyOf(operation *openapi3.Operation) (string, *openapi3.MediaType) {
	for mediaType, content := range operation.RequestBody.Value.Content {
		return mediaType, content
	}

	return "", nil
}

// exampleBody is an example as it is sent, and the media type that goes with it.
func exampleBody(t *testing.T, mediaType string, value any) (body, sentAs string) {
	t.Helper()

	if mediaType == "application/json" {
		text, err := json.Marshal(value)
		require.NoError(t, err)

		return string(text), mediaType
	}

	require.Equal(t, "multipart/form-data", mediaType)

	parts, isObject := value.(map[string]any)
	require.True(t, isObject)

	form := newForm(t)

	for name, part := range parts {
		if name == "file" {
			continue
		}

		text, isText := part.(string)
		if !isText {
			encoded, err := json.Marshal(part)
			require.NoError(t, err)

			text = string(encoded)
		}

		form.text(name, text)
	}

	return form.file("tari.csv", fileContent).end()
}

// The examples' citizens are invented and their codici fiscali right.
func TestExamplesHoldValidCodes(t *testing.T) {
	t.Parallel()

	examples := contract(t).Paths.Value("/notifications").Post.RequestBody.Value.Content.Get("application/json").Examples
	for name, example := range examples {
		text, err := json.Marshal(example.Value.Value)
		require.NoError(t, err)

		var body struct {
			TemplateID string `json:"template_id"`
			Recipient  struct {
				FiscalCode string `json:"fiscal_code"`
			} `json:"recipient"`
			Content notification.Content `json:"content"`
		}

		require.NoError(t, json.Unmarshal(text, &body))

		_, err = fiscalcode.Parse(body.Recipient.FiscalCode)
		require.NoError(t, err, name)

		if body.TemplateID == "" {
			require.Empty(t, body.Content.Validate(1_000_000), name)
		}
	}
}

// What the Italian guidelines for interoperability (ModI) and good manners ask of every operation.
func TestEveryOperationIsDocumented(t *testing.T) {
	t.Parallel()

	guide, err := os.ReadFile("../docs/api.md")
	require.NoError(t, err)

	page := newSite(t).send(call{method: http.MethodGet, path: "/docs", anonymous: true})

	eachOperation(t, func(path, method string, operation *openapi3.Operation) {
		require.NotEmpty(t, operation.Summary, operation.OperationID)
		require.NotEmpty(t, operation.Description, operation.OperationID)
		require.Len(t, operation.Tags, 1, operation.OperationID)
		require.Equal(t, strings.ToLower(path), path)
		require.NotContains(t, path, "_")
		require.Regexp(t, ` id="`+operation.OperationID+`"`, page.body)
		require.Contains(t, string(guide), method+" "+path, "the guide does not speak of %s", operation.OperationID)

		for _, status := range []int{http.StatusTooManyRequests, http.StatusInternalServerError} {
			require.NotNil(t, operation.Responses.Status(status), operation.OperationID)
		}

		for status, response := range operation.Responses.Map() {
			if status >= "400" {
				require.NotNil(t, response.Value.Content.Get("application/problem+json"), "%s %s", operation.OperationID, status)
			}
		}

		if body := operation.RequestBody; body != nil {
			require.NotNil(t, operation.Responses.Status(http.StatusBadRequest), operation.OperationID)

			_, content := bodyOf(operation)
			requireClosed(t, operation.OperationID, content.Schema.Value)
		}
	})
}

// requireClosed asks that a request's objects take no unknown fields and bound what they take.
func requireClosed(t *testing.T, where string, schema *openapi3.Schema) {
	t.Helper()

	switch {
	case schema.AdditionalProperties.Schema != nil:
		require.NotNil(t, schema.MaxProps, where)
		requireClosed(t, where, schema.AdditionalProperties.Schema.Value)
	case schema.Type.Is(openapi3.TypeObject):
		require.NotNil(t, schema.AdditionalProperties.Has, where)
		require.False(t, *schema.AdditionalProperties.Has, where)

		for name, property := range schema.Properties {
			requireClosed(t, where+"."+name, property.Value)
		}
	case schema.Type.Is(openapi3.TypeArray):
		require.NotNil(t, schema.MaxItems, where)
		requireClosed(t, where, schema.Items.Value)
	case schema.Type.Is(openapi3.TypeString):
		require.True(t, schema.MaxLength != nil || len(schema.Enum) > 0, where)
	case schema.Type.Is(openapi3.TypeInteger):
		require.NotNil(t, schema.Min, where)
		require.NotNil(t, schema.Max, where)
		require.NotEmpty(t, schema.Format, where)
	}
}

// The contract's lists of codes are the domain's.
func TestEnumerationsAreTheDomains(t *testing.T) {
	t.Parallel()

	statuses := make([]any, 0, len(notification.Statuses()))
	for _, status := range notification.Statuses() {
		statuses = append(statuses, string(status))
	}

	schemas := contract(t).Components.Schemas
	require.Equal(t, statuses, schemas["NotificationStatus"].Value.Enum)
	require.Equal(t, []any{
		string(notification.BatchChecking), string(notification.BatchMapping), string(notification.BatchUnreadable),
		string(notification.BatchDraft), string(notification.BatchScheduled), string(notification.BatchSending),
		string(notification.BatchPaused), string(notification.BatchCompleted), string(notification.BatchCancelled),
		string(notification.BatchDiscarded),
	}, schemas["BatchStatus"].Value.Enum)
	require.Equal(
		t, []any{string(notification.RowGood), string(notification.RowBad), string(notification.RowDuplicate)},
		schemas["RowState"].Value.Enum,
	)
	require.EqualValues(t, batch.MaxColumns, *schemas["ColumnsRequest"].Value.Properties["columns"].Value.MaxItems)
	require.InDelta(t, batch.MaxColumns, *schemas["ColumnMapping"].Value.Properties["number"].Value.Max, 0)
	require.EqualValues(t, batch.MaxColumns, *schemas["BatchUpload"].Value.Properties["columns"].Value.MaxProps)
	require.EqualValues(t, batch.MaxBytes, *schemas["BatchUpload"].Value.Properties["file"].Value.MaxLength)
	require.EqualValues(t, notification.MaxSubjectLength, *schemas["Content"].Value.Properties["subject"].Value.MaxLength)
	require.EqualValues(t, notification.MaxMarkdownLength, *schemas["Content"].Value.Properties["markdown"].Value.MaxLength)
	require.EqualValues(t, notification.MaxSMSTextLength, *schemas["Content"].Value.Properties["sms_text"].Value.MaxLength)
}

// What GeNIO posts to an Ente's application is described as fully as what it takes. That it is so, tests of the activity tell.
func TestWebhooksAreDocumented(t *testing.T) {
	t.Parallel()

	calls, err := server.WebhookContract(contract(t))
	require.NoError(t, err)
	require.Equal(t, 1, calls.Paths.Len())

	described := calls.Paths.Value("/event").Post
	page := newSite(t).send(call{method: http.MethodGet, path: "/docs", anonymous: true}).body

	for _, part := range []string{
		` id="` + described.OperationID + `"`, ` id="schema-WebhookEvent"`, ` id="schema-WebhookEventData"`, "notification.settled",
	} {
		require.True(t, strings.Contains(page, part), part) //nolint:testifylint // the page is too long to be printed
	}

	for _, header := range described.Parameters {
		require.Equal(t, openapi3.ParameterInHeader, header.Value.In)
		require.True(t, header.Value.Required)
		require.NotEmpty(t, header.Value.Description)
		require.Regexp(t, `<code>`+header.Value.Name+`</code>`, page)
	}

	for _, status := range []string{"2XX", "410", "default"} {
		require.NotNil(t, described.Responses.Value(status), status)
	}

	examples := described.RequestBody.Value.Content.Get("application/json").Examples
	for _, event := range []notification.WebhookEvent{notification.WebhookSettled, notification.WebhookTest} {
		require.Contains(t, described.RequestBody.Value.Content.Get("application/json").Schema.Value.Properties["type"].Value.Description,
			"`"+string(event)+"`")

		shown := false

		for _, example := range examples {
			body, isObject := example.Value.Value.(map[string]any)
			require.True(t, isObject)

			shown = shown || body["type"] == string(event)
		}

		require.True(t, shown, event)
	}
}

func TestTheServedContractNamesItsOwnServer(t *testing.T) {
	t.Parallel()

	site := newSite(t, func(config *server.Config) { config.PublicURL = "https://notifiche.regione.example/" })

	for path, mediaType := range map[string]string{
		"/openapi.yaml": "application/yaml; charset=utf-8", "/openapi.json": "application/json; charset=utf-8",
	} {
		got := site.send(call{method: http.MethodGet, path: path, anonymous: true})
		require.Equal(t, http.StatusOK, got.status)
		require.Equal(t, mediaType, got.header.Get("Content-Type"))

		document, err := openapi3.NewLoader().LoadFromData([]byte(got.body))
		require.NoError(t, err)
		require.NoError(t, document.Validate(t.Context()))
		require.Equal(t, "https://notifiche.regione.example/api/v1", document.Servers[0].URL)
	}
}

// The generated code is that of the contract as it is.
func TestTheGeneratedCodeKnowsEveryOperation(t *testing.T) {
	t.Parallel()

	generated, err := os.ReadFile("api/api.gen.go")
	require.NoError(t, err)

	eachOperation(t, func(_, _ string, operation *openapi3.Operation) {
		require.True(t, bytes.Contains(generated, []byte(`"`+operation.OperationID+`"`)), operation.OperationID)
	})
}
