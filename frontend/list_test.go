package frontend_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

func TestListShowsWhatTheActorMaySee(t *testing.T) {
	t.Parallel()

	mine := openAs(t, frontendtest.OperatorEmail, samples()).get("/notifications")
	require.Equal(t, http.StatusOK, mine.status)
	require.Contains(t, mine.body, "Tributi comunali")
	require.Contains(t, mine.body, "L&#39;app IO non accetta la chiave del servizio.")
	require.Contains(t, mine.body, "23/11/2026 11:56:00", "Italian time")
	require.NotContains(t, mine.body, "Prenotazioni sanitarie")
	require.NotContains(t, mine.body, `name="ente"`)
	require.NotContains(t, mine.body, frontendtest.MarioRossi)

	all := openAs(t, frontendtest.SupportEmail, samples()).get("/notifications")
	require.Contains(t, all.body, "Prenotazioni sanitarie")
	require.Contains(t, all.body, `name="ente"`)
}

func TestListFilters(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.SupportEmail, samples())

	for name, test := range map[string]struct {
		query string
		rows  int
	}{
		"one status":              {"status=failed", 1},
		"several statuses":        {"status=failed&status=scheduled&status=cancelled", 3},
		"an unknown status":       {"status=lost", 25},
		"reference":               {"reference=" + frontendtest.RetryReference, 1},
		"service":                 {"service=" + frontendtest.ScuolaID, 3},
		"ente":                    {"ente=" + frontendtest.RegioneID, 2},
		"ente and status":         {"ente=" + frontendtest.RegioneID + "&status=expired", 1},
		"a day includes its end":  {"from=2026-11-23&to=2026-11-23", 25},
		"a period without any":    {"from=2026-11-24", 0},
		"nothing of that service": {"service=" + frontendtest.SaluteID + "&status=failed", 0},
	} {
		shown := b.get("/notifications?" + test.query)
		require.Equal(t, http.StatusOK, shown.status, name)
		require.Equal(t, test.rows, strings.Count(shown.body, `role="rowheader"`), name)
		require.Equal(t, test.rows == 0, strings.Contains(shown.body, "Nessuna notifica corrisponde"), name)
	}
}

func TestListRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.SupportEmail, samples())

	for query, problem := range map[string]string{
		"from=ieri":                     "La data non è valida.",
		"to=2026-02-30":                 "La data non è valida.",
		"from=2026-11-24&to=2026-11-20": "Il periodo finisce prima di cominciare.",
		"cursor=rotto":                  "non è un cursore",
		"person=1":                      "La ricerca per codice fiscale non è più disponibile",
	} {
		shown := b.get("/notifications?" + query)
		require.Equal(t, http.StatusUnprocessableEntity, shown.status, query)
		require.Contains(t, shown.body, problem, query)
	}
}

func TestListLeadsThroughItsPages(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.SupportEmail, samples())
	first := b.get("/notifications?ente=" + frontendtest.ComuneID)
	require.NotContains(t, first.body, "Precedenti")

	second := b.get(link(t, first.body, "Successive"))
	require.Contains(t, second.body, "Precedenti")

	third := b.get(link(t, second.body, "Successive"))
	require.Equal(t, 17, strings.Count(third.body, `role="rowheader"`))
	require.NotContains(t, third.body, "Successive")

	again := b.get(link(t, third.body, "Precedenti"))
	require.Equal(t, rows(second.body), rows(again.body))
	require.Equal(t, rows(first.body), rows(b.get(link(t, again.body, "Precedenti")).body))
}

func TestShortcutsCountAndFilter(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	shown := b.get("/notifications?status=failed&reference=" + frontendtest.RetryReference)

	require.Contains(t, shown.body, `href="/notifications?reference=demo-retry&amp;status=delivered"`)
	require.Regexp(t, `(?s)status=failed" aria-current="true">\s*<span class="genio-shortcut__count">1<`, shown.body)
	require.Regexp(t, `(?s)status=delivered">\s*<span class="genio-shortcut__count">0<`, shown.body)
}

func TestSearchByFiscalCodeKeepsItOutOfAddresses(t *testing.T) {
	t.Parallel()

	other := frontendtest.Sample(2, frontendtest.TributiID, notification.StatusFailed, notification.ReasonIOKeyRejected, noon())
	other.FiscalCode = "BNCNNA85M41F205X"
	gatewayWithTwo := frontendtest.NewGateway(noon,
		frontendtest.Sample(1, frontendtest.TributiID, notification.StatusFailed, notification.ReasonIOKeyRejected, noon()), other)

	for name, form := range map[string]url.Values{
		"in its field":          {"fiscal_code": {" rssmra80a01h501u "}},
		"pasted as a reference": {"reference": {frontendtest.MarioRossi}},
	} {
		b := openAs(t, frontendtest.OperatorEmail, gatewayWithTwo)

		form.Set("status", "failed")

		sent := b.post("/notifications/search", form)
		require.Equal(t, http.StatusSeeOther, sent.status, name)
		require.Equal(t, "/notifications?person=1&status=failed", sent.location(), name)

		shown := b.get(sent.location())
		require.Equal(t, 1, strings.Count(shown.body, `role="rowheader"`), name)
		require.Contains(t, shown.body, "Ricerca attiva: •••••••••••••01U", name)
		require.NotContains(t, shown.body, frontendtest.MarioRossi, name)

		narrowed := b.post("/notifications/search", url.Values{"person": {"1"}, "status": {"delivered"}})
		require.Equal(t, "/notifications?person=1&status=delivered", narrowed.location(), name)

		forgotten := b.post("/notifications/search", url.Values{})
		require.Equal(t, "/notifications", forgotten.location(), name)
		require.Equal(t, http.StatusUnprocessableEntity, b.get("/notifications?person=1").status, name)
	}
}

func TestSearchRefusesAWrongFiscalCode(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	sent := b.post("/notifications/search", url.Values{"fiscal_code": {"RSSMRA80A01H501X"}})
	require.Equal(t, "/notifications", sent.location())

	shown := b.get(sent.location())
	require.Contains(t, shown.body, "Il codice fiscale non è corretto")
	require.NotContains(t, shown.body, "RSSMRA80A01H501X")
}

func TestListWithoutDatabase(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	b.gateway.Break(gateway.ErrUnavailable)

	shown := b.get("/notifications")
	require.Equal(t, http.StatusServiceUnavailable, shown.status)
	require.Contains(t, shown.body, "Servizio non disponibile")
}

func TestEmptyList(t *testing.T) {
	t.Parallel()

	shown := openAs(t, frontendtest.OperatorEmail, frontendtest.NewGateway(noon)).get("/notifications")
	require.Contains(t, shown.body, "Non ci sono ancora notifiche.")
	require.NotContains(t, shown.body, "<table")
}

// link is the address of the first link whose text holds the words.
func link(t *testing.T, body, words string) string {
	t.Helper()

	before, _, found := strings.Cut(body, words)
	require.True(t, found, "no %q", words)

	return attribute(t, before[strings.LastIndex(before, "<a "):], "href")
}

// rows are the addresses of a list's notifications.
func rows(body string) []string {
	var found []string

	for _, part := range strings.Split(body, `<a href="/notifications/`)[1:] {
		id, _, _ := strings.Cut(part, `"`)
		found = append(found, id)
	}

	return found
}
