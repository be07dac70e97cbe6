package frontend_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend/frontendtest"
)

const (
	tariPath     = "/templates/" + frontendtest.TARIID
	archivedPath = "/templates/" + frontendtest.VecchioID
)

// templateForm is a template as somebody types it; the browser ends lines in its own way.
func templateForm(changes ...string) url.Values {
	form := url.Values{
		"once": {anyKey}, "name": {" Promemoria "}, "italian.subject": {"Un promemoria per ((nome))"},
		"italian.markdown": {"Gentile ((nome)),\r\nle ricordiamo la scadenza."}, "italian.sms_text": {""},
		"italian.buttons[0].text": {""}, "italian.buttons[0].action": {""}, "english.subject": {""}, "english.markdown": {" "},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}

	return form
}

func TestTemplateListShowsWhatTheActorMaySee(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.AdminEmail, samples())
	mine := b.get("/templates")
	require.Equal(t, 2, strings.Count(mine.body, `role="rowheader"`))

	for _, text := range []string{
		"Avviso TARI", "italiano e inglese", `<span class="genio-chip">scadenza</span>`, "/batches/new?template=" + frontendtest.TARIID,
		"/templates/new", "Mostra anche i modelli archiviati",
	} {
		require.Contains(t, mine.body, text)
	}

	require.NotContains(t, mine.body, "Promemoria esame")

	all := b.get("/templates?archived=1")
	require.Equal(t, 3, strings.Count(all.body, `role="rowheader"`))
	require.Contains(t, all.body, "Archiviato")
	require.NotContains(t, all.body, "/batches/new?template="+frontendtest.VecchioID)

	support := openAs(t, frontendtest.SupportEmail, samples())
	require.Contains(t, support.get("/templates").body, "Regione Esempio")

	for _, email := range []string{frontendtest.OperatorEmail, frontendtest.AuditorEmail} {
		reader := openAs(t, email, samples())
		require.NotContains(t, reader.get("/templates").body, "/templates/new", email)
		require.Equal(t, http.StatusForbidden, reader.get("/templates/new").status, email)
		require.Equal(t, http.StatusForbidden, reader.post("/templates", templateForm()).status, email)
	}

	none := openAs(t, frontendtest.AdminEmail, frontendtest.NewGateway(noon)).get("/templates")
	require.Contains(t, none.body, "Non ci sono ancora modelli.")
}

func TestTemplatesAreCreatedOnce(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.AdminEmail, samples())
	asked := b.get("/templates/new")
	require.NotContains(t, asked.body, `<select class="form-select" id="ente"`)

	form := templateForm("once", asked.once(t))
	created := b.post("/templates", form)
	require.Equal(t, http.StatusSeeOther, created.status)
	require.Equal(t, "/templates", b.post("/templates", form).location())
	require.Equal(t, []string{"create template"}, b.gateway.Calls())

	shown := b.get(created.location())
	require.Contains(t, shown.body, "Il modello è stato creato.")
	require.Contains(t, shown.body, `<h1 class="genio-title">Promemoria</h1>`)
	require.Contains(t, shown.body, "Un promemoria per Marco")
	require.Contains(t, shown.body, "41 caratteri su 10.000", "a line's end is one character")
	require.NotContains(t, shown.body, "Su app IO (inglese)", "nothing English was typed")
}

func TestAFaultDoesNotUseUpTheForm(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.AdminEmail, samples())
	b.gateway.Break(errors.New("broken"))
	require.Equal(t, http.StatusInternalServerError, b.post("/templates", templateForm()).status)
	b.gateway.Break(nil)
	require.Contains(t, b.post("/templates", templateForm()).location(), "/templates/new-")
}

func TestSupportSaysWhoseATemplateIs(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.SupportEmail, samples())
	require.Contains(t, b.get("/templates/new").body, `<select class="form-select" id="ente" name="ente" required>`)

	created := b.post("/templates", templateForm("ente", frontendtest.RegioneID))
	require.Contains(t, b.get("/templates").body, "Promemoria esame")
	require.Equal(t, http.StatusNotFound, openAs(t, frontendtest.AdminEmail, b.gateway).get(created.location()).status)
}

