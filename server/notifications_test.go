package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

func TestASubmissionReachesTheGatewayWhole(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	got := site.send(call{
		method: http.MethodPost, path: "/api/v1/notifications", body: validBody,
		header: map[string]string{"Idempotency-Key": "tari-2026-000123"},
	})

	require.Equal(t, http.StatusAccepted, got.status, got.body)
	require.Equal(t, "/api/v1/notifications/"+knownID, got.header.Get("Location"))
	require.Equal(t, "false", got.header.Get("Idempotency-Replayed"))
	require.Equal(t, knownID, got.json(t)["id"])

	submission, _, _ := site.gateway.asked()
	due := time.Date(2026, 12, 31, 22, 59, 59, 0, time.UTC)
	require.WithinDuration(t, due, *submission.Content.DueDate, 0)
	require.WithinDuration(t, time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC), submission.SendAt, 0)
	require.WithinDuration(t, due, submission.ExpiresAt, 0)

	submission.Content.DueDate, submission.SendAt, submission.ExpiresAt = nil, time.Time{}, time.Time{}
	require.Equal(t, gateway.Submission{
		ServiceID: serviceID, ExternalReference: "TARI-2026-000123", FiscalCode: "RSSMRA80A01H501U", Phone: "+393331234567",
		Content: notification.Content{
			Subject:  "Avviso di pagamento TARI 2026",
			Markdown: "È disponibile l'avviso di pagamento della tassa sui rifiuti per il 2026, che può pagare dall'app IO.",
			Payment: &notification.Payment{
				NoticeNumber: "301000000000012345", AmountCents: 12350, InvalidAfterDueDate: true, PayeeFiscalCode: "01234567897",
			},
			SMSText: "Comune di Esempio: avviso TARI 2026 disponibile.",
		},
		Priority: notification.PriorityUrgent, IdempotencyKey: "tari-2026-000123",
	}, submission)
	require.Equal(t, enteID, site.gateway.actor.EnteID)
}

func TestASubmissionMayBeShort(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	got := site.send(call{
		method: http.MethodPost, path: "/api/v1/notifications",
		body: `{"service_id":"` + strings.ToUpper(serviceID) + `","recipient":{"fiscal_code":"RSSMRA80A01H501U"},` +
			`"content":{"subject":"\ud83d\ude00 Buongiorno","markdown":"Un testo"}}`,
		header: map[string]string{"Content-Type": "application/json; charset=UTF-8"},
	})
	require.Equal(t, http.StatusAccepted, got.status, got.body)

	submission, _, _ := site.gateway.asked()
	require.Equal(t, gateway.Submission{
		ServiceID: serviceID, FiscalCode: "RSSMRA80A01H501U",
		Content: notification.Content{Subject: "😀 Buongiorno", Markdown: "Un testo"},
	}, submission)
}

func TestARepeatedSubmissionSaysSo(t *testing.T) {
	t.Parallel()

	got := newSite(t).send(call{
		method: http.MethodPost, path: "/api/v1/notifications", body: validBody,
		header: map[string]string{"Idempotency-Key": "used-before"},
	})
	require.Equal(t, http.StatusAccepted, got.status)
	require.Equal(t, "true", got.header.Get("Idempotency-Replayed"))
}

func TestReadingANotificationShowsNoPersonalData(t *testing.T) {
	t.Parallel()

	got := newSite(t).send(call{method: http.MethodGet, path: "/api/v1/notifications/" + strings.ToUpper(knownID)})
	require.Equal(t, http.StatusOK, got.status, got.body)

	var read struct {
		AcceptedAt string            `json:"accepted_at"`
		Actions    []string          `json:"actions"`
		Reason     map[string]string `json:"reason_text"`
		Attempts   []any             `json:"attempts"`
	}

	require.NoError(t, json.Unmarshal([]byte(got.body), &read))
	require.Equal(t, "2026-12-01T08:00:00Z", read.AcceptedAt)
	require.Equal(t, []string{"cancel", "retry"}, read.Actions)
	require.Equal(t, notification.ReasonSMSDelivered.Describe().Messaggio, read.Reason["it"])
	require.Len(t, read.Attempts, 2)
	require.NotContains(t, got.body, "send_at")
	require.NotContains(t, got.body, "riservato")
}

