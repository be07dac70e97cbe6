package activities_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server"
	"github.com/genio-gateway/genio/workflows"
)

// described is the call to an application as the contract describes it.
func described(t *testing.T) *routers.Route {
	t.Helper()

	contract, err := server.Contract("")
	require.NoError(t, err)

	calls, err := server.WebhookContract(contract)
	require.NoError(t, err)

	item := calls.Paths.Value("/event")

	return &routers.Route{Spec: calls, Path: "/event", PathItem: item, Method: http.MethodPost, Operation: item.Post}
}

// requireAsDescribed holds a call against the contract: what is described is there, and nothing else.
func requireAsDescribed(t *testing.T, made call) {
	t.Helper()

	route := described(t)

	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://avvisi.comune.example/event", bytes.NewReader(made.body))
	require.NoError(t, err)

	request.Header = made.header.Clone()

	require.NoError(t, openapi3filter.ValidateRequest(t.Context(), &openapi3filter.RequestValidationInput{
		Request: request, Route: route, Options: &openapi3filter.Options{MultiError: true},
	}))

	for name := range made.header {
		if strings.HasPrefix(name, "Webhook-") {
			require.NotNil(t, route.Operation.Parameters.GetByInAndName(openapi3.ParameterInHeader, strings.ToLower(name)), name)
		}
	}

	var sent map[string]any

	require.NoError(t, json.Unmarshal(made.body, &sent))
	requireOnlyDescribed(t, sent, route.Operation.RequestBody.Value.Content.Get("application/json").Schema.Value)
}

func requireOnlyDescribed(t *testing.T, sent map[string]any, described *openapi3.Schema) {
	t.Helper()

	for field, value := range sent {
		require.Contains(t, described.Properties, field)

		if object, isObject := value.(map[string]any); isObject {
			requireOnlyDescribed(t, object, described.Properties[field].Value)
		}
	}
}

// TestApplicationIsToldWhatTheContractDescribes: those who build a receiver have nothing but the contract.
func TestApplicationIsToldWhatTheContractDescribes(t *testing.T) {
	t.Parallel()

	store := dbtest.Open(t, dbtest.EngineSQLite)
	h := newHook(t, store, inside(), cadence())

	_, err := h.tell(t, h.in)
	require.NoError(t, err)

	trial := workflows.WebhookInput{DeliveryID: uuid.NewString(), EnteID: h.in.EnteID, Round: 1}
	require.NoError(t, store.CreateWebhookTest(t.Context(), trial.DeliveryID, h.webhook))

	_, err = h.tell(t, trial)
	require.NoError(t, err)

	// With two secrets, of one that did not arrive, and so on no channel, with the Ente's own reference.
	rotated := h.webhook
	rotated.Secret, rotated.Previous = []byte("another secret of the webhook, 3"), h.webhook.Secret
	rotated.PreviousUntil = time.Now().Add(time.Hour)
	require.NoError(t, store.UpdateWebhook(t.Context(), rotated))

	id, _, err := store.Submit(t.Context(), db.Submission{Notification: notification.Notification{
		ID: newID(t), EnteID: h.service.EnteID, ServiceID: h.service.ID, ExternalReference: "TARI-2026-000123",
		Recipient: notification.Recipient{FiscalCode: "RSSMRA80A01H501U"}, Content: notification.Content{Subject: subject, Markdown: markdown},
		Policy: notification.DefaultPolicy(), Priority: notification.PriorityNormal,
	}})
	require.NoError(t, err)

	_, err = h.tell(t, h.ended(t, id, db.Settlement{Status: notification.StatusNotDelivered, Reason: notification.ReasonIOProfileNotFound}))
	require.NoError(t, err)

	calls := h.app.got()
	require.Len(t, calls, 3)

	told := map[string]bool{}

	for _, made := range calls {
		requireAsDescribed(t, made)

		var body struct {
			Data map[string]any `json:"data"`
		}

		require.NoError(t, json.Unmarshal(made.body, &body))

		for field := range body.Data {
			told[field] = true
		}
	}

	require.Len(t, strings.Fields(calls[2].header.Get("Webhook-Signature")), 2)

	// No field is described that nobody is ever told. These come from no batch.
	told["batch_id"] = true
	data := described(t).Spec.Components.Schemas["WebhookEventData"].Value
	require.ElementsMatch(t, slices.Collect(maps.Keys(data.Properties)), slices.Collect(maps.Keys(told)))
}

// What departs from the contract is found out: the comparison above is not a blind one.
func TestTheContractOfWebhooksIsStrict(t *testing.T) {
	t.Parallel()

	h := newHook(t, dbtest.Open(t, dbtest.EngineSQLite), inside(), cadence())

	_, err := h.tell(t, h.in)
	require.NoError(t, err)

	made := h.app.got()[0]

	for name, change := range map[string]func(header http.Header, body map[string]any){
		"no id":            func(header http.Header, _ map[string]any) { header.Del("Webhook-Id") },
		"no time":          func(header http.Header, _ map[string]any) { header.Del("Webhook-Timestamp") },
		"a bare signature": func(header http.Header, _ map[string]any) { header.Set("Webhook-Signature", "K5oZfzN95Z9UVu1E") },
		"no type":          func(_ http.Header, body map[string]any) { delete(body, "type") },
		"no data":          func(_ http.Header, body map[string]any) { delete(body, "data") },
		"a number as time": func(_ http.Header, body map[string]any) { body["timestamp"] = 1795685400 },
	} {
		header, body := made.header.Clone(), map[string]any{}
		require.NoError(t, json.Unmarshal(made.body, &body))
		change(header, body)

		changed, err := json.Marshal(body)
		require.NoError(t, err)

		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://avvisi.comune.example/event", bytes.NewReader(changed))
		require.NoError(t, err)

		request.Header = header

		require.Error(t, openapi3filter.ValidateRequest(t.Context(), &openapi3filter.RequestValidationInput{
			Request: request, Route: described(t),
		}), name)
	}
}
