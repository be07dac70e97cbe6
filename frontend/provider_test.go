package frontend_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/frontend/identity"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
)

const (
	publicAddress = "https://genio.example"
	callback      = publicAddress + "/signin/provider/callback"
)

// withProvider is the backoffice beside a simulated provider of identities, which may be away.
type withProvider struct {
	realOffice

	issuer string
	away   *atomic.Bool
}

func openWithProvider(t *testing.T, email string) withProvider {
	t.Helper()

	person := func(subject string, fault simulator.OIDCFault) simulator.OIDCPerson {
		return simulator.OIDCPerson{Subject: subject, Name: "Persona inventata", Email: email, Fault: fault}
	}
	plays := simulator.New(simulator.Config{OIDC: simulator.OIDCConfig{
		ClientID: "genio", ClientSecret: "a secret: with signs", RedirectURLs: []string{callback},
		LeftURLs: []string{publicAddress + "/signin?left=1"},
		People: []simulator.OIDCPerson{
			person("known", ""), person("twin", ""), person("late", simulator.OIDCExpired), person("nonce", simulator.OIDCNonce),
			person("audience", simulator.OIDCAudience), person("key", simulator.OIDCKey),
			{Subject: "unverified", Email: email, Unverified: true},
			{Subject: "stranger", Email: "ugo@altrove.example"},
		},
	}})
	t.Cleanup(plays.Close)

	away := &atomic.Bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)

			return
		}

		plays.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)

	provider := identity.New(identity.Config{
		Issuer: server.URL + "/oidc", ClientID: "genio", ClientSecret: "a secret: with signs", Name: "l'identità regionale",
		RedirectURL: callback, LeftURL: publicAddress + "/signin?left=1",
	})

	return withProvider{realOffice: openReal(t, "", func(c *frontend.Config) {
		c.PublicURL, c.Provider, c.RequireSecondFactor = publicAddress, provider, true
	}), issuer: server.URL, away: away}
}

// choose goes to the provider and back as the person, as far as the address to come back to.
func (b withProvider) choose(t *testing.T, subject string) string {
	t.Helper()

	address, err := url.Parse(b.get("/signin/provider?next=%2Fbatches").location())
	require.NoError(t, err)

	query := address.Query()
	query.Set("person", subject)
	address.RawQuery = query.Encode()

	return b.ask(t, address.String())
}

// ask is where the provider sends the browser.
func (b withProvider) ask(t *testing.T, address string) string {
	t.Helper()

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)

	response, err := b.browser.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())

	return strings.TrimPrefix(response.Header.Get("Location"), publicAddress)
}

func TestSigningInWithTheProvider(t *testing.T) {
	t.Parallel()

	b := openWithProvider(t, "carla@example.org")
	invited, err := b.does.Invite(t.Context(), gateway.Actor{Kind: gateway.ActorSystem, ID: "test"},
		gateway.Invite{Email: "Carla@example.org", Name: "Carla Prova", Role: gateway.RoleOperator, EnteID: b.ente.ID})
	require.NoError(t, err)
	require.Contains(t, b.get("/signin").body, "Accedi con l&#39;identità regionale")

	back := b.choose(t, "known")
	require.Equal(t, "/batches", b.get(back).location())
	require.Equal(t, http.StatusOK, b.get("/batches").status, "the provider's word is enough")
	require.Equal(t, http.StatusNotFound, b.get("/invitation/"+invited.Token).status, "the invitation is answered")

	again := b.otherBrowser(t)
	require.Equal(t, http.StatusBadRequest, again.get(back).status, "an answer belongs to its browser")
	require.Equal(t, http.StatusBadRequest, b.get(back).status, "and counts once")

	left := b.post("/signout", nil)
	require.Equal(t, http.StatusOK, left.status)
	require.Contains(t, left.body, `<meta http-equiv="refresh" content="0;url=`+b.issuer+`/oidc/logout?client_id=genio`)
	require.NotContains(t, left.body, "ZgotmplZ")
	require.Equal(t, "/signin?left=1", b.ask(t, left.find(t, `class="btn btn-primary" href="([^"]+)"`)))
	require.Contains(t, b.get("/batches").location(), "/signin")

	require.Equal(t, "/batches", b.get(b.choose(t, "known")).location(), "known by now")
	requireActs(t, b.store, "account.link_identity", "account.sign_in", "account.sign_out", "account.sign_in_refused")

	b.post("/signout", nil)
	require.Equal(t, http.StatusForbidden, b.get(b.choose(t, "twin")).status, "an address that passed on to somebody else")
}

