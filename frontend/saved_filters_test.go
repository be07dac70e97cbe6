package frontend_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/gateway"
)

func TestAFilterIsSavedSharedAndDeleted(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)

	list := b.get("/notifications?status=failed&period=7d")
	require.Contains(t, list.body, `href="/notifications/filters?period=7d&amp;status=failed"`)

	form := b.get("/notifications/filters?period=7d&status=failed")
	require.Contains(t, form.body, "Ultimi 7 giorni")
	require.Contains(t, form.body, `name="query" value="period=7d&amp;status=failed"`)

	wish := url.Values{"query": {"period=7d&status=failed&cursor=x&evil=1"}, "name": {"Da controllare"}, "once": {form.once(t)}}
	saved := b.post("/notifications/filters", wish)
	require.Equal(t, "/notifications?period=7d&status=failed", saved.location(), "what the list does not know is left out")
	require.Equal(t, saved.location(), b.post("/notifications/filters", wish).location(), "a double click saves once")

	shown := b.get(saved.location())
	require.Contains(t, shown.body, "Il filtro è stato salvato.")
	require.Contains(t, shown.body, `<a class="genio-chip" href="/notifications?period=7d&amp;status=failed" aria-current="true">`)

	manage := b.get("/notifications/filters")
	require.Contains(t, manage.body, "Da controllare")
	_, after, found := strings.Cut(manage.body, `action="/notifications/filters/`)
	require.True(t, found)

	id, _, _ := strings.Cut(after, "/share")
	require.Equal(t, "/notifications/filters", b.post("/notifications/filters/"+id+"/share", url.Values{"with": {"ente"}}).location())
	require.Contains(t, b.get("/notifications/filters").body, "Non condividere più")

	colleague := b.appoint(t, gateway.RoleOperator)
	require.Equal(t, http.StatusSeeOther, b.signIn(colleague.Email, frontendtest.Password).status)
	theirs := b.get("/notifications")
	require.Contains(t, theirs.body, "Da controllare")
	require.Equal(t, http.StatusForbidden, b.post("/notifications/filters/"+id+"/share", nil).status)
	require.Equal(t, http.StatusForbidden, b.get("/notifications/filters/"+id+"/delete").status)
	require.Equal(t, http.StatusForbidden, b.post("/notifications/filters/"+id+"/delete", nil).status)

	require.Equal(t, http.StatusSeeOther, b.signIn(b.account.Email, frontendtest.Password).status)
	require.Equal(t, "/notifications/filters", b.post("/notifications/filters/"+id+"/share", nil).location())
	confirmation := b.get("/notifications/filters/" + id + "/delete")
	require.Contains(t, confirmation.body, "Eliminare il filtro salvato?")

	once := url.Values{"once": {confirmation.once(t)}}
	require.Equal(t, "/notifications/filters", b.post("/notifications/filters/"+id+"/delete", once).location())
	require.Equal(t, "/notifications/filters", b.post("/notifications/filters/"+id+"/delete", once).location(), "a double click is no error")
	require.Contains(t, b.get("/notifications/filters").body, "Non ci sono filtri salvati")
}

func TestAFilterWithAPersonIsNotSaved(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)

	address := b.searched(url.Values{"q": {frontendtest.MarioRossi}}).location()
	require.NotContains(t, b.get(address).body, "Salva questo filtro")

	const explained = "Un filtro con un codice fiscale o un telefono non si può salvare"

	require.Contains(t, b.get("/notifications/filters?person=1").body, explained)

	for query, says := range map[string]string{
		"person=1":                       explained,
		"person=1&status=failed":         explained,
		"":                               "Non c&#39;è nulla da salvare",
		"evil=1":                         "Non c&#39;è nulla da salvare",
		"reference=RSSMRA80A01H501U":     "Un filtro salvato non contiene codici fiscali",
		"reference=a%20RSSMRA80A01H501U": "Un filtro salvato non contiene codici fiscali",
		"reference=3331234567":           "Un filtro salvato non contiene codici fiscali",
	} {
		refused := b.post("/notifications/filters", url.Values{"query": {query}, "name": {"mio"}})
		require.Equal(t, http.StatusUnprocessableEntity, refused.status, query)
		require.Contains(t, refused.body, says, query)
	}

	refused := b.post("/notifications/filters", url.Values{"query": {"status=failed"}, "name": {strings.Repeat("a", 61)}})
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "Da 1 a 60 caratteri")
	require.Contains(t, refused.body, strings.Repeat("a", 61), "nothing typed is lost")
}

func TestSupportSharesWithTheEnteThatAFilterIsAbout(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleSupport)
	b.post("/notifications/filters", url.Values{"query": {"status=failed"}, "name": {"ovunque"}})
	require.NotContains(t, b.get("/notifications/filters").body, "Condividi con l&#39;Ente", "with whose people?")

	b.post("/notifications/filters", url.Values{"query": {"ente=" + b.ente.ID}, "name": {"del Comune"}})
	require.Contains(t, b.get("/notifications/filters").body, "Condividi con l&#39;Ente")
}
