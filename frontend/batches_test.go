package frontend_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/notification"
)

// The sample batches by their state.
const (
	checking = 1 + iota
	mapping
	unreadable
	draft
	scheduled
	sending
	paused
	completed
	cancelled
	discarded
	foreign
)

// batchPath is the page of the numbered sample.
func batchPath(number int) string {
	return fmt.Sprintf("/batches/01936f6e-0000-7000-a000-%012d", number)
}

// clockOf is noon, and moves on when the test says so.
type clockOf struct{ past atomic.Int64 }

func (c *clockOf) now() time.Time { return noon().Add(time.Duration(c.past.Load())) }

func (c *clockOf) pass(d time.Duration) { c.past.Add(int64(d)) }

func TestBatchListShowsWhatTheActorMaySee(t *testing.T) {
	t.Parallel()

	mine := openAs(t, frontendtest.OperatorEmail, samples()).get("/batches")
	require.Equal(t, http.StatusOK, mine.status)
	require.Equal(t, 10, strings.Count(mine.body, `role="rowheader"`))
	require.NotContains(t, mine.body, "Inviti agli screening")

	for _, text := range []string{
		"TARI 2026, seconda rata", "tari-2026.csv", "Tributi comunali", "10.000", "188 errate", "23/11/2026 12:00:00",
		`<progress class="genio-progress" max="9772" value="3619"`, "3.619 di 9.772 concluse (37\u00a0%)", `href="/batches/new"`,
		"Controllo in corso", "Colonne da indicare", "File non leggibile", "Da confermare", "Programmato", "Invio in corso", "In pausa",
		"Concluso", "Annullato", "Scartato",
	} {
		require.Contains(t, mine.body, text)
	}

	require.Contains(t, openAs(t, frontendtest.SupportEmail, samples()).get("/batches").body, "Regione Esempio")
	require.NotContains(t, openAs(t, frontendtest.AuditorEmail, samples()).get("/batches").body, `href="/batches/new"`)
}

func TestBatchListFilters(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.SupportEmail, samples())

	for query, rows := range map[string]int{
		"status=draft":                     2,
		"status=lost":                      11,
		"service=" + frontendtest.SaluteID: 1,
		"status=sending&service=" + frontendtest.TributiID: 1,
		"status=sending&service=" + frontendtest.SaluteID:  0,
	} {
		shown := b.get("/batches?" + query)
		require.Equal(t, http.StatusOK, shown.status, query)
		require.Equal(t, rows, strings.Count(shown.body, `role="rowheader"`), query)
		require.Equal(t, rows == 0, strings.Contains(shown.body, "Nessun invio corrisponde"), query)
	}

	broken := b.get("/batches?cursor=rotto")
	require.Equal(t, http.StatusUnprocessableEntity, broken.status)
	require.Contains(t, broken.body, "non è un cursore")
}

func TestBatchListLeadsThroughItsPages(t *testing.T) {
	t.Parallel()

	var many []frontendtest.BatchEntry
	for i := range 60 {
		many = append(many, frontendtest.SampleBatch(i+1, frontendtest.TributiID, notification.BatchCompleted, noon()))
	}

	b := openAs(t, frontendtest.OperatorEmail, frontendtest.NewGateway(noon).With(many, nil))
	first := b.get("/batches?status=completed")
	second := b.get(link(t, first.body, "Successive"))
	third := b.get(link(t, second.body, "Successive"))

	require.Equal(t, 10, strings.Count(third.body, `role="rowheader"`))
	require.NotContains(t, third.body, "Successive")
	require.Contains(t, third.body, `value="completed" selected`)
	require.Equal(t, rows(second.body), rows(b.get(link(t, third.body, "Precedenti")).body))
}

func TestAnEmptyBatchListSaysSo(t *testing.T) {
	t.Parallel()

	require.Contains(t, openAs(t, frontendtest.OperatorEmail, frontendtest.NewGateway(noon)).get("/batches").body, "Non ci sono ancora invii")
}

