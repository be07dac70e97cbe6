package frontend_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

func TestDetailTellsWhyAndWhatToDo(t *testing.T) {
	t.Parallel()

	shown := openAs(t, frontendtest.OperatorEmail, samples()).get(notificationPath("3"))

	require.Equal(t, http.StatusOK, shown.status)

	for _, text := range []string{
		"Non riuscita", "L&#39;app IO non accetta la chiave del servizio.", "Che cosa fare:", "Riprova l&#39;invio",
		"L&#39;invio ad app IO non è riuscito", "Tentativi di consegna", "123,45 €", "302000100000009421", "13/12/2026",
		"•••••••••••••01U", "11:56:00",
	} {
		require.Contains(t, shown.body, text)
	}

	require.NotContains(t, shown.body, frontendtest.MarioRossi)
	require.NotContains(t, shown.body, "hx-get", "a final notification asks for no news")
}

func TestDetailTellsTheNextTry(t *testing.T) {
	t.Parallel()

	shown := openAs(t, frontendtest.OperatorEmail, samples()).get(notificationPath("2"))

	require.Contains(t, shown.body, "Si invia il messaggio ad app IO")
	require.Contains(t, shown.body, "Ultimo problema: L&#39;app IO non era raggiungibile o non funzionava.")
	require.Contains(t, shown.body, "Riprova alle 12:00:00 (tentativo 4).")
}

func TestDetailWithoutTemporal(t *testing.T) {
	t.Parallel()

	shown := openAs(t, frontendtest.OperatorEmail, samples()).get(notificationPath("6"))
	require.Contains(t, shown.body, "Temporal non è raggiungibile: la cronologia è ridotta.")
}

func TestDetailOfAForeignEnteIsNotFound(t *testing.T) {
	t.Parallel()

	shown := openAs(t, frontendtest.OperatorEmail, samples()).get(notificationPath("1"))
	require.Equal(t, http.StatusNotFound, shown.status)
	require.Contains(t, shown.body, "Pagina non trovata")
	require.Contains(t, shown.body, "Olga Prova", "the person stays signed in")
}

func TestDetailShowsHostileTextAsText(t *testing.T) {
	t.Parallel()

	const attack = `<script>alert(1)</script><img src=x onerror=alert(1)>"'javascript:alert(1)`

	hostile := frontendtest.Sample(1, frontendtest.TributiID, notification.StatusFailed, notification.ReasonIOKeyRejected, noon())
	hostile.View.Content.Subject = attack
	hostile.View.Content.Markdown = attack
	hostile.View.Content.SMSText = attack
	hostile.View.ExternalReference = attack
	hostile.View.ServiceName = attack
	hostile.View.Attempts = []notification.Attempt{{
		ID: "t", Channel: notification.ChannelSMS, Status: notification.AttemptFailed, ProviderID: attack, ProviderStatus: attack,
	}}
	b := openAs(t, frontendtest.OperatorEmail, frontendtest.NewGateway(noon, hostile))

	for _, path := range []string{"/notifications", notificationPath("1"), notificationPath("1") + "/retry"} {
		shown := b.get(path)
		require.Equal(t, http.StatusOK, shown.status, path)
		require.Contains(t, shown.body, "&lt;script&gt;alert(1)&lt;/script&gt;", path)
		require.NotContains(t, shown.body, "<script>", path)
		require.NotContains(t, shown.body, "<img", path)
	}
}

func TestLiveAnswersOnlyWithNews(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	page := b.get(notificationPath("2"))
	news := attribute(t, page.body, "hx-get")

	require.Equal(t, http.StatusNoContent, b.get(news, "HX-Request", "true").status)

	stale := b.get(notificationPath("2")+"/live?seen=other", "HX-Request", "true")
	require.Equal(t, http.StatusOK, stale.status)
	require.True(t, strings.HasPrefix(strings.TrimSpace(stale.body), `<div id="live">`))
	require.NotContains(t, stale.body, "<html")

	require.Equal(t, notificationPath("2"), b.get(news).location(), "opened in the browser")
}

func TestLiveStopsWhenFinal(t *testing.T) {
	t.Parallel()

	final := openAs(t, frontendtest.OperatorEmail, samples()).get(notificationPath("4")+"/live", "HX-Request", "true")
	require.Contains(t, final.body, "Consegnata")
	require.NotContains(t, final.body, "hx-get")
}

