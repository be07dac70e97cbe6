package frontend_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	citizenPhone = "+393331234567"
	citizensSID  = "SM00000000000000000000000000000001"
)

// handed is a stored notification for an invented citizen.
func (b realOffice) handed(t *testing.T, changes ...func(*notification.Notification)) string {
	t.Helper()

	id, err := uuid.NewV7()
	require.NoError(t, err)

	n := notification.Notification{
		ID: id.String(), EnteID: b.ente.ID, ServiceID: b.service.ID, ExternalReference: "pratica-42",
		Recipient: notification.Recipient{FiscalCode: frontendtest.MarioRossi, Phone: citizenPhone},
		Content: notification.Content{
			Subject:  "Rinnovo della carta d'identità",
			Markdown: "La sua carta d'identità scade tra trenta giorni. Prenoti un appuntamento in municipio per il rinnovo.",
			SMSText:  "Comune di Borgo Esempio: rinnovo",
		},
		Policy: notification.DefaultPolicy(), Priority: notification.PriorityNormal, AcceptedAt: noon().Add(-time.Hour),
	}
	for _, change := range changes {
		change(&n)
	}

	_, _, err = b.store.Submit(t.Context(), db.Submission{Notification: n})
	require.NoError(t, err)

	return n.ID
}

// settled is one that ended so.
func (b realOffice) settled(t *testing.T, status notification.Status, reason notification.Reason) string {
	t.Helper()

	id := b.handed(t)
	_, err := b.store.Begin(t.Context(), id, db.Run{Number: 1, TemporalID: "run-1"})
	require.NoError(t, err)
	require.NoError(t, b.store.Settle(t.Context(), id, db.Settlement{Status: status, Reason: reason}))

	return id
}

func anotherCitizen(n *notification.Notification) {
	n.Recipient = notification.Recipient{FiscalCode: "VRDNNA85B41F205O", Phone: "+393339999999"}
	n.ExternalReference = "pratica-43"
}

func (b realOffice) searched(form url.Values) answer {
	return b.post("/notifications/search", form)
}

func TestQuickSearchRecognisesWhatWasTyped(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	id := b.handed(t)
	b.handed(t, anotherCitizen)

	bySMS := b.handed(t, anotherCitizen)
	claim, err := b.store.BeginAttempt(t.Context(), bySMS, notification.ChannelSMS, "")
	require.NoError(t, err)
	_, err = b.store.RecordAttempt(t.Context(), claim.Attempt.ID, db.AttemptChange{Status: notification.AttemptSent, ProviderID: citizensSID})
	require.NoError(t, err)

	for typed, location := range map[string]string{
		id:                                     "/notifications/" + id,
		" " + strings.ToUpper(id) + " ":        "/notifications/" + id,
		citizensSID:                            "/notifications/" + bySMS,
		"pratica-42":                           "/notifications?reference=pratica-42",
		frontendtest.MarioRossi:                "/notifications?person=1",
		" rssmra 80a01 h501u ":                 "/notifications?person=1",
		"333 123 4567":                         "/notifications?person=1",
		"+39 333 1234567":                      "/notifications?person=1",
		"01936f6e-0000-7000-9000-0000000000ff": "/notifications?reference=01936f6e-0000-7000-9000-0000000000ff",
	} {
		require.Equal(t, location, b.searched(url.Values{"q": {typed}}).location(), typed)
	}

	for _, typed := range []string{"333 123 4567", frontendtest.MarioRossi} {
		shown := b.get(b.searched(url.Values{"q": {typed}}).location())
		require.Equal(t, []string{id}, rows(shown.body), typed)
		require.NotContains(t, shown.body, frontendtest.MarioRossi)
		require.NotContains(t, shown.body, "3331234567")
		require.Contains(t, shown.body, "Ricerca attiva: •••")
	}
}

func TestQuickSearchKeepsOutOfTheAddressWhatMayBeSomebodys(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	b.handed(t)

	for typed, says := range map[string]string{
		"RSSMRA80A01H501X":                      "Il codice fiscale non è corretto",
		"pratica di " + frontendtest.MarioRossi: "Il testo contiene un codice fiscale",
		"+39 02 1234567":                        "Il numero di telefono non è quello di un cellulare",
	} {
		sent := b.searched(url.Values{"q": {typed}})
		require.Equal(t, "/notifications", sent.location(), typed)

		shown := b.get(sent.location())
		require.Contains(t, shown.body, says, typed)
		require.NotContains(t, shown.body, "H501")
	}

	for _, field := range []string{"reference", "why"} {
		sent := b.searched(url.Values{field: {"pratica di " + frontendtest.MarioRossi}, "status": {"failed"}})
		require.Equal(t, "/notifications?status=failed", sent.location(), field)
		require.Contains(t, b.get(sent.location()).body, "Il testo contiene un codice fiscale", field)
	}
}

func TestAForeignIdentifierLeadsNowhere(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	foreign := b.foreign(t)

	require.Equal(t, "/notifications?reference="+foreign, b.searched(url.Values{"q": {foreign}}).location())
	require.Empty(t, rows(b.get("/notifications?reference="+foreign).body))
	require.Equal(t, http.StatusNotFound, b.post("/notifications/"+foreign+"/same-citizen", nil).status)
}

