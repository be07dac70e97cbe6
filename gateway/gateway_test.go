package gateway_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
)

// Invented people and secrets, none of which may leave the database.
const (
	fiscalCode      = "RSSMRA80A01H501U"
	provisionalCode = "61492729001"
	testUserCode    = "AAAAAA00A00A000A" // IO's test user, whose check character is wrong
	phone           = "+393331234567"
	phoneAsWritten  = "333 123 4567"
	subject         = "Rinnovo della carta d'identità"
	markdown        = "La sua carta d'identità scade tra trenta giorni. Prenoti un appuntamento in municipio per il rinnovo."
	password        = "correct horse battery"

	ceiling = 1_000_00 // euro cents

	publicURL   = "https://genio.example.org"
	twilioToken = "0123456789abcdef0123456789abcdef"
)

// tenant is an Ente with one service.
type tenant struct {
	ente    notification.Ente
	service notification.Service
}

// application is the actor of a key that may use every service of the Ente.
func (f tenant) application() gateway.Actor {
	return gateway.Actor{Kind: gateway.ActorApplication, ID: uuid.NewString(), Name: "gestionale", EnteID: f.ente.ID}
}

// user is a person of the Ente.
func (f tenant) user(role gateway.Role) gateway.Actor {
	return gateway.Actor{Kind: gateway.ActorUser, ID: uuid.NewString(), Name: "persona", EnteID: f.ente.ID, Role: role}
}

func (f tenant) submission() gateway.Submission {
	return gateway.Submission{
		ServiceID:         f.service.ID,
		ExternalReference: "pratica-42",
		FiscalCode:        fiscalCode,
		Phone:             phoneAsWritten,
		Content:           notification.Content{Subject: subject, Markdown: markdown},
	}
}

// support works across Enti.
func support() gateway.Actor {
	return gateway.Actor{Kind: gateway.ActorUser, ID: uuid.NewString(), Name: "assistenza", Role: gateway.RoleSupport}
}

func system() gateway.Actor {
	return gateway.Actor{Kind: gateway.ActorSystem, ID: "admin", Name: "admin"}
}

// bundle is the use cases over a real database and a Temporal that is away until it comes up.
type bundle struct {
	*gateway.Gateway
	tenant

	store    *db.Store
	temporal *temporalServer
	logs     *observer.ObservedLogs
}

func newBundle(tb testing.TB, store *db.Store) bundle {
	tb.Helper()

	temporal, connected := newTemporal(tb)
	codes, err := fiscalcode.NewValidator([]string{testUserCode})
	require.NoError(tb, err)

	core, logs := observer.New(zapcore.DebugLevel)
	log := zap.New(core)

	return bundle{
		Gateway: gateway.New(gateway.Config{
			Store: store, Temporal: connected, FiscalCodes: codes, Phones: sms.PhoneRules{},
			Starter: gateway.NewStarter(store, connected, log), Log: log,
			PublicURL: publicURL, TwilioToken: twilioToken,
		}),
		store: store, temporal: temporal, logs: logs, tenant: newTenant(tb, store),
	}
}

// withTemporal is a bundle whose Temporal is there from the beginning.
func withTemporal(tb testing.TB, store *db.Store) bundle {
	tb.Helper()

	b := newBundle(tb, store)
	b.temporal.comeUp()

	return b
}

func newID(tb testing.TB) string {
	tb.Helper()

	id, err := uuid.NewV7()
	require.NoError(tb, err)

	return id.String()
}

func newTenant(tb testing.TB, store *db.Store) tenant {
	tb.Helper()

	ente := notification.Ente{ID: newID(tb), Name: "Comune di Prova", FiscalCode: uuid.NewString()[:11], Active: true}
	require.NoError(tb, store.CreateEnte(tb.Context(), ente))

	return tenant{ente: ente, service: newService(tb, store, ente.ID)}
}

func newService(tb testing.TB, store *db.Store, enteID string) notification.Service {
	tb.Helper()

	service := notification.Service{
		ID: newID(tb), EnteID: enteID, Name: "Anagrafe", Active: true, IOServiceID: "01JTESTSERVICE",
		Policy: notification.DefaultPolicy(), MaxPaymentCents: ceiling, SMSSender: "COMUNE",
	}
	require.NoError(tb, store.CreateService(tb.Context(), service, notification.ServiceKeys{Primary: "0f6ad1f0b5c24e2b"}))

	return service
}

