package frontend_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const typedKey = "77cc0b9e3d9e4e6a9b0d5b1e2f3a4b5c"

// submit fills a page's form with more values and sends it, as often as wanted; the last answer counts.
func (b realOffice) submit(t *testing.T, page, action string, form url.Values, times int) answer {
	t.Helper()

	shown := b.get(page)
	require.Equal(t, http.StatusOK, shown.status, page)

	sent := url.Values{"once": {shown.once(t)}}
	if _, after, found := strings.Cut(shown.body, `name="seen" value="`); found {
		sent.Set("seen", after[:strings.IndexByte(after, '"')])
	}

	maps.Copy(sent, form)

	var last answer
	for range times {
		last = b.post(action, sent)
	}

	return last
}

func TestSettingsLeadWhereOneMayGo(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	shown := b.get("/settings")
	require.Equal(t, http.StatusOK, shown.status)
	require.Contains(t, shown.body, `<a href="/enti">Enti</a>`)
	require.Contains(t, shown.body, `<a href="/services">Servizi</a>`)

	for _, path := range []string{"/settings", "/enti", "/services", "/enti/" + b.ente.ID, "/services/" + b.service.ID} {
		require.Contains(t, b.get(path).body, `<a href="/settings" aria-current="true">`, path)
	}

	require.NotContains(t, b.get("/notifications").body, `<a href="/settings" aria-current="true">`)
}

func TestRegistryPagesForbidEverythingForeign(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleSystem)

	for _, path := range []string{
		"/settings", "/enti", "/enti/new", "/enti/" + b.ente.ID, "/enti/" + b.ente.ID + "/edit", "/enti/" + b.ente.ID + "/quota",
		"/enti/" + b.ente.ID + "/move/suspended", "/services", "/services/new", "/services/" + b.service.ID,
		"/services/" + b.service.ID + "/edit", "/services/" + b.service.ID + "/policy", "/services/" + b.service.ID + "/switch",
		"/services/" + b.service.ID + "/keys/primary",
	} {
		shown := b.get(path)
		require.Equal(t, http.StatusOK, shown.status, path)
		require.NotRegexp(t, `<style|style=|<script>| on[a-z]+=|(src|href)="https?:`, shown.body, path)
		require.NotContains(t, shown.body, "0f6ad1f0b5c24e2b", path)
	}

	for _, path := range []string{
		"/enti/" + b.ente.ID + "/move/nowhere", "/services/" + b.service.ID + "/keys/third", "/services/x/y/z", "/enti/x/y/z",
	} {
		require.Contains(t, []int{http.StatusNotFound, http.StatusSeeOther}, b.get(path).status, path)
	}
}

func TestAnEnteJoinsAndIsSuspended(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleSystem)
	form := url.Values{"name": {"Comune di Valle"}, "fiscal_code": {"80000000001"}, "contact.email": {"rosa@valle.example"}}

	refused := b.submit(t, "/enti/new", "/enti", form, 1)
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, `value="Comune di Valle"`)
	require.Contains(t, refused.body, `value="rosa@valle.example"`)
	require.Contains(t, refused.body, `id="fiscal_code-problem"`)

	form.Set("fiscal_code", "80000000010")
	added := b.submit(t, "/enti/new", "/enti", form, 1)
	require.Equal(t, http.StatusSeeOther, added.status)

	home := added.location()
	require.Contains(t, b.get(home).body, "Adesione richiesta")

	agreed := b.submit(t, home+"/move/adhering", home+"/move/adhering",
		url.Values{"agreement.version": {"1.2"}, "agreement.signed_on": {"2026-01-15"}}, 1)
	require.Equal(t, http.StatusSeeOther, agreed.status)
	require.Equal(t, http.StatusSeeOther, b.submit(t, home+"/move/active", home+"/move/active", nil, 2).status)
	require.Contains(t, b.get(home).body, "versione 1.2, firmato il 15/01/2026")

	page := b.get(home + "/move/suspended")
	require.Contains(t, page.body, "le sue persone non possono entrare", "the confirmation says what will happen")
	require.Equal(t, http.StatusUnprocessableEntity, b.submit(t, home+"/move/suspended", home+"/move/suspended", nil, 1).status)
	require.Equal(t, http.StatusSeeOther,
		b.submit(t, home+"/move/suspended", home+"/move/suspended", url.Values{"reason": {"Accordo scaduto"}}, 1).status)
	require.Contains(t, b.get(home).body, "Accordo scaduto")

	require.Equal(t, home, b.get(home+"/move/suspended").location(), "it is so already")
}

