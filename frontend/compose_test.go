package frontend_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	citizen     = "RSSMRA80A01H501U"
	wrongLetter = "RSSMRA80A01H501A"
	somebody    = "BRBZRZ80E01X000Y"
	letter      = "Gentile cittadina, la sua carta d'identità scade tra trenta giorni. **Prenoti** un appuntamento in municipio."
)

// letterForm is what an operator typed, with changes of name and value in turn.
func (b realOffice) letterForm(once string, changes ...string) url.Values {
	form := url.Values{
		"once": {once}, "service": {b.service.ID}, "fiscal_code": {strings.ToLower(citizen)}, "phone": {"333 123 4567"},
		"italian.subject": {"Rinnovo della carta d'identità"}, "italian.markdown": {letter}, "priority": {"normal"},
	}

	for i := 0; i+1 < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}

	return form
}

// blank is the key of a new form.
func (b realOffice) blank(t *testing.T) string {
	t.Helper()

	shown := b.get("/notifications/new")
	require.Equal(t, http.StatusOK, shown.status)

	return shown.once(t)
}

func (b realOffice) sent(t *testing.T) []gateway.View {
	t.Helper()

	page, err := b.does.Notifications(t.Context(), gateway.Actor{Kind: gateway.ActorSystem}, gateway.Query{})
	require.NoError(t, err)

	return page.Items
}

func TestANotificationIsWrittenCheckedAndSentOnce(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)

	checked := b.post("/notifications/new", b.letterForm(b.blank(t),
		"notice_number", "3020 0000 0000 0000 17", "amount", "1.23,45", "due_day", "2026-12-31"))
	require.Equal(t, http.StatusUnprocessableEntity, checked.status)
	require.Contains(t, checked.body, `id="amount-problem"`)

	form := b.letterForm(b.blank(t),
		"notice_number", "3020 0000 0000 0000 17", "amount", "123,45", "due_day", "2026-12-31", "payee", "80000000002", "invalid_after", "1",
		"reference", "PRATICA-7", "italian.buttons[0].text", "Prenota", "italian.buttons[0].action", "iohandledlink://https://www.esempio.it")

	checked = b.post("/notifications/new", form)
	require.Equal(t, http.StatusOK, checked.status, checked.body)
	require.Contains(t, checked.body, "Controlla e invia")
	require.Contains(t, checked.body, "•••••••••••••01U")
	require.Contains(t, checked.body, "123,45 €")
	require.Contains(t, checked.body, "Prenota")
	require.Contains(t, checked.body, "<strong>Prenoti</strong>")
	require.Contains(t, checked.body, "1 parte di SMS.")
	require.Empty(t, b.sent(t), "nothing is sent before it was confirmed")

	form.Set("once", checked.once(t))

	first := b.post("/notifications/new/send", form)
	require.Equal(t, http.StatusSeeOther, first.status, first.body)

	second := b.post("/notifications/new/send", form)
	require.Equal(t, first.location(), second.location(), "a double click leads to the same notification")

	sent := b.sent(t)
	require.Len(t, sent, 1)
	require.Equal(t, "/notifications/"+sent[0].ID, first.location())
	require.Equal(t, "PRATICA-7", sent[0].ExternalReference)

	stored, err := b.store.Notification(t.Context(), sent[0].ID)
	require.NoError(t, err)
	require.Equal(t, notification.Recipient{FiscalCode: citizen, Phone: "+393331234567"}, stored.Recipient)
	require.Equal(t, &notification.Payment{
		NoticeNumber: "302000000000000017", AmountCents: 12345, InvalidAfterDueDate: true, PayeeFiscalCode: "80000000002",
	}, stored.Content.Payment)
	require.Equal(t, time.Date(2026, time.December, 31, 22, 59, 59, 0, time.UTC), stored.Content.DueDate.UTC())

	shown := b.get(first.location())
	require.Contains(t, shown.body, "La notifica è stata accettata")

	// The same again is warned of, and possible.
	again := b.post("/notifications/new", b.letterForm(b.blank(t),
		"notice_number", "302000000000000017", "amount", "123,45", "due_day", "2026-12-31", "payee", "80000000002", "invalid_after", "1",
		"italian.buttons[0].text", "Prenota", "italian.buttons[0].action", "iohandledlink://https://www.esempio.it"))
	require.Contains(t, again.body, `id="repeats"`)
	require.Contains(t, again.body, "/notifications/"+sent[0].ID)
}

