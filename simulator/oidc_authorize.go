package simulator

import (
	"bytes"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// nobody is who is chosen by whoever breaks the sign-in off.
const nobody = "nobody"

// peoplePage lists the invented people. Each is a link, so that it works without a form.
//
//nolint:gochecknoglobals // a constant, which the template package cannot make one
var peoplePage = template.Must(template.New("people").Parse(`<!doctype html>
<html lang="it">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Identità regionale (simulata)</title>
<style>
body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; color: #17324d; font-family: sans-serif; line-height: 1.5; }
li { margin: .75rem 0; }
a { color: #0057a8; }
</style>
</head>
<body>
<main>
<h1>Identità regionale (simulata)</h1>
<p>Le persone sono inventate. Con quale identità accedere?</p>
<ul>
{{range .People}}<li><a href="{{.Address}}">{{.Name}}</a>, {{.Email}}</li>
{{end}}</ul>
<p><a href="{{.Cancel}}">Annulla</a></p>
</main>
</body>
</html>
`))

type listedPerson struct {
	Address, Name, Email string
}

// oidcAuthorize checks the question, lets somebody be chosen, and goes back with a code. It goes back to nowhere but the
// registered client.
func (s *Simulator) oidcAuthorize(c echo.Context) error {
	query := c.QueryParams()

	back := query.Get("redirect_uri")
	if query.Get("client_id") != s.config.OIDC.ClientID || !slices.Contains(s.config.OIDC.RedirectURLs, back) {
		return echo.NewHTTPError(http.StatusBadRequest, "unknown client or redirect_uri")
	}

	answer := url.Values{}
	if state := query.Get("state"); state != "" {
		answer.Set("state", state)
	}

	switch {
	case query.Get("response_type") != "code", !slices.Contains(strings.Fields(query.Get("scope")), "openid"),
		query.Get("code_challenge_method") != "S256", query.Get("code_challenge") == "":
		answer.Set("error", "invalid_request")
	case query.Get("person") == nobody:
		answer.Set("error", "access_denied")
	case query.Get("person") == "":
		return s.oidcChoose(c)
	default:
		at := slices.IndexFunc(s.config.OIDC.People, func(p OIDCPerson) bool { return p.Subject == query.Get("person") })
		if at < 0 {
			return echo.NewHTTPError(http.StatusBadRequest, "unknown person")
		}

		answer.Set("code", s.oidc.giveCode(oidcCode{
			person: s.config.OIDC.People[at], nonce: query.Get("nonce"), challenge: query.Get("code_challenge"), redirectURL: back,
		}))
	}

	return c.Redirect(http.StatusSeeOther, back+"?"+answer.Encode())
}

func (s *Simulator) oidcChoose(c echo.Context) error {
	with := func(person string) string {
		query := maps.Clone(c.QueryParams())
		query.Set("person", person)

		return oidcPath + "/authorize?" + query.Encode()
	}

	var people []listedPerson
	for _, person := range s.config.OIDC.People {
		people = append(people, listedPerson{Address: with(person.Subject), Name: person.Name, Email: person.Email})
	}

	var page bytes.Buffer
	if err := peoplePage.Execute(&page, map[string]any{"People": people, "Cancel": with(nobody)}); err != nil {
		return fmt.Errorf("listing the people: %w", err)
	}

	return c.HTMLBlob(http.StatusOK, page.Bytes())
}
