package frontend_test

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/gateway"
)

// nowadays lets the pages have the use cases' own time.
func nowadays(config *frontend.Config) { config.Clock = time.Now }

// secretOn is the secret that a page shows.
func secretOn(t *testing.T, page answer) string {
	t.Helper()

	found := regexp.MustCompile(`id="secret" value="(genio_[^"]+)"`).FindStringSubmatch(page.body)
	require.NotNil(t, found, page.body)

	return found[1]
}

// keyWish is the form of a new key, filled in.
func keyWish(t *testing.T, page answer, change url.Values) url.Values {
	t.Helper()

	form := url.Values{"once": {page.once(t)}, "name": {"Gestionale tributi"}, "scope": {"all"}}
	maps.Copy(form, change)

	return form
}

// madeKey makes a key through the pages.
func (b realOffice) madeKey(t *testing.T, change url.Values) (gateway.APIKey, string) {
	t.Helper()

	made := b.post("/api-keys", keyWish(t, b.get("/api-keys/new"), change))
	require.Equal(t, http.StatusOK, made.status, made.body)

	keys, err := b.does.APIKeys(t.Context(), b.account.Actor(), b.ente.ID)
	require.NoError(t, err)

	return keys[0], secretOn(t, made)
}

func TestAKeyIsMadeOnceAndItsSecretShownOnce(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator, nowadays)
	form := keyWish(t, b.get("/api-keys/new"), url.Values{
		"scope": {"some"}, "services": {b.service.ID}, "expires": {"2099-12-31"}, "ip_ranges": {"192.0.2.7\r\n2001:db8::/32"},
		"requests_per_second": {" 30 "},
	})

	made := b.post("/api-keys", form)
	require.Equal(t, http.StatusOK, made.status)
	require.Equal(t, "no-store", made.header.Get("Cache-Control"))

	secret := secretOn(t, made)

	_, err := b.does.AuthenticateKey(t.Context(), secret, "192.0.2.7")
	require.NoError(t, err)

	again := b.post("/api-keys", form)
	require.Equal(t, http.StatusSeeOther, again.status, "a reload makes no other key")

	list := b.get(again.location())
	require.Contains(t, list.body, "La chiave è già stata creata")
	require.NotContains(t, list.body, secret)
	require.Contains(t, list.body, secret[:12])
	require.Contains(t, list.body, "192.0.2.7/32")
	require.Contains(t, list.body, "In vigore")
	require.Contains(t, list.body, "Anagrafe")

	keys, err := b.does.APIKeys(t.Context(), b.account.Actor(), b.ente.ID)
	require.NoError(t, err)
	require.Len(t, keys, 1)
	require.Equal(t, []string{b.service.ID}, keys[0].ServiceIDs)
	require.Equal(t, "2099-12-31T23:00:00Z", keys[0].ExpiresAt.Format(time.RFC3339))
	require.Equal(t, 30, keys[0].RequestsPerSecond)
	require.Contains(t, b.get("/api-keys/"+keys[0].ID).body, `value="2099-12-31"`)
	require.Contains(t, b.get("/api-keys/"+keys[0].ID).body, `name="requests_per_second" value="30"`)

	for _, entry := range b.logs.All() {
		require.NotContains(t, entry.Message, secret)
	}
}

func TestAKeyThatIsNotMade(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator, nowadays)

	for name, test := range map[string]struct {
		change  url.Values
		problem string
	}{
		"no name":     {url.Values{"name": {" "}}, `id="name-problem"`},
		"no date":     {url.Values{"expires": {"domani"}}, `id="expires-problem"`},
		"a past date": {url.Values{"expires": {"2001-01-01"}}, `id="expires-problem"`},
		"no network":  {url.Values{"ip_ranges": {"192.0.2.7\n0.0.0.0/0"}}, "Riga 2: questa rete comprende ogni indirizzo"},
		"no number":   {url.Values{"requests_per_second": {"molte"}}, `id="requests_per_second-problem"`},
		"no requests": {url.Values{"requests_per_second": {"0"}}, `id="requests_per_second-problem"`},
		"no service":  {url.Values{"scope": {"some"}}, `id="services-problem"`},
	} {
		form := keyWish(t, b.get("/api-keys/new"), url.Values{"ip_ranges": {"198.51.100.9"}})
		maps.Copy(form, test.change)

		refused := b.post("/api-keys", form)
		require.Equal(t, http.StatusUnprocessableEntity, refused.status, name)
		require.Contains(t, refused.body, test.problem, name)
		require.Contains(t, refused.body, form.Get("ip_ranges"), "nothing typed is lost")
	}

	require.Equal(t, http.StatusBadRequest, b.post("/api-keys", url.Values{"name": {"x"}}).status)
}