func TestADoubleClickActsOnce(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleSystem)
	form := url.Values{
		"ente": {b.ente.ID}, "name": {"Tributi"}, "max_payment_cents": {"1.500,50"}, "primary_key": {typedKey}, "sms_sender": {"COMUNE"},
	}
	require.Equal(t, "/services", b.submit(t, "/services/new", "/services", form, 2).location())

	services, err := b.store.Services(t.Context(), b.ente.ID)
	require.NoError(t, err)
	require.Len(t, services, 2)

	for _, service := range services {
		if service.Name == "Tributi" {
			require.Equal(t, int64(150_050), service.MaxPaymentCents)
			require.Equal(t, notification.DefaultPolicy(), service.Policy)
		}
	}
}

func TestANewServiceComesBackWithWhatIsWrong(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	form := url.Values{
		"ente": {b.ente.ID}, "name": {"Tributi"}, "max_payment_cents": {"1.500"}, "primary_key": {typedKey}, "sms_sender": {"Città"},
	}

	refused := b.submit(t, "/services/new", "/services", form, 1)
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, `value="1.500"`)
	require.Contains(t, refused.body, "con la virgola dei decimali")
	require.NotContains(t, refused.body, typedKey, "a key is never given back")

	form.Set("max_payment_cents", "1500")

	refused = b.submit(t, "/services/new", "/services", form, 1)
	require.Contains(t, refused.body, `id="sms_sender-problem"`)
	require.Contains(t, refused.body, `value="Città"`)
}

func TestTheSecondOfTwoWhoChangeAServiceIsTold(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	home := "/services/" + b.service.ID
	mine := url.Values{
		"name": {"Anagrafe e stato civile"}, "io_service_id": {""}, "sms_sender": {"COMUNE"}, "max_payment_cents": {"1000,00"},
		"seen": {"1"},
	}

	// The other one was faster.
	other := gateway.Actor{Kind: gateway.ActorSystem, ID: "other", Name: "other"}
	require.NoError(t, b.does.DescribeService(t.Context(), other, b.service.ID, 1,
		gateway.ServiceData{Name: "Demografici", SMSSender: "COMUNE", MaxPaymentCents: 100_000}))

	told := b.submit(t, home+"/edit", home+"/edit", mine, 1)
	require.Equal(t, http.StatusConflict, told.status)
	require.Contains(t, told.body, `value="Anagrafe e stato civile"`)
	require.Contains(t, told.body, "Valore salvato ora: Demografici")
	require.Equal(t, 1, strings.Count(told.body, "Valore salvato ora"), "what is the same needs no word")

	over := maps.Clone(mine)
	over.Set("once", told.once(t))
	over.Set("seen", "2")
	require.Equal(t, home, b.post(home+"/edit", over).location(), "saved over, deliberately")

	service, err := b.store.Service(t.Context(), b.service.ID)
	require.NoError(t, err)
	require.Equal(t, "Anagrafe e stato civile", service.Name)

	delete(mine, "seen")
	mine.Set("once", b.get(home+"/edit").once(t))
	require.Equal(t, http.StatusConflict, b.post(home+"/edit", mine).status, "a form without a version overwrites nothing")
}

func TestTheSecondOfTwoWhoChangeAnEnteIsTold(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	home := "/enti/" + b.ente.ID

	first := b.submit(t, home+"/edit", home+"/edit", url.Values{"name": {"Altro nome"}, "contact.name": {"Rosa"}}, 1)
	require.Equal(t, home, first.location())

	ente, err := b.store.Ente(t.Context(), b.ente.ID)
	require.NoError(t, err)
	require.Equal(t, b.ente.Name, ente.Name, "an administrator of the Ente does not rename it")
	require.Equal(t, "Rosa", ente.Contact.Name)

	told := b.submit(t, home+"/edit", home+"/edit", url.Values{"contact.name": {"Bruno"}, "seen": {"1"}}, 1)
	require.Equal(t, http.StatusConflict, told.status)
	require.Contains(t, told.body, `value="Bruno"`)
	require.Contains(t, told.body, "Valore salvato ora: Rosa")
}

func policyForm(changes map[string]string) url.Values {
	form := url.Values{
		"io_deadline": {"90"}, "io_deadline_unit": {"minutes"}, "sms": {"1"}, "sms_deadline": {"1"}, "sms_deadline_unit": {"days"},
		"on_uncertain": {"hold"}, "quiet": {"1"}, "quiet_from": {"21:00"}, "quiet_until": {"08:00"}, "quiet_holidays": {"1"},
	}

	for field, value := range changes {
		form.Set(field, value)
	}

	return form
}

