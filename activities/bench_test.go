package activities_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/workflows"
)

// What no error and no result of an activity may hold, beside the recipients.
const (
	ioKey      = "5b0a7c1d9e3f42a68d0c4b7a1e2f3d4c"
	subject    = "Rinnovo della carta d'identità"
	markdown   = "La sua carta d'identità scade tra trenta giorni. Prenoti un appuntamento in municipio per il rinnovo."
	smsText    = "Comune di Prova: la sua carta d'identità scade tra trenta giorni."
	twilioSID  = "AC00000000000000000000000000000001"
	twilioCode = "2f3d4c5b0a7c1d9e3f42a68d0c4b7a1e"

	// allowedCode is IO's historic test user, whose check character is wrong.
	allowedCode = "AAAAAA00A00A000A"
)

// setting is what a test may change of its bench.
type setting struct {
	simulator simulator.Config
	appio     appio.Config
	twilio    sms.TwilioConfig
}

// bench is the activities on a real database, with the stand-ins of IO and Twilio on a real port.
type bench struct {
	store   *db.Store
	sim     *simulator.Simulator
	does    *activities.Activities
	io      *appio.Client
	turns   *activities.Turns
	service notification.Service
}

func newBench(t *testing.T, store *db.Store, change ...func(*setting)) bench {
	t.Helper()

	use := setting{
		simulator: simulator.Config{
			Keys:     map[string]simulator.IOKey{ioKey: {EnteID: "ente", ServiceID: "service"}},
			Refusals: 1,
			Seed:     1,
			HangTime: time.Millisecond,
			Twilio:   simulator.TwilioConfig{AccountSID: twilioSID, AuthToken: twilioCode},
		},
		twilio: sms.TwilioConfig{AccountSID: twilioSID, AuthToken: twilioCode},
	}
	for _, c := range change {
		c(&use)
	}

	sim := simulator.New(use.simulator)
	server := httptest.NewServer(sim.Handler())

	t.Cleanup(server.Close)
	t.Cleanup(sim.Close)

	use.appio.BaseURL, use.twilio.BaseURL = server.URL+"/io/api/v1", server.URL+"/twilio"
	b := bench{store: store, sim: sim, service: newService(t, store)}

	var err error

	windows := appio.NewWindows()
	use.appio.Told = windows.Told
	b.turns = &activities.Turns{
		Windows: windows,
		Quota:   func(context.Context, string) (int, error) { return notification.DefaultIOCalls, nil },
	}
	b.io, err = appio.New(use.appio)
	require.NoError(t, err)

	twilio, err := sms.NewTwilio(use.twilio)
	require.NoError(t, err)

	codes, err := fiscalcode.NewValidator([]string{allowedCode})
	require.NoError(t, err)

	b.does = &activities.Activities{
		Store: store, IO: b.io, SMS: twilio, FiscalCodes: codes, Turns: b.turns,
		IOCadence: activities.Cadence{0}, SMSCadence: activities.Cadence{0},
	}

	return b
}

func newID(t *testing.T) string {
	t.Helper()

	id, err := uuid.NewV7()
	require.NoError(t, err)

	return id.String()
}

func newService(t *testing.T, store *db.Store) notification.Service {
	t.Helper()

	ente := notification.Ente{ID: newID(t), Name: "Comune di Prova", FiscalCode: "00000000000", Active: true}
	require.NoError(t, store.CreateEnte(t.Context(), ente))

	service := notification.Service{
		ID: newID(t), EnteID: ente.ID, Name: "Anagrafe", Active: true, Policy: notification.DefaultPolicy(), SMSSender: "ComuneProva",
	}
	require.NoError(t, store.CreateService(t.Context(), service, notification.ServiceKeys{Primary: ioKey}))

	return service
}

// accepted submits a notification and gives its id.
func (b bench) accepted(t *testing.T, recipient notification.Recipient) string {
	t.Helper()

	id, _, err := b.store.Submit(t.Context(), db.Submission{Notification: notification.Notification{
		ID: newID(t), EnteID: b.service.EnteID, ServiceID: b.service.ID, Recipient: recipient,
		Content: notification.Content{Subject: subject, Markdown: markdown, SMSText: smsText},
		Policy:  notification.DefaultPolicy(), Priority: notification.PriorityNormal,
	}})
	require.NoError(t, err)

	return id
}

// toCitizen accepts a notification for the n-th citizen of an outcome.
func (b bench) toCitizen(t *testing.T, outcome simulator.CitizenOutcome, n int) string {
	t.Helper()

	return b.accepted(t, notification.Recipient{FiscalCode: simulator.FiscalCode(outcome, n)})
}

// toPhone accepts a notification for the n-th phone of an outcome.
func (b bench) toPhone(t *testing.T, outcome simulator.PhoneOutcome, n int) string {
	t.Helper()

	return b.accepted(t, notification.Recipient{
		FiscalCode: simulator.FiscalCode(simulator.CitizenNotOnIO, n), Phone: simulator.Phone(outcome, n),
	})
}

// attempts lists a notification's attempts.
func (b bench) attempts(t *testing.T, id string) []notification.Attempt {
	t.Helper()

	attempts, err := b.store.Attempts(t.Context(), id)
	require.NoError(t, err)

	return attempts
}

// onlyAttempt is the one attempt of a notification.
func (b bench) onlyAttempt(t *testing.T, id string) notification.Attempt {
	t.Helper()

	attempts := b.attempts(t, id)
	require.Len(t, attempts, 1)

	return attempts[0]
}

// begun begins an attempt as an activity does right before its call, and leaves it there.
func (b bench) begun(t *testing.T, id string, channel notification.Channel) notification.Attempt {
	t.Helper()

	claim, err := b.store.BeginAttempt(t.Context(), id, channel, "")
	require.NoError(t, err)
	require.True(t, claim.Call)

	return claim.Attempt
}

// recorded changes an attempt and gives it as it then is.
func (b bench) recorded(t *testing.T, attemptID string, change db.AttemptChange) notification.Attempt {
	t.Helper()

	attempt, err := b.store.RecordAttempt(t.Context(), attemptID, change)
	require.NoError(t, err)

	return attempt
}

// received lists what the stand-ins stored for a notification's recipient.
func (b bench) received(t *testing.T, id string, channel simulator.Channel) []simulator.Entry {
	t.Helper()

	n, err := b.store.Notification(t.Context(), id)
	require.NoError(t, err)

	recipient := n.Recipient.FiscalCode
	if channel == simulator.ChannelTwilio {
		recipient = n.Recipient.Phone
	}

	var received []simulator.Entry

	for _, entry := range b.sim.Ledger() {
		if entry.Channel == channel && entry.Recipient == recipient {
			received = append(received, entry)
		}
	}

	return received
}

// inAnHour is a deadline that no test reaches.
func inAnHour() time.Time { return time.Now().Add(time.Hour) }

// overdue is a deadline that has passed.
func overdue() time.Time { return time.Now().Add(-time.Second) }

func stepOf(id string) workflows.Step {
	return workflows.Step{NotificationID: id, Deadline: inAnHour()}
}

// transport makes real calls and lets a test act around them.
type transport struct {
	before func(*http.Request)
	after  func(*http.Request)
}

// RoundTrip makes the call.
func (r transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if r.before != nil {
		r.before(request)
	}

	response, err := http.DefaultTransport.RoundTrip(request)

	if r.after != nil {
		r.after(request)
	}

	return response, err
}
