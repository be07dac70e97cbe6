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

// expire ends every session of the person, as time would.
func (b realOffice) expire(t *testing.T) {
	t.Helper()

	_, err := b.store.EndSessions(t.Context(), b.account.ID, "")
	require.NoError(t, err)
}

func lateForm() url.Values {
	return url.Values{
		"name": {"Avviso <della> mensa"}, "subject.it": {"Un oggetto scritto a lungo"}, "markdown.it": {"\nriga uno\nriga due"},
		"api_key": {"segretissima"}, "new_password": {"segretissima"}, "once": {"0123456789abcdef0123456789abcdef"},
	}
}

func TestAFormThatComesAfterTheSessionIsGivenBack(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	b.expire(t)

	require.Contains(t, b.post("/templates", lateForm()).location(), "/signin?next=")
	require.Contains(t, b.get("/signin").body, "Quanto avevi scritto è conservato")
	require.Equal(t, "/resume", b.signIn(b.account.Email, frontendtest.Password).location())

	page := b.get("/resume")
	require.Equal(t, http.StatusOK, page.status)
	require.Contains(t, page.body, `action="/templates"`)
	require.Contains(t, page.body, "Avviso &lt;della&gt; mensa</textarea>")
	require.Contains(t, page.body, "\n\nriga uno\nriga due</textarea>")
	require.NotContains(t, page.body, "segretissima")
	require.Equal(t, http.StatusOK, b.get("/resume").status, "a reload loses nothing")

	form := lateForm()
	require.Equal(t, http.StatusUnprocessableEntity, b.post("/templates", form).status, "it meets the same rules as before")
	require.Equal(t, "/dashboard", b.get("/resume").location(), "submitted")
}

func TestAKeptFormIsForNobodyElse(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	other := b.appoint(t, gateway.RoleOperator)
	b.expire(t)
	b.post("/templates", lateForm())

	require.Equal(t, "/dashboard", b.signIn(other.Email, frontendtest.Password).location())
	require.Equal(t, "/dashboard", b.get("/resume").location())

	b.post("/signout", nil)
	require.Equal(t, "/dashboard", b.signIn(b.account.Email, frontendtest.Password).location(), "it is gone for good")
}

func TestFormsThatAreNotKept(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		path    string
		form    url.Values
		headers []string
		signOut bool
	}{
		"after signing out": {path: "/templates", form: lateForm(), signOut: true},
		"too long":          {path: "/batches", form: url.Values{"name": {strings.Repeat("a", 300<<10)}}},
		"htmx":              {path: "/templates/preview", form: lateForm(), headers: []string{"HX-Request", "true"}},
		"secrets only":      {path: "/account/password", form: url.Values{"password": {"x"}, "io_key": {"x"}}},
	} {
		b := openReal(t, gateway.RoleAdministrator)
		if test.signOut {
			b.post("/signout", nil)
		} else {
			b.expire(t)
		}

		b.post(test.path, test.form, test.headers...)
		require.Equal(t, "/dashboard", b.signIn(b.account.Email, frontendtest.Password).location(), name)
	}
}

func TestAKeptFormCanBeDiscarded(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	b.expire(t)
	b.post("/templates", lateForm())
	b.signIn(b.account.Email, frontendtest.Password)

	require.Equal(t, "/dashboard", b.post("/resume/discard", nil).location())
	require.Equal(t, "/dashboard", b.get("/resume").location())
}

func TestAFormInPartsIsKeptWithoutItsFile(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	b.expire(t)

	body := "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nTARI\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nRSSMRA80A01H501U\r\n--x--\r\n"
	b.send(http.MethodPost, "/batches", strings.NewReader(body),
		"Content-Type", "multipart/form-data; boundary=x", "Sec-Fetch-Site", "same-origin")
	b.signIn(b.account.Email, frontendtest.Password)

	page := b.get("/resume")
	require.Contains(t, page.body, `enctype="multipart/form-data"`)
	require.Contains(t, page.body, "TARI</textarea>")
	require.NotContains(t, page.body, "RSSMRA80A01H501U")
}