func TestRefusedTemplatesKeepWhatWasTyped(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.AdminEmail, samples())
	form := templateForm(
		"name", "", "italian.subject", "", "italian.buttons[1].text", "Paga ora", "italian.buttons[1].action", "pagamento",
		"english.sms_text", "a text",
	)
	refused := b.post("/templates", form)
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)

	for _, text := range []string{
		`<a href="#name">Nome del modello: È obbligatorio</a>`, `<a href="#italian.subject">Oggetto (italiano): È obbligatorio</a>`,
		`<a href="#italian.buttons%5b0%5d.action">Primo pulsante: che cosa apre (italiano): Non è un&#39;azione</a>`,
		`id="italian.subject-problem"`, `value="Paga ora"`, `value="pagamento"`, "le ricordiamo la scadenza.", "a text",
	} {
		require.Contains(t, refused.body, text)
	}

	require.Regexp(t, `id="name"[^>]* aria-invalid="true"`, refused.body)
	require.Regexp(t,
		`id="italian.subject"[^>]*aria-describedby="italian.subject-hint italian.subject-problem"[^>]* aria-invalid="true"`, refused.body)
	require.Contains(t, refused.body, `<details class="genio-english" open>`)
	require.Equal(t, http.StatusBadRequest, b.post("/templates", templateForm("once", "")).status)
}

func TestTheSecondOfTwoEditorsLosesNothing(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.AdminEmail, samples())
	asked := b.get(tariPath)
	require.Contains(t, asked.body, `name="seen" value="3"`)
	require.Contains(t, asked.body, "Salva come nuova versione")

	first := templateForm("seen", "3", "italian.subject", "La prima versione nuova")
	require.Equal(t, tariPath, b.post(tariPath, first).location())
	require.Contains(t, b.get(tariPath).body, "La nuova versione è stata salvata.")
	require.Equal(t, tariPath, b.post(tariPath, first).location(), "a second click says nothing")

	second := templateForm("seen", "3", "once", strings.Repeat("a", 32), "italian.subject", "La seconda versione nuova")
	overtaken := b.post(tariPath, second)
	require.Equal(t, http.StatusConflict, overtaken.status)

	for _, text := range []string{
		"qualcun altro ha salvato la versione 4", "La prima versione nuova", `value="La seconda versione nuova"`, `name="seen" value="4"`,
	} {
		require.Contains(t, overtaken.body, text)
	}

	second.Set("seen", "4")
	second.Set("once", overtaken.once(t))
	require.Equal(t, tariPath, b.post(tariPath, second).location())
	require.Contains(t, b.get(tariPath).body, `value="La seconda versione nuova"`)
	require.Equal(t, []string{"revise template after 3", "revise template after 3", "revise template after 4"}, b.gateway.Calls())
}

func TestRefusedRevisionsKeepWhatWasTyped(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.AdminEmail, samples())
	refused := b.post(tariPath, templateForm("seen", "3", "name", ""))
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "Un promemoria per ((nome))")
	require.Contains(t, refused.body, `name="seen" value="3"`)

	form := templateForm("seen", "3")
	require.Equal(t, http.StatusSeeOther, b.post(tariPath, form).status, "the same form, put right")
}

func TestSomeOnlyReadTemplates(t *testing.T) {
	t.Parallel()

	for _, email := range []string{frontendtest.OperatorEmail, frontendtest.AuditorEmail} {
		b := openAs(t, email, samples())
		shown := b.get(tariPath)
		require.Contains(t, shown.body, "può leggere il modello, ma non modificarlo", email)
		require.Contains(t, shown.body, "Gentile <strong>Marco</strong>", email)
		require.NotContains(t, shown.body, `id="template-form"`, email)
		require.NotContains(t, shown.body, "/archive", email)
		require.Equal(t, email == frontendtest.OperatorEmail, strings.Contains(shown.body, "/batches/new?template="), email)
		require.Equal(t, http.StatusForbidden, b.post(tariPath, templateForm("seen", "3")).status, email)
	}

	require.Equal(t, http.StatusNotFound, openAs(t, frontendtest.AdminEmail, samples()).get("/templates/"+frontendtest.EsameID).status)
}

