package db_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// Invented people and texts, which no test may find in a database file.
const (
	fiscalCode = "RSSMRA80A01H501U"
	phone      = "+393331234567"
	subject    = "Rinnovo della carta d'identità"
	markdown   = "La sua carta d'identità scade tra trenta giorni. Prenoti un appuntamento in municipio per il rinnovo."
	ioKey      = "0f6ad1f0b5c24e2bb2f0c6f2d3a8e9aa"
	otherKey   = "77cc0b9e3d9e4e6a9b0d5b1e2f3a4b5c"
)

func newID(tb testing.TB) string {
	tb.Helper()

	id, err := uuid.NewV7()
	require.NoError(tb, err)

	return id.String()
}

func moment(minutes int) time.Time {
	return time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
}

// tenant is an Ente with one service.
type tenant struct {
	store   *db.Store
	ente    notification.Ente
	service notification.Service
}

func newTenant(tb testing.TB, store *db.Store) tenant {
	tb.Helper()

	ente := notification.Ente{
		ID: newID(tb), Name: "Comune di Prova", FiscalCode: uuid.NewString()[:11], Active: true, CreatedAt: moment(0),
	}
	require.NoError(tb, store.CreateEnte(tb.Context(), ente))

	service := notification.Service{
		ID: newID(tb), EnteID: ente.ID, Name: "Anagrafe", Active: true, IOServiceID: "01JTESTSERVICE", Policy: notification.DefaultPolicy(),
		MaxPaymentCents: 1_000_00, SMSSender: "COMUNE", CreatedAt: moment(0),
	}
	require.NoError(tb, store.CreateService(tb.Context(), service, notification.ServiceKeys{Primary: ioKey, Secondary: otherKey}))

	return tenant{store: store, ente: ente, service: service}
}

// submission is a valid one, without an idempotency key.
func (f tenant) submission(tb testing.TB) db.Submission {
	tb.Helper()

	due := moment(60)

	return db.Submission{
		RequestHash: []byte("request"),
		Notification: notification.Notification{
			ID: newID(tb), EnteID: f.ente.ID, ServiceID: f.service.ID, BatchID: "batch-1", ExternalReference: "pratica-42",
			Recipient: notification.Recipient{FiscalCode: fiscalCode, Phone: phone},
			Content: notification.Content{
				Subject: subject, Markdown: markdown, DueDate: &due,
				Payment: &notification.Payment{NoticeNumber: "301000000000000001", AmountCents: 1234},
			},
			Policy: notification.DefaultPolicy(), Priority: notification.PriorityNormal,
			AcceptedAt: moment(1), ExpiresAt: moment(600),
		},
	}
}

// accepted submits a notification and gives its id.
func (f tenant) accepted(tb testing.TB, change ...func(*notification.Notification)) string {
	tb.Helper()

	submission := f.submission(tb)
	for _, c := range change {
		c(&submission.Notification)
	}

	id, replayed, err := f.store.Submit(tb.Context(), submission)
	require.NoError(tb, err)
	require.False(tb, replayed)

	return id
}

// begun submits a notification and puts it to work.
func (f tenant) begun(tb testing.TB) string {
	tb.Helper()

	id := f.accepted(tb)
	_, err := f.store.Begin(tb.Context(), id, firstRun())
	require.NoError(tb, err)

	return id
}

// firstRun is the first run of a notification's workflow.
func firstRun() db.Run { return db.Run{Number: 1, TemporalID: "run-1"} }

func (f tenant) settle(tb testing.TB, id string, status notification.Status, reason notification.Reason) {
	tb.Helper()
	require.NoError(tb, f.store.Settle(tb.Context(), id, db.Settlement{Status: status, Reason: reason}))
}

func (f tenant) head(tb testing.TB, id string) notification.Notification {
	tb.Helper()

	head, err := f.store.Head(tb.Context(), id)
	require.NoError(tb, err)

	return head
}
