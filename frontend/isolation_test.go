package frontend_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// neighbour is another Ente in the same house, with something of everything.
type neighbour struct {
	realOffice

	admin gateway.Account
	ids   map[string]string
}

// marker stands in every name of the neighbour's.
const marker = "Altrui"

func (b realOffice) neighbour(t *testing.T) neighbour {
	t.Helper()

	system := gateway.Actor{Kind: gateway.ActorSystem, ID: "test", Name: "test"}
	theirs := neighbour{realOffice: b, ids: map[string]string{}}

	var err error

	theirs.ente, err = b.does.CreateEnte(t.Context(), system, "Comune di Borgo "+marker, "80000000010")
	require.NoError(t, err)
	theirs.service, err = b.does.CreateService(t.Context(), system, notification.Service{
		EnteID: theirs.ente.ID, Name: "Tributi " + marker, Policy: notification.DefaultPolicy(), MaxPaymentCents: 1000, SMSSender: "ALTRUI",
	}, notification.ServiceKeys{Primary: uuid.NewString()})
	require.NoError(t, err)

	theirs.admin, err = b.does.CreateAccount(t.Context(), system, gateway.Account{
		Email: "admin@altrui.example", Name: "Ada " + marker, Role: gateway.RoleAdministrator, EnteID: theirs.ente.ID,
	}, frontendtest.Password)
	require.NoError(t, err)

	actor := theirs.admin.Actor()
	ids := theirs.ids
	ids["ente"], ids["service"], ids["account"] = theirs.ente.ID, theirs.service.ID, theirs.admin.ID

	person, err := b.does.Person(t.Context(), actor, theirs.admin.ID)
	require.NoError(t, err)

	ids["membership"] = person.Memberships[0].ID
	ids["batch"] = strings.TrimPrefix(theirs.sentBatch(), "/batches/")
	ids["template"] = theirs.template("altro").ID

	receipt, err := b.does.Submit(t.Context(), actor, gateway.Submission{
		ServiceID: theirs.service.ID, FiscalCode: "RSSMRA80A01H501U", ExternalReference: "pratica-" + marker,
		Content: notification.Content{Subject: "Avviso " + marker, Markdown: strings.Repeat("Testo di prova. ", 10)},
	})
	require.NoError(t, err)

	ids["notification"] = receipt.ID

	key, _, err := b.does.IssueAPIKey(t.Context(), actor, gateway.KeyWish{EnteID: theirs.ente.ID, Name: "gestionale " + marker})
	require.NoError(t, err)

	ids["api_key"] = key.ID

	filter, err := b.does.SaveFilter(t.Context(), actor, "Filtro "+marker, "status=failed")
	require.NoError(t, err)
	require.NoError(t, b.does.ShareFilter(t.Context(), actor, filter.ID, theirs.ente.ID))

	ids["filter"] = filter.ID

	ids["pause"], err = b.does.Pause(t.Context(), actor, gateway.PauseWish{
		Scope: notification.PauseService, EnteID: theirs.ente.ID, ServiceID: theirs.service.ID, Why: "Manutenzione " + marker,
	})
	require.NoError(t, err)

	ids["intervention"], err = b.does.StartIntervention(t.Context(), actor, gateway.InterventionWish{
		Query: gateway.Query{ServiceIDs: []string{theirs.service.ID}, Statuses: []notification.Status{notification.StatusAccepted}},
		Act:   notification.InterventionHold, Why: "Verifica " + marker, Expected: 1,
	})
	require.NoError(t, err)

	webhook, _, err := b.does.AddWebhook(t.Context(), actor, gateway.WebhookWish{
		EnteID: theirs.ente.ID, URL: "https://app.example/" + marker,
	})
	require.NoError(t, err)

	ids["webhook"] = webhook.ID
	ids["delivery"], err = b.does.TestWebhook(t.Context(), actor, webhook.ID)
	require.NoError(t, err)

	ids["erasure"], err = b.does.StartErasure(t.Context(), actor, gateway.ErasureWish{
		CitizenWish: gateway.CitizenWish{FiscalCode: "RSSMRA80A01H501U", Why: "Protocollo " + marker}, OpenOnes: notification.OpenWait,
	})
	require.NoError(t, err)

	// Nobody starts it: Temporal is away.
	ids["import"], _ = b.does.StartServiceImport(t.Context(), actor, gateway.ServiceImportWish{
		EnteID: theirs.ente.ID, ManageKey: uuid.NewString(),
	})
	require.NotEmpty(t, ids["import"])

	require.NoError(t, b.does.OpenSession(t.Context(), theirs.admin, gateway.SessionStart{Token: "invented", Idle: time.Hour}))

	sessions, err := b.does.OwnSessions(t.Context(), actor, "invented")
	require.NoError(t, err)

	ids["session"] = sessions[0].ID

	return theirs
}