func TestEarlierVersionsAreThereToRead(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.AdminEmail, samples())
	shown := b.get(tariPath + "?version=2")
	require.Contains(t, shown.body, "Questa è la versione 2. L&#39;ultima è la 3.")
	require.Contains(t, shown.body, "Tassa sui rifiuti in scadenza")
	require.NotContains(t, shown.body, `id="template-form"`)
	require.Contains(t, b.get(tariPath+"?version=3").body, `id="template-form"`)
	require.Equal(t, http.StatusNotFound, b.get(tariPath+"?version=9").status)
	require.Contains(t, b.get(tariPath+"?version=x").body, `id="template-form"`)
}

func TestTemplatesAreArchivedOnce(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.AdminEmail, samples())
	asked := b.get(tariPath + "/archive")
	require.Contains(t, asked.body, "Archiviare il modello?")

	form := url.Values{"once": {asked.once(t)}}
	require.Equal(t, "/templates", b.post(tariPath+"/archive", form).location())
	require.Equal(t, "/templates", b.post(tariPath+"/archive", form).location())
	require.Equal(t, []string{"archive template"}, b.gateway.Calls())

	listed := b.get("/templates")
	require.Contains(t, listed.body, "Il modello è stato archiviato.")
	require.NotContains(t, listed.body, "Avviso TARI")

	shown := b.get(archivedPath)
	require.Contains(t, shown.body, "non si può più usare né modificare")
	require.NotContains(t, shown.body, "/batches/new?template=")

	require.Equal(t, archivedPath, b.get(archivedPath+"/archive").location())
	require.Equal(t, archivedPath, b.post(archivedPath+"/archive", onceForm()).location())
	require.Contains(t, b.get(archivedPath).body, "non può essere archiviato")
	require.Equal(t, http.StatusBadRequest, b.post(tariPath+"/archive", nil).status)

	operator := openAs(t, frontendtest.OperatorEmail, samples())
	require.Equal(t, http.StatusForbidden, operator.post(tariPath+"/archive", onceForm()).status)
}

func TestPreviewFollowsWhatIsTyped(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.AdminEmail, samples())
	form := templateForm(
		"italian.subject", "((x))", "italian.markdown", "# Ciao\n\n<script>alert(1)</script> **((nome))**",
		"italian.sms_text", "L’avviso", "english.subject", "Dear ((nome))", "english.markdown", "A text", "english.sms_text", "An SMS",
	)

	told := b.post("/templates/preview", form, "HX-Request", "true")
	require.Equal(t, http.StatusOK, told.status)
	require.True(t, strings.HasPrefix(strings.TrimSpace(told.body), `<section class="genio-panel" id="preview"`))

	for _, text := range []string{
		`<span class="genio-chip">x</span> <span class="genio-chip">nome</span>`, "Oggetto (italiano): È troppo corto", "<strong>Marco</strong>",
		"&lt;script&gt;", "Su app IO (inglese)", "Dear Marco", "An SMS", "1 caratteri su 120.", "2 parti di SMS.",
	} {
		require.Contains(t, told.body, text)
	}

	require.NotContains(t, told.body, "<script>")

	whole := b.post("/templates/preview", form)
	require.Equal(t, http.StatusOK, whole.status)
	require.Contains(t, whole.body, `action="/templates"`)
	require.Contains(t, whole.body, "<strong>Marco</strong>")
	require.Contains(t, whole.body, `value="((x))"`, "what was typed is still there")

	form.Set("id", frontendtest.TARIID)
	form.Set("seen", "3")
	changed := b.post("/templates/preview", form)
	require.Contains(t, changed.body, `action="`+tariPath+`"`)
	require.Contains(t, changed.body, `name="seen" value="3"`)
	require.Empty(t, b.gateway.Calls(), "nothing is saved")
}

func TestLongTemplatesAreTaken(t *testing.T) {
	t.Parallel()

	const longest = 10_000

	b := openAs(t, frontendtest.AdminEmail, samples())
	text := strings.Repeat("€", longest)
	created := b.post("/templates", templateForm("italian.markdown", text, "english.markdown", text))
	require.Equal(t, http.StatusSeeOther, created.status)
	require.Contains(t, b.get(created.location()).body, "10.000 caratteri su 10.000.")
}