func TestLiveDoesNotProlongTheSession(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())

	require.NotEmpty(t, b.get(notificationPath("2")).header.Get("Set-Cookie"), "a page does")
	require.Empty(t, b.get(notificationPath("2")+"/live", "HX-Request", "true").header.Get("Set-Cookie"))
}

func TestWorkflowLinkIsForSupport(t *testing.T) {
	t.Parallel()

	configured := func(c *frontend.Config) { c.TemporalUI = "http://temporal.example/namespaces/genio/" }

	const address = "http://temporal.example/namespaces/genio/workflows/notification%2F01936f6e-0000-7000-9000-000000000003"

	require.Contains(t, openAs(t, frontendtest.SupportEmail, samples(), configured).get(notificationPath("3")).body, address)
	require.NotContains(t, openAs(t, frontendtest.OperatorEmail, samples(), configured).get(notificationPath("3")).body, "temporal.example")
	require.NotContains(t, openAs(t, frontendtest.SupportEmail, samples()).get(notificationPath("3")).body, "in Temporal")
}

func TestButtonsFollowWhatIsPossible(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		possible gateway.Possible
		acts     []string
	}{
		"nothing": {gateway.Possible{}, nil},
		"all": {
			gateway.Possible{Cancel: true, Hold: true, Resume: true, Retry: true, Decide: true},
			[]string{"retry", "decide", "resume", "hold", "cancel"},
		},
		"cancel": {gateway.Possible{Cancel: true}, []string{"cancel"}},
		"hold":   {gateway.Possible{Hold: true}, []string{"hold"}},
		"resume": {gateway.Possible{Resume: true}, []string{"resume"}},
		"retry":  {gateway.Possible{Retry: true}, []string{"retry"}},
		"decide": {gateway.Possible{Decide: true}, []string{"decide"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			sample := frontendtest.Sample(1, frontendtest.TributiID, notification.StatusOnHold, "", noon().Add(-time.Hour))
			sample.View.Possible = test.possible
			b := openAs(t, frontendtest.OperatorEmail, frontendtest.NewGateway(noon, sample))
			shown := b.get(notificationPath("1"))

			for _, act := range []string{"retry", "decide", "resume", "hold", "cancel"} {
				offered := strings.Contains(shown.body, notificationPath("1")+"/"+act+`"`)
				require.Equal(t, slices.Contains(test.acts, act), offered, act)

				confirmation := b.get(notificationPath("1") + "/" + act)
				if slices.Contains(test.acts, act) {
					require.Equal(t, http.StatusOK, confirmation.status, act)
				} else {
					require.Equal(t, notificationPath("1"), confirmation.location(), act)
				}
			}
		})
	}
}

// attribute is the value of the first attribute of that name.
func attribute(t *testing.T, body, name string) string {
	t.Helper()

	_, rest, found := strings.Cut(body, name+`="`)
	require.True(t, found, "no %s", name)

	value, _, _ := strings.Cut(rest, `"`)

	return strings.ReplaceAll(value, "&amp;", "&")
}

func TestDetailTellsEachRunApart(t *testing.T) {
	t.Parallel()

	once := frontendtest.Sample(1, frontendtest.TributiID, notification.StatusFailed, notification.ReasonIOKeyRejected, noon())
	alone := openAs(t, frontendtest.OperatorEmail, frontendtest.NewGateway(noon, once)).get(notificationPath("1"))
	require.NotContains(t, alone.body, "Lavorazione 1")

	again := frontendtest.Sample(1, frontendtest.TributiID, notification.StatusFailed, notification.ReasonIOKeyRejected, noon())
	again.Timeline.Entries = []notification.Entry{
		{At: noon(), Kind: notification.EntryStarted, State: notification.EntryDone, Run: 1},
		{At: noon(), Kind: notification.EntrySettled, State: notification.EntryFault, Status: notification.StatusFailed},
		{At: noon(), Kind: notification.EntryRetryAsked, State: notification.EntryDone, By: "Olga Operatrice"},
		{At: noon(), Kind: notification.EntryStarted, State: notification.EntryDone, Run: 2},
	}

	shown := openAs(t, frontendtest.OperatorEmail, frontendtest.NewGateway(noon, again)).get(notificationPath("1")).body
	require.Contains(t, shown, "Lavorazione 1")
	require.Less(t, strings.Index(shown, "Lavorazione 1"), strings.Index(shown, "Nuovo tentativo chiesto da Olga Operatrice"))
	require.Less(t, strings.Index(shown, "Nuovo tentativo chiesto da Olga Operatrice"), strings.Index(shown, "Lavorazione 2"))
}
