package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const batchPath = batchesPath + "/" + knownID

func TestReadingABatch(t *testing.T) {
	t.Parallel()

	got := newSite(t).send(call{method: http.MethodGet, path: batchesPath + "/" + strings.ToUpper(knownID)})
	require.Equal(t, http.StatusOK, got.status, got.body)
	require.JSONEq(t, `{
		"id": "`+knownID+`", "service_id": "`+serviceID+`", "service_name": "Tributi",
		"template_id": "`+templateID+`", "template_version": 3, "template_name": "Avviso TARI",
		"name": "TARI 2026", "file_name": "tari.csv", "file_size": 1234, "status": "draft", "priority": "bulk", "check": 2,
		"counts": {
			"rows": 10, "good": 7, "bad": 2, "duplicates": 1, "with_phone": 5, "sms_parts": 6, "doubled": 1, "doubling": "È", "repaired": 3,
			"whole_amounts": false, "month_first": 0
		},
		"sample": {"state": "done", "asked": 7, "on_io": 4, "not_on_io": 2, "unreachable": 1, "unknown": 0},
		"layout": {
			"format": "csv", "encoding": "windows-1252", "separator": ";", "header": true,
			"columns": [{"number": 1, "header": "CF", "field": "fiscal_code"}, {"number": 2, "header": "Note"}]
		},
		"unmapped": ["placeholder:nome"], "placeholders": ["nome"],
		"progress": {
			"to_send": 7, "queued": 7, "in_progress": 0, "on_hold": 0, "delivered_io": 0, "delivered_sms": 0, "not_delivered": 0,
			"failed": 0, "cancelled": 0, "expired": 0
		},
		"forecast": {
			"to_send": 7, "duration_seconds": 90, "rate_per_minute": 28.5, "sampled": true, "sms": 2, "sms_parts": 3, "unreachable": 0,
			"cost_micros": 142500
		},
		"actions": ["columns", "sample", "confirm", "discard"],
		"created_at": "2026-12-01T08:00:00Z", "checked_at": "2026-12-01T08:00:01Z",
		"links": {
			"self": "`+batchPath+`", "rows": "`+batchPath+`/rows", "rejects": "`+batchPath+`/rejects", "results": "`+batchPath+`/results",
			"notifications": "/api/v1/notifications?batch_id=`+knownID+`"
		}
	}`, got.body)
}

func TestListingBatches(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	got := site.send(call{
		method: http.MethodGet, path: batchesPath + "?status=draft&status=sending&limit=10&cursor=abc&service_id=" + strings.ToUpper(serviceID),
	})
	require.Equal(t, http.StatusOK, got.status, got.body)
	require.Equal(t, "bmV4dA", got.json(t)["next_cursor"])
	require.Len(t, got.json(t)["items"], 1)
	require.NotContains(t, got.body, "layout")
	require.Equal(t, gateway.BatchQuery{
		ServiceIDs: []string{serviceID}, Statuses: []notification.BatchStatus{notification.BatchDraft, notification.BatchSending},
		Cursor: "abc", Limit: 10,
	}, site.gateway.batches)

	require.Equal(t, http.StatusOK, site.send(call{method: http.MethodGet, path: batchesPath}).status)
	require.Equal(t, gateway.BatchQuery{}, site.gateway.batches)
}

