package frontend_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const heldCode = "RSSMRA80A01H501U"

// held submits a notification for the invented citizen and gives its id.
func (b realOffice) held(t *testing.T) string {
	t.Helper()

	receipt, err := b.does.Submit(t.Context(), gateway.Actor{Kind: gateway.ActorApplication, ID: "key", Name: "gestionale", EnteID: b.ente.ID},
		gateway.Submission{
			ServiceID: b.service.ID, FiscalCode: heldCode, Phone: "+393331234567",
			Content: notification.Content{
				Subject: "Rinnovo della carta d'identità", Markdown: strings.Repeat("La carta scade tra trenta giorni. ", 5),
			},
		})
	require.NoError(t, err)

	return receipt.ID
}

func (b realOffice) end(t *testing.T, id string) {
	t.Helper()
	require.NoError(t, b.store.Settle(t.Context(), id, db.Settlement{
		Status: notification.StatusFailed, Reason: notification.ReasonIOKeyRejected,
	}))
}

func TestAnEnteShowsItsRetentionAndWhoGovernsSetsIt(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleSystem)
	ente := "/enti/" + b.ente.ID

	require.Contains(t, b.get(ente).body, "90 giorni")
	require.Contains(t, b.get(ente).body, ente+"/retention")

	form := b.get(ente + "/retention")
	typed := url.Values{"once": {form.once(t)}, "seen": {"1"}, "content_days": {"10"}, "outcome_days": {"molti"}}
	refused := b.post(ente+"/retention", typed)
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "Da 30 a 730 giorni")
	require.Contains(t, refused.body, `value="molti"`)

	typed = url.Values{"once": {refused.once(t)}, "seen": {"1"}, "content_days": {"60"}, "outcome_days": {"365"}}
	require.Equal(t, ente, b.post(ente+"/retention", typed).location())
	require.Contains(t, b.get(ente).body, "365 giorni")
	require.Contains(t, b.get("/privacy").body, "60 giorni")

	typed.Set("once", b.get(ente+"/retention").once(t))
	overtaken := b.post(ente+"/retention", typed)
	require.Equal(t, http.StatusConflict, overtaken.status, "somebody has changed it since")

	administrator := b.appoint(t, gateway.RoleAdministrator)
	other := b.otherBrowser(t)
	require.Equal(t, http.StatusSeeOther, other.signIn(administrator.Email, frontendtest.Password).status)
	require.Contains(t, other.get(ente).body, "365 giorni")
	require.NotContains(t, other.get(ente).body, ente+"/retention")
}

func TestRetentionReports(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	require.Contains(t, b.get("/privacy").body, "Nessuna cancellazione finora")

	run, err := uuid.NewV7()
	require.NoError(t, err)
	require.NoError(t, b.store.BeginRetention(t.Context(), run.String()))
	require.NoError(t, b.store.NoteRemoved(t.Context(), run.String(), b.ente.ID, notification.RemovedContent, 1234))
	require.NoError(t, b.store.NoteRemoved(t.Context(), run.String(), "", notification.RemovedSessions, 77))
	require.NoError(t, b.store.NoteNotRemoved(t.Context(), run.String(), b.ente.ID, notification.RemovedNotifications))
	require.NoError(t, b.store.FinishRetention(t.Context(), run.String()))

	shown := b.get("/privacy").body
	require.Contains(t, shown, "1.234")
	require.Contains(t, shown, "Non completa")

	report := b.get("/privacy/runs/" + run.String())
	require.Equal(t, http.StatusOK, report.status)
	require.Contains(t, report.body, "1.234")
	require.Contains(t, report.body, "Non tutto si è potuto cancellare.")
	require.NotContains(t, report.body, "Sessioni scadute", "what is nobody's is for who governs")

	require.Equal(t, http.StatusNotFound, b.get("/privacy/runs/"+b.ente.ID).status)
}

func TestRetentionThatIsLateIsTold(t *testing.T) {
	t.Parallel()

	const late = "Da più di una notte"

	b := openReal(t, gateway.RoleSystem)
	require.NotContains(t, b.get("/privacy").body, late, "the first night is still to come")

	id, err := uuid.NewV7()
	require.NoError(t, err)
	require.NoError(t, b.store.CreateEnte(t.Context(), notification.Ente{
		ID: id.String(), Name: "Comune di Ieri Esempio", FiscalCode: "80000000010", Active: true, CreatedAt: time.Now().Add(-48 * time.Hour),
	}))
	require.Contains(t, b.get("/privacy").body, late)

	run, err := uuid.NewV7()
	require.NoError(t, err)
	require.NoError(t, b.store.BeginRetention(t.Context(), run.String()))
	require.Contains(t, b.get("/privacy").body, late, "it has not ended")
	require.NoError(t, b.store.FinishRetention(t.Context(), run.String()))
	require.NotContains(t, b.get("/privacy").body, late)
}

