package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sentinel stands for personal data: it looks like a codice fiscale.
const sentinel = "VRDLGU75B02F205K"

// A value that was submitted comes back in no error and in no line of the log, wherever it was put.
func TestNoSubmittedValueComesBack(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	// As a careless driver would put it.
	site.gateway.failure = errors.New(`invalid input syntax for type uuid: "` + sentinel + `" near ` + sentinel)

	for place, c := range sentinelCalls(t) {
		got := site.send(c)
		require.GreaterOrEqual(t, got.status, http.StatusBadRequest, place)
		require.NotContains(t, strings.ToUpper(got.body), sentinel, place)
		require.NotContains(t, strings.ToUpper(fmt.Sprint(got.header)), sentinel, place)

		lines := site.logs.TakeAll()
		require.NotEmpty(t, lines, place)
		require.NotContains(t, strings.ToUpper(fmt.Sprint(lines)), sentinel, place)
	}
}

func sentinelCalls(t *testing.T) map[string]call {
	t.Helper()

	calls := map[string]call{
		"path":            {method: "GET", path: "/api/v1/notifications/" + sentinel},
		"unknown path":    {method: "GET", path: "/api/v1/" + sentinel},
		"outside the API": {method: "GET", path: "/" + sentinel},
		"action":          {method: "POST", path: "/api/v1/notifications/" + sentinel + "/hold"},
		"method":          {method: sentinel, path: "/api/v1/services"},
		"key":             {method: "GET", path: "/api/v1/services", header: map[string]string{"Authorization": "Bearer " + sentinel}},
		"request id":      {method: "GET", path: "/api/v1/services", header: map[string]string{"X-Request-ID": sentinel}},
		"language":        {method: "GET", path: "/api/v1/services", header: map[string]string{"Accept-Language": sentinel}},
		"content type": {
			method: "POST", path: "/api/v1/notifications", body: "{}", header: map[string]string{"Content-Type": "text/" + sentinel},
		},
		"idempotency key": {
			method: "POST", path: "/api/v1/notifications", body: "{}", header: map[string]string{"Idempotency-Key": sentinel + "é"},
		},
		"syntax":        {method: "POST", path: "/api/v1/notifications", body: sentinel},
		"whole body":    {method: "POST", path: "/api/v1/notifications", body: `"` + sentinel + `"`},
		"field name":    {method: "POST", path: "/api/v1/notifications", body: `{"` + sentinel + `":1}`},
		"two names":     {method: "POST", path: "/api/v1/notifications", body: `{"` + sentinel + `":1,"` + sentinel + `":1}`},
		"valid body":    {method: "POST", path: "/api/v1/notifications", body: with(t, "RSSMRA80A01H501U", sentinel)},
		"valid search":  {method: "POST", path: "/api/v1/notifications/search", body: `{"fiscal_code":"` + sentinel + `"}`},
		"after the end": {method: "POST", path: "/api/v1/notifications", body: "{} " + sentinel},
		"callback": {
			method: "POST", path: "/webhooks/twilio/status?attempt=" + sentinel, body: "MessageSid=" + sentinel + "&To=" + sentinel,
			header: map[string]string{"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": validSignature},
		},
	}

	for _, parameter := range []string{
		"cursor", "limit", "status", "service_id", "batch_id", "external_reference", "accepted_from", "accepted_to", "fiscal_code", sentinel,
	} {
		calls["parameter "+parameter] = call{method: "GET", path: "/api/v1/notifications?" + parameter + "=" + sentinel}
	}

	for _, query := range []string{
		"batches?status=", "batches?service_id=", "batches?cursor=", "batches?limit=", "batches/", "batches/" + knownID + "/rows?state=",
		"batches/" + knownID + "/rows?after=", "batches/" + knownID + "/rows/", "batches/" + knownID + "/results?format=",
		"templates/", "templates?archived=", "templates/" + knownID + "?version=",
	} {
		calls[query] = call{method: "GET", path: "/api/v1/" + query + sentinel}
	}

	for name, form := range sentinelForms(t) {
		body, mediaType := form.end()
		calls["form "+name] = call{method: "POST", path: batchesPath, body: body, header: map[string]string{"Content-Type": mediaType}}
	}

	for path, body := range map[string]string{
		"/notifications": validBody,
		"/notifications/search": `{"fiscal_code":"x","status":["failed"],` +
			`"service_id":"x","accepted_from":"x","cursor":"x","limit":1}`,
		"/notifications/" + knownID + "/cancel":     `{"reason":"paid"}`,
		"/notifications/" + knownID + "/decide":     `{"decision":"sms"}`,
		"/notifications/" + knownID + "/decide?x=1": `{"decision":"sms"}`,
		"/recipient-checks":                         `{"service_id":"x","fiscal_code":"x"}`,
		"/batches/" + knownID + "/columns":          `{"check":1,"header":true,"columns":[{"number":1,"field":"x"}]}`,
		"/batches/" + knownID + "/confirm":          `{"check":1,"send_at":"2026-12-01T09:00:00Z","include_duplicates":true}`,
		"/templates":                                "{" + templateBody + "}",
		"/templates/preview":                        `{"italian":{"subject":"x","markdown":"x"},"personalisation":{"nome":"x"}}`,
	} {
		for field, changed := range sentinelBodies(t, body) {
			calls[path+" "+field] = call{method: "POST", path: "/api/v1" + path, body: changed}
		}
	}

	return calls
}

// sentinelForms have the sentinel in the place of each of their values and names.
func sentinelForms(t *testing.T) map[string]*form {
	t.Helper()

	forms := map[string]*form{
		"header": validForm(t).part(map[string]string{
			"Content-Disposition": `form-data; name="name"; filename="` + sentinel + `"`, sentinel: sentinel,
		}, sentinel),
		"encoding": validForm(t).part(map[string]string{
			"Content-Disposition": `form-data; name="name"`, "Content-Transfer-Encoding": sentinel,
		}, "x"),
		"after the file": validForm(t).file("a.csv", sentinel).text(sentinel, sentinel),
		"file name":      validForm(t).file(sentinel+".csv", sentinel),
	}

	for _, name := range []string{"service_id", "template_id", "template_version", "name", "priority", "columns", sentinel} {
		forms[name] = newForm(t).text(name, sentinel).file("a.csv", "")
	}

	for name, columns := range map[string]string{
		"a column":    `{"` + sentinel + `":5}`,
		"two columns": `{"` + sentinel + `":"x","` + sentinel + `":"x"}`,
		"a field":     `{"CF":["` + sentinel + `"]}`,
	} {
		forms[name] = validForm(t).text("columns", columns).file("a.csv", "")
	}

	return forms
}

// sentinelBodies are the body with the sentinel in the place of each of its values, as text, in a list and in an object.
func sentinelBodies(t *testing.T, body string) map[string]string {
	t.Helper()

	changed := map[string]string{}

	var visit func(path string, object, root map[string]any)

	visit = func(path string, object, root map[string]any) {
		for name, value := range object {
			if inner, isObject := value.(map[string]any); isObject {
				visit(path+name+".", inner, root)
			}

			for kind, wrong := range map[string]any{
				"text": sentinel, "long text": strings.Repeat(sentinel, 1000), "list": []any{sentinel}, "object": map[string]any{sentinel: sentinel},
			} {
				object[name] = wrong
				text, err := json.Marshal(root)
				require.NoError(t, err)

				changed[path+name+" as "+kind] = string(text)
			}

			object[name] = value
		}
	}

	var root map[string]any

	require.NoError(t, json.Unmarshal([]byte(body), &root))
	visit("", root, root)

	return changed
}
