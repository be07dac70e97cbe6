package simulator_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

type ledgerBody struct {
	Total    int
	Entries  []simulator.Entry
	Counters simulator.Counters
}

func (b bench) ledger(query string) ledgerBody {
	b.t.Helper()

	read := b.control(http.MethodGet, "/ledger?"+query, "")
	require.Equal(b.t, http.StatusOK, read.status, read.body)

	var body ledgerBody

	read.json(b.t, &body)

	return body
}

func TestLedgerTellsWhatWasReceived(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)
	id := sim.submitted(person)
	sid := sim.sent("+393331234567").SID
	sim.submit(citizen(simulator.CitizenServerError))

	onIO := sim.ledger("channel=io")
	require.Equal(t, 1, onIO.Total)

	entry := onIO.Entries[0]
	require.Equal(t, person, entry.Recipient)
	require.Equal(t, keyOfRome, entry.Key)
	require.Equal(t, enteOfRome, entry.EnteID)
	require.Equal(t, serviceOfRome, entry.ServiceID)
	require.Equal(t, id, entry.ProviderID)
	require.Equal(t, "PROCESSED", entry.Status)
	require.Equal(t, simulator.AnswerCreated, entry.Answer)
	require.False(t, entry.At.IsZero())

	texts := sim.ledger("recipient=" + url.QueryEscape("+393331234567"))
	require.Len(t, texts.Entries, 1)
	require.Equal(t, sid, texts.Entries[0].ProviderID)
	require.Equal(t, account, texts.Entries[0].Account)
	require.Equal(t, "Testo di prova", texts.Entries[0].Text)

	require.Equal(t, map[string]int{"201": 1, "500": 1}, texts.Counters.Calls["POST /io/api/v1/messages"])
	require.Equal(t, 2, sim.ledger("").Total)
	require.Empty(t, sim.ledger("channel=twilio&recipient="+person).Entries)

	limited := sim.ledger("limit=1")
	require.Equal(t, 2, limited.Total)
	require.Equal(t, sid, limited.Entries[0].ProviderID, "the newest")
	require.Equal(t, http.StatusBadRequest, sim.control(http.MethodGet, "/ledger?limit=x", "").status)

	require.Equal(t, http.StatusNoContent, sim.control(http.MethodPost, "/ledger/reset", "").status)
	require.Empty(t, sim.Ledger())
	require.Empty(t, sim.Counters().Calls)
	require.Equal(t, "PROCESSED", sim.status(person, id), "messages stay readable")
}

func TestSummaryFindsDuplicates(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)
	first, second := sim.submitted(person), sim.submitted(person)
	sim.submitted(citizen(simulator.CitizenDelivered))

	for range 2 {
		sim.submitted(citizen(simulator.CitizenFailed))
		sim.sent(phone(simulator.PhoneUnreachable))
	}

	read := sim.control(http.MethodGet, "/ledger/summary", "")
	require.Equal(t, http.StatusOK, read.status)

	var summary simulator.Summary

	read.json(t, &summary)
	require.Equal(t, map[simulator.Channel]int{simulator.ChannelIO: 5, simulator.ChannelTwilio: 2}, summary.Stored)
	require.Equal(t, map[string]int{"PROCESSED": 3, "FAILED": 2}, summary.ByStatus[simulator.ChannelIO])
	require.Equal(t, 1, summary.DuplicateCount, "sending again what failed is no duplicate")
	require.Equal(t, person, summary.Duplicates[0].Recipient)
	require.Equal(t, []string{first, second}, summary.Duplicates[0].ProviderIDs)
	require.Zero(t, summary.CrossKeyCount)
	require.Equal(t, []simulator.KeyUse{{Key: keyOfRome, EnteID: enteOfRome, ServiceID: serviceOfRome, Messages: 5}}, summary.ByKey)
}

func TestSummaryFindsUseOfOtherKeys(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)
	sim.submitted(person)
	require.Equal(t, http.StatusCreated, sim.io(http.MethodPost, "/messages", keyOfRomeToo, messageTo(person)).status)
	require.Zero(t, sim.Summary().CrossKeyCount, "two keys of one service")
	require.Equal(t, http.StatusCreated, sim.io(http.MethodPost, "/messages", keyOfMilan, messageTo(person)).status)
	require.Equal(t, 1, sim.Summary().CrossKeyCount)
	require.Len(t, sim.Summary().ByKey, 3)
}

func TestTheOldestEntriesGo(t *testing.T) {
	t.Parallel()

	sim := newBench(t, func(config *simulator.Config) { config.MaxEntries = 3 })

	ids := make([]string, 5)
	for i := range ids {
		ids[i] = sim.submitted(simulator.FiscalCode(simulator.CitizenDelivered, i))
	}

	entries := sim.Ledger()
	require.Len(t, entries, 3)

	for i, entry := range entries {
		require.Equal(t, ids[i+2], entry.ProviderID, "oldest first")
	}

	require.Equal(t, 2, sim.Counters().Evicted)
}

func TestHealth(t *testing.T) {
	t.Parallel()

	require.Equal(t, http.StatusOK, newBench(t, nil).control(http.MethodGet, "/healthz", "").status)
}

func TestWebhookReceiver(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)

	for _, call := range []struct {
		behaviour string
		status    int
	}{
		{"ok", http.StatusNoContent},
		{"fail", http.StatusInternalServerError},
		{"gone", http.StatusGone},
		{"flaky", http.StatusServiceUnavailable},
		{"flaky", http.StatusServiceUnavailable},
		{"flaky", http.StatusNoContent},
		{"hang", 0},
	} {
		require.Equal(t, call.status, sim.control(http.MethodPost, "/webhooks/"+call.behaviour+"?q=1", `{"a":1}`).status)
	}

	var body struct{ Received []simulator.ReceivedWebhook }

	sim.control(http.MethodGet, "/webhooks", "").json(t, &body)
	require.Len(t, body.Received, 7)
	require.JSONEq(t, `{"a":1}`, body.Received[0].Body)
	require.Equal(t, "q=1", body.Received[0].Query)
	require.Equal(t, "application/json", body.Received[0].Header.Get("Content-Type"))

	require.NoError(t, sim.Reset())
	require.Empty(t, sim.Webhooks())
}
