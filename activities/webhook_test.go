package activities_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/outbound"
	"github.com/genio-gateway/genio/workflows"
)

// call is one that an application got.
type call struct {
	header http.Header
	body   []byte
}

// application stands in for one of an Ente.
type application struct {
	*httptest.Server

	mutex  sync.Mutex
	calls  []call
	answer func(w http.ResponseWriter)
}

func newApplication(t *testing.T) *application {
	t.Helper()

	a := &application{answer: func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) }}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}

		a.mutex.Lock()
		defer a.mutex.Unlock()

		a.calls = append(a.calls, call{header: r.Header.Clone(), body: body})
		a.answer(w)
	}))
	t.Cleanup(a.Close)

	return a
}

func (a *application) answers(status int, header ...string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()

	a.answer = func(w http.ResponseWriter) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}

		w.WriteHeader(status)
		_, _ = io.WriteString(w, "RSSMRA80A01H501U is what an application may say")
	}
}

func (a *application) got() []call {
	a.mutex.Lock()
	defer a.mutex.Unlock()

	return append([]call{}, a.calls...)
}

// hook is a bench with a webhook and one event to tell.
type hook struct {
	bench

	app     *application
	webhook notification.Webhook
	in      workflows.WebhookInput
}

func cadence() activities.WebhookCadence {
	c := activities.DefaultWebhookCadence()
	c.Failures, c.Pause = 3, time.Hour

	return c
}

func newHook(t *testing.T, store *db.Store, rules outbound.Rules, cadence activities.WebhookCadence) *hook {
	t.Helper()

	h := &hook{bench: newBench(t, store), app: newApplication(t)}
	h.does.Webhooks = activities.NewWebhooks(outbound.New(rules), cadence)
	h.webhook = notification.Webhook{
		ID: uuid.NewString(), EnteID: h.service.EnteID, URL: h.app.URL + "/genio", Secret: []byte("the secret of the webhook, 32 by"),
		SecretSetAt: time.Now(), State: notification.WebhookOn, StateSince: time.Now(), CreatedAt: time.Now(), Version: 1,
	}
	require.NoError(t, store.CreateWebhook(t.Context(), h.webhook))
	h.in = h.settled(t)

	return h
}

// settled is another event.
func (h *hook) settled(t *testing.T) workflows.WebhookInput {
	t.Helper()

	return h.ended(t, h.accepted(t, notification.Recipient{FiscalCode: "RSSMRA80A01H501U"}), db.Settlement{
		Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: notification.ChannelIO,
	})
}

// ended is the event of a notification that ends so.
func (h *hook) ended(t *testing.T, id string, end db.Settlement) workflows.WebhookInput {
	t.Helper()
	require.NoError(t, h.store.Settle(t.Context(), id, end))

	told, err := h.store.WebhookDeliveriesOf(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, told, 1)

	return workflows.WebhookInput{DeliveryID: told[0].ID, EnteID: h.service.EnteID, Round: 1}
}

func (h *hook) tell(t *testing.T, in workflows.WebhookInput) (workflows.WebhookResult, error) {
	t.Helper()

	k := h.task(t, workflows.ActivityTellApplication)
	result, err := run[workflows.WebhookResult](k, in)

	for _, told := range k.told {
		require.NotContains(t, told, "RSSMRA80A01H501U")
		require.NotContains(t, told, h.app.URL)
	}

	return result, err
}

func (h *hook) delivery(t *testing.T, in workflows.WebhookInput) notification.WebhookDelivery {
	t.Helper()

	read, err := h.store.WebhookDelivery(t.Context(), in.DeliveryID)
	require.NoError(t, err)

	return read
}

func (h *hook) state(t *testing.T) notification.Webhook {
	t.Helper()

	read, err := h.store.Webhook(t.Context(), h.webhook.ID)
	require.NoError(t, err)

	return read
}

func inside() outbound.Rules {
	return outbound.Rules{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowHTTP: true}
}

func TestApplicationIsTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		h := newHook(t, store, inside(), cadence())
		old := h.webhook.Secret
		changed := h.webhook
		changed.Secret, changed.Previous, changed.PreviousUntil = []byte("another secret of the webhook, 3"), old, time.Now().Add(time.Hour)
		require.NoError(t, store.UpdateWebhook(t.Context(), changed))

		result, err := h.tell(t, h.in)
		require.NoError(t, err)
		require.Equal(t, workflows.WebhookResult{State: notification.WebhookDelivered}, result)

		calls := h.app.got()
		require.Len(t, calls, 1)
		require.Equal(t, h.in.DeliveryID, calls[0].header.Get("Webhook-Id"))
		require.Equal(t, "application/json", calls[0].header.Get("Content-Type"))

		for _, secret := range [][]byte{old, changed.Secret} {
			verifier, err := standardwebhooks.NewWebhookRaw(secret)
			require.NoError(t, err)
			require.NoError(t, verifier.Verify(calls[0].body, calls[0].header))
			require.Error(t, verifier.Verify(append(calls[0].body, ' '), calls[0].header))
		}

		told := h.delivery(t, h.in)
		settled, err := store.Head(t.Context(), told.NotificationID)
		require.NoError(t, err)
		require.JSONEq(t, `{"type":"notification.settled","timestamp":"`+told.CreatedAt.Format(time.RFC3339Nano)+`","data":{
			"ente_id":"`+told.EnteID+`","notification_id":"`+told.NotificationID+`","service_id":"`+settled.ServiceID+`",
			"status":"delivered","reason":"io_delivered","channel":"io",
			"settled_at":"`+told.SettledAt.Format(time.RFC3339Nano)+`","run":1}}`, string(calls[0].body))

		require.Equal(t, 204, told.HTTPStatus)

		// A repetition of the activity, whose result Temporal did not get, calls nobody.
		_, err = h.tell(t, h.in)
		require.NoError(t, err)
		require.Len(t, h.app.got(), 1)
	})
}

func TestApplicationThatFailsIsToldAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		h := newHook(t, store, inside(), cadence())

		h.app.answers(http.StatusServiceUnavailable)

		_, err := h.tell(t, h.in)
		require.GreaterOrEqual(t, requireRetry(t, err, "answer"), 5*time.Second)
		require.Equal(t, 503, h.delivery(t, h.in).HTTPStatus)
		require.False(t, h.delivery(t, h.in).NextTryAt.IsZero())

		h.app.answers(http.StatusTooManyRequests, "Retry-After", "7200")

		_, err = h.tell(t, h.in)
		require.Equal(t, 2*time.Hour, requireRetry(t, err, "answer"))

		h.app.answers(http.StatusTooManyRequests, "Retry-After", "999999999")

		_, err = h.tell(t, h.in)
		require.Equal(t, 6*time.Hour, requireRetry(t, err, "answer"), "what it asks for has bounds")

		// Three in a row: it is left alone, whatever the event, and a test is told all the same.
		next := h.settled(t)
		_, err = h.tell(t, next)
		require.Greater(t, requireRetry(t, err, workflows.FailureStillWaiting), 50*time.Minute)
		require.Len(t, h.app.got(), 3)
		require.Zero(t, h.delivery(t, next).Tries)

		trial := workflows.WebhookInput{DeliveryID: uuid.NewString(), EnteID: h.in.EnteID, Round: 1}
		require.NoError(t, store.CreateWebhookTest(t.Context(), trial.DeliveryID, h.webhook))

		result, err := h.tell(t, trial)
		require.NoError(t, err)
		require.Equal(t, workflows.WebhookResult{State: notification.WebhookFailed, Fault: notification.WebhookFaultAnswer}, result)
		require.Equal(t, 3, h.state(t).Failures, "a test says nothing of the application")
	})
}

func TestOneCallTriesForAll(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		soon := cadence()
		soon.Failures, soon.Pause = 1, time.Nanosecond
		h := newHook(t, store, inside(), soon)

		h.app.answers(http.StatusBadGateway)
		_, err := h.tell(t, h.in)
		requireRetry(t, err, "answer")

		// Somebody else tries at present.
		paused := h.state(t)
		won, err := store.ProbeWebhook(t.Context(), paused.ID, paused.PausedUntil, time.Now().Add(time.Hour))
		require.NoError(t, err)
		require.True(t, won)

		_, err = h.tell(t, h.in)
		requireRetry(t, err, workflows.FailureStillWaiting)
		require.Len(t, h.app.got(), 1)

		// It died: its turn ends, and the next one tries.
		_, err = store.ProbeWebhook(t.Context(), paused.ID, h.state(t).PausedUntil, time.Now().Add(-time.Second))
		require.NoError(t, err)
		h.app.answers(http.StatusOK)

		result, err := h.tell(t, h.in)
		require.NoError(t, err)
		require.Equal(t, notification.WebhookDelivered, result.State)
		require.Zero(t, h.state(t).Failures)
		require.Zero(t, h.state(t).PausedUntil)
	})
}

func TestApplicationThatWantsNoMore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		h := newHook(t, store, inside(), cadence())
		next := h.settled(t)

		h.app.answers(http.StatusGone)

		result, err := h.tell(t, h.in)
		require.NoError(t, err)
		require.Equal(t, workflows.WebhookResult{State: notification.WebhookFailed, Fault: notification.WebhookFaultGone}, result)
		require.Equal(t, notification.WebhookGone, h.state(t).State)

		result, err = h.tell(t, next)
		require.NoError(t, err)
		require.Equal(t, notification.WebhookFaultOff, result.Fault)
		require.Len(t, h.app.got(), 1)

		entries, _, err := store.AuditLog(t.Context(), db.AuditFilter{Action: "webhook.gone"}, db.Cursor{}, 10)
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.Equal(t, h.webhook.ID, entries[0].ObjectID)
	})
}

// TestInsideIsNotCalled: an address that was in order when it was entered, and stands for one of the inside by now.
func TestInsideIsNotCalled(t *testing.T) {
	t.Parallel()

	rules := inside()
	rules.Allow = nil
	h := newHook(t, dbtest.Open(t, dbtest.EngineSQLite), rules, cadence())

	_, err := h.tell(t, h.in)
	requireRetry(t, err, string(outbound.FaultRefused))
	require.Empty(t, h.app.got())
	require.Equal(t, notification.WebhookFault(outbound.FaultRefused), h.delivery(t, h.in).Fault)
}

func TestTellingIsGivenUp(t *testing.T) {
	t.Parallel()

	impatient := cadence()
	impatient.Patience = time.Nanosecond
	h := newHook(t, dbtest.Open(t, dbtest.EngineSQLite), inside(), impatient)

	h.app.answers(http.StatusInternalServerError)

	result, err := h.tell(t, h.in)
	require.NoError(t, err)
	require.Equal(t, workflows.WebhookResult{State: notification.WebhookFailed, Fault: notification.WebhookFaultAnswer}, result)
	require.Len(t, h.app.got(), 1, "it is tried once at any rate")

	// Somebody wants it told once more; the round before has no say.
	require.NoError(t, h.store.RetellWebhook(t.Context(), h.in.DeliveryID))
	h.app.answers(http.StatusOK)
	_, err = h.tell(t, h.in)
	require.NoError(t, err)
	require.Len(t, h.app.got(), 1)

	h.in.Round = 2
	result, err = h.tell(t, h.in)
	require.NoError(t, err)
	require.Equal(t, notification.WebhookDelivered, result.State)
}