// all is everything that the neighbour has, as text.
func (n neighbour) all(t *testing.T) string {
	t.Helper()

	ctx, actor, ids := t.Context(), n.admin.Actor(), n.ids

	var text strings.Builder

	add := func(value any, err error) {
		t.Helper()
		require.NoError(t, err)

		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		text.Write(encoded)
	}

	add(either(n.does.Ente(ctx, actor, ids["ente"])))
	add(either(n.does.Service(ctx, actor, ids["service"])))
	add(either(n.does.Notifications(ctx, actor, gateway.Query{})))
	add(either(n.does.Notification(ctx, actor, ids["notification"])))
	add(either(n.does.Batches(ctx, actor, gateway.BatchQuery{})))
	add(either(n.does.Templates(ctx, actor, gateway.TemplateQuery{Archived: true})))
	add(either(n.does.APIKeys(ctx, actor, ids["ente"])))
	add(either(n.does.SavedFilters(ctx, actor)))
	add(either(n.does.Pauses(ctx, actor)))
	add(either(n.does.Interventions(ctx, actor, gateway.InterventionQuery{})))
	add(either(n.does.ServiceImports(ctx, actor, ids["ente"])))
	add(either(n.does.People(ctx, actor, gateway.PeopleQuery{})))
	add(either(n.does.Webhooks(ctx, actor, ids["ente"])))
	add(either(n.does.WebhookDeliveries(ctx, actor, ids["webhook"], "")))
	add(either(n.does.Erasures(ctx, actor, "")))
	add(either(n.does.OwnSessions(ctx, actor, "invented")))
	add(either(n.does.AuditLog(ctx, actor, gateway.AuditQuery{})))

	// How fast a batch goes, and when it will have been sent, is reckoned from now.
	return regexp.MustCompile(`"EndsAt":"[^"]*"|"Rate":[0-9.]+`).ReplaceAllString(text.String(), "")
}

// either hands a result of any type on, or its error.
func either[T any](value T, err error) (any, error) { return value, err }

// masked is an answer without what is new in each: keys of forms, secrets, ids, moments.
func (a answer) masked() string {
	text := a.body + " " + a.location()
	for _, changing := range []string{
		`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, `[0-9a-f]{32,}`, `genio_[A-Za-z0-9_-]+`,
		`"generated_at":"[^"]*"`,
	} {
		text = regexp.MustCompile(changing).ReplaceAllString(text, "*")
	}

	return text
}

// TestNoRouteReachesIntoAnotherEnte walks every route of the backoffice, those of tomorrow as well, with everything that
// another Ente has: whatever is asked about it, the answer is the same as about what does not exist, and nothing of it
// changes.
func TestNoRouteReachesIntoAnotherEnte(t *testing.T) {
	t.Parallel()

	for _, role := range []gateway.Role{gateway.RoleOperator, gateway.RoleAdministrator, gateway.RoleAuditor} {
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()

			b := openReal(t, "")

			if role == gateway.RoleAuditor {
				b.signInAsAuditorOf(t, b.ente.ID)
			} else {
				b.account = b.appoint(t, role)
				require.Equal(t, http.StatusSeeOther, b.signIn(b.account.Email, frontendtest.Password).status)
			}

			theirs := b.neighbour(t)
			before := theirs.all(t)
			asked := 0

			for _, route := range b.pages.Routes() {
				if !route.SignedIn || aboutNobodyElse(route) {
					continue
				}

				for kind, id := range theirs.kindsFor(route.Path) {
					asked += b.compare(t, route, kind, id)
				}
			}

			require.Greater(t, asked, 200)
			require.Equal(t, before, theirs.all(t), "nothing of the neighbour's has changed")
			require.Equal(t, http.StatusOK, b.get("/dashboard").status, "still signed in")
		})
	}
}

