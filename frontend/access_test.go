package frontend_test

import (
	"html"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/gateway"
)

const longPassword = "una frase lunga e inventata"

func withSecondFactor(c *frontend.Config) { c.RequireSecondFactor = true }

// find is the first group of the pattern in a page.
func (a answer) find(t *testing.T, pattern string) string {
	t.Helper()

	found := regexp.MustCompile(pattern).FindStringSubmatch(a.body)
	require.NotNil(t, found, "%s in %s", pattern, a.body)

	return html.UnescapeString(found[1])
}

// otherBrowser is the same backoffice from a browser of its own.
func (b realOffice) otherBrowser(t *testing.T) realOffice {
	t.Helper()

	jar, err := cookiejar.New(nil)
	require.NoError(t, err)

	other, browser := *b.backoffice, *b.browser
	browser.Jar, other.browser = jar, &browser
	b.backoffice = &other

	return b
}

func codeAt(t *testing.T, secret string, at time.Time) string {
	t.Helper()

	code, err := totp.GenerateCode(secret, at)
	require.NoError(t, err)

	return code
}

// enrol sets the second factor up that a sign-in asks for, and gives its secret and the recovery codes.
func (b realOffice) enrol(t *testing.T) (secret string, codes []string, at time.Time) {
	t.Helper()

	page := b.get("/signin/second-factor")
	require.Equal(t, http.StatusOK, page.status)
	require.Contains(t, page.body, `src="data:image/png;base64,`)

	secret = strings.ReplaceAll(page.find(t, `id="key">([A-Z2-7 ]+)<`), " ", "")

	wrong := b.post("/signin/second-factor", url.Values{"code": {"000000x"}})
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	require.Contains(t, wrong.body, strings.ReplaceAll(page.find(t, `id="key">([A-Z2-7 ]+)<`), "\n", ""), "the key stays the same")

	at = time.Now()
	done := b.post("/signin/second-factor", url.Values{"code": {codeAt(t, secret, at)}})
	require.Equal(t, http.StatusOK, done.status)

	for _, code := range regexp.MustCompile(`<li><code>([a-z2-7-]+)</code>`).FindAllStringSubmatch(done.body, -1) {
		codes = append(codes, code[1])
	}

	require.Len(t, codes, 10)

	return secret, codes, at
}

// invited invites somebody as an operator and gives the path of the link.
func (b realOffice) invited(t *testing.T, email string) string {
	t.Helper()

	form := url.Values{"email": {email}, "name": {"Ines Invitata"}, "role": {"operator"}, "ente": {b.ente.ID}}
	form.Set("once", b.get("/people/new").once(t))

	page := b.post("/people", form)
	require.Equal(t, http.StatusOK, page.status, page.body)

	link, err := url.Parse(page.find(t, `id="link" value="([^"]+)"`))
	require.NoError(t, err)

	return link.Path
}