func TestEveryProblemStandsBesideItsField(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	once := b.blank(t)

	for name, test := range map[string]struct {
		change  []string
		field   string
		problem string
	}{
		"check character":   {[]string{"fiscal_code", wrongLetter}, "fiscal_code", "L&#39;ultimo carattere del codice fiscale non corrisponde"},
		"no recipient":      {[]string{"fiscal_code", ""}, "fiscal_code", "16 caratteri"},
		"land line":         {[]string{"phone", "055 123456"}, "phone", "Non è un cellulare"},
		"short subject":     {[]string{"italian.subject", "Breve"}, "italian.subject", "almeno 10 caratteri"},
		"no text":           {[]string{"italian.markdown", ""}, "italian.markdown", "È obbligatorio"},
		"English too short": {[]string{"english.subject", "Short"}, "english.subject", "almeno 10 caratteri"},
		"half a button":     {[]string{"italian.buttons[1].text", "Apri"}, "italian.buttons[0].action", "È obbligatorio"},
		"bad button": {
			[]string{"italian.buttons[0].text", "Apri", "italian.buttons[0].action", "https://www.esempio.it"},
			"italian.buttons[0].action", "iohandledlink",
		},
		"notice number":    {[]string{"notice_number", "42", "amount", "10"}, "notice_number", "18 cifre"},
		"no amount":        {[]string{"notice_number", "302000000000000017"}, "amount", "L&#39;importo è obbligatorio"},
		"doubtful amount":  {[]string{"notice_number", "302000000000000017", "amount", "1.234"}, "amount", ""},
		"above ceiling":    {[]string{"notice_number", "302000000000000017", "amount", "1000,01"}, "amount", "importo massimo"},
		"payee":            {[]string{"notice_number", "302000000000000017", "amount", "10", "payee", "80000000003"}, "payee", "ultima cifra"},
		"due day":          {[]string{"due_day", "31/12/2026"}, "due_day", "non sono validi"},
		"due time only":    {[]string{"due_clock", "10:00"}, "due_day", "sia il giorno sia l&#39;ora"},
		"no such hour":     {[]string{"day", "2027-03-28", "clock", "02:30"}, "day", "ora legale"},
		"past sending":     {[]string{"day", "2020-01-01", "clock", "10:00"}, "day", "già passati"},
		"half a time":      {[]string{"expires_day", "2027-01-01"}, "expires_day", "sia il giorno sia l&#39;ora"},
		"reference":        {[]string{"reference", "pratica " + somebody}, "reference", "Niente codice fiscale"},
		"priority":         {[]string{"priority", "soon"}, "priority", "Uno tra"},
		"unknown service":  {[]string{"service", "x"}, "service", "Il servizio non esiste"},
		"unknown template": {[]string{"template", b.service.ID}, "template", "Il modello non esiste"},
	} {
		shown := b.post("/notifications/new", b.letterForm(once, test.change...))
		require.Equal(t, http.StatusUnprocessableEntity, shown.status, name)

		problem := regexp.MustCompile(`id="` + regexp.QuoteMeta(test.field) + `-problem">([^<]+)<`).FindStringSubmatch(shown.body)
		require.NotNil(t, problem, name)
		require.Contains(t, problem[1], test.problem, name)
		require.Contains(t, shown.body, `<a href="#`+strings.NewReplacer("[", "%5b", "]", "%5d").Replace(test.field)+`">`, name)
		require.Contains(t, shown.body, `id="problem"`, name)

		// Nothing that was typed is lost.
		for i := 0; i+1 < len(test.change); i += 2 {
			if test.change[i+1] != "" && test.change[i] != "service" && test.change[i] != "priority" && test.change[i] != "template" {
				require.Contains(t, shown.body, `value="`+test.change[i+1]+`"`, name)
			}
		}
	}

	require.Empty(t, b.sent(t))
	require.Equal(t, http.StatusUnprocessableEntity, b.post("/notifications/new/send", b.letterForm(once, "fiscal_code", wrongLetter)).status)
	require.Empty(t, b.sent(t))
}