func TestPolicyInAForm(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	home := "/services/" + b.service.ID
	require.Equal(t, home, b.submit(t, home+"/policy", home+"/policy", policyForm(nil), 1).location())

	shown := b.get(home)
	require.Contains(t, shown.body, "Se app IO non consegna entro 1 ora e 30 minuti, parte un SMS, che ha 1 giorno per arrivare.")
	require.Contains(t, shown.body, "tra le 21:00 e le 8:00 né la domenica e nei giorni festivi")
	require.Contains(t, b.get("/services").body, "1 ora e 30 minuti")

	again := b.get(home + "/policy")
	require.Contains(t, again.body, `name="io_deadline" value="90"`)
	require.Contains(t, again.body, `<option value="days" selected>`)

	for field, value := range map[string]string{
		"io_deadline": "0", "sms_deadline": "8", "on_uncertain": "dice", "quiet_from": "99:00", "quiet_until": "21:00",
	} {
		refused := b.submit(t, home+"/policy", home+"/policy", policyForm(map[string]string{field: value}), 1)
		require.Equal(t, http.StatusUnprocessableEntity, refused.status, field)
		require.Contains(t, refused.body, `id="`+field+`-problem"`, field)
		require.Contains(t, refused.body, `href="#`+field+`"`, field)
	}

	told := b.submit(t, home+"/policy", home+"/policy", policyForm(map[string]string{"seen": "1", "io_deadline": "7", "quiet": ""}), 1)
	require.Equal(t, http.StatusConflict, told.status)
	require.Contains(t, told.body, "Valore salvato ora: 1 ora e 30 minuti")
	require.Contains(t, told.body, "Valore salvato ora: 21:00–08:00")
	require.Contains(t, told.body, `name="io_deadline" value="7"`)
}

func TestKeysAreWrittenNeverRead(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	home := "/services/" + b.service.ID
	slot := home + "/keys/secondary"

	require.Equal(t, home, b.submit(t, slot, slot, url.Values{"secondary_key": {typedKey}}, 1).location())

	shown := b.get(home)
	require.NotContains(t, shown.body, typedKey)
	require.NotContains(t, shown.body, typedKey[len(typedKey)-4:])
	require.Contains(t, shown.body, "Presente, inserita il")

	// Somebody else replaced it since.
	told := b.submit(t, slot, slot, url.Values{"secondary_key": {"another"}, "seen": {"0"}}, 1)
	require.Equal(t, http.StatusConflict, told.status)
	require.NotContains(t, told.body, "another")

	require.Equal(t, home, b.submit(t, slot, slot+"/use", nil, 1).location())

	keys, err := b.store.ServiceKeys(t.Context(), b.service.ID)
	require.NoError(t, err)
	require.Equal(t, typedKey, keys.Current())
	require.Equal(t, http.StatusUnprocessableEntity, b.submit(t, slot, slot, url.Values{"secondary_key": {" "}}, 1).status)
}

func TestAServiceIsSwitchedOffAfterAQuestion(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	home := "/services/" + b.service.ID
	require.Contains(t, b.get(home+"/switch").body, "i suoi invii da file si mettono in pausa")
	require.Equal(t, home, b.submit(t, home+"/switch", home+"/switch", url.Values{"about": {"deactivate"}}, 2).location())

	service, err := b.store.Service(t.Context(), b.service.ID)
	require.NoError(t, err)
	require.False(t, service.Active)

	// A page from before asks for what is done already.
	require.Equal(t, home, b.submit(t, home+"/switch", home+"/switch", url.Values{"about": {"deactivate"}}, 1).location())
	require.Contains(t, b.get(home).body, "Qualcun altro lo ha già fatto")

	service, err = b.store.Service(t.Context(), b.service.ID)
	require.NoError(t, err)
	require.False(t, service.Active)
}

func TestWhoMayOnlyLookIsOfferedNothing(t *testing.T) {
	t.Parallel()

	for _, role := range []gateway.Role{gateway.RoleOperator, gateway.RoleSupport, gateway.RoleAuditor} {
		b := openReal(t, role)

		for _, path := range []string{"/enti", "/enti/" + b.ente.ID, "/services", "/services/" + b.service.ID} {
			shown := b.get(path)
			require.Equal(t, http.StatusOK, shown.status, path)
			require.NotRegexp(t, `/(new|edit|policy|switch|quota|move|keys)[/"?]`, shown.body, path)
		}
	}
}

func TestQuotaIsKeptWhileTemporalIsAway(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleSystem)
	home := "/enti/" + b.ente.ID

	refused := b.submit(t, home+"/quota", home+"/quota", url.Values{"io_calls": {"molte"}}, 1)
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, `value="molte"`)

	require.Equal(t, home, b.submit(t, home+"/quota", home+"/quota", url.Values{"io_calls": {"250"}}, 1).location())

	shown := b.get(home)
	require.Contains(t, shown.body, "non è ancora in vigore")
	require.Contains(t, shown.body, "250 chiamate ogni 5 secondi")
}