func TestListingRows(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	got := site.send(call{method: http.MethodGet, path: batchPath + "/rows?state=bad&state=duplicate&repaired=true&after=100&limit=50"})
	require.Equal(t, http.StatusOK, got.status, got.body)

	issue := `{
		"column": 3, "column_name": "Numero avviso", "field": "notice_number", "code": "leading_zeros",
		"message": "has lost its leading zeros", "messaggio": "ha perso gli zeri iniziali"
	}`
	require.JSONEq(t, `{"items": [
		{"number": 2, "state": "good", "notification_id": "`+knownID+`", "issues": [], "repairs": [`+issue+`]},
		{"number": 3, "state": "bad", "issues": [`+issue+`], "repairs": []},
		{"number": 4, "state": "duplicate", "notification_id": "`+knownID+`", "duplicate_of": 2, "issues": [], "repairs": []}
	], "next_after": 4}`, got.body)
	require.Equal(t, gateway.RowQuery{
		States: []notification.RowState{notification.RowBad, notification.RowDuplicate}, Repaired: true, After: 100, Limit: 50,
	}, site.gateway.rows)

	require.Equal(t, http.StatusOK, site.send(call{method: http.MethodGet, path: batchPath + "/rows"}).status)
	require.Equal(t, gateway.RowQuery{}, site.gateway.rows)
}

func TestPreviewingARow(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	got := site.send(call{method: http.MethodGet, path: batchPath + "/rows/2/preview"})
	require.Equal(t, http.StatusOK, got.status, got.body)
	require.JSONEq(t, `{
		"number": 2, "following": 3,
		"recipient": {"masked_fiscal_code": "BNC***********5X", "masked_phone": "+39*******567"},
		"content": {
			"subject": "Avviso TARI", "markdown": "Buongiorno Giulia", "due_date": "2026-12-31T22:59:59Z",
			"payment": {"notice_number": "301000000000012345", "amount_cents": 12350, "invalid_after_due_date": false},
			"english": {"subject": "Waste tax", "markdown": "Good morning Giulia"}
		},
		"sms": {
			"text": "È disponibile", "parts": 1, "unicode": true,
			"substitutions": [{"character": "È", "instead": "E'"}, {"character": "☎"}]
		}
	}`, got.body)

	for _, number := range []string{"4", "0", "-1", "x", "99999999999", "RSSMRA80A01H501U"} {
		got := site.send(call{method: http.MethodGet, path: batchPath + "/rows/" + number + "/preview"})
		require.Equal(t, http.StatusNotFound, got.status, number)
	}
}

func TestActionsOnBatches(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct{ path, body, act string }{
		"columns": {
			"/columns", `{"check":2,"columns":[{"number":1,"field":"fiscal_code"},{"number":3},{"number":2,"field":"placeholder:nome"}]}`,
			"columns 2 0=fiscal_code 1=placeholder:nome 2=",
		},
		"columns and header":    {"/columns", `{"check":1,"header":true,"columns":[{"number":200}]}`, "columns 1 199= header=true"},
		"columns and no header": {"/columns", `{"check":1,"header":false,"columns":[{"number":1}]}`, "columns 1 0= header=false"},
		"sample":                {"/sample", "", "sample"},
		"confirm":               {"/confirm", `{"check":3}`, "confirm 3 at once false"},
		"confirm for later": {
			"/confirm", `{"check":1,"send_at":"2026-12-02T09:00:00+01:00","include_duplicates":true}`, "confirm 1 2026-12-02T08:00:00Z true",
		},
		"pause":  {"/pause", "", "pause batch"},
		"resume": {"/resume", "", "resume batch"},
		"cancel": {"/cancel", "", "cancel batch"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			got := site.send(call{method: http.MethodPost, path: batchPath + test.path, body: test.body})
			require.Equal(t, http.StatusAccepted, got.status, got.body)
			require.Equal(t, knownID, got.json(t)["id"])
			require.Contains(t, got.body, `"self":"`+batchPath+`"`)

			_, _, acts := site.gateway.asked()
			require.Equal(t, []string{test.act}, acts)
		})
	}
}

func TestDiscardingABatch(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	got := site.send(call{method: http.MethodDelete, path: batchPath})
	require.Equal(t, http.StatusNoContent, got.status)
	require.Empty(t, got.body)
	require.Equal(t, []string{"discard"}, site.gateway.acts)
}

