package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server"
)

const sharedCitizen = "RSSMRA80A01H501U"

// house is the API over the real use cases, with two Enti in it.
type house struct {
	*site

	does   *gateway.Gateway
	system gateway.Actor
}

// tenant is an Ente of the house, with something of each kind that the API knows.
type tenant struct {
	id, key      string
	serviceID    string
	notification string
	batch        string
	template     string
}

func newHouse(t *testing.T, store *db.Store) house {
	t.Helper()

	temporal, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1"})
	require.NoError(t, err)
	t.Cleanup(temporal.Close)

	does := gateway.New(gateway.Config{
		Store: store, Temporal: temporal, Starter: gateway.NewStarter(store, temporal, zap.NewNop()), Log: zap.NewNop(),
	})

	built, err := server.New(server.Config{Gateway: does, Log: zap.NewNop()})
	require.NoError(t, err)

	listening := httptest.NewServer(built.Handler())
	t.Cleanup(listening.Close)

	routes, err := contractRoutes()
	require.NoError(t, err)

	return house{
		site: &site{t: t, url: listening.URL, routes: routes}, does: does,
		system: gateway.Actor{Kind: gateway.ActorSystem, ID: "test", Name: "test"},
	}
}

// founds takes an invented Ente on, with a notification to the citizen that all of them write to.
func (h house) founds(t *testing.T, name, fiscalCode string) tenant {
	t.Helper()

	ente, err := h.does.CreateEnte(t.Context(), h.system, name, fiscalCode)
	require.NoError(t, err)

	service, err := h.does.CreateService(t.Context(), h.system, notification.Service{
		EnteID: ente.ID, Name: "Anagrafe di " + name, Policy: notification.DefaultPolicy(), MaxPaymentCents: 100_000, SMSSender: "COMUNE",
	}, notification.ServiceKeys{Primary: uuid.NewString()})
	require.NoError(t, err)

	made := tenant{id: ente.ID, serviceID: service.ID}

	_, made.key, err = h.does.CreateAPIKey(t.Context(), h.system, ente.ID, "gestionale", nil, time.Time{})
	require.NoError(t, err)

	actor := h.actorOf(t, made)

	template, err := h.does.CreateTemplate(t.Context(), h.system, gateway.TemplateDraft{
		EnteID: ente.ID, Name: "Avviso di " + name, Italian: notification.TemplateText{
			Subject: "Avviso di " + name, Markdown: "Gentile ((nome)), " + strings.Repeat("questo è un testo di prova. ", 5),
		},
	})
	require.NoError(t, err)

	made.template = template.ID

	receipt, err := h.does.Submit(t.Context(), actor, gateway.Submission{
		ServiceID: service.ID, FiscalCode: sharedCitizen, ExternalReference: "pratica-1", IdempotencyKey: "the-same-key",
		Content: notification.Content{Subject: "Avviso di " + name, Markdown: strings.Repeat("questo è un testo di prova. ", 5)},
	})
	require.NoError(t, err)
	require.False(t, receipt.Replayed, "the keys of two Enti do not meet")

	made.notification = receipt.ID

	uploaded, err := h.does.UploadBatch(t.Context(), actor, gateway.BatchUpload{
		ServiceID: service.ID, TemplateID: template.ID, Name: "Invio di " + name, FileName: "invio.csv", IdempotencyKey: "the-same-key",
		File: strings.NewReader("Codice Fiscale;Nome\r\n" + sharedCitizen + ";Maria\r\n"),
	})
	require.NoError(t, err)

	made.batch = uploaded.ID
	h.checks(t, made)

	return made
}