func TestProblemsAreInThePersonsLanguage(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	once := b.blank(t)

	b.post("/language", url.Values{"lang": {"en"}, "back": {"/notifications/new"}})
	require.Contains(t, b.post("/notifications/new", b.letterForm(once, "fiscal_code", wrongLetter)).body,
		"The last character of the codice fiscale does not match the others")
}

func TestThePreviewCountsAsIOAndSMSDo(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	once := b.blank(t)

	shown := b.post("/notifications/new/preview", b.letterForm(once,
		"italian.subject", "Rinnovo 😀", "italian.sms_text", "Rinnovi la carta d’identità"), "HX-Request", "true")
	require.Equal(t, http.StatusOK, shown.status)
	require.NotContains(t, shown.body, "<html")
	require.Contains(t, shown.body, "10 caratteri su 120", "an emoji counts two, as in IO")
	require.Contains(t, shown.body, "riduce ogni parte da 160 a 70 caratteri")
	require.Contains(t, shown.body, "«’» fa costare circa il doppio")
	require.Contains(t, shown.body, "parte un SMS", "the service's policy in short")

	shown = b.post("/notifications/new/preview", b.letterForm(once, "italian.subject", "Corto", "fiscal_code", ""), "HX-Request", "true")
	require.Contains(t, shown.body, "almeno 10 caratteri")
	require.NotContains(t, shown.body, "codice fiscale", "who it is for is not what is looked at")

	// Without JavaScript the whole form comes back.
	shown = b.post("/notifications/new/preview", b.letterForm(once))
	require.Contains(t, shown.body, "<html")
	require.Contains(t, shown.body, `value="`+strings.ToLower(citizen)+`"`)
	require.Contains(t, shown.body, "<strong>Prenoti</strong>")
	require.Empty(t, b.sent(t))
}

// tari is a template with two placeholders.
func (b realOffice) tari(t *testing.T) gateway.TemplateView {
	t.Helper()

	view, err := b.does.CreateTemplate(t.Context(), gateway.Actor{Kind: gateway.ActorSystem}, gateway.TemplateDraft{
		EnteID: b.ente.ID, Name: "TARI", Italian: notification.TemplateText{
			Subject:  "TARI 2026 per ((nome))",
			Markdown: "Gentile ((nome)), l'avviso della tassa sui rifiuti per l'anno 2026 è di ((importo dovuto)), da pagare entro la scadenza.",
		},
	})
	require.NoError(t, err)

	return view
}

func TestATemplateIsFilledByHand(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	template := b.tari(t)
	once := b.blank(t)

	shown := b.post("/notifications/new/write", b.letterForm(once, "template", template.ID), "HX-Request", "true")
	require.Equal(t, http.StatusOK, shown.status)
	require.NotContains(t, shown.body, "<html")
	require.Contains(t, shown.body, `name="value.importo dovuto"`)
	require.Contains(t, shown.body, `type="hidden" name="italian.subject"`, "the free text is there again when the template is not wanted")

	shown = b.post("/notifications/new", b.letterForm(once, "template", template.ID, "value.nome", "Maria"))
	require.Equal(t, http.StatusUnprocessableEntity, shown.status)
	require.Contains(t, shown.body, `id="value-1-problem"`)
	require.Contains(t, shown.body, `name="value.nome" value="Maria"`)

	form := b.letterForm(once, "template", template.ID, "value.nome", "Maria",
		"value.importo dovuto", "80,00 €", "value.altro", "di un altro modello")
	shown = b.post("/notifications/new", form)
	require.Equal(t, http.StatusOK, shown.status, shown.body)
	require.Contains(t, shown.body, "TARI 2026 per Maria")
	require.Contains(t, shown.body, `name="template_version" value="1"`, "what was checked is what is sent")

	form.Set("once", shown.once(t))
	form.Set("template_version", "1")
	require.Equal(t, http.StatusSeeOther, b.post("/notifications/new/send", form).status)

	stored, err := b.store.Notification(t.Context(), b.sent(t)[0].ID)
	require.NoError(t, err)
	require.Equal(t, "TARI 2026 per Maria", stored.Content.Subject)

	tried := b.get("/notifications/new?invented=1&template=" + template.ID)
	require.Contains(t, tried.body, `name="value.nome" value="Marco"`)
}

