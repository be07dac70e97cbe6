package simulator_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

func newJournal(t *testing.T) string {
	t.Helper()

	return filepath.Join(t.TempDir(), "simulator.jsonl")
}

func journalWith(t *testing.T, content string) string {
	t.Helper()

	journal := newJournal(t)
	require.NoError(t, os.WriteFile(journal, []byte(content), 0o600))

	return journal
}

func contentOf(t *testing.T, journal string) string {
	t.Helper()

	content, err := os.ReadFile(journal)
	require.NoError(t, err)

	return string(content)
}

// takesLong keeps every message under way for as long as a test may take.
func takesLong(config *simulator.Config) {
	config.IOProcessing = simulator.Span{Min: time.Hour, Max: 2 * time.Hour}
	config.Twilio.SentAfter = time.Hour
}

func TestAcceptedMessagesOutliveAKill(t *testing.T) {
	t.Parallel()

	for name, schedule := range map[string]func(*simulator.Config){
		"settled": func(*simulator.Config) {}, "under way": takesLong,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			journal := newJournal(t)
			killed := reopened(t, journal, schedule)

			killed.sendsToEverybody()

			// The reopened one is configured otherwise: the schedule is that of the acceptance.
			again := reopened(t, journal, func(config *simulator.Config) {
				config.IOProcessing = simulator.Span{Min: time.Minute}
				config.Twilio.SettledAfter = time.Minute
			})

			require.Equal(t, killed.ledger("").Entries, again.ledger("").Entries)
			require.Equal(t, killed.Summary().Duplicates, again.Summary().Duplicates)
			require.Equal(t, killed.statusReads(), again.statusReads())
		})
	}
}

// sendsToEverybody tries every outcome, and contents that could come out otherwise.
func (b bench) sendsToEverybody() {
	b.t.Helper()

	for _, magic := range simulator.MagicCitizens() {
		b.submit(magic.FiscalCode)
	}

	payment := messageTo(person)
	payment["time_to_live"] = 7200
	payment["content"] = object{
		"subject": "Avviso <di> pagamento & più", "markdown": goodMarkdown, "due_date": "2026-01-31T10:00:00.000Z",
		"payment_data": object{"amount": 1250, "notice_number": "301234567890123456"},
	}
	require.Equal(b.t, http.StatusCreated, b.io(http.MethodPost, "/messages", keyOfRome, payment).status)

	for _, magic := range simulator.MagicPhones() {
		b.sms(magic.Phone)
		b.sms(magic.Phone, "From", "", "MessagingServiceSid", "MG1", "Body", "È <pronto>\nil documento")
	}
}

// statusReads are the answers about every message in the ledger, by its address.
func (b bench) statusReads() map[string]string {
	b.t.Helper()

	reads := map[string]string{"list": b.twilio(http.MethodGet, "/Messages.json", nil).body}

	for _, entry := range b.Ledger() {
		if entry.Channel == simulator.ChannelTwilio {
			path := "/Messages/" + entry.ProviderID + ".json"
			reads[path] = b.twilio(http.MethodGet, path, nil).body

			continue
		}

		path := "/messages/" + entry.Recipient + "/" + entry.ProviderID

		read := b.io(http.MethodGet, path, keyOfRome, nil)
		for read.status == http.StatusInternalServerError { // those whose first reads are refused
			read = b.io(http.MethodGet, path, keyOfRome, nil)
		}

		require.Equal(b.t, http.StatusOK, read.status)
		reads[path] = read.body
	}

	require.Greater(b.t, len(reads), 30)

	return reads
}