// checks does to an uploaded batch what the activity that reads the file does.
func (h house) checks(t *testing.T, of tenant) {
	t.Helper()

	layout, err := json.Marshal(batch.Layout{
		Format: batch.FormatCSV, Encoding: batch.EncodingUTF8, Separator: ";", Header: true,
		Columns: []batch.Column{
			{Header: "Codice Fiscale", Field: batch.FieldFiscalCode}, {Header: "Nome", Field: batch.Value("nome")},
		},
	})
	require.NoError(t, err)

	payload, err := batch.RowPayload{
		Cells: []string{sharedCitizen, "Maria"}, Recipient: notification.Recipient{FiscalCode: sharedCitizen}, Values: []string{"Maria"},
	}.Encode()
	require.NoError(t, err)

	store := h.does.Store
	require.NoError(t, store.BeginCheck(t.Context(), of.batch, 1))
	require.NoError(t, store.AddBatchRows(t.Context(), of.batch, 1, []db.BatchRow{{
		Number: 2, State: notification.RowGood, NotificationID: uuid.NewString(), Payload: payload, ContentHash: []byte(of.batch),
	}}))
	require.NoError(t, store.FinishCheck(t.Context(), of.batch, 1, db.CheckOutcome{
		Status: notification.BatchDraft, Layout: layout, Counts: notification.BatchCounts{Rows: 1, Good: 1},
	}))
}

func (h house) actorOf(t *testing.T, of tenant) gateway.Actor {
	t.Helper()

	actor, err := h.does.AuthenticateKey(t.Context(), of.key, "192.0.2.1")
	require.NoError(t, err)

	return actor
}

func (h house) as(of tenant, method, path, body, mediaType string) answer {
	h.t.Helper()

	c := call{method: method, path: "/api/v1" + path, body: body, header: map[string]string{"Authorization": "Bearer " + of.key}}
	if mediaType != "" {
		c.header["Content-Type"] = mediaType
	}

	return h.send(c)
}

// all is everything that the Ente can read of its own, as text.
func (h house) all(t *testing.T, of tenant) string {
	t.Helper()

	var text strings.Builder

	for _, path := range []string{
		"/notifications", "/notifications/" + of.notification, "/notifications/" + of.notification + "/timeline",
		"/batches", "/batches/" + of.batch, "/batches/" + of.batch + "/rows", "/templates?archived=true", "/templates/" + of.template,
		"/services",
	} {
		got := h.as(of, http.MethodGet, path, "", "")
		require.Equal(t, http.StatusOK, got.status, path)
		text.WriteString(got.body)
	}

	acts, err := h.does.AuditLog(t.Context(), gateway.Actor{
		Kind: gateway.ActorUser, ID: uuid.NewString(), EnteID: of.id, Role: gateway.RoleAdministrator,
	}, gateway.AuditQuery{})
	require.NoError(t, err)

	return text.String() + fmt.Sprint(acts.Items)
}

// said is an answer without what differs in each.
func (a answer) said() string {
	return fmt.Sprint(a.status, " ", regexp.MustCompile(`"request_id":"[^"]*"`).ReplaceAllString(a.body, ""))
}

// TestNoOperationReachesIntoAnotherEnte walks every operation of the contract, those of tomorrow as well, with everything
// that another Ente has: whatever is asked about it, the answer is the same as about what does not exist, and nothing of
// it changes.
func TestNoOperationReachesIntoAnotherEnte(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		h := newHouse(t, store)
		own, other := h.founds(t, "Borgo Nostro", "80000000002"), h.founds(t, "Borgo Altrui", "80000000010")
		before := h.all(t, other)
		theirs := []string{other.notification, other.batch, other.template, other.serviceID, other.id}
		asked := 0

		for _, one := range operations(t) {
			for _, id := range theirs {
				for _, request := range requestsWith(t, one, own, id) {
					nothing := strings.ReplaceAll(request.text, id, uuid.NewString())
					got := h.as(own, one.method, request.path, request.text, request.mediaType)
					expected := h.as(own, one.method, strings.ReplaceAll(request.path, id, uuid.NewString()), nothing, request.mediaType)
					name := one.method + " " + request.path + " " + request.text

					require.Equal(t, expected.said(), got.said(), name)
					require.NotContains(t, got.body, "Borgo Altrui", name)
					require.NotEqual(t, http.StatusForbidden, got.status, name)

					if strings.Contains(request.path, "/"+id) {
						require.Contains(t, []int{http.StatusNotFound, http.StatusUnprocessableEntity}, got.status, name)
					}

					asked++
				}
			}
		}

		require.Greater(t, asked, 150)
		require.Equal(t, before, h.all(t, other), "nothing of the other Ente's has changed")
	})
}

