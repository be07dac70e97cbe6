package simulator_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

// FuzzJournal holds that any file is either refused or taken up, and that what was taken up can be read again.
func FuzzJournal(f *testing.F) {
	f.Add([]byte(`{"message":{"id":"01","fiscal_code":"RSSMRA80A01H501U","key":"k","content":{"subject":"s","markdown":"m"},` +
		`"accepted_at":"2026-01-02T03:04:05Z","settled_at":"2026-01-02T03:04:06Z","answer":"created"}}` + "\n"))
	f.Add([]byte(`{"sms":{"sid":"SM1","account":"AC1","to":"+393331234567","body":"b","created_at":"2026-01-02T03:04:05Z",` +
		`"steps":[{"status":"queued","at":"2026-01-02T03:04:05Z"}],"answer":"created"}}` + "\n" + `{"called_back":"SM1"}` + "\n"))
	f.Add([]byte(`{"refused":{"call":"sms +393331234567","times":1}}` + "\n" + `{"counters":{}}` + "\n" +
		`{"count":{"kind":"call","name":"GET /","status":"200"}}` + "\n" + `{"count":`))
	f.Add([]byte("\n"))
	f.Add([]byte(`{"counters":{"calls":{"GET /":null},"evicted":-1}}` + "\n"))

	f.Fuzz(func(t *testing.T, content []byte) {
		journal := journalWith(t, string(content))

		sim, err := simulator.Open(simulator.Config{Journal: journal, AcceptAnyKey: true})
		if err != nil {
			require.ErrorIs(t, err, simulator.ErrJournalLine)

			return
		}

		defer sim.Close()

		served := serve(t, sim)
		require.Equal(t, http.StatusOK, served.control(http.MethodGet, "/ledger/summary", "").status)

		again, err := simulator.Open(simulator.Config{Journal: journal})
		require.NoError(t, err)

		defer again.Close()

		require.Len(t, again.Ledger(), len(sim.Ledger()))
		require.Equal(t, sim.Counters(), again.Counters())
	})
}