func TestDuplicatesOverARestartAreCounted(t *testing.T) {
	t.Parallel()

	journal := newJournal(t)
	first := reopened(t, journal).submitted(person)
	firstSMS := reopened(t, journal).sent("+393331234567").SID

	again := reopened(t, journal)
	require.Zero(t, again.Summary().DuplicateCount)
	second, secondSMS := again.submitted(person), again.sent("+393331234567").SID
	again.io(http.MethodPost, "/messages", keyOfMilan, messageTo(person))

	summary := reopened(t, journal).Summary()
	require.Equal(t, 2, summary.DuplicateCount)
	require.Equal(t, []string{first, second}, summary.Duplicates[0].ProviderIDs[:2])
	require.Equal(t, []string{firstSMS, secondSMS}, summary.Duplicates[1].ProviderIDs)
	require.Equal(t, 1, summary.CrossKeyCount)
	require.Equal(t, again.Summary(), summary)
}

func TestCountersAndRefusalsOutliveAKill(t *testing.T) {
	t.Parallel()

	journal := newJournal(t)
	killed := reopened(t, journal)
	limited, profileFails := citizen(simulator.CitizenRateLimitedFirst), citizen(simulator.CitizenProfileErrorFirst)

	id := killed.submitted(person)
	require.Equal(t, http.StatusTooManyRequests, killed.submit(limited).status)
	require.Equal(t, http.StatusInternalServerError, killed.profile(profileFails).status)
	require.Equal(t, http.StatusForbidden, killed.io(http.MethodGet, "/messages/"+person+"/"+id, keyOfMilan, nil).status)
	require.Equal(t, http.StatusTooManyRequests, killed.sms(phone(simulator.PhoneRateLimitedFirst)).status)

	// Twice, so that what a rewriting of the journal keeps is read as well.
	reopened(t, journal)

	again := reopened(t, journal)
	require.Equal(t, killed.Counters(), again.Counters())
	require.Equal(t, 1, again.Counters().ForeignReads)
	require.Equal(t, map[string]int{enteOfRome: 1}, again.Counters().RateLimited)

	require.Equal(t, http.StatusTooManyRequests, again.submit(limited).status, "the second of two refusals")
	require.Equal(t, http.StatusCreated, again.submit(limited).status)
	require.Equal(t, http.StatusInternalServerError, again.profile(profileFails).status)
	require.Equal(t, http.StatusTooManyRequests, again.sms(phone(simulator.PhoneRateLimitedFirst)).status)

	last := reopened(t, journal)
	require.Equal(t, http.StatusOK, last.profile(profileFails).status)
	require.Equal(t, http.StatusCreated, last.sms(phone(simulator.PhoneRateLimitedFirst)).status)
}

func TestTheJournalsBound(t *testing.T) {
	t.Parallel()

	journal := newJournal(t)
	few := func(config *simulator.Config) { config.MaxEntries = 3 }
	killed := reopened(t, journal, few)

	for n := range 5 {
		killed.submitted(simulator.FiscalCode(simulator.CitizenDelivered, n))
		killed.sent(simulator.Phone(simulator.PhoneDelivered, n))
	}

	for range 3 {
		again := reopened(t, journal, few)
		require.Equal(t, killed.ledger("").Entries, again.ledger("").Entries)
		require.Equal(t, 7, again.Counters().Evicted)
	}

	require.Equal(t, 7, strings.Count(contentOf(t, journal), "\n"), "3 messages, 3 SMS and the counters remain")
}

func TestATornLastLineIsSkipped(t *testing.T) {
	t.Parallel()

	journal := newJournal(t)
	killed := reopened(t, journal)
	kept := killed.submitted(person)

	whole := len(contentOf(t, journal))

	killed.submitted(citizen(simulator.CitizenDelivered))

	content := contentOf(t, journal)
	end := whole + strings.Index(content[whole:], "\n")

	for _, length := range []int{whole, whole + 1, (whole + end) / 2, end} {
		torn := journalWith(t, content[:length])
		again := reopened(t, torn)
		require.Equal(t, "PROCESSED", again.status(person, kept))
		require.Len(t, again.Ledger(), 1)

		again.submitted(citizen(simulator.CitizenFailed))
		require.Len(t, reopened(t, torn).Ledger(), 2, "what comes after a torn line is whole")
	}

	require.Len(t, reopened(t, journalWith(t, content[:end+1])).Ledger(), 2)
}

