package frontend_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const typedManageKey = "9d4e3c5b0a7c1d9e3f42a68d0c4b7a1e"

// readingOf is a reading of the office's Ente, as its workflow leaves it.
func (b realOffice) readingOf(t *testing.T, problem string) string {
	t.Helper()

	id, err := uuid.NewV7()
	require.NoError(t, err)
	require.NoError(t, b.store.CreateServiceImport(t.Context(), db.ServiceImport{ID: id.String(), EnteID: b.ente.ID}, typedManageKey))

	if problem == "running" {
		return id.String()
	}

	require.NoError(t, b.store.StageServices(t.Context(), id.String(), []db.StagedService{
		{IOServiceID: "01JA", Name: "Biblioteca", MaxPaymentCents: 500_000, Lifecycle: "approved", Publication: "published"},
		{IOServiceID: "01JB", Number: 1, Name: "Altrove", Lifecycle: "draft", Problem: "io_forbidden"},
		{IOServiceID: "01JC", Number: 2, Name: "Soppresso", Lifecycle: "deleted"},
	}))

	for _, service := range []string{"01JA", "01JC"} {
		keys := notification.ServiceKeys{Primary: "a-primary-key", Secondary: "a-secondary-key"}
		require.NoError(t, b.store.StageKeys(t.Context(), id.String(), service, keys, ""))
	}

	require.NoError(t, b.store.FinishServiceImport(t.Context(), id.String(), problem))

	return id.String()
}

func TestAManageKeyIsNeverShown(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator, nowadays)
	begin := b.get("/service-imports")
	require.Contains(t, begin.body, `type="password" id="manage_key"`)

	refused := b.post("/service-imports", url.Values{"once": {begin.once(t)}, "manage_key": {typedManageKey + " x"}})
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.NotContains(t, refused.body, typedManageKey)
	require.Contains(t, refused.body, `id="manage_key-problem"`)

	require.NoError(t, b.store.SetManageKey(t.Context(), b.ente.ID, typedManageKey))

	kept := b.get("/service-imports")
	require.Contains(t, kept.body, "Una chiave è conservata dal")
	require.NotContains(t, kept.body, typedManageKey)

	question := b.get("/service-imports/remove-key")
	form := url.Values{"once": {question.once(t)}, "about": {b.ente.ID}}
	require.Equal(t, http.StatusSeeOther, b.post("/service-imports/remove-key", form).status)
	require.Equal(t, http.StatusSeeOther, b.post("/service-imports/remove-key", form).status)
	require.NotContains(t, b.get("/service-imports").body, "Una chiave è conservata dal")
	require.Equal(t, http.StatusSeeOther, b.get("/service-imports/remove-key").status)
}

func TestAReadingThatCannotBeStartedSaysSo(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator, nowadays)
	form := url.Values{"once": {b.get("/service-imports").once(t)}, "manage_key": {typedManageKey}}

	away := b.post("/service-imports", form)
	require.Equal(t, http.StatusSeeOther, away.status)
	require.Contains(t, b.get(away.location()).body, "una parte del sistema non è raggiungibile")
}

func TestAReadingIsFollowed(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator, nowadays)
	id := b.readingOf(t, "running")
	address := "/service-imports/" + id

	shown := b.get(address)
	require.Contains(t, shown.body, "In corso")
	require.Contains(t, shown.body, `hx-trigger="every 1s"`)

	_, news, found := strings.Cut(shown.body, `hx-get="`)
	require.True(t, found)

	news, _, _ = strings.Cut(news, `"`)
	require.Equal(t, http.StatusNoContent, b.get(news, "HX-Request", "true").status)
	require.Equal(t, http.StatusSeeOther, b.get(news).status)

	require.NoError(t, b.store.NoteServiceImport(t.Context(), id, "io_unavailable"))
	require.Contains(t, b.get(news, "HX-Request", "true").body, "IO non è raggiungibile")

	require.NoError(t, b.store.FinishServiceImport(t.Context(), id, "io_key_rejected"))

	failed := b.get(address)
	require.Contains(t, failed.body, "IO rifiuta la chiave di gestione")
	require.NotContains(t, failed.body, "hx-get")
}

func TestServicesAreChosen(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator, nowadays)
	address := "/service-imports/" + b.readingOf(t, "")

	ready := b.get(address)
	require.Contains(t, ready.body, `name="service" value="01JA" checked`)
	require.NotContains(t, ready.body, `value="01JB"`, "its keys could not be had")
	require.NotContains(t, ready.body, `value="01JC"`, "it is deleted")
	require.Contains(t, ready.body, "5.000,00")
	require.NotContains(t, ready.body, "-primary-key")

	nothing := b.post(address, url.Values{"once": {ready.once(t)}})
	require.Equal(t, http.StatusUnprocessableEntity, nothing.status)
	require.Contains(t, nothing.body, "Scegliere almeno un servizio")
	require.NotContains(t, nothing.body, "checked")

	form := url.Values{"once": {nothing.once(t)}, "service": {"01JA"}}
	require.Equal(t, http.StatusSeeOther, b.post(address, form).status)
	require.Equal(t, http.StatusSeeOther, b.post(address, form).status)

	done := b.get(address)
	require.Contains(t, done.body, "I servizi scelti sono stati importati.")
	require.NotContains(t, done.body, "<form class=\"genio-form\"")

	services, err := b.store.Services(t.Context(), b.ente.ID)
	require.NoError(t, err)
	require.Len(t, services, 2)
}
