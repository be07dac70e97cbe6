package frontend_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

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
	require.NotContains(t, b.get(notificationPath("3")).body, "La lavorazione è ripartita.", "said once")
}

func TestActsNeedTheirConfirmation(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())

	require.Equal(t, http.StatusBadRequest, b.post(notificationPath("3")+"/retry", url.Values{}).status)
	require.Equal(t, http.StatusNotFound, b.post(notificationPath("3")+"/delete", url.Values{"once": {"1"}}).status)
	require.Equal(t, http.StatusNotFound, b.get(notificationPath("3")+"/delete").status)
	require.Empty(t, b.gateway.Calls())
}

func TestDecisionHasToBeChosen(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	asked := b.get(notificationPath("5") + "/decide")

	for _, choice := range []string{`value="resend"`, `value="sms"`, `value="close"`} {
		require.Contains(t, asked.body, choice)
	}

	for _, choice := range []string{"", "burn"} {
		refused := b.post(notificationPath("5")+"/decide", url.Values{"once": {asked.once(t)}, "choice": {choice}})
		require.Equal(t, http.StatusUnprocessableEntity, refused.status)
		require.Contains(t, refused.body, "Scegliere una delle possibilità.")
	}

	taken := b.post(notificationPath("5")+"/decide", url.Values{"once": {asked.once(t)}, "choice": {"sms"}})
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
		b.post(notificationPath("1")+"/decide", url.Values{"once": {"1"}, "choice": {"sms"}}).status)
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
	require.Equal(t, http.StatusSeeOther, b.post(notificationPath("4")+"/retry", url.Values{"once": {"1"}}).status)
	require.Contains(t, b.get(notificationPath("4")).body, "Nel frattempo lo stato della notifica è cambiato")
}

func TestAuditorsChangeNothing(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.AuditorEmail, samples())
	refused := b.post(notificationPath("3")+"/retry", url.Values{"once": {"1"}})

	require.Equal(t, http.StatusForbidden, refused.status)
	require.Empty(t, b.gateway.Calls())
}