func TestFromInvitationToSignIn(t *testing.T) {
	t.Parallel()

	admin := openReal(t, gateway.RoleAdministrator)
	path := admin.invited(t, "ines@example.org")
	pages := openOver(t, admin.does, func(c *frontend.Config) { c.Sessions = admin.store.Sessions() }, withSecondFactor)
	ines := realOffice{backoffice: pages, store: admin.store, does: admin.does, ente: admin.ente}

	shown := ines.get(path)
	require.Equal(t, http.StatusOK, shown.status)
	require.Contains(t, shown.body, "Operatore per Comune di Borgo Esempio")

	for name, form := range map[string]url.Values{
		"short":     {"name": {"Ines"}, "password": {"breve"}, "repeated": {"breve"}},
		"different": {"name": {"Ines"}, "password": {longPassword}, "repeated": {"altra"}},
		"no name":   {"name": {" "}, "password": {longPassword}, "repeated": {longPassword}},
	} {
		refused := ines.post(path, form)
		require.Equal(t, http.StatusUnprocessableEntity, refused.status, name)
		require.NotContains(t, refused.body, longPassword)
	}

	form := url.Values{"name": {"Ines Nuova"}, "password": {longPassword}, "repeated": {longPassword}}
	require.Equal(t, "/signin/second-factor", ines.post(path, form).location())
	require.Contains(t, ines.get("/notifications").location(), "/signin", "not signed in before the second factor")

	secret, codes, enrolled := ines.enrol(t)
	require.Equal(t, http.StatusOK, ines.get("/notifications").status)
	require.Equal(t, http.StatusNotFound, ines.get(path).status, "a link is good for one use")
	require.Equal(t, http.StatusNotFound, ines.post(path, form).status)

	require.Equal(t, "/signin", ines.post("/signout", nil).location())
	require.Equal(t, "/signin/code", ines.signIn("ines@example.org", longPassword).location())
	require.Contains(t, ines.get("/notifications").location(), "/signin")

	used := codeAt(t, secret, enrolled)
	require.Equal(t, http.StatusUnprocessableEntity, ines.post("/signin/code", url.Values{"code": {used}}).status,
		"no code is taken twice")
	require.Equal(t, "/dashboard",
		ines.post("/signin/code", url.Values{"code": {codeAt(t, secret, enrolled.Add(30*time.Second))}}).location())

	ines.post("/signout", nil)
	ines.signIn("ines@example.org", longPassword)
	require.Equal(t, "/dashboard", ines.post("/signin/code", url.Values{"code": {strings.ToUpper(codes[0])}}).location())

	ines.post("/signout", nil)
	ines.signIn("ines@example.org", longPassword)
	require.Equal(t, http.StatusUnprocessableEntity, ines.post("/signin/code", url.Values{"code": {codes[0]}}).status)

	for range 4 {
		ines.post("/signin/code", url.Values{"code": {"000000"}})
	}

	require.Equal(t, http.StatusTooManyRequests, ines.post("/signin/code", url.Values{"code": {codes[1]}}).status)

	requireActs(t, ines.store, "account.invite", "account.accept_invitation", "account.set_second_factor", "account.sign_in",
		"account.sign_out", "account.second_factor_refused", "account.use_recovery_code")

	for _, entry := range ines.logs.AllUntimed() {
		require.NotContains(t, entry.Message, strings.TrimPrefix(path, "/invitation/"))

		for _, field := range entry.ContextMap() {
			require.NotContains(t, field, strings.TrimPrefix(path, "/invitation/"))
		}
	}
}

// Whoever tries one link after the other is stopped before anything is looked up, whether a link is right or not.
func TestInvitationsAreNotLookedUpWithoutEnd(t *testing.T) {
	t.Parallel()

	admin := openReal(t, gateway.RoleAdministrator)
	path := admin.invited(t, "ines@example.org")
	b := admin.otherBrowser(t)

	const tries = 30

	for range tries - 1 {
		require.Equal(t, http.StatusNotFound, b.get("/invitation/"+strings.Repeat("a", 43)).status)
	}

	require.Equal(t, http.StatusOK, b.get(path).status)

	for range 2 {
		refused := b.get(path)
		require.Equal(t, http.StatusTooManyRequests, refused.status)
		require.Equal(t, "2", refused.header.Get("Retry-After"))
		require.Contains(t, refused.body, "Troppe richieste")
		require.NotContains(t, refused.body, "ines@example.org")
	}

	form := url.Values{"name": {"Ines"}, "password": {longPassword}, "repeated": {longPassword}}
	require.Equal(t, http.StatusTooManyRequests, b.post(path, form).status)

	b.post("/language", url.Values{"lang": {"en"}})
	require.Contains(t, b.get(path).body, "Too many requests")

	require.Equal(t, http.StatusOK, b.get("/signin").status, "the other ways in stay open")
	require.Equal(t, http.StatusSeeOther, b.signIn(admin.account.Email, frontendtest.Password).status)
}

// requireActs looks for acts in the audit log.
func requireActs(t *testing.T, store *db.Store, names ...string) {
	t.Helper()

	for _, name := range names {
		entries, _, err := store.AuditLog(t.Context(), db.AuditFilter{Action: name}, db.Cursor{}, 1)
		require.NoError(t, err)
		require.NotEmpty(t, entries, name)
	}
}

func TestAForcedEnrolmentIsNoWayRoundASecondFactor(t *testing.T) {
	t.Parallel()

	b := openReal(t, "", withSecondFactor)
	account := b.appoint(t, gateway.RoleOperator)
	b.signIn(account.Email, frontendtest.Password)
	b.enrol(t)
	b.post("/signout", nil)

	b.signIn(account.Email, frontendtest.Password)

	page := b.get("/signin/second-factor")
	secret := strings.ReplaceAll(page.find(t, `id="key">([A-Z2-7 ]+)<`), " ", "")
	require.Equal(t, "/signin/code", b.post("/signin/second-factor", url.Values{"code": {codeAt(t, secret, time.Now())}}).location())
	require.Contains(t, b.get("/notifications").location(), "/signin")
}