func TestANotificationSaysThatItsContentWasRemoved(t *testing.T) {
	t.Parallel()

	removed := time.Date(2027, 3, 1, 3, 30, 0, 0, time.FixedZone("CET", 3600))

	for name, test := range map[string]struct {
		change func(*gateway.View)
		told   map[string]any
	}{
		"still there": {func(*gateway.View) {}, map[string]any{}},
		"removed by retention": {
			func(view *gateway.View) { view.ContentRemovedAt = removed },
			map[string]any{"content_removed_at": "2027-03-01T02:30:00Z"},
		},
		"erased": {
			func(view *gateway.View) {
				view.ContentRemovedAt, view.ErasedAt = removed, removed.Add(time.Hour)
				view.MaskedFiscalCode, view.MaskedPhone, view.ExternalReference = "", "", ""
			},
			map[string]any{"content_removed_at": "2027-03-01T02:30:00Z", "erased_at": "2027-03-01T03:30:00Z"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			site.gateway.changeView = test.change

			read := site.send(call{method: http.MethodGet, path: "/api/v1/notifications/" + knownID})
			require.Equal(t, http.StatusOK, read.status, read.body)

			listed := site.send(call{method: http.MethodGet, path: "/api/v1/notifications"})
			require.Equal(t, http.StatusOK, listed.status, listed.body)

			items, areItems := listed.json(t)["items"].([]any)
			require.True(t, areItems)
			require.Len(t, items, 1)

			for _, shown := range []any{read.json(t), items[0]} {
				fields, isObject := shown.(map[string]any)
				require.True(t, isObject)

				for _, field := range []string{"content_removed_at", "erased_at"} {
					require.Equal(t, test.told[field], fields[field], field)
				}
			}
		})
	}
}

func TestListingPassesEveryFilterOn(t *testing.T) {
	t.Parallel()

	inAddress := "?cursor=abc&limit=50&status=failed&status=on_hold&service_id=" + serviceID + "&batch_id=" + knownID +
		"&external_reference=TARI%2F1&accepted_from=2026-12-01T00:00:00%2B01:00&accepted_to=2026-12-02T00:00:00Z"
	inBody := `{"cursor":"abc","limit":50,"status":["failed","on_hold"],"service_id":"` + serviceID + `","batch_id":"` + knownID +
		`","external_reference":"TARI/1","accepted_from":"2026-12-01T00:00:00+01:00","accepted_to":"2026-12-02T00:00:00Z"`
	expected := gateway.Query{
		Cursor: "abc", Limit: 50, Statuses: []notification.Status{notification.StatusFailed, notification.StatusOnHold},
		ServiceIDs: []string{serviceID}, BatchID: knownID, ExternalReference: "TARI/1",
	}

	for name, test := range map[string]struct {
		call       call
		fiscalCode string
	}{
		"in the address": {call{method: http.MethodGet, path: "/api/v1/notifications" + inAddress}, ""},
		"in the body": {
			call{method: http.MethodPost, path: "/api/v1/notifications/search", body: inBody + `,"fiscal_code":"RSSMRA80A01H501U"}`},
			"RSSMRA80A01H501U",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			got := site.send(test.call)
			require.Equal(t, http.StatusOK, got.status, got.body)
			require.Equal(t, "bmV4dA", got.json(t)["next_cursor"])

			_, query, _ := site.gateway.asked()
			require.WithinDuration(t, time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC), query.From, 0)
			require.WithinDuration(t, time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC), query.To, 0)

			expected := expected
			expected.FiscalCode = test.fiscalCode
			query.From, query.To = time.Time{}, time.Time{}
			require.Equal(t, expected, query)
		})
	}
}

func TestListingWithoutFiltersLeavesThemEmpty(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	require.Equal(t, http.StatusOK, site.send(call{method: http.MethodGet, path: "/api/v1/notifications"}).status)

	_, query, _ := site.gateway.asked()
	require.Equal(t, gateway.Query{}, query)
}