func TestTheProvidersAnswersAreNotTrustedBlindly(t *testing.T) {
	t.Parallel()

	b := openWithProvider(t, "carla@example.org")
	_, err := b.does.Invite(t.Context(), gateway.Actor{Kind: gateway.ActorSystem, ID: "test"},
		gateway.Invite{Email: "carla@example.org", Name: "Carla Prova", Role: gateway.RoleSupport})
	require.NoError(t, err)

	for subject, want := range map[string]struct {
		status int
		text   string
	}{
		"late":       {http.StatusBadRequest, "Accesso non valido"},
		"nonce":      {http.StatusBadRequest, "Accesso non valido"},
		"audience":   {http.StatusBadRequest, "Accesso non valido"},
		"key":        {http.StatusBadRequest, "Accesso non valido"},
		"unverified": {http.StatusForbidden, "Indirizzo e-mail non verificato"},
		"stranger":   {http.StatusForbidden, "Nessun ruolo in GeNIO"},
		"nobody":     {http.StatusForbidden, "Accesso non riuscito"},
	} {
		page := b.get(b.choose(t, subject))
		require.Equal(t, want.status, page.status, subject)
		require.Contains(t, page.body, want.text, subject)
		require.Contains(t, b.get("/batches").location(), "/signin", subject)
	}

	back, err := url.Parse(b.choose(t, "known"))
	require.NoError(t, err)

	query := back.Query()
	query.Set("state", "another")
	require.Equal(t, http.StatusBadRequest, b.get(back.Path+"?"+query.Encode()).status, "wrong state")
	require.Equal(t, http.StatusBadRequest, b.get(back.String()).status, "the attempt is used up")

	replayed, err := url.Parse(b.choose(t, "known"))
	require.NoError(t, err)

	query.Set("state", replayed.Query().Get("state"))
	require.Equal(t, http.StatusBadRequest, b.get(back.Path+"?"+query.Encode()).status, "the code is of another attempt: PKCE")

	for _, entry := range b.logs.AllUntimed() {
		for _, field := range entry.ContextMap() {
			require.NotContains(t, field, "carla")
			require.NotContains(t, field, "altrove")
		}
	}
}

func TestAProviderThatIsAwayStopsNothing(t *testing.T) {
	t.Parallel()

	b := openWithProvider(t, "carla@example.org")
	b.away.Store(true)

	page := b.get("/signin/provider")
	require.Equal(t, http.StatusServiceUnavailable, page.status)
	require.Contains(t, page.body, "Servizio di identità non raggiungibile")
	require.Equal(t, http.StatusOK, b.get("/signin").status)

	b.away.Store(false)

	require.Contains(t, b.get("/signin/provider").location(), "/oidc/authorize?")
}

// A provider that takes the call and never answers is as good as away: people are told, and all other ways stay open.
func TestAProviderThatNeverAnswersStopsNothing(t *testing.T) {
	t.Parallel()

	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(silent.Close)

	provider := identity.New(identity.Config{
		Issuer: silent.URL, ClientID: "genio", Name: "l'identità regionale", Patience: 50 * time.Millisecond,
	})
	b := openReal(t, "", func(c *frontend.Config) { c.PublicURL, c.Provider = publicAddress, provider })

	page := b.get("/signin/provider")
	require.Equal(t, http.StatusServiceUnavailable, page.status)
	require.Contains(t, page.body, "Servizio di identità non raggiungibile")

	b.post("/language", url.Values{"lang": {"en"}})
	require.Contains(t, b.get("/signin/provider").body, "Identity service not reachable")

	account := b.appoint(t, gateway.RoleSupport)
	require.Equal(t, http.StatusSeeOther, b.signIn(account.Email, frontendtest.Password).status)
	require.Equal(t, http.StatusOK, b.get("/dashboard").status)
	require.Equal(t, "/signin", b.post("/signout", nil).location())
}

func TestWithoutAProviderThereIsNoOtherWay(t *testing.T) {
	t.Parallel()

	b := openReal(t, "")

	for _, path := range []string{"/signin/provider", "/signin/provider/callback?code=a&state=b"} {
		require.Equal(t, http.StatusNotFound, b.get(path).status)
	}
}

// Whoever only calls the addresses of the provider's way in fills neither the sessions nor the audit log.
func TestTheProvidersWayInIsNoWayToFillTheDatabase(t *testing.T) {
	t.Parallel()

	b := openWithProvider(t, "olga@borgo.example")
	system := gateway.Actor{Kind: gateway.ActorSystem, ID: "test", Name: "test"}

	const tries = 100

	for range tries + 5 {
		b.get("/signin/provider/callback?code=x&state=y")
	}

	var log strings.Builder

	require.NoError(t, b.does.WriteAuditLog(t.Context(), system, gateway.AuditQuery{}, &log, gateway.TableCSV, notification.English))
	require.Equal(t, tries, strings.Count(log.String(), "account.sign_in_refused"))

	got := b.get("/signin/provider?next=%2Fbatches")
	require.Equal(t, http.StatusTooManyRequests, got.status)
	require.Equal(t, "1", got.header.Get("Retry-After"))
	require.Contains(t, got.body, "Troppi tentativi")
	require.Empty(t, got.header.Get("Set-Cookie"), "there is no session")
}