func TestACitizenGetsACopy(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	id := b.held(t)

	wrong := b.post("/privacy/citizen", url.Values{"fiscal_code": {"nonsense"}})
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	require.Contains(t, wrong.body, "fiscal-code-problem")

	found := b.post("/privacy/citizen", url.Values{"fiscal_code": {" rssmra80a01h501u "}})
	require.Equal(t, http.StatusOK, found.status)
	require.Contains(t, found.body, "1 notifica")

	asked := url.Values{"fiscal_code": {heldCode}, "why": {"no"}, "form": {"json"}}
	refused := b.post("/privacy/citizen/export", asked)
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "why-export-problem")

	asked.Set("why", "Protocollo 4711 del 2026")
	file := b.post("/privacy/citizen/export", asked)
	require.Equal(t, http.StatusOK, file.status)
	require.Equal(t, "application/json", file.header.Get("Content-Type"))
	require.NotContains(t, file.header.Get("Content-Disposition"), heldCode)

	var dossier gateway.Dossier

	require.NoError(t, json.Unmarshal([]byte(file.body), &dossier))
	require.Equal(t, 1, dossier.Total)
	require.Len(t, dossier.Notifications, 1)
	require.Equal(t, id, dossier.Notifications[0].ID)
	require.Equal(t, "+393331234567", dossier.Notifications[0].Phone)

	asked.Set("form", "page")
	page := b.post("/privacy/citizen/export", asked)
	require.Equal(t, http.StatusOK, page.status)
	require.Contains(t, page.body, heldCode)
	require.Contains(t, page.body, "La carta scade tra trenta giorni.")
}

func TestACitizenIsErasedOnRequest(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	b.end(t, b.held(t))

	found := b.post("/privacy/citizen", url.Values{"fiscal_code": {heldCode}})
	asked := url.Values{"fiscal_code": {heldCode}, "why": {"Protocollo 4711 del 2026"}, "open_ones": {"wait"}, "once": {found.once(t)}}

	refused := b.post("/privacy/citizen/erase", asked)
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "Confermare la cancellazione")

	asked.Set("confirmed", "yes")
	asked.Del("open_ones")
	require.Equal(t, http.StatusUnprocessableEntity, b.post("/privacy/citizen/erase", asked).status)

	asked.Set("open_ones", "wait")
	begun := b.post("/privacy/citizen/erase", asked).location()
	require.Regexp(t, `^/privacy/erasures/[0-9a-f-]{36}$`, begun)
	require.Equal(t, "/privacy/erasures", b.post("/privacy/citizen/erase", asked).location(), "a double click asks once")

	shown := b.get(begun)
	require.Equal(t, http.StatusOK, shown.status)
	require.Contains(t, shown.body, "Protocollo 4711 del 2026")
	require.NotContains(t, shown.body, heldCode)

	list := b.get("/privacy/erasures")
	require.Contains(t, list.body, begun)
	require.Equal(t, http.StatusUnprocessableEntity, b.get("/privacy/erasures?cursor=x").status)

	proof := b.get(begun + "/proof")
	require.Equal(t, http.StatusOK, proof.status)
	require.Contains(t, proof.body, `"notifications_found": 1`)
	require.NotContains(t, proof.body, heldCode)
}

func TestANotificationWithoutContentSaysSo(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	id := b.held(t)
	b.end(t, id)
	require.Contains(t, b.get("/notifications/"+id).body, "/notifications/"+id+"/retry")

	run := uuid.NewString()
	require.NoError(t, b.store.BeginRetention(t.Context(), run))
	_, err := b.store.RemoveContent(t.Context(), db.Removal{RunID: run, EnteID: b.ente.ID, Before: time.Now().AddDate(1, 0, 0)})
	require.NoError(t, err)

	shown := b.get("/notifications/" + id)
	require.Equal(t, http.StatusOK, shown.status)
	require.Contains(t, shown.body, "Il contenuto è stato cancellato il")
	require.Contains(t, shown.body, "Notifica senza contenuto")
	require.NotContains(t, shown.body, "/notifications/"+id+"/retry")
	require.Contains(t, shown.body, "01U")
}