// aboutNobodyElse is about the own account alone, and would end the walk or slow it down.
func aboutNobodyElse(route frontend.Route) bool {
	return route.Method == http.MethodPost && !strings.Contains(route.Path, ":") &&
		(route.Path == "/membership" || strings.HasPrefix(route.Path, "/account/"))
}

// kindsFor are the kinds of things that a route may name: what its addresses are about, or anything at all.
func (n neighbour) kindsFor(path string) map[string]string {
	if !strings.Contains(path, ":") {
		return n.ids
	}

	for _, section := range []struct {
		path  string
		kinds []string
	}{
		{"/notifications/filters/", []string{"filter"}},
		{"/notifications/", []string{"notification"}},
		{"/batches/", []string{"batch"}},
		{"/templates/", []string{"template"}},
		{"/services/", []string{"service"}},
		{"/service-imports/", []string{"import"}},
		{"/enti/", []string{"ente"}},
		{"/api-keys/", []string{"api_key"}},
		{"/people/", []string{"account", "membership"}},
		{"/account/", []string{"session"}},
		{"/pauses/", []string{"pause"}},
		{"/interventions/", []string{"intervention"}},
		{"/webhooks/deliveries/", []string{"delivery"}},
		{"/webhooks/", []string{"webhook", "delivery"}},
		{"/privacy/erasures/", []string{"erasure"}},
	} {
		if !strings.HasPrefix(path, section.path) {
			continue
		}

		chosen := map[string]string{}
		for _, kind := range section.kinds {
			chosen[kind] = n.ids[kind]
		}

		return chosen
	}

	return n.ids
}

// signInAsAuditorOf signs in somebody who reads one Ente's log and changes nothing.
func (b realOffice) signInAsAuditorOf(t *testing.T, enteID string) {
	t.Helper()

	system := gateway.Actor{Kind: gateway.ActorSystem, ID: "test", Name: "test"}

	auditor, err := b.does.CreateAccount(t.Context(), system, gateway.Account{
		Email: "revisore@borgo.example", Name: "Rita Revisora", Role: gateway.RoleAuditor, EnteID: enteID,
	}, frontendtest.Password)
	require.NoError(t, err)
	require.Equal(t, http.StatusSeeOther, b.signIn(auditor.Email, frontendtest.Password).status)
}

// compare asks for a route with an id, and with one that nothing has, in every place where the route may take one.
func (b realOffice) compare(t *testing.T, route frontend.Route, kind, id string) (asked int) {
	t.Helper()

	nothing := uuid.NewString()
	if kind == "session" {
		nothing = strings.Repeat("0", len(id))
	}

	for _, path := range pathsOf(t, route.Path, id) {
		for _, form := range formsWith(kind, id) {
			if !strings.Contains(path+form.Encode(), id) {
				continue // names nothing of theirs
			}

			got := b.asks(route.Method, path, form)
			expected := b.asks(route.Method, strings.ReplaceAll(path, id, nothing), replaced(form, id, nothing))
			name := route.Method + " " + path + " " + kind

			require.Equal(t, expected.status, got.status, name)
			require.NotContains(t, got.body, marker, name)

			// What the reader did last stands in the own log and on the own page, and is another thing each time.
			if strings.Contains(path, "/"+id) || !strings.HasPrefix(path, "/audit") && !strings.HasPrefix(path, "/account") {
				require.Equal(t, expected.masked(), got.masked(), name)
			}

			if strings.Contains(path, "/"+id) {
				require.NotEqual(t, http.StatusOK, got.status, name)
			}

			asked++
		}
	}

	return asked
}