func TestTheSameCitizenIsWrittenToAgainUnseen(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	form := b.letterForm(b.blank(t), "notice_number", "302000000000000017", "amount", "1.000,00",
		"due_day", "2026-12-31", "due_clock", "12:00",
		"italian.buttons[0].text", "Prenota", "italian.buttons[0].action", "ioit://SERVICES", "reference", "PRATICA-7")
	require.Equal(t, http.StatusSeeOther, b.post("/notifications/new/send", form).status)

	earlier := b.sent(t)[0].ID
	require.Contains(t, b.get("/notifications/"+earlier).body, "/notifications/new?from="+earlier)

	shown := b.get("/notifications/new?from=" + earlier)
	require.Equal(t, http.StatusOK, shown.status)
	require.NotContains(t, strings.ToUpper(shown.body), citizen, "whoever sends again need not see to whom")
	require.NotContains(t, shown.body, "3331234567")
	require.Contains(t, shown.body, "•••••••••••••01U")

	for _, prefilled := range []string{
		"Rinnovo della carta d&#39;identità", "**Prenoti**", "Prenota", "ioit://SERVICES",
		"302000000000000017", "1.000,00", "2026-12-31", "12:00", "PRATICA-7",
	} {
		require.Contains(t, shown.body, prefilled)
	}

	rectified := b.letterForm(shown.once(t), "like", earlier, "fiscal_code", "", "phone", "",
		"italian.subject", "Rettifica: rinnovo della carta")
	checked := b.post("/notifications/new", rectified)
	require.Equal(t, http.StatusOK, checked.status, checked.body)
	require.NotContains(t, strings.ToUpper(checked.body), citizen)
	require.Contains(t, checked.body, "•••••••••••••01U")

	rectified.Set("once", checked.once(t))
	require.Equal(t, http.StatusSeeOther, b.post("/notifications/new/send", rectified).status)

	page, err := b.does.Notifications(t.Context(), gateway.Actor{Kind: gateway.ActorSystem}, gateway.Query{FiscalCode: citizen})
	require.NoError(t, err)
	require.Len(t, page.Items, 2)

	require.Equal(t, http.StatusNotFound, b.get("/notifications/new?from=01936f6e-0000-7000-9000-0000000000ff").status)
	require.Equal(t, http.StatusNotFound,
		b.post("/notifications/new", b.letterForm(checked.once(t), "like", "01936f6e-0000-7000-9000-0000000000ff")).status)
}