// accepted is a stored notification whose workflow nobody has started, accepted long enough ago for a sweep.
func (b bundle) accepted(tb testing.TB, changes ...func(*notification.Notification)) string {
	tb.Helper()

	n := notification.Notification{
		ID: newID(tb), EnteID: b.ente.ID, ServiceID: b.service.ID, ExternalReference: "pratica-42",
		Recipient: notification.Recipient{FiscalCode: fiscalCode, Phone: phone},
		Content:   notification.Content{Subject: subject, Markdown: markdown, SMSText: "Comune di Prova: rinnovo"},
		Policy:    notification.DefaultPolicy(), Priority: notification.PriorityNormal,
		AcceptedAt: time.Now().Add(-time.Minute),
	}
	for _, change := range changes {
		change(&n)
	}

	id, replayed, err := b.store.Submit(tb.Context(), db.Submission{Notification: n})
	require.NoError(tb, err)
	require.False(tb, replayed)

	return id
}

// firstRun is what Temporal calls the first run of every notification that has begun.
const firstRun = "run-1"

// begun is a notification whose workflow is at work.
func (b bundle) begun(tb testing.TB) string {
	tb.Helper()

	id := b.accepted(tb)
	b.began(tb, id, 1, firstRun)

	return id
}

func (b bundle) began(tb testing.TB, id string, run int, runID string) {
	tb.Helper()
	require.NoError(tb, b.store.MarkStarted(tb.Context(), id, run, runID))

	_, err := b.store.Begin(tb.Context(), id, db.Run{Number: run, TemporalID: runID})
	require.NoError(tb, err)
}

// in is a notification in the given state.
func (b bundle) in(tb testing.TB, status notification.Status, reason notification.Reason) string {
	tb.Helper()

	switch status {
	case notification.StatusAccepted:
		return b.accepted(tb)
	case notification.StatusScheduled:
		return b.accepted(tb, func(n *notification.Notification) { n.SendAt = time.Now().Add(time.Hour) })
	case notification.StatusInProgress:
		return b.begun(tb)
	case notification.StatusOnHold:
		id := b.begun(tb)
		require.NoError(tb, b.store.SetHold(tb.Context(), id, reason))

		return id
	default:
		id := b.begun(tb)
		b.settle(tb, id, status, reason)

		return id
	}
}

func (b bundle) settle(tb testing.TB, id string, status notification.Status, reason notification.Reason) {
	tb.Helper()
	require.NoError(tb, b.store.Settle(tb.Context(), id, db.Settlement{Status: status, Reason: reason}))
}

func (b bundle) stored(tb testing.TB, id string) notification.Notification {
	tb.Helper()

	n, err := b.store.Notification(tb.Context(), id)
	require.NoError(tb, err)

	return n
}

// total counts every notification of every Ente.
func (b bundle) total(tb testing.TB) int {
	tb.Helper()

	counts, err := b.store.Counts(tb.Context(), db.Filter{}, 1)
	require.NoError(tb, err)

	total := 0
	for _, count := range counts.ByStatus {
		total += count
	}

	return total
}

// requireFields wants exactly these fields to be named invalid, and none of the secrets in the error.
func requireFields(tb testing.TB, err error, want map[string]string, secrets ...string) {
	tb.Helper()

	var fields notification.FieldErrors

	require.ErrorAs(tb, err, &fields)

	got := map[string]string{}
	for _, field := range fields {
		got[field.Field] = field.Code

		require.NotEmpty(tb, field.Message)
		require.NotEmpty(tb, field.Messaggio)

		for _, secret := range secrets {
			require.NotContains(tb, field.Message+field.Messaggio+field.Code, secret)
		}
	}

	require.Equal(tb, want, got)
	require.Len(tb, fields, len(want), "no field is named twice")
}

// until waits for a condition, as long as a slow machine may need.
func until(tb testing.TB, condition func() bool) {
	tb.Helper()
	require.Eventually(tb, condition, time.Minute, 20*time.Millisecond)
}