func TestAnActThatTheStateDoesNotAllow(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	site.gateway.failure = gateway.ErrState

	for path, body := range map[string]string{
		"/columns": `{"check":1,"columns":[{"number":1}]}`, "/sample": "", "/confirm": `{"check":1}`, "/pause": "", "/resume": "", "/cancel": "",
	} {
		got := site.send(call{method: http.MethodPost, path: batchPath + path, body: body})
		require.Equal(t, http.StatusConflict, got.status, path)
		require.Equal(t, "state_conflict", got.json(t)["code"])
	}

	require.Equal(t, http.StatusConflict, site.send(call{method: http.MethodDelete, path: batchPath}).status)
}

func TestBadRequestsAboutBatches(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		method, path, body string
		fields             map[string]string
	}{
		"status": {"GET", batchesPath + "?status=lost&limit=0", "", map[string]string{"status[0]": "not_allowed", "limit": "too_small"}},
		"state": {
			"GET", batchPath + "/rows?state=ugly&after=-1", "", map[string]string{"state[0]": "not_allowed", "after": "too_small"},
		},
		"repaired":       {"GET", batchPath + "/rows?repaired=forse", "", map[string]string{"repaired": "type"}},
		"unknown filter": {"GET", batchesPath + "?fiscal_code=x", "", map[string]string{"fiscal_code": "unknown_parameter"}},
		"format":         {"GET", batchPath + "/results?format=pdf", "", map[string]string{"format": "not_allowed"}},
		"format of both": {"GET", batchPath + "/rejects?format=csv&format=xlsx", "", map[string]string{"format": "repeated"}},
		"no columns":     {"POST", batchPath + "/columns", `{"columns":[]}`, map[string]string{"check": "required", "columns": "too_few"}},
		"a column twice": {
			"POST", batchPath + "/columns", `{"check":1,"columns":[{"number":1},{"number":1}]}`,
			map[string]string{"columns[1].number": "repeated"},
		},
		"an empty field": {
			"POST", batchPath + "/columns", `{"check":1,"columns":[{"number":1,"field":""}]}`,
			map[string]string{"columns[0].field": "too_short"},
		},
		"a wide file": {
			"POST", batchPath + "/columns", `{"check":1,"columns":[{"number":201}]}`, map[string]string{"columns[0].number": "too_large"},
		},
		"a null header": {
			"POST", batchPath + "/columns", `{"check":1,"header":null,"columns":[{"number":1}]}`, map[string]string{"header": "null"},
		},
		"no check":     {"POST", batchPath + "/confirm", `{"send_at":"domani"}`, map[string]string{"check": "required", "send_at": "format"}},
		"unknown wish": {"POST", batchPath + "/confirm", `{"check":1,"duplicates":true}`, map[string]string{"duplicates": "unknown_field"}},
		"a revision": {
			"PUT", "/api/v1/templates/" + knownID, `{"name":"x"}`, map[string]string{"version": "required", "italian": "required"},
		},
		"many buttons": {
			"POST", "/api/v1/templates", `{"name":"x","italian":{"subject":"x","markdown":"x","buttons":[1,2,3]}}`,
			map[string]string{
				"italian.buttons": "too_many", "italian.buttons[0]": "type", "italian.buttons[1]": "type", "italian.buttons[2]": "type",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			got := site.send(call{method: test.method, path: test.path, body: test.body})
			require.Equal(t, http.StatusUnprocessableEntity, got.status, got.body)
			require.Equal(t, test.fields, got.fieldErrors(t))
			require.Empty(t, site.gateway.acts)
		})
	}
}

// A batch whose file is not known yet has no layout.
func TestABatchThatIsBeingChecked(t *testing.T) {
	t.Parallel()

	var read map[string]json.RawMessage

	got := newSite(t).upload(validForm(t).file("a.csv", fileContent))
	require.NoError(t, json.Unmarshal([]byte(got.body), &read))
	require.NotContains(t, read, "layout")
	require.NotContains(t, read, "sample")
	require.Contains(t, read, "counts")
	require.JSONEq(t, "[]", string(read["actions"]))
}