func TestATestGoesToThePersonWhoWrites(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	checked := b.post("/notifications/new", b.letterForm(b.blank(t)))
	require.Contains(t, checked.body, "Salva e invia di prova a me")

	form := b.letterForm(checked.once(t), "own_fiscal_code", wrongLetter, "own_phone", "333 765 4321")
	shown := b.post("/notifications/new/test", form)
	require.Equal(t, http.StatusUnprocessableEntity, shown.status)
	require.Contains(t, shown.body, `id="own_fiscal_code-problem"`)
	require.Contains(t, shown.body, `value="333 765 4321"`)
	require.Empty(t, b.sent(t))

	shown = b.post("/notifications/new/test", b.letterForm(checked.once(t)))
	require.Equal(t, http.StatusUnprocessableEntity, shown.status)
	require.Contains(t, shown.body, "Scrivere il proprio codice fiscale")

	form.Set("own_fiscal_code", somebody)

	if shown = b.post("/notifications/new/test", form); shown.status != http.StatusOK {
		t.Fatal(shown.body)
	}

	require.Contains(t, shown.body, "La prova è partita")
	require.NotContains(t, shown.body, somebody, "the own code is kept, and not shown")
	require.Contains(t, shown.body, "Invia di prova a me")

	b.post("/notifications/new/test", form)

	sent := b.sent(t)
	require.Len(t, sent, 1, "a reload tries nothing a second time")
	require.True(t, strings.HasPrefix(sent[0].ExternalReference, gateway.TestReferencePrefix))
	require.Contains(t, shown.body, "/notifications/"+sent[0].ID)

	// The next time it is one click.
	form = b.letterForm(shown.once(t))
	require.Contains(t, b.post("/notifications/new/test", form).body, "La prova è partita")
	require.Len(t, b.sent(t), 2)

	shown = b.post("/notifications/new/forget", form)
	require.Contains(t, shown.body, "Salva e invia di prova a me")
}

func TestWhetherIOReachesSomebodyIsAskedBeforehand(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	once := b.blank(t)

	// A provisional code is known without asking.
	shown := b.post("/notifications/new/reach", b.letterForm(once, "fiscal_code", "61492729001"), "HX-Request", "true")
	require.Equal(t, http.StatusOK, shown.status)
	require.Contains(t, shown.body, `id="reach"`)
	require.Contains(t, shown.body, "No. ")

	shown = b.post("/notifications/new/reach", b.letterForm(once, "fiscal_code", wrongLetter), "HX-Request", "true")
	require.Equal(t, http.StatusOK, shown.status)
	require.Contains(t, shown.body, "ultimo carattere")

	// Temporal is away here; sending stays possible.
	shown = b.post("/notifications/new/reach", b.letterForm(once))
	require.Equal(t, http.StatusOK, shown.status)
	require.Contains(t, shown.body, "In questo momento non si può sapere")
	require.Contains(t, shown.body, "<html", "the form comes back without JavaScript")
	require.Contains(t, shown.body, "Controlla e invia")
}

func TestComposingNeedsARoleAndAForm(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAuditor)
	require.Equal(t, http.StatusForbidden, b.get("/notifications/new").status)
	require.NotContains(t, b.get("/notifications").body, "/notifications/new")

	operator := openReal(t, gateway.RoleOperator)
	require.Contains(t, operator.get("/notifications").body, `href="/notifications/new"`)

	for _, path := range []string{"", "/write", "/preview", "/reach", "/send", "/test", "/forget"} {
		require.Equal(t, http.StatusBadRequest, operator.post("/notifications/new"+path, url.Values{"once": {"x"}}).status, path)
	}
}

func TestNothingTypedIsLogged(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	b.post("/notifications/new", b.letterForm(b.blank(t), "fiscal_code", wrongLetter))
	b.post("/notifications/new/send", b.letterForm(b.blank(t)))

	for _, entry := range b.logs.All() {
		for _, secret := range []string{citizen, wrongLetter, "3331234567", "Prenoti", frontendtest.Password} {
			require.NotContains(t, entry.Message, secret)
			require.NotContains(t, entry.ContextMap(), secret)
		}
	}
}

func TestTheNewPagesForbidEverythingForeign(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	b.tari(t)

	for name, shown := range map[string]answer{
		"form":     b.get("/notifications/new"),
		"check":    b.post("/notifications/new", b.letterForm(b.blank(t))),
		"problems": b.post("/notifications/new", b.letterForm(b.blank(t), "fiscal_code", wrongLetter)),
		"log":      b.get("/audit"),
	} {
		require.Contains(t, shown.header.Get("Content-Security-Policy"), "default-src 'self'", name)
		require.Equal(t, "no-store", shown.header.Get("Cache-Control"), name)
		require.NotRegexp(t, `<style|style=|<script>| on[a-z]+=|(src|href)="https?:`, shown.body, name)
	}
}