func TestBatchPageOfEveryState(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())

	for name, test := range map[string]struct {
		number       int
		live         bool
		texts, never []string
	}{
		"checking": {checking, true, []string{
			"Controllo in corso", "GeNIO legge il file", "Aggiorna la pagina", "Scarta il file",
		}, []string{"Righe del file"}},
		"mapping": {mapping, false, []string{
			"Mancano ancora:", "Segnaposto ((nome))", "Colonna C: Nominativo", "Importo in centesimi", `id="column-2" name="column-2"`,
			"Controlla di nuovo il file",
		}, []string{"Righe del file"}},
		"unreadable": {unreadable, false, []string{
			"File non leggibile", "password", "Carica un altro file", "/batches/new?service=" + frontendtest.TributiID,
		}, []string{"Righe del file", "hx-trigger=\"every"}},
		"draft": {draft, false, []string{
			"Invia le 9.772 righe valide", "Scarica le 188 righe errate", "Cambia le colonne", "sono davvero euro?",
			"circa 18 minuti", "al massimo 4.886", "al massimo 821,52 €", "al suo posto si può scrivere", "Chiedi a IO un campione",
			"Il carattere di controllo non torna: confrontare con la tessera.", "/rows/0/preview",
		}, []string{"Avanzamento"}},
		"scheduled": {scheduled, true, []string{"Invio programmato per", "24/11/2026 08:00:00", "Metti in pausa"}, nil},
		"sending": {sending, true, []string{
			"Consegnate su app IO", "2.900", "29\u00a0%", "&lt;\u00a01\u00a0%", "560 notifiche al minuto", "Fine prevista", "Annulla l&#39;invio",
			`<rect class="genio-stack__part--delivered_io" x="0" y="0" width="296" height="24">`, "results/csv", "results/xlsx", "rejects/csv",
			"batch=01936f6e-0000-7000-a000-000000000006&amp;channel=sms&amp;status=delivered",
		}, []string{"Righe del file"}},
		"paused":    {paused, true, []string{"Riprendi l&#39;invio", "Annulla l&#39;invio"}, []string{"notifiche al minuto"}},
		"completed": {completed, false, []string{"Concluso il", "9.772 di 9.772 concluse (100\u00a0%)"}, []string{"Metti in pausa"}},
		"cancelled": {cancelled, false, []string{"non possono essere richiamate", "6.153"}, []string{"Riprendi"}},
		"discarded": {discarded, false, []string{"scartato prima dell&#39;invio"}, []string{"Avanzamento", "Scarta il file"}},
	} {
		shown := b.get(batchPath(test.number))
		require.Equal(t, http.StatusOK, shown.status, name)
		require.Equal(t, test.live, strings.Contains(shown.body, `hx-trigger="every`), name)

		for _, text := range test.texts {
			require.Contains(t, shown.body, text, name)
		}

		for _, text := range test.never {
			require.NotContains(t, shown.body, text, name)
		}
	}

	require.Equal(t, http.StatusNotFound, b.get(batchPath(foreign)).status)
}

func TestAuditorsOnlyLookAtBatches(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.AuditorEmail, samples())

	for _, number := range []int{draft, sending, mapping} {
		shown := b.get(batchPath(number))

		for _, act := range []string{"/send", "/rejects/", "/pause", "/discard", "/sample", "/columns"} {
			require.NotContains(t, shown.body, batchPath(number)+act)
		}
	}
}

func TestAuditorsHaveTheResults(t *testing.T) {
	t.Parallel()

	require.Contains(t, openAs(t, frontendtest.AuditorEmail, samples()).get(batchPath(sending)).body, batchPath(sending)+"/results/csv")
}

func TestBatchPageTellsItsNews(t *testing.T) {
	t.Parallel()

	clock := &clockOf{}
	gateway := frontendtest.NewGateway(clock.now).With(frontendtest.SampleBatches(noon()), frontendtest.SampleTemplates(noon()))
	b := openAs(t, frontendtest.OperatorEmail, gateway)
	htmx := []string{"HX-Request", "true"}

	require.Equal(t, batchPath(draft), b.get(batchPath(draft)+"/live").location(), "a browser gets the page")

	b.post(batchPath(draft)+"/sample", onceForm())
	shown := b.get(batchPath(draft) + "?rows=duplicate")
	require.Contains(t, shown.body, "Il campione è stato chiesto")
	require.Contains(t, shown.body, "La richiesta ad app IO è in corso")

	news := newsAddress(t, shown.body)
	require.Contains(t, news, "rows=duplicate", "the news keep the place")
	require.Equal(t, http.StatusNoContent, b.get(news, htmx...).status)

	clock.pass(time.Minute)

	told := b.get(news, htmx...)
	require.Equal(t, http.StatusOK, told.status)
	require.True(t, strings.HasPrefix(strings.TrimSpace(told.body), `<div id="live">`))
	require.Contains(t, told.body, "152 (77\u00a0%)")
	require.Contains(t, told.body, "circa 4.886")
	require.Contains(t, told.body, "Di 3 cittadini app IO non ha dato risposta.")
	require.Contains(t, told.body, "Ripete la riga 2")
	require.NotContains(t, told.body, `hx-trigger="every`)
}

func TestRowsAreFilteredAndPaged(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())

	for kind, texts := range map[string][]string{
		"":          {"Righe errate: che cosa non va", "Il numero è troppo corto"},
		"bad":       {"Righe errate: che cosa non va"},
		"duplicate": {"Ripete la riga 2", "nelle ultime 24 ore", "/rows/4/preview"},
		"repaired":  {"Riparato: Lo zero iniziale", "/rows/3/preview"},
		"good":      {"Nessun problema.", "/rows/2/preview"},
		"odd":       {"Righe errate: che cosa non va"},
	} {
		shown := b.get(batchPath(draft) + "?rows=" + kind)
		for _, text := range texts {
			require.Contains(t, shown.body, text, kind)
		}
	}

	first := b.get(batchPath(draft) + "?rows=bad")
	require.NotContains(t, first.body, "/rows/6/preview", "a bad row cannot be filled")

	second := b.get(link(t, first.body, "Successive"))
	require.Equal(t, 6, strings.Count(second.body, `role="rowheader"`))
	require.Equal(t, rows(first.body), rows(b.get(link(t, second.body, "Precedenti")).body))
}