func (b realOffice) asks(method, path string, form url.Values) answer {
	var got answer

	if method == http.MethodPost {
		form.Set("name", uuid.NewString()) // what is made has a name of its own
		form.Set("once", strings.ReplaceAll(uuid.NewString(), "-", ""))

		got = b.post(path, form)
	} else {
		got = b.get(path + "?" + form.Encode())
	}

	// What is to be said, the next page says.
	if got.status == http.StatusSeeOther {
		got.body += strings.Join(regexp.MustCompile(`(?s)<div class="genio-notice".*?</div>`).FindAllString(b.get("/settings").body, -1), "")
	}

	return got
}

// pathsOf fills in a route's parameters: the id where something is named, each word that there is for an act.
func pathsOf(t *testing.T, path, id string) []string {
	t.Helper()

	words := map[string][]string{
		":id": {id}, ":filter": {id}, ":membership": {id}, ":delivery": {id}, ":row": {"2"}, ":format": {"csv", "xlsx"}, ":slot": {"primary"},
		":state": {"suspend", "reactivate", "close"},
		":act": {
			"cancel", "hold", "resume", "retry", "decide", "pause", "discard", "sample", "renew", "withdraw", "deactivate", "reactivate",
			"second-factor", "sessions", "test", "on", "off", "remove",
		},
	}

	paths := []string{""}

	for part := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		choices := []string{part}

		if strings.HasPrefix(part, ":") {
			choices = words[part]
			require.NotEmpty(t, choices, "a parameter of a path that this test does not know: %s", part)
		}

		var longer []string

		for _, begun := range paths {
			for _, choice := range choices {
				longer = append(longer, begun+"/"+choice)
			}
		}

		paths = longer
	}

	return paths
}

// formsWith are what may be sent along: plausible values, with the id in the field that takes such a thing.
func formsWith(kind, id string) []url.Values {
	plausible := url.Values{
		"seen": {"1"}, "check": {"1"}, "reason": {"Richiesta del cittadino n. 12"}, "why": {"Richiesta del cittadino n. 12"},
		"choice": {"cancelled"}, "act": {"hold"}, "expected": {"1"}, "scope": {"service"}, "query": {"status=failed"}, "role": {"operator"},
		"subject": {"Avviso di prova per tutti"}, "markdown": {strings.Repeat("Testo di prova. ", 10)}, "fiscal_code": {"RSSMRA80A01H501U"},
	}

	named := replaced(plausible, "", "")

	for _, field := range map[string][]string{
		"ente": {"ente"}, "service": {"service", "services"}, "template": {"template"}, "batch": {"batch", "about"},
		"notification": {"q", "text", "about", "object"}, "account": {"actor", "person"}, "membership": {"membership"}, "filter": {"filter"},
	}[kind] {
		named.Set(field, id)
	}

	if len(named) == len(plausible) {
		return []url.Values{plausible}
	}

	return []url.Values{plausible, named}
}

// replaced is a copy of the form with one text instead of another.
func replaced(form url.Values, old, replacement string) url.Values {
	changed := url.Values{}

	for name, values := range form {
		for _, value := range values {
			if old != "" {
				value = strings.ReplaceAll(value, old, replacement)
			}

			changed.Add(name, value)
		}
	}

	return changed
}

// The one form that is no ordinary one.
func TestAFileForAnotherEntesService(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	theirs := b.neighbour(t)

	for _, named := range [][2]string{{theirs.ids["service"], theirs.ids["template"]}, {b.service.ID, theirs.ids["template"]}} {
		form := uploadFields([2]string{"service", named[0]}, [2]string{"template", named[1]},
			[2]string{"once", strings.ReplaceAll(uuid.NewString(), "-", "")})
		refused := b.upload(form, "elenco.csv", io.LimitReader(zeros{}, 10))
		require.Equal(t, http.StatusUnprocessableEntity, refused.status)
		require.NotContains(t, refused.body, marker)
	}
}