// What is the Ente's own is found in the same ways: so the walk above looks where something is.
func TestEveryOperationFindsWhatIsTheOwn(t *testing.T) {
	t.Parallel()

	h := newHouse(t, dbtest.Open(t, dbtest.EngineSQLite))
	found := 0

	for number, one := range operations(t) {
		if !strings.Contains(one.path, "{id}") {
			continue
		}

		own := h.founds(t, fmt.Sprintf("Borgo %d", number), enteCode(t, number))
		kind, _, _ := strings.Cut(strings.TrimPrefix(one.path, "/"), "/")
		id := map[string]string{"notifications": own.notification, "batches": own.batch, "templates": own.template}[kind]
		require.NotEmpty(t, id, "a kind of thing that this test does not know: %s", one.path)

		requests := requestsWith(t, one, own, id)
		got := h.as(own, one.method, requests[0].path, requests[0].text, requests[0].mediaType)
		require.NotContains(t, []int{http.StatusNotFound, http.StatusForbidden, http.StatusUnauthorized}, got.status,
			"%s: %s", one.OperationID, got.body)

		found++
	}

	require.Greater(t, found, 15)
}

// enteCode makes a code with a right check digit that belongs to nobody.
func enteCode(t *testing.T, number int) string {
	t.Helper()

	for digit := range 10 {
		if code := fmt.Sprintf("9%09d%d", number, digit); fiscalcode.ValidateNumeric(code) == nil {
			return code
		}
	}

	require.Fail(t, "no check digit is right")

	return ""
}

// What an Ente lists, searches and is told is its own, also of a citizen whom both have written to.
func TestListsAndSearchesGiveTheOwnAlone(t *testing.T) {
	t.Parallel()

	h := newHouse(t, dbtest.Open(t, dbtest.EngineSQLite))
	own, other := h.founds(t, "Borgo Nostro", "80000000002"), h.founds(t, "Borgo Altrui", "80000000010")

	for _, of := range []struct{ asks, mine, theirs tenant }{{own, own, other}, {other, other, own}} {
		for path, body := range map[string]string{
			"/notifications": "", "/notifications?external_reference=pratica-1": "", "/batches": "", "/templates": "", "/services": "",
			"/notifications/search": `{"fiscal_code":"` + sharedCitizen + `"}`,
		} {
			method := http.MethodGet
			if body != "" {
				method = http.MethodPost
			}

			got := h.as(of.asks, method, path, body, "")
			require.Equal(t, http.StatusOK, got.status, path)
			require.Len(t, got.json(t)["items"], 1, path)

			for _, id := range []string{of.theirs.id, of.theirs.notification, of.theirs.batch, of.theirs.template, of.theirs.serviceID} {
				require.NotContains(t, got.body, id, path)
			}
		}
	}
}

// A cursor of another Ente's list leads nowhere but into the own one.
func TestACursorOfAnotherEnte(t *testing.T) {
	t.Parallel()

	h := newHouse(t, dbtest.Open(t, dbtest.EngineSQLite))
	own, other := h.founds(t, "Borgo Nostro", "80000000002"), h.founds(t, "Borgo Altrui", "80000000010")

	_, err := h.does.Submit(t.Context(), h.actorOf(t, other), gateway.Submission{
		ServiceID: other.serviceID, FiscalCode: sharedCitizen,
		Content: notification.Content{Subject: "Un altro avviso", Markdown: strings.Repeat("questo è un testo di prova. ", 5)},
	})
	require.NoError(t, err)

	var page struct {
		NextCursor string `json:"next_cursor"`
	}

	require.NoError(t, json.Unmarshal([]byte(h.as(other, http.MethodGet, "/notifications?limit=1", "", "").body), &page))
	require.NotEmpty(t, page.NextCursor)

	got := h.as(own, http.MethodGet, "/notifications?limit=1&cursor="+url.QueryEscape(page.NextCursor), "", "")
	require.NotContains(t, got.body, other.notification)
	require.NotContains(t, got.body, other.serviceID)
}
