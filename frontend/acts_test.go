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

// anyKey looks like the key of a confirmation.
const anyKey = "0123456789abcdef0123456789abcdef"

func TestRetryAsksFirstAndActsOnce(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())

	asked := b.get(notificationPath("3") + "/retry")
	require.Contains(t, asked.body, "Riprovare l&#39;invio?")
	require.Contains(t, asked.body, "Promemoria: seconda rata della tassa sui rifiuti")
	require.Empty(t, b.gateway.Calls())

	form := url.Values{"once": {asked.once(t)}}
	require.Equal(t, notificationPath("3"), b.post(notificationPath("3")+"/retry", form).location())
	require.Equal(t, notificationPath("3"), b.post(notificationPath("3")+"/retry", form).location())
	require.Equal(t, []string{"retry"}, b.gateway.Calls())

	shown := b.get(notificationPath("3"))
	require.Contains(t, shown.body, "La lavorazione è ripartita.")
	require.Contains(t, shown.body, "hx-get")
	require.Regexp(t, `role="status" tabindex="-1" autofocus><div class="alert alert-success">La lavorazione`, shown.body)
	require.NotContains(t, b.get(notificationPath("3")).body, "La lavorazione è ripartita.", "said once")
}

func TestActsNeedTheirConfirmation(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())

	for _, key := range []string{"", "1", anyKey[1:], anyKey + "0", strings.ToUpper(anyKey), anyKey + "\n", strings.Repeat(anyKey, 1000)} {
		require.Equal(t, http.StatusBadRequest, b.post(notificationPath("3")+"/retry", url.Values{"once": {key}}).status, key)
	}

	require.Equal(t, http.StatusNotFound, b.post(notificationPath("3")+"/delete", url.Values{"once": {anyKey}}).status)
	require.Equal(t, http.StatusNotFound, b.get(notificationPath("3")+"/delete").status)
	require.Empty(t, b.gateway.Calls())
}

func TestDecisionHasToBeChosen(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	asked := b.get(notificationPath("5") + "/decide")

	for _, choice := range []string{`value="resend"`, `value="sms"`, `value="close"`, `name="about" value="t5"`} {
		require.Contains(t, asked.body, choice)
	}

	for _, choice := range []string{"", "burn"} {
		refused := b.post(notificationPath("5")+"/decide", url.Values{"once": {asked.once(t)}, "about": {"t5"}, "choice": {choice}})
		require.Equal(t, http.StatusUnprocessableEntity, refused.status)
		require.Contains(t, refused.body, "Scegliere una delle possibilità.")
	}

	taken := b.post(notificationPath("5")+"/decide", url.Values{"once": {asked.once(t)}, "about": {"t5"}, "choice": {"sms"}})
	require.Equal(t, http.StatusSeeOther, taken.status)
	require.Equal(t, []string{"decide sms"}, b.gateway.Calls())
}

func TestSMSIsNoDecisionWithoutAPhone(t *testing.T) {
	t.Parallel()

	sample := frontendtest.Sample(1, frontendtest.TributiID, notification.StatusOnHold, notification.ReasonIOOutcomeUncertain, noon())
	sample.View.MaskedPhone = ""
	sample.View.Possible = gateway.Possible{Decide: true}
	b := openAs(t, frontendtest.OperatorEmail, frontendtest.NewGateway(noon, sample))

	require.NotContains(t, b.get(notificationPath("1")+"/decide").body, `value="sms"`)
	require.Equal(t, http.StatusUnprocessableEntity,
		b.post(notificationPath("1")+"/decide", url.Values{"once": {anyKey}, "choice": {"sms"}}).status)
	require.Empty(t, b.gateway.Calls())
}