func TestWhatIsNoJournalIsRefused(t *testing.T) {
	t.Parallel()

	for name, content := range map[string]string{
		"no JSON": "{\"count\":{\"kind\":\"call\"}}\nRSSMRA80A01H501U\n", "another form": "[]\n", "other fields": "{\"a\":1}\n", "null": "null\n",
		"SMS without a status": "{\"sms\":{\"sid\":\"SM1\"}}\n", "no moment": "{\"message\":{\"accepted_at\":\"RSSMRA80A01H501U\"}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			journal := journalWith(t, content)
			_, err := simulator.Open(simulator.Config{Journal: journal})
			require.ErrorIs(t, err, simulator.ErrJournalLine)
			require.NotContains(t, err.Error(), "RSSMRA80A01H501U")

			require.Equal(t, content, contentOf(t, journal), "it may be somebody else's file")
		})
	}

	_, err := simulator.Open(simulator.Config{Journal: filepath.Join(t.TempDir(), "missing", "journal")})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestResetEmptiesTheJournal(t *testing.T) {
	t.Parallel()

	journal := newJournal(t)
	sim := reopened(t, journal)
	id := sim.submitted(person)
	sim.submit(citizen(simulator.CitizenRateLimitedFirst))
	require.NoError(t, sim.Reset())
	require.Equal(t, "PROCESSED", sim.status(person, id), "messages stay readable")

	kept := sim.submitted(person)
	again := reopened(t, journal)
	require.Len(t, again.Ledger(), 1)
	require.Equal(t, kept, again.Ledger()[0].ProviderID)
	require.Zero(t, again.Summary().DuplicateCount)
	require.Equal(t, sim.Counters(), again.Counters())

	again.Close()
	require.Error(t, again.Reset(), "a closed journal cannot be emptied")
	require.Len(t, again.Ledger(), 1)
}

func TestNothingIsStoredThatCannotBeWritten(t *testing.T) {
	t.Parallel()

	sim := reopened(t, newJournal(t))
	sim.Close()

	require.Equal(t, http.StatusInternalServerError, sim.submit(person).status)
	require.Equal(t, http.StatusInternalServerError, sim.sms("+393331234567").status)
	require.Empty(t, sim.Ledger())
}

func TestTheJournalIsItsOwnersAlone(t *testing.T) {
	t.Parallel()

	journal := newJournal(t)
	sim := reopened(t, journal)
	sim.submitted(person)
	sim.sent("+393331234567", "StatusCallback", newListener(t, 0).url)

	info, err := os.Stat(journal)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	require.NotContains(t, contentOf(t, journal), `"`+authToken+`"`)
}

func TestWithoutAJournalNothingIsWritten(t *testing.T) {
	t.Parallel()

	sim, err := simulator.Open(benchConfig())
	require.NoError(t, err)

	opened := serve(t, sim)
	opened.submitted(person)
	require.Len(t, opened.Ledger(), 1)
	require.NoError(t, opened.Reset())
	require.Empty(t, opened.Ledger())
}

func TestConcurrentUseOfAJournal(t *testing.T) {
	t.Parallel()

	const (
		senders = 8
		each    = 25
	)

	journal, ente := newJournal(t), newListener(t, 0)
	sim := reopened(t, journal)

	var running sync.WaitGroup

	for sender := range senders {
		running.Go(func() {
			for i := range each {
				n := sender*each + i
				sim.profile(simulator.FiscalCode(simulator.CitizenProfileErrorFirst, n))
				sim.submit(simulator.FiscalCode(simulator.CitizenDelivered, n))
				sim.sms(simulator.Phone(simulator.PhoneDelivered, n), "StatusCallback", ente.url)
			}
		})
	}

	running.Wait()
	ente.await(t, sim, 2*senders*each)

	again := reopened(t, journal)
	require.ElementsMatch(t, sim.ledger("").Entries, again.ledger("").Entries)
	require.Equal(t, sim.Counters(), again.Counters())
	require.Equal(t, 2*senders*each, again.Counters().CallbacksSent)
}
