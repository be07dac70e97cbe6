package frontend_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/notification"
)

func onceForm() url.Values { return url.Values{"once": {anyKey}} }

// newsAddress is where the page asks for its news.
func newsAddress(t *testing.T, body string) string {
	t.Helper()

	found := regexp.MustCompile(`hx-get="([^"]+/live[^"]+)"`).FindStringSubmatch(body)
	require.NotNil(t, found)

	return strings.ReplaceAll(found[1], "&amp;", "&")
}

func TestBatchActsAskFirstAndActOnce(t *testing.T) {
	t.Parallel()

	for act, test := range map[string]struct {
		number         int
		question, done string
		next           string
	}{
		"pause":   {sending, "Mettere in pausa l&#39;invio?", "L&#39;invio è in pausa.", batchPath(sending)},
		"resume":  {paused, "Riprendere l&#39;invio?", "L&#39;invio riprende.", batchPath(paused)},
		"cancel":  {scheduled, "Annullare l&#39;invio?", "L&#39;annullamento è stato richiesto.", batchPath(scheduled)},
		"discard": {draft, "Scartare il file?", "Il file è stato scartato.", "/batches"},
		"sample":  {draft, "Chiedere un campione ad app IO?", "Il campione è stato chiesto", batchPath(draft)},
	} {
		b := openAs(t, frontendtest.OperatorEmail, samples())
		asked := b.get(batchPath(test.number) + "/" + act)
		require.Contains(t, asked.body, test.question, act)
		require.Contains(t, asked.body, "TARI 2026, seconda rata", act)
		require.Empty(t, b.gateway.Calls(), act)

		form := url.Values{"once": {asked.once(t)}}
		require.Equal(t, test.next, b.post(batchPath(test.number)+"/"+act, form).location(), act)
		require.Equal(t, batchPath(test.number), b.post(batchPath(test.number)+"/"+act, form).location(), act)
		require.Equal(t, []string{act}, b.gateway.Calls())
		require.Contains(t, b.get(test.next).body, test.done)
	}
}

func TestBatchActsNeedTheirConfirmation(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())

	require.Equal(t, http.StatusBadRequest, b.post(batchPath(sending)+"/pause", nil).status)
	require.Equal(t, http.StatusNotFound, b.post(batchPath(sending)+"/burn", onceForm()).status)
	require.Equal(t, http.StatusNotFound, b.get(batchPath(sending)+"/burn").status)
	require.Equal(t, http.StatusForbidden, b.post(batchPath(sending)+"/pause", onceForm(), "Sec-Fetch-Site", "cross-site").status)
	require.Empty(t, b.gateway.Calls())

	auditor := openAs(t, frontendtest.AuditorEmail, samples())
	require.Equal(t, http.StatusForbidden, auditor.post(batchPath(sending)+"/pause", onceForm()).status)
	require.Equal(t, http.StatusForbidden, auditor.post(batchPath(draft)+"/send", sendForm(1)).status)
	require.Equal(t, http.StatusForbidden, auditor.post(batchPath(draft)+"/columns", sendForm(1)).status)
	require.Empty(t, auditor.gateway.Calls())
}

func TestBatchActsThatComeTooLateSaySo(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())

	for path, form := range map[string]url.Values{
		batchPath(completed) + "/pause": onceForm(),
		batchPath(sending) + "/send":    sendForm(1),
		batchPath(draft) + "/send":      sendForm(7), // the file was read again since
		batchPath(draft) + "/columns":   sendForm(7),
		batchPath(sending) + "/columns": sendForm(1),
	} {
		page := path[:strings.LastIndex(path, "/")]
		require.Equal(t, page, b.post(path, form).location(), path)
		require.Contains(t, b.get(page).body, "Nel frattempo lo stato dell&#39;invio è cambiato", path)
	}

	for _, path := range []string{batchPath(sending) + "/send", batchPath(sending) + "/columns", batchPath(completed) + "/cancel"} {
		require.Equal(t, http.StatusSeeOther, b.get(path).status, path)
	}

	require.Empty(t, b.gateway.Calls())
}

func sendForm(check int) url.Values {
	return url.Values{"once": {anyKey}, "check": {string(rune('0' + check))}}
}

func TestSendingIsExplainedAndActsOnce(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	asked := b.get(batchPath(draft) + "/send")

	for _, text := range []string{
		"9.772 notifiche a nome di Comune di Esempio", "«Tributi comunali»", "«Avviso TARI»", "188 righe errate non vengono inviate.",
		"circa 18 minuti", "Invia anche le 40 righe duplicate", "sono davvero euro?",
	} {
		require.Contains(t, asked.body, text)
	}

	form := url.Values{"once": {asked.once(t)}, "check": {"1"}}
	require.Equal(t, batchPath(draft), b.post(batchPath(draft)+"/send", form).location())
	require.Contains(t, b.get(batchPath(draft)).body, "L&#39;invio è cominciato.")
	require.Equal(t, batchPath(draft), b.post(batchPath(draft)+"/send", form).location())
	require.NotContains(t, b.get(batchPath(draft)).body, "Nel frattempo", "a second click says nothing")
	require.Equal(t, []string{"confirm"}, b.gateway.Calls())
}