func TestStepsOfASignInNeedThePassword(t *testing.T) {
	t.Parallel()

	b := openReal(t, "")

	for _, path := range []string{"/signin/code", "/signin/second-factor"} {
		require.Equal(t, "/signin", b.get(path).location())
		require.Equal(t, "/signin", b.post(path, url.Values{"code": {"000000"}}).location())
	}
}

func TestWorkingInAnotherMembership(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	require.NotContains(t, b.get("/notifications").body, `action="/membership"`)

	system := gateway.Actor{Kind: gateway.ActorSystem, ID: "test"}
	require.NoError(t, b.does.AddMembership(t.Context(), system, b.account.ID, gateway.RoleSystem, ""))

	account, err := b.does.Account(t.Context(), b.account.ID)
	require.NoError(t, err)
	require.Contains(t, b.get("/notifications").body, "Amministratore di sistema per tutti gli Enti")
	require.Equal(t, http.StatusForbidden, b.get("/people").status)
	require.Equal(t, http.StatusUnprocessableEntity, b.post("/membership", url.Values{"membership": {"another"}}).status)

	second := account.Memberships[1].ID
	require.Equal(t, http.StatusSeeOther, b.post("/membership", url.Values{"membership": {second}}).status)
	require.Equal(t, http.StatusOK, b.get("/people").status)
	requireActs(t, b.store, "account.choose_membership")

	require.NoError(t, b.does.RemoveMembership(t.Context(), system, b.account.ID, second))
	require.Contains(t, b.get("/notifications").location(), "/signin", "whose role was taken is out at once")
}

func TestOwnSessionsAndPassword(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAuditor)
	other := b.otherBrowser(t)
	other.signIn(b.account.Email, frontendtest.Password)

	page := b.get("/account")
	require.Equal(t, http.StatusOK, page.status)
	end := page.find(t, `href="(/account/sessions/[0-9a-f]+/end)"`)
	require.Equal(t, http.StatusOK, b.get(end).status)
	require.Equal(t, http.StatusOK, other.get("/notifications").status)
	require.Equal(t, "/account", b.post(end, nil).location())
	require.Contains(t, other.get("/notifications").location(), "/signin")

	other.signIn(b.account.Email, frontendtest.Password)

	form := url.Values{"old": {"sbagliata"}, "password": {longPassword}, "repeated": {longPassword}}
	require.Equal(t, http.StatusUnprocessableEntity, b.post("/account/password", form).status)
	form.Set("old", frontendtest.Password)
	require.Equal(t, "/account", b.post("/account/password", form).location())
	require.Contains(t, other.get("/notifications").location(), "/signin", "another password ends the other sessions")
	require.Equal(t, http.StatusOK, b.get("/account").status)
	require.Equal(t, http.StatusSeeOther, other.signIn(b.account.Email, longPassword).status)

	require.Equal(t, http.StatusOK, b.get("/account/sessions/others/end").status)
	require.Equal(t, "/account", b.post("/account/sessions/others/end", nil).location())
	require.Contains(t, other.get("/notifications").location(), "/signin")
}

func TestOwnSecondFactor(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	require.Equal(t, "/account", b.get("/account/second-factor").location())
	require.Equal(t, http.StatusUnprocessableEntity, b.post("/account/second-factor", url.Values{"old": {"no"}}).status)
	require.Equal(t, "/account/second-factor", b.post("/account/second-factor", url.Values{"old": {frontendtest.Password}}).location())

	secret := strings.ReplaceAll(b.get("/account/second-factor").find(t, `id="key">([A-Z2-7 ]+)<`), " ", "")
	require.Equal(t, http.StatusUnprocessableEntity, b.post("/account/second-factor/code", url.Values{"code": {"1"}}).status)

	done := b.post("/account/second-factor/code", url.Values{"code": {codeAt(t, secret, time.Now())}})
	first := done.find(t, `<li><code>([a-z2-7-]+)</code>`)
	require.Equal(t, "/account", b.post("/account/second-factor/code", url.Values{"code": {"1"}}).location(), "once")

	renewed := b.post("/account/recovery-codes", url.Values{"old": {frontendtest.Password}})
	require.Equal(t, http.StatusOK, renewed.status)
	require.NotContains(t, renewed.body, first)

	other := b.otherBrowser(t)
	require.Equal(t, "/signin/code", other.signIn(b.account.Email, frontendtest.Password).location())
	require.Equal(t, http.StatusUnprocessableEntity, other.post("/signin/code", url.Values{"code": {first}}).status)
}

