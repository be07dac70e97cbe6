package activities_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// witness collects what activities let Temporal see: results, heartbeats, and failures as Temporal stores them.
type witness struct {
	told   []string
	failed int
}

func (w *witness) hear(t *testing.T, b bench, activity string, input ...any) {
	t.Helper()

	k := b.task(t, activity)

	// The second try goes other ways than the first: it finds an attempt, and refusals that are over.
	for range 2 {
		if _, err := run[any](k, input...); err != nil {
			w.failed++
		}
	}

	w.told = append(w.told, k.told...)
}

func (w *witness) requireSecrecy(t *testing.T, recipient notification.Recipient) {
	t.Helper()

	all := strings.ToLower(strings.Join(w.told, "\n"))

	// IO's key and Twilio's token, too.
	for _, secret := range []string{
		recipient.FiscalCode, recipient.Phone, strings.TrimPrefix(recipient.Phone, "+"),
		subject, markdown, smsText, "identità", ioKey, twilioCode,
	} {
		if secret != "" {
			require.NotContains(t, all, strings.ToLower(secret))
		}
	}
}

// TestTemporalSeesNoPersonalData goes through everything that may go wrong at IO and at Twilio.
func TestTemporalSeesNoPersonalData(t *testing.T) {
	t.Parallel()

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	failed := 0

	for _, citizen := range simulator.MagicCitizens() {
		recipient := notification.Recipient{FiscalCode: citizen.FiscalCode, Phone: simulator.Phone(simulator.PhoneOptedOut, 1)}
		checked, step := stepOf(b.accepted(t, recipient)), stepOf(b.accepted(t, recipient))

		var heard witness

		heard.hear(t, b, workflows.ActivityPrepare, step)
		heard.hear(t, b, workflows.ActivityCheckProfile, checked)
		heard.hear(t, b, workflows.ActivitySendToIO, step)

		step.AttemptID = b.onlyAttempt(t, step.NotificationID).ID
		heard.hear(t, b, workflows.ActivityAwaitIODelivery, step)
		heard.requireSecrecy(t, recipient)

		failed += heard.failed
	}

	for _, phone := range simulator.MagicPhones() {
		recipient := notification.Recipient{FiscalCode: simulator.FiscalCode(simulator.CitizenNotOnIO, 2), Phone: phone.Phone}
		step := stepOf(b.accepted(t, recipient))

		var heard witness

		heard.hear(t, b, workflows.ActivitySendSMS, step)

		step.AttemptID = b.onlyAttempt(t, step.NotificationID).ID
		heard.hear(t, b, workflows.ActivityAwaitSMSDelivery, step)
		heard.requireSecrecy(t, recipient)

		failed += heard.failed
	}

	require.Greater(t, failed, 10, "failures were looked at")
}

// TestTemporalSeesNoPersonalDataOfFaults goes through what may go wrong whoever the recipient is.
func TestTemporalSeesNoPersonalDataOfFaults(t *testing.T) {
	t.Parallel()

	recipient := notification.Recipient{
		FiscalCode: simulator.FiscalCode(simulator.CitizenDelivered, 3), Phone: simulator.Phone(simulator.PhoneDelivered, 3),
	}

	for name, faults := range map[string]simulator.Faults{
		"too many calls": {IO429: 1, Twilio429: 1},
		"server errors":  {IO500: 1, Twilio500: 1},
		"cut":            {IOReset: 1, TwilioTimeoutAfterAccepting: 1},
		"never answered": {IOTimeoutAfterAccepting: 1, TwilioTimeoutAfterAccepting: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite), func(s *setting) { s.simulator.Faults = faults })

			var heard witness

			for activity, input := range everyInput(t, b.accepted(t, recipient)) {
				if activity != workflows.ActivityArchiveTimelines && activity != workflows.ActivitySettle {
					heard.hear(t, b, activity, input...)
				}
			}

			heard.requireSecrecy(t, recipient)
			require.Positive(t, heard.failed)
		})
	}

	t.Run("no database", func(t *testing.T) {
		t.Parallel()

		b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))
		id := b.accepted(t, recipient)
		require.NoError(t, b.store.Close())

		var heard witness

		for activity, input := range everyInput(t, id) {
			heard.hear(t, b, activity, input...)
		}

		heard.requireSecrecy(t, recipient)
		require.Equal(t, 2*len(everyInput(t, id)), heard.failed)
	})
}