func TestSendingTakesItalianTimes(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct{ day, clock, call, problem string }{
		"winter":         {"2026-12-01", "09:30", "confirm 2026-12-01T08:30:00Z with duplicates", ""},
		"summer":         {"2027-07-01", "09:30", "confirm 2027-07-01T07:30:00Z with duplicates", ""},
		"a day alone":    {"2026-12-01", "", "", "Indicare sia il giorno sia l&#39;ora"},
		"a time alone":   {"", "09:30", "", "Indicare sia il giorno sia l&#39;ora"},
		"no time":        {"2026-12-01", "25:00", "", "Il giorno o l&#39;ora non sono validi."},
		"the past":       {"2026-11-23", "11:59", "", "sono già passati"},
		"the lost hour":  {"2027-03-28", "02:30", "", "cambia l&#39;ora legale"},
		"no such day":    {"2026-02-30", "10:00", "", "Il giorno o l&#39;ora non sono validi."},
		"something else": {"<b>", "<i>", "", "Il giorno o l&#39;ora non sono validi."},
	} {
		b := openAs(t, frontendtest.OperatorEmail, samples())
		form := sendForm(1)
		form.Set("day", test.day)
		form.Set("clock", test.clock)
		form.Set("duplicates", "1")
		answered := b.post(batchPath(draft)+"/send", form)

		if test.problem == "" {
			require.Equal(t, batchPath(draft), answered.location(), name)
			require.Equal(t, []string{test.call}, b.gateway.Calls(), name)
			require.Contains(t, b.get(batchPath(draft)).body, "L&#39;invio è programmato.", name)

			continue
		}

		require.Equal(t, http.StatusUnprocessableEntity, answered.status, name)
		require.Contains(t, answered.body, test.problem, name)
		require.Regexp(t, `name="duplicates" value="1"[^>]* checked`, answered.body, name)
		require.Empty(t, b.gateway.Calls(), name)
	}
}

func TestNothingButDuplicatesHasToBeChosen(t *testing.T) {
	t.Parallel()

	sample := frontendtest.SampleBatch(1, frontendtest.TributiID, notification.BatchDraft, noon())
	sample.View.Counts.Good = 0
	b := openAs(t, frontendtest.OperatorEmail, frontendtest.NewGateway(noon).With([]frontendtest.BatchEntry{sample}, nil))

	require.Contains(t, b.get(batchPath(1)).body, "Invia le righe duplicate")

	refused := b.post(batchPath(1)+"/send", sendForm(1))
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "Non c&#39;è nulla da inviare")

	form := sendForm(1)
	form.Set("duplicates", "1")
	b.post(batchPath(1)+"/send", form)
	require.Equal(t, []string{"confirm with duplicates"}, b.gateway.Calls())
}

func TestColumnsAreChanged(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	asked := b.get(batchPath(draft) + "/columns")
	require.Regexp(t, `(?s)Colonna E: Importo.*?value="amount_euro" selected`, asked.body)

	form := url.Values{
		"once": {asked.once(t)}, "check": {"1"}, "header": {"1"}, "column-0": {"fiscal_code"}, "column-2": {"placeholder:nome"},
		"column-4": {"amount_cents"}, "column-5": {"placeholder:scadenza"},
	}
	require.Equal(t, batchPath(draft), b.post(batchPath(draft)+"/columns", form).location())
	require.Contains(t, b.get(batchPath(draft)).body, "Controllo in corso")
	require.Equal(t, batchPath(draft), b.post(batchPath(draft)+"/columns", form).location())
	require.NotContains(t, b.get(batchPath(draft)).body, "Nel frattempo", "a second click says nothing")
	require.Equal(t, []string{"remap"}, b.gateway.Calls())
}

func TestColumnsThatCannotBeKeepWhatWasChosen(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	form := sendForm(1)
	form.Set("column-0", "fiscal_code")
	form.Set("column-1", "phone")
	form.Set("column-2", "phone")

	refused := b.post(batchPath(mapping)+"/columns", form)
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "Due colonne contengono la stessa cosa")
	require.Regexp(t, `(?s)id="column-2".*?value="phone" selected`, refused.body)
	require.NotRegexp(t, `id="header"[^>]* checked`, refused.body)
}
