package frontend_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/frontend/frontendtest"
)

func TestStrangersAreSentToSignIn(t *testing.T) {
	t.Parallel()

	b := open(t, samples())

	for _, path := range []string{"/notifications", "/notifications?status=failed", notificationPath("3"), notificationPath("3") + "/retry"} {
		answered := b.get(path)
		require.Equal(t, http.StatusSeeOther, answered.status, path)
		require.Equal(t, "/signin?next="+url.QueryEscape(path), answered.location())
	}

	refused := b.post(notificationPath("3")+"/retry", url.Values{"once": {"1"}})
	require.Equal(t, "/signin?next="+url.QueryEscape(notificationPath("3")), refused.location())
	require.Empty(t, b.gateway.Calls())
}

func TestFragmentsOfStrangersMakeTheBrowserLeave(t *testing.T) {
	t.Parallel()

	b := open(t, samples())
	answered := b.get(notificationPath("3")+"/live", "HX-Request", "true", "HX-Current-URL", b.url+notificationPath("3"))

	require.Equal(t, http.StatusNoContent, answered.status)
	require.Equal(t, "/signin?next="+url.QueryEscape(notificationPath("3")), answered.header.Get("HX-Redirect"))
}

func TestSignIn(t *testing.T) {
	t.Parallel()

	b := open(t, samples())

	wrong := b.signIn(frontendtest.OperatorEmail, "sbagliata")
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	require.Contains(t, wrong.body, "Indirizzo e-mail o password non corretti.")
	require.NotContains(t, wrong.body, "sbagliata")

	right := b.post("/signin", url.Values{
		"email": {frontendtest.OperatorEmail}, "password": {frontendtest.Password}, "next": {"/notifications?status=failed"},
	})
	require.Equal(t, http.StatusSeeOther, right.status)
	require.Equal(t, "/notifications?status=failed", right.location())

	cookies := right.header.Values("Set-Cookie")
	require.Len(t, cookies, 1)
	require.Contains(t, cookies[0], "HttpOnly")
	require.Contains(t, cookies[0], "SameSite=Lax")
	require.NotContains(t, cookies[0], "Expires")

	require.Equal(t, http.StatusOK, b.get("/notifications").status)
	require.Equal(t, "/dashboard", b.get("/signin").location())

	require.Equal(t, "/signin", b.post("/signout", nil).location())
	require.Equal(t, http.StatusSeeOther, b.get("/notifications").status)
}

func TestSecureCookieIsBoundToTheHost(t *testing.T) {
	t.Parallel()

	b := open(t, samples(), func(c *frontend.Config) { c.SecureCookies = true })
	cookie := b.signIn(frontendtest.OperatorEmail, frontendtest.Password).header.Get("Set-Cookie")

	require.Contains(t, cookie, "__Host-genio_session=")
	require.Contains(t, cookie, "Secure")
	require.Contains(t, cookie, "Path=/")
	require.NotContains(t, cookie, "Domain")
}

func TestSignInChangesTheSessionsToken(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	address, err := url.Parse(b.url)
	require.NoError(t, err)

	before := b.browser.Jar.Cookies(address)[0].Value
	b.signIn(frontendtest.SupportEmail, frontendtest.Password)

	require.NotEqual(t, before, b.browser.Jar.Cookies(address)[0].Value)
}

func TestDeactivatedAccountIsOutAtOnce(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	b.gateway.Accounts = nil

	require.Contains(t, b.get("/notifications").location(), "/signin")
}

func TestSignInStaysOnThisHost(t *testing.T) {
	t.Parallel()

	for _, next := range []string{
		"https://evil.example", "//evil.example", `/\evil.example`, "/\t/evil.example", "javascript:alert(1)", "evil", "",
		"/signin", "http:/evil.example", "///evil.example", "/%2F/evil.example/..//", "\x00",
	} {
		b := open(t, samples())
		answered := b.post("/signin", url.Values{
			"email": {frontendtest.OperatorEmail}, "password": {frontendtest.Password}, "next": {next},
		})

		location, err := url.Parse(answered.location())
		require.NoError(t, err)
		require.Empty(t, location.Host, "next %q", next)
		require.Regexp(t, `^/([^/\\]|$)`, answered.location(), "next %q", next)
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	t.Parallel()

	b := open(t, samples())

	for range 5 {
		require.Equal(t, http.StatusUnprocessableEntity, b.signIn(frontendtest.OperatorEmail, "sbagliata").status)
	}

	refused := b.signIn(frontendtest.OperatorEmail, frontendtest.Password)
	require.Equal(t, http.StatusTooManyRequests, refused.status)
	require.NotEmpty(t, refused.header.Get("Retry-After"))

	require.Equal(t, http.StatusSeeOther, b.signIn(frontendtest.SupportEmail, frontendtest.Password).status)
}

func TestKnowingThePasswordGivesTheTriesBack(t *testing.T) {
	t.Parallel()

	b := open(t, samples())

	for range 6 { // more than the tries of an account, fewer than those of an address
		require.Equal(t, http.StatusUnprocessableEntity, b.signIn(frontendtest.OperatorEmail, "sbagliata").status)
		require.Equal(t, http.StatusSeeOther, b.signIn(frontendtest.OperatorEmail, frontendtest.Password).status)
	}
}

func TestDemoAccountsAreOfferedOnlyWhereConfigured(t *testing.T) {
	t.Parallel()

	require.NotContains(t, open(t, samples()).get("/signin").body, "Ambiente dimostrativo")

	shown := open(t, samples(), func(c *frontend.Config) {
		c.Demo = []frontend.DemoLogin{{Email: "demo@esempio.it", Password: "aperta", Label: "Operatrice"}}
	}).get("/signin")
	require.Contains(t, shown.body, "Ambiente dimostrativo")
	require.Contains(t, shown.body, "demo@esempio.it")
}

func TestForeignFormsAreRefused(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())

	for name, headers := range map[string][]string{
		"another site":         {"Sec-Fetch-Site", "cross-site"},
		"another subdomain":    {"Sec-Fetch-Site", "same-site"},
		"an older browser":     {"Sec-Fetch-Site", "", "Origin", "https://evil.example"},
		"an opaque old origin": {"Sec-Fetch-Site", "", "Origin", "null"},
	} {
		for _, path := range []string{notificationPath("3") + "/retry", "/signout", "/signin", "/notifications/search"} {
			refused := b.post(path, url.Values{"once": {"1"}}, headers...)
			require.Equal(t, http.StatusForbidden, refused.status, "%s, %s", name, path)
			require.Contains(t, refused.body, "Operazione non permessa")
		}
	}

	require.Empty(t, b.gateway.Calls())
	require.Equal(t, http.StatusOK, b.get("/notifications").status, "still signed in")
}

func TestFormsOfThePublicAddressAreTaken(t *testing.T) {
	t.Parallel()

	b := open(t, samples(), func(c *frontend.Config) { c.PublicURL = "https://genio.example.it/" })
	form := url.Values{"email": {frontendtest.OperatorEmail}, "password": {frontendtest.Password}}

	taken := b.post("/signin", form, "Sec-Fetch-Site", "", "Origin", "https://genio.example.it")
	require.Equal(t, http.StatusSeeOther, taken.status)
}