func TestPeople(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	path := b.invited(t, "ines@example.org")

	require.Equal(t, "/people", b.post("/people/search", url.Values{"text": {"INES"}}).location())

	list := b.get("/people")
	require.Contains(t, list.body, "Ines Invitata")
	require.NotContains(t, list.body, "Olga Operatrice</a>")

	person := list.find(t, `<a href="(/people/[0-9a-f-]+)">Ines`)
	act := func(name string) answer {
		form := url.Values{"once": {b.get(person + "/" + name).once(t)}}
		answered := b.post(person+"/"+name, form)
		require.Equal(t, person, b.post(person+"/"+name, form).location(), "a double click acts once")

		return answered
	}

	renewed := act("renew")
	require.Equal(t, http.StatusOK, renewed.status)
	require.Equal(t, http.StatusNotFound, b.get(path).status)

	link, err := url.Parse(renewed.find(t, `id="link" value="([^"]+)"`))
	require.NoError(t, err)

	ines := b.otherBrowser(t)
	ines.post(link.Path, url.Values{"name": {"Ines"}, "password": {longPassword}, "repeated": {longPassword}})
	require.Equal(t, http.StatusOK, ines.get("/notifications").status)

	require.Equal(t, person, b.post(person+"/memberships", url.Values{"role": {"auditor"}}).location())
	require.Equal(t, http.StatusUnprocessableEntity, b.post(person+"/memberships", url.Values{"role": {"auditor"}}).status)
	require.Equal(t, http.StatusUnprocessableEntity, b.post(person+"/memberships", url.Values{"role": {"support"}}).status)

	take := b.get(person).find(t, `href="(/people/[0-9a-f-]+/memberships/[0-9a-f-]+/remove)"`)
	require.Equal(t, http.StatusOK, b.get(take).status)
	require.Equal(t, person, b.post(take, nil).location())
	require.Contains(t, ines.get("/notifications").location(), "/signin")

	require.Equal(t, http.StatusSeeOther, act("deactivate").status)
	require.Equal(t, http.StatusUnprocessableEntity, ines.signIn("ines@example.org", longPassword).status)
	require.Equal(t, http.StatusSeeOther, act("reactivate").status)
	require.Equal(t, http.StatusSeeOther, ines.signIn("ines@example.org", longPassword).status)

	own := "/people/" + b.account.ID
	require.NotContains(t, b.get(own).body, own+"/deactivate")
	require.Equal(t, own, b.post(own+"/memberships/"+b.account.MembershipID+"/remove", nil).location())
	require.Contains(t, b.get(own).body, "l&#39;ultimo ruolo di amministratore")

	second := b.invited(t, "luca@example.org")
	b.post("/people/search", url.Values{"text": {"luca"}})
	person = b.get("/people").find(t, `<a href="(/people/[0-9a-f-]+)">Ines`)
	withdrawal := url.Values{"once": {b.get(person + "/withdraw").once(t)}}
	require.Equal(t, "/people", b.post(person+"/withdraw", withdrawal).location(), "nobody to see here any more")
	require.Equal(t, http.StatusNotFound, b.get(second).status)
}

func TestAnEntesAdministratorReachesNoOtherEnte(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	system := b.appoint(t, gateway.RoleSystem)
	require.Equal(t, http.StatusNotFound, b.get("/people/"+system.ID).status)

	// Who works elsewhere, too, is seen and not touched.
	maker := gateway.Actor{Kind: gateway.ActorSystem, ID: "test"}
	require.NoError(t, b.does.AddMembership(t.Context(), maker, system.ID, gateway.RoleOperator, b.ente.ID))

	page := b.get("/people/" + system.ID)
	require.Equal(t, http.StatusOK, page.status)
	require.Contains(t, page.body, "lavora anche per altri Enti")
	require.NotContains(t, page.body, "/deactivate")
	require.NotContains(t, page.body, "Amministratore di sistema</strong>")

	for _, act := range []string{"deactivate", "second-factor", "sessions"} {
		require.Equal(t, http.StatusForbidden, b.get("/people/"+system.ID+"/"+act).status)
	}
}