// foreign is a notification of another Ente, for the same citizen.
func (b realOffice) foreign(t *testing.T) string {
	t.Helper()

	system := gateway.Actor{Kind: gateway.ActorSystem, ID: "test", Name: "test"}

	ente, err := b.does.CreateEnte(t.Context(), system, "Comune di Valle Prova", "80000000010")
	require.NoError(t, err)

	service, err := b.does.CreateService(t.Context(), system, notification.Service{
		EnteID: ente.ID, Name: "Tributi", Policy: notification.DefaultPolicy(), SMSSender: "COMUNE",
	}, notification.ServiceKeys{Primary: "0f6ad1f0b5c24e2b"})
	require.NoError(t, err)

	return b.handed(t, func(n *notification.Notification) { n.EnteID, n.ServiceID = ente.ID, service.ID })
}

func TestSearchByPhone(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAuditor)
	id := b.handed(t)
	b.handed(t, anotherCitizen)

	sent := b.searched(url.Values{"phone": {"333-1234567"}, "status": {"accepted"}})
	require.Equal(t, "/notifications?person=1&status=accepted", sent.location())

	shown := b.get(sent.location())
	require.Equal(t, []string{id}, rows(shown.body))
	require.Contains(t, shown.body, "Ricerca attiva: ••••••••••567")
	require.NotContains(t, shown.body, "1234567")

	both := b.searched(url.Values{"phone": {"333 1234567"}, "fiscal_code": {"VRDNNA85B41F205O"}})
	require.Empty(t, rows(b.get(both.location()).body), "nobody has both")

	wrong := b.searched(url.Values{"phone": {"02 1234567"}})
	require.Equal(t, "/notifications", wrong.location())
	require.Contains(t, b.get(wrong.location()).body, "Il numero di telefono non è quello di un cellulare")
}

func TestSearchByReason(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	key := b.settled(t, notification.StatusFailed, notification.ReasonIOKeyRejected)
	code := b.settled(t, notification.StatusNotDelivered, notification.ReasonFiscalCodeInvalid)

	for address, want := range map[string][]string{
		"/notifications?reason=io_key_rejected":                            {key},
		"/notifications?reason=io_key_rejected&reason=fiscal_code_invalid": {code, key},
		"/notifications?reason=unheard_of":                                 nil,
		"/notifications?why=CODICE+fiscale+non+e+valido":                   {code},
		"/notifications?why=chiave&reason=io_key_rejected":                 {key},
		"/notifications?why=chiave&status=not_delivered":                   nil,
		"/notifications?reason=io_key_rejected&reason=%3Cscript%3E&why=":   {key},
	} {
		shown := b.get(address)
		require.Equal(t, http.StatusOK, shown.status, address)
		require.Equal(t, want, rows(shown.body), address)
	}

	shown := b.get("/notifications?reason=fiscal_code_invalid")
	require.Contains(t, shown.body, "Sono mostrate le notifiche con uno di questi motivi:")
	require.Contains(t, shown.body, "<li>Il codice fiscale non è valido.</li>")
	require.Contains(t, shown.body, `<input type="hidden" name="reason" value="fiscal_code_invalid">`)

	none := b.get("/notifications?why=un+fulmine")
	require.Equal(t, http.StatusUnprocessableEntity, none.status)
	require.Contains(t, none.body, "Nessun motivo contiene queste parole.")
	require.Empty(t, rows(none.body), "nothing is shown as if it had matched")

	sent := b.searched(url.Values{"why": {" chiave "}, "reason": {"io_key_rejected"}})
	require.Equal(t, "/notifications?reason=io_key_rejected&why=chiave", sent.location())
}

func TestPeriodsCountFromToday(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	at := func(days, hours int) func(*notification.Notification) {
		return func(n *notification.Notification) {
			n.AcceptedAt = noon().AddDate(0, 0, -days).Add(time.Duration(hours) * time.Hour)
		}
	}

	today, yesterday := b.handed(t, at(0, -11)), b.handed(t, at(0, -13)) // midnight in Italy is at 23 UTC
	lastWeek, lastMonth := b.handed(t, at(6, 0)), b.handed(t, at(29, 0))
	b.handed(t, at(31, 0))

	for period, want := range map[string][]string{
		"today": {today}, "yesterday": {yesterday}, "7d": {today, yesterday, lastWeek}, "30d": {today, yesterday, lastWeek, lastMonth},
	} {
		shown := b.get("/notifications?period=" + period)
		require.Equal(t, want, rows(shown.body), period)
		require.Contains(t, shown.body, `<a href="/notifications?period=`+period+`" aria-current="true">`)
	}

	require.Len(t, rows(b.get("/notifications?period=ever").body), 5)
	require.Equal(t, "/notifications?from=2026-11-01",
		b.searched(url.Values{"period": {"7d"}, "from": {"2026-11-01"}}).location(), "days take the period's place")
}

func TestBatchesAreChosenByName(t *testing.T) {
	t.Parallel()

	shown := openReal(t, gateway.RoleOperator)
	page := shown.get("/notifications?batch=0192-old")
	require.Contains(t, page.body, `<option value="0192-old" selected>L&#39;invio indicato</option>`)
	require.NotContains(t, shown.get("/notifications").body, `name="batch"`, "there is none to choose")
}

func TestSameCitizenIsSearchedWithoutBeingSeen(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAuditor)
	id, twin := b.handed(t), b.handed(t)
	b.handed(t, anotherCitizen)

	require.Contains(t, b.get("/notifications/"+id).body, `action="/notifications/`+id+`/same-citizen"`)

	sent := b.post("/notifications/"+id+"/same-citizen", nil)
	require.Equal(t, "/notifications?person=1", sent.location())

	shown := b.get(sent.location())
	require.ElementsMatch(t, []string{id, twin}, rows(shown.body))
	require.NotContains(t, shown.body, frontendtest.MarioRossi)
}
