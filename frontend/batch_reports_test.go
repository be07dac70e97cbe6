package frontend_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/notification"
)

func TestReportsAreFiles(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())

	for path, test := range map[string]struct{ kind, name, begins string }{
		"/rejects/csv":  {"text/csv; charset=utf-8", "csv", "rejects csv\n4\n5\n6\n"},
		"/rejects/xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "rejects xlsx\n"},
		"/results/csv":  {"text/csv; charset=utf-8", "csv", "results csv it\n2\n3\n40\n"},
		"/results/xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "results xlsx it\n"},
	} {
		file := b.get(batchPath(completed) + path)
		require.Equal(t, http.StatusOK, file.status, path)
		require.Equal(t, test.kind, file.header.Get("Content-Type"), path)
		require.Regexp(t,
			`^attachment; filename=tari-2026-seconda-rata-(scarti|esiti)\.`+test.name+`$`, file.header.Get("Content-Disposition"), path)
		require.Contains(t, file.body, test.begins, path)
		require.Equal(t, "no-store", file.header.Get("Cache-Control"), path)
	}

	b.post("/language", url.Values{"lang": {"en"}})
	require.Contains(t, b.get(batchPath(completed)+"/results/csv").body, "results csv en")

	for _, path := range []string{batchPath(completed) + "/results/pdf", batchPath(foreign) + "/results/csv"} {
		require.Equal(t, http.StatusNotFound, b.get(path).status, path)
	}
}

// A report that ended in order would pass for the whole.
func TestAReportThatBreaksOffIsCut(t *testing.T) {
	t.Parallel()

	gateway := samples()
	gateway.ReportFault = errors.New("the disk is on fire")
	b := openAs(t, frontendtest.OperatorEmail, gateway)

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+batchPath(completed)+"/results/csv", http.NoBody)
	require.NoError(t, err)

	response, err := b.browser.Do(request)
	if err == nil {
		_, err = io.ReadAll(response.Body)
		require.NoError(t, response.Body.Close())
	}

	require.Error(t, err)

	logged := b.logs.FilterMessage("a report broke off").All()
	require.Len(t, logged, 1)
	require.Equal(t, "/batches/:id/results/:format", logged[0].ContextMap()["route"])
}

func TestAFaultBeforeAReportGetsAPage(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	b.gateway.Break(errors.New("broken"))

	shown := b.get(batchPath(completed) + "/rejects/csv")
	require.Equal(t, http.StatusInternalServerError, shown.status)
	require.Contains(t, shown.body, "Errore interno")
	require.Empty(t, shown.header.Get("Content-Disposition"))
}

func TestNotificationsOfABatch(t *testing.T) {
	t.Parallel()

	one := frontendtest.Sample(1, frontendtest.TributiID, notification.StatusDelivered, notification.ReasonIODelivered, noon())
	one.View.BatchID, one.View.Channel = "b-1", notification.ChannelIO
	two := frontendtest.Sample(2, frontendtest.TributiID, notification.StatusDelivered, notification.ReasonSMSDelivered, noon())
	two.View.BatchID, two.View.Channel = "b-1", notification.ChannelSMS
	other := frontendtest.Sample(3, frontendtest.TributiID, notification.StatusDelivered, notification.ReasonIODelivered, noon())
	b := openAs(t, frontendtest.OperatorEmail, frontendtest.NewGateway(noon, one, two, other))

	for query, count := range map[string]int{"batch=b-1": 2, "batch=b-1&channel=sms": 1, "channel=io": 1, "channel=pigeon": 3} {
		require.Len(t, rows(b.get("/notifications?"+query).body), count, query)
	}

	shown := b.get("/notifications?batch=b-1")
	require.Contains(t, shown.body, `<a href="/batches/b-1">`)
	require.Contains(t, b.get(notificationPath("1")).body, `<a href="/batches/b-1">`)
	require.NotContains(t, b.get(notificationPath("3")).body, `/batches/b-1`)

	searched := b.post("/notifications/search", url.Values{"batch": {"b-1"}, "channel": {"io"}})
	require.Equal(t, "/notifications?batch=b-1&channel=io", searched.location())
}

func TestARowAsTheCitizenSeesIt(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	shown := b.get(batchPath(draft) + "/rows/0/preview")

	for _, text := range []string{
		"Anteprima della riga 2", "Tributi comunali", "Gentile <strong>Maria Verdi</strong>,", "<em>seconda rata</em>",
		"<li>Può pagare con l&#39;avviso allegato</li>", `<span class="genio-io__link">questa pagina</span>`, "Come si paga",
		"iohandledlink://https://www.esempio.it/tari", "123,45 €", "16/12/2026 23:59:59", "•••••••••••••01U", "49 caratteri su 120.",
		"2 parti di SMS.", "Il carattere «★» fa costare circa il doppio.", "/rows/3/preview", `lang="it"`,
	} {
		require.Contains(t, shown.body, text)
	}

	require.NotContains(t, shown.body, "Riga precedente")
	require.NotContains(t, shown.body, frontendtest.MarioRossi)

	english := b.get(batchPath(draft) + "/rows/3/preview?lang=en")
	require.Contains(t, english.body, "Dear <strong>Maria Verdi</strong>,")
	require.Contains(t, english.body, "the TARI notice is due on")
	require.Contains(t, english.body, "Riga precedente")
	require.Contains(t, english.body, "/rows/2/preview?lang=en")

	for _, row := range []string{"6", "9999", "-1", "uno"} {
		require.Equal(t, http.StatusNotFound, b.get(batchPath(draft)+"/rows/"+row+"/preview").status, row)
	}
}

func TestARowIsFoundByItsNumber(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	require.Equal(t, batchPath(draft)+"/rows/3/preview", b.get(batchPath(draft)+"/rows?number=3").location())

	for _, number := range []string{"", "0", "-4", "x"} {
		require.Equal(t, batchPath(draft), b.get(batchPath(draft)+"/rows?number="+number).location())
		require.Contains(t, b.get(batchPath(draft)).body, "Scrivere il numero di una riga del file.")
	}
}
