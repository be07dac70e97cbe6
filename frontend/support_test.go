package frontend_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const whyInWords = "Chiave di app IO rinnovata"

// openSupport is openReal with the banner of pauses.
func openSupport(t *testing.T, role gateway.Role) realOffice {
	t.Helper()

	var does *gateway.Gateway

	// The use cases are made before the pages, and called after.
	banner := func(c *frontend.Config) {
		used, ok := c.Gateway.(*gateway.Gateway)
		require.True(t, ok)

		does = used
		c.PausesInForce = does.PausesInForce
		c.Clock = time.Now
	}

	return openReal(t, role, banner)
}

// failed makes a notification that a retry may help.
func (b realOffice) failed(reference string) {
	b.t.Helper()

	id, err := uuid.NewV7()
	require.NoError(b.t, err)

	_, _, err = b.store.Submit(b.t.Context(), db.Submission{Notification: notification.Notification{
		ID: id.String(), EnteID: b.ente.ID, ServiceID: b.service.ID, ExternalReference: reference,
		Recipient: notification.Recipient{FiscalCode: "RSSMRA80A01H501U", Phone: "+393331234567"},
		Policy:    notification.DefaultPolicy(), Priority: notification.PriorityNormal, AcceptedAt: time.Now().Add(-time.Hour),
	}})
	require.NoError(b.t, err)
	require.NoError(b.t, b.store.Settle(b.t.Context(), id.String(),
		db.Settlement{Status: notification.StatusFailed, Reason: notification.ReasonIOKeyRejected}))
}

func TestAnInterventionIsTriedBeforeItIsConfirmed(t *testing.T) {
	t.Parallel()

	b := openSupport(t, gateway.RoleSupport)
	b.failed("pratica-1")
	b.failed("pratica-2")

	list := b.get("/notifications?status=failed")
	require.Contains(t, list.body, `href="/interventions/new?status=failed"`)

	asked := b.get("/interventions/new?status=failed")
	require.Equal(t, http.StatusOK, asked.status)
	require.Contains(t, asked.body, "Non riuscita")
	require.NotContains(t, asked.body, `name="expected"`)

	tried := b.get("/interventions/new?status=failed&act=retry")
	require.Equal(t, http.StatusOK, tried.status)
	require.Contains(t, tried.body, "Il filtro comprende 2 notifiche; l&#39;atto è possibile per 2.")
	require.Contains(t, tried.body, "Conferma per 2 notifiche")

	form := url.Values{
		"status": {"failed"}, "act": {"retry"}, "expected": {"3"}, "once": {tried.once(t)}, "motive": {"breve"},
	}
	refused := b.post("/interventions", form)
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, `value="breve"`)
	require.Contains(t, refused.body, `id="motive-problem"`)

	form.Set("motive", whyInWords)
	begun := b.post("/interventions", form)
	require.Equal(t, http.StatusSeeOther, begun.status)
	require.Regexp(t, `^/interventions/[0-9a-f-]{36}$`, begun.location())

	again := b.post("/interventions", form)
	require.Equal(t, "/interventions", again.location(), "a second click acts no more")

	page := b.get(begun.location())
	require.Contains(t, page.body, whyInWords)
	require.Contains(t, page.body, b.account.Name)
	require.Contains(t, page.body, "Elencazione in corso")

	stored, err := b.store.Intervention(t.Context(), begun.location()[len("/interventions/"):])
	require.NoError(t, err)

	_, err = b.store.CollectItems(t.Context(), stored.ID, db.FilterOf(stored), 10, 10)
	require.NoError(t, err)
	require.NoError(t, b.store.EndItem(t.Context(), stored.ID, 1, notification.ItemSkipped, notification.ItemCodeState))

	news := b.get(begun.location()+"/live", "HX-Request", "true")
	require.Equal(t, http.StatusOK, news.status)
	require.Contains(t, news.body, "1 di 2 esaminate")
	require.Contains(t, news.body, "Nel frattempo lo stato è cambiato")
	require.Contains(t, news.body, "Alla conferma le notifiche erano 3; quelle elencate sono 2")

	stop := b.get(begun.location() + "/stop")
	require.Contains(t, stop.body, "Interrompere l&#39;intervento?")
	require.Equal(t, http.StatusSeeOther, b.post(begun.location()+"/stop", url.Values{"once": {stop.once(t)}}).status)
	require.Contains(t, b.get(begun.location()).body, "Interrotto")

	all := b.get("/interventions?status=stopped")
	require.Contains(t, all.body, begun.location())
	require.NotContains(t, b.get("/interventions?status=running").body, begun.location())
}