func TestAKeyIsChanged(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator, nowadays)
	key, _ := b.madeKey(t, nil)
	address := "/api-keys/" + key.ID
	mine, others := b.get(address), b.get(address)

	changed := b.post(address, url.Values{"once": {others.once(t)}, "seen": {"1"}, "name": {"Protocollo"}})
	require.Equal(t, http.StatusSeeOther, changed.status)
	require.Contains(t, b.get(changed.location()).body, "Protocollo")

	form := url.Values{"once": {mine.once(t)}, "seen": {"1"}, "name": {"Tributi"}, "ip_ranges": {"192.0.2.9"}}
	overtaken := b.post(address, form)
	require.Equal(t, http.StatusConflict, overtaken.status)
	require.Contains(t, overtaken.body, "Protocollo", "what the other made of it")
	require.Contains(t, overtaken.body, `value="Tributi"`, "and what was typed")
	require.Contains(t, overtaken.body, `name="seen" value="2"`)

	form.Set("once", overtaken.once(t))
	form.Set("seen", "2")
	require.Equal(t, http.StatusSeeOther, b.post(address, form).status)
	require.Contains(t, b.get("/api-keys").body, "192.0.2.9/32")

	form.Set("once", b.get(address).once(t))
	form.Set("seen", "3")
	form.Set("ip_ranges", "x")
	require.Equal(t, http.StatusUnprocessableEntity, b.post(address, form).status)
}

func TestAKeyIsRotatedAndRevoked(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator, nowadays)
	key, old := b.madeKey(t, nil)
	address := "/api-keys/" + key.ID

	question := b.get(address + "/rotate")
	require.Contains(t, question.body, "7 giorni")

	unanswered := b.post(address+"/rotate", url.Values{"once": {question.once(t)}, "choice": {"5"}})
	require.Equal(t, http.StatusUnprocessableEntity, unanswered.status)

	form := url.Values{"once": {unanswered.once(t)}, "choice": {"24"}}
	rotated := b.post(address+"/rotate", form)
	require.Equal(t, http.StatusOK, rotated.status)

	fresh := secretOn(t, rotated)
	require.Equal(t, http.StatusSeeOther, b.post(address+"/rotate", form).status)

	for _, secret := range []string{old, fresh} {
		_, err := b.does.AuthenticateKey(t.Context(), secret, "")
		require.NoError(t, err)
	}

	list := b.get("/api-keys").body
	require.Contains(t, list, "In sostituzione")
	require.Contains(t, list, "la sostituisce "+fresh[:12])
	require.Contains(t, list, "sostituisce "+old[:12])
	require.Equal(t, http.StatusSeeOther, b.get(address+"/rotate").status, "it has a successor")

	question = b.get(address + "/revoke")
	require.Contains(t, question.body, key.Name)
	require.Contains(t, question.body, "Ultimo uso")
	require.NotContains(t, question.body, "Mai usata")

	revoked := b.post(address+"/revoke", url.Values{"once": {question.once(t)}})
	require.Equal(t, http.StatusSeeOther, revoked.status)
	require.Contains(t, b.get(revoked.location()).body, "La chiave è stata revocata.")

	_, err := b.does.AuthenticateKey(t.Context(), old, "")
	require.ErrorIs(t, err, gateway.ErrUnauthenticated)

	for _, path := range []string{"", "/rotate", "/revoke"} {
		require.Equal(t, http.StatusSeeOther, b.get(address+path).status, "nothing more can be done with it")
	}
}

func TestASystemAdministratorChoosesTheEnte(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleSystem, nowadays)
	other, err := b.does.CreateEnte(t.Context(), gateway.Actor{Kind: gateway.ActorSystem}, "Unione Altra", "01199250158")
	require.NoError(t, err)

	form := keyWish(t, b.get("/api-keys/new?ente="+other.ID), url.Values{"ente": {other.ID}})
	require.Equal(t, http.StatusOK, b.post("/api-keys", form).status)

	require.Contains(t, b.get("/api-keys?ente="+other.ID).body, "Gestionale tributi")
	require.NotContains(t, b.get("/api-keys?ente="+b.ente.ID).body, "Gestionale tributi")
	require.Contains(t, b.get("/service-imports?ente="+other.ID).body, `value="`+other.ID+`" selected`)
}