func TestWhoCancelsGivesTheReason(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		email   string
		payment bool
		choice  string
		call    string
	}{
		"an Ente's operator":     {frontendtest.OperatorEmail, false, "", "cancel cancelled_by_ente"},
		"support":                {frontendtest.SupportEmail, false, "", "cancel cancelled_by_operator"},
		"a payment that arrived": {frontendtest.OperatorEmail, true, "paid", "cancel paid"},
		"a payment no longer due": {
			frontendtest.OperatorEmail, true, "cancelled_by_ente", "cancel cancelled_by_ente",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			sample := frontendtest.Sample(1, frontendtest.TributiID, notification.StatusInProgress, "", noon())
			if !test.payment {
				sample.View.Content.Payment = nil
			}

			b := openAs(t, test.email, frontendtest.NewGateway(noon, sample))
			asked := b.get(notificationPath("1") + "/cancel")
			b.post(notificationPath("1")+"/cancel", url.Values{"once": {asked.once(t)}, "choice": {test.choice}})

			require.Equal(t, []string{test.call}, b.gateway.Calls())
			require.Contains(t, b.get(notificationPath("1")).body, "Annullata")
		})
	}
}

func TestHoldAndResume(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())

	for _, act := range []string{"hold", "resume"} {
		form := url.Values{"once": {b.get(notificationPath("2") + "/" + act).once(t)}}
		require.Equal(t, http.StatusSeeOther, b.post(notificationPath("2")+"/"+act, form).status)
	}

	require.Equal(t, []string{"hold", "resume"}, b.gateway.Calls())
}

func TestActsThatComeTooLateSaySo(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	require.Equal(t, http.StatusSeeOther, b.post(notificationPath("4")+"/retry", url.Values{"once": {anyKey}}).status)
	require.Contains(t, b.get(notificationPath("4")).body, "Nel frattempo lo stato della notifica è cambiato")
}

func TestAuditorsChangeNothing(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.AuditorEmail, samples())

	// A key that had been remembered would be answered as a second click.
	for range 2 {
		refused := b.post(notificationPath("3")+"/retry", url.Values{"once": {anyKey}})
		require.Equal(t, http.StatusForbidden, refused.status)
	}

	require.Empty(t, b.gateway.Calls())
}

func TestAnImpossibleActLeavesItsKeyUnused(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	form := url.Values{"once": {anyKey}}

	b.post(notificationPath("3")+"/hold", form)
	require.Contains(t, b.get(notificationPath("3")).body, "Nel frattempo lo stato della notifica è cambiato")
	b.post(notificationPath("3")+"/retry", form)
	require.Equal(t, []string{"retry"}, b.gateway.Calls())
}

func TestNobodyUsesUpTheFormOfAnother(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	form := url.Values{"once": {anyKey}}

	b.post(notificationPath("2")+"/hold", form)
	require.Equal(t, http.StatusSeeOther, b.signIn(frontendtest.SupportEmail, frontendtest.Password).status)
	b.post(notificationPath("2")+"/resume", form)
	require.Equal(t, []string{"hold", "resume"}, b.gateway.Calls())
}

// Somebody confirms late: meanwhile the notification was sent again, and the new attempt is uncertain, too.
func TestADecisionIsAboutTheAttemptThatWasShown(t *testing.T) {
	t.Parallel()

	sample := frontendtest.Sample(1, frontendtest.TributiID, notification.StatusOnHold, notification.ReasonIOOutcomeUncertain, noon())
	sample.View.Possible = gateway.Possible{Decide: true}
	sample.View.Attempts = []notification.Attempt{
		{ID: "earlier", Status: notification.AttemptUncertain},
		{ID: "latest", Status: notification.AttemptUncertain},
		{ID: "skipped", Status: notification.AttemptSkipped},
	}
	b := openAs(t, frontendtest.OperatorEmail, frontendtest.NewGateway(noon, sample))
	require.Contains(t, b.get(notificationPath("1")+"/decide").body, `name="about" value="latest"`)

	for _, about := range []string{"earlier", ""} {
		late := b.post(notificationPath("1")+"/decide", url.Values{"once": {anyKey}, "about": {about}, "choice": {"resend"}})
		require.Equal(t, notificationPath("1"), late.location())
		require.Contains(t, b.get(notificationPath("1")).body, "Nel frattempo lo stato della notifica è cambiato")
	}

	require.Empty(t, b.gateway.Calls())

	b.post(notificationPath("1")+"/decide", url.Values{"once": {anyKey}, "about": {"latest"}, "choice": {"resend"}})
	require.Equal(t, []string{"decide resend"}, b.gateway.Calls())
}