func TestADryRunTellsWhatHasNoContentApart(t *testing.T) {
	t.Parallel()

	b := openSupport(t, gateway.RoleSupport)
	b.failed("pratica-1")

	run, err := uuid.NewV7()
	require.NoError(t, err)
	require.NoError(t, b.store.BeginRetention(t.Context(), run.String()))
	_, err = b.store.RemoveContent(t.Context(), db.Removal{RunID: run.String(), EnteID: b.ente.ID, Before: time.Now().Add(time.Hour)})
	require.NoError(t, err)

	b.failed("pratica-2")

	tried := b.get("/interventions/new?status=failed&act=retry")
	require.Equal(t, http.StatusOK, tried.status)
	require.Contains(t, tried.body, "Il filtro comprende 2 notifiche; l&#39;atto è possibile per 1.")
	require.Contains(t, tried.body, "1 notifica non si può riprovare: il contenuto è stato cancellato.")
	require.Contains(t, tried.body, "Il contenuto è stato cancellato: non c&#39;è più niente da inviare.")
	require.Contains(t, tried.body, "Conferma per 1 notifica")

	b.post("/language", url.Values{"lang": {"en"}})
	require.Contains(t, b.get("/interventions/new?status=failed&act=retry").body,
		"1 notification cannot be retried: the content was removed.")
}

func TestAnInterventionIsNotAboutOnePerson(t *testing.T) {
	t.Parallel()

	b := openSupport(t, gateway.RoleAdministrator)
	b.failed("pratica-1")

	for _, parameters := range []string{"person=1", "phone=%2B393331234567", "fiscal_code=RSSMRA80A01H501U"} {
		refused := b.get("/interventions/new?act=retry&" + parameters)
		require.Equal(t, http.StatusUnprocessableEntity, refused.status, parameters)
		require.Contains(t, refused.body, "non può riguardare una sola persona")
		require.NotContains(t, refused.body, "Conferma per")
	}

	require.NotContains(t, b.get("/interventions/new").body, "cancel:cancelled_by_operator", "an Ente's people speak for it")
}

func TestAPauseIsMadeShownAndLifted(t *testing.T) {
	t.Parallel()

	b := openSupport(t, gateway.RoleSupport)

	form := b.get("/pauses/new")
	wanted := url.Values{"thing": {"channel:io"}, "why": {"app IO in manutenzione"}, "once": {form.once(t)}}

	incomplete := b.post("/pauses", url.Values{"thing": {"service"}, "why": {"breve"}, "once": {form.once(t)}})
	require.Equal(t, http.StatusUnprocessableEntity, incomplete.status)
	require.Contains(t, incomplete.body, `id="service-problem"`)
	require.Contains(t, incomplete.body, `value="breve"`)

	require.Equal(t, "/pauses", b.post("/pauses", wanted).location())
	require.Equal(t, http.StatusSeeOther, b.post("/pauses", wanted).status)

	twice := b.get("/pauses/new")
	wanted.Set("once", twice.once(t))
	require.Contains(t, b.post("/pauses", wanted).body, "È già in pausa.")

	list := b.get("/notifications")
	require.Contains(t, list.body, "App IO: in pausa dal")
	require.Contains(t, list.body, "app IO in manutenzione")

	pauses, err := b.does.Pauses(t.Context(), b.account.Actor())
	require.NoError(t, err)
	require.Len(t, pauses, 1)

	lift := "/pauses/" + pauses[0].ID + "/lift"
	require.Contains(t, list.body, lift)

	confirm := b.get(lift)
	require.Equal(t, http.StatusSeeOther, b.post(lift, url.Values{"once": {confirm.once(t)}}).status)
	require.NotContains(t, b.get("/notifications").body, "in pausa dal")
	require.Contains(t, b.get("/pauses").body, "Finita")
}

func TestAnEntesPeopleSeeWhatIsPausedAndPauseTheirOwn(t *testing.T) {
	t.Parallel()

	b := openSupport(t, gateway.RoleAdministrator)

	form := b.get("/pauses/new")
	require.NotContains(t, form.body, `value="channel:io"`)

	whole := b.post("/pauses", url.Values{"thing": {"channel:io"}, "why": {"app IO in manutenzione"}, "once": {form.once(t)}})
	require.Equal(t, http.StatusForbidden, whole.status)

	own := b.post("/pauses", url.Values{
		"thing": {"service"}, "service": {b.service.ID}, "why": {"testi da rivedere"}, "once": {form.once(t)},
	})
	require.Equal(t, "/pauses", own.location())
	require.Contains(t, b.get("/batches").body, "Servizio Anagrafe")
}