func TestTimelineSpeaksBothLanguages(t *testing.T) {
	t.Parallel()

	got := newSite(t).send(call{method: http.MethodGet, path: "/api/v1/notifications/" + knownID + "/timeline"})
	require.Equal(t, http.StatusOK, got.status, got.body)

	var read struct {
		Entries []struct {
			Text map[string]string `json:"text"`
		} `json:"entries"`
	}

	require.NoError(t, json.Unmarshal([]byte(got.body), &read))
	require.Len(t, read.Entries, 4)

	for _, entry := range read.Entries {
		require.NotEmpty(t, entry.Text["it"])
		require.NotEmpty(t, entry.Text["en"])
	}
}

func TestActions(t *testing.T) {
	t.Parallel()

	for path, test := range map[string]struct{ body, act string }{
		"cancel":  {`{"reason":"cancelled"}`, "cancel cancelled_by_ente"},
		"hold":    {"", "hold"},
		"resume":  {"", "resume"},
		"retry":   {"", "retry"},
		"decide":  {`{"decision":"resend"}`, "decide resend"},
		"decide?": {`{"decision":"close"}`, "decide close"},
		"cancel?": {`{"reason":"paid"}`, "cancel paid"},
	} {
		t.Run(test.act, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			got := site.send(call{method: http.MethodPost, path: "/api/v1/notifications/" + knownID + "/" + path, body: test.body})
			require.Equal(t, http.StatusAccepted, got.status, got.body)
			require.Equal(t, knownID, got.json(t)["id"])

			_, _, acts := site.gateway.asked()
			require.Equal(t, []string{test.act}, acts)
		})
	}
}

func TestRecipientChecks(t *testing.T) {
	t.Parallel()

	body := `{"service_id":"` + serviceID + `","fiscal_code":"RSSMRA80A01H501U"}`

	site := newSite(t)
	got := site.send(call{method: http.MethodPost, path: "/api/v1/recipient-checks", body: body})
	require.JSONEq(t, `{"reachable_on_io":true}`, got.body)

	site.gateway.reach = gateway.Reachability{Reason: notification.ReasonIOProfileNotFound}
	got = site.send(call{method: http.MethodPost, path: "/api/v1/recipient-checks", body: body})
	require.Equal(t, "io_profile_not_found", got.json(t)["reason"])
	require.Equal(t, false, got.json(t)["reachable_on_io"])
}

func TestServicesAndReasons(t *testing.T) {
	t.Parallel()

	site := newSite(t)

	services := site.send(call{method: http.MethodGet, path: "/api/v1/services"})
	require.Len(t, services.json(t)["items"], 2)
	require.Contains(t, services.body, `"fallback":["sms"]`)
	require.Contains(t, services.body, `"fallback":[]`)

	reasons := site.send(call{method: http.MethodGet, path: "/api/v1/reasons", anonymous: true})
	require.Len(t, reasons.json(t)["items"], len(notification.Catalogue()))
}

func TestStatus(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		health gateway.Health
		status int
		word   any
		ready  int
	}{
		"all well":         {gateway.Health{Database: true, Temporal: true}, http.StatusOK, "ok", http.StatusOK},
		"without Temporal": {gateway.Health{Database: true, Waiting: 7}, http.StatusOK, "degraded", http.StatusOK},
		"without database": {
			gateway.Health{Temporal: true},
			http.StatusServiceUnavailable, float64(http.StatusServiceUnavailable),
			http.StatusServiceUnavailable,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			site.gateway.health = test.health

			got := site.send(call{method: http.MethodGet, path: "/api/v1/status", anonymous: true})
			require.Equal(t, test.status, got.status)
			require.Equal(t, test.word, got.json(t)["status"])
			require.Equal(t, 1, site.gateway.healthAsked)
			require.Equal(t, test.ready, site.send(call{method: http.MethodGet, path: "/readyz", anonymous: true}).status)
			require.Equal(t, 1, site.gateway.healthAsked, "a probe waits for no other part than the database")
			require.Equal(t, http.StatusOK, site.send(call{method: http.MethodGet, path: "/healthz", anonymous: true}).status)
		})
	}
}
