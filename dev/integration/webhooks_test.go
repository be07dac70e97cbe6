package integration_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
)

// inside lets webhooks be on this machine.
func inside() wiring.Outbound { return wiring.Outbound{Allow: []string{"127.0.0.0/8"}, HTTP: true} }

// briskWebhooks are told again as usual, but sooner.
func briskWebhooks() activities.WebhookCadence {
	c := activities.DefaultWebhookCadence()
	c.First, c.Last, c.Pause, c.LongestPause = time.Second, time.Second, time.Second, time.Second

	return c
}

// hook is a webhook of an Ente at one of the simulator's receivers.
type hook struct {
	gateway.Webhook

	secret    string
	behaviour string
}

func (p *pieces) webhook(t *testing.T, of tenant, behaviour string) hook {
	t.Helper()

	added, secret, err := of.does.AddWebhook(t.Context(), of.system, gateway.WebhookWish{
		EnteID: of.id, URL: "http://" + p.simulatorAddress + "/webhooks/" + behaviour,
	})
	require.NoError(t, err)

	return hook{added, secret, behaviour}
}

// got is what the hook's receiver took, by the id of the notification.
func (p *pieces) got(t *testing.T, of hook) map[string][]simulator.ReceivedWebhook {
	t.Helper()

	verifier, err := standardwebhooks.NewWebhook(of.secret)
	require.NoError(t, err)

	got := map[string][]simulator.ReceivedWebhook{}

	for _, received := range p.plays.Webhooks() {
		if received.Behaviour != of.behaviour {
			continue
		}

		require.NoError(t, verifier.VerifyIgnoringTimestamp([]byte(received.Body), received.Header))

		var body struct {
			Data struct {
				NotificationID string `json:"notification_id"`
			} `json:"data"`
		}

		require.NoError(t, json.Unmarshal([]byte(received.Body), &body))
		got[body.Data.NotificationID] = append(got[body.Data.NotificationID], received)
	}

	return got
}

func (p *pieces) awaitTold(t *testing.T, id string, state notification.WebhookDeliveryState) notification.WebhookDelivery {
	t.Helper()

	var told []notification.WebhookDelivery

	require.Eventually(t, func() bool {
		var err error

		told, err = p.store.WebhookDeliveriesOf(t.Context(), id)

		return err == nil && len(told) == 1 && told[0].State == state
	}, 2*time.Minute, 50*time.Millisecond)

	return told[0]
}

// TestWebhooks has applications told of what became of their Enti's notifications: each of its own, once, signed, with nothing of
// the citizen.
func TestWebhooks(t *testing.T) {
	t.Parallel()

	p := layOut(t)
	other := foundTenant(t, p.tenant.does, p.plays, newSecrets(), 2)
	ours, theirs := p.webhook(t, p.tenant, "ours"), p.webhook(t, other, "gone")
	p.startWorker(t)

	one := p.tenant.service(t, "one", notification.DefaultPolicy())
	two := other.service(t, "two", notification.DefaultPolicy())
	wanted := orderFor(one, simulator.FiscalCode(simulator.CitizenDelivered, 1), "")
	id := p.tenant.submit(t, wanted)
	foreign := other.submit(t, orderFor(two, simulator.FiscalCode(simulator.CitizenDelivered, 2), ""))

	told := p.awaitTold(t, id, notification.WebhookDelivered)
	require.Equal(t, ours.ID, told.WebhookID)
	require.Equal(t, http.StatusNoContent, told.HTTPStatus)

	refused := p.awaitTold(t, foreign, notification.WebhookFailed)
	require.Equal(t, notification.WebhookFaultGone, refused.Fault)

	got := p.got(t, ours)
	require.Len(t, got, 1, "another Ente's notification is not told here")
	require.Len(t, got[id], 1)
	require.Equal(t, told.ID, got[id][0].Header.Get("Webhook-Id"))
	require.Contains(t, got[id][0].Body, `"status":"delivered"`)
	require.NotContains(t, strings.ToUpper(got[id][0].Body), simulator.FiscalCode(simulator.CitizenDelivered, 1))
	require.Contains(t, p.tenant.timeline(t, id).codes(), "told_application")

	gone, err := other.does.Webhook(t.Context(), other.system, theirs.ID)
	require.NoError(t, err)
	require.Equal(t, notification.WebhookGone, gone.State)

	// A test is told while it is off; and what failed is told once more where it was moved to.
	require.NoError(t, other.does.MoveWebhook(t.Context(), other.system, theirs.ID, gone.Version,
		"http://"+p.simulatorAddress+"/webhooks/theirs"))
	require.NoError(t, other.does.SwitchWebhook(t.Context(), other.system, theirs.ID, true))
	require.NoError(t, other.does.RetellWebhook(t.Context(), other.system, refused.ID))
	p.awaitTold(t, foreign, notification.WebhookDelivered)

	theirs.behaviour = "theirs"
	require.Len(t, p.got(t, theirs)[foreign], 1)
	require.Equal(t, refused.ID, p.got(t, theirs)[foreign][0].Header.Get("Webhook-Id"), "it is the same event")
}

// TestWebhookOutlivesItsWorkerAndAnOutage: the application does not answer, the worker that told it is killed, and in the end the
// application has it.
func TestWebhookOutlivesItsWorkerAndAnOutage(t *testing.T) {
	t.Parallel()

	p := layOut(t)
	down := p.webhook(t, p.tenant, "fail")
	one := p.tenant.service(t, "one", notification.DefaultPolicy())
	dies := p.startWorkerProcess(t)
	id := p.tenant.submit(t, orderFor(one, simulator.FiscalCode(simulator.CitizenDelivered, 3), ""))

	require.Eventually(t, func() bool { return len(p.got(t, down)[id]) > 1 }, 2*time.Minute, 50*time.Millisecond)
	dies.kill()

	read, err := p.tenant.does.Webhook(t.Context(), p.tenant.system, down.ID)
	require.NoError(t, err)
	require.NoError(t, p.tenant.does.MoveWebhook(t.Context(), p.tenant.system, down.ID, read.Version,
		"http://"+p.simulatorAddress+"/webhooks/back"))
	p.startWorker(t)
	p.awaitTold(t, id, notification.WebhookDelivered)

	back := hook{down.Webhook, down.secret, "back"}
	require.Len(t, p.got(t, back)[id], 1)
}

// TestWebhookInsideIsRefused: at entry, and at the call where it was entered while it was still allowed.
func TestWebhookInsideIsRefused(t *testing.T) {
	t.Parallel()

	p := layOut(t)
	hook := p.webhook(t, p.tenant, "inside")
	one := p.tenant.service(t, "one", notification.DefaultPolicy())

	_, _, err := p.tenant.does.AddWebhook(t.Context(), p.tenant.system, gateway.WebhookWish{
		EnteID: p.tenant.id, ServiceID: one.id, URL: "https://169.254.169.254/latest/meta-data/",
	})
	require.ErrorContains(t, err, "url")

	part := p.workerPart()
	part.Outbound = wiring.Outbound{HTTP: true}
	works, err := part.worker(p.store, p.engine, zap.NewNop())
	require.NoError(t, err)
	p.run(t, works.Run)

	id := p.tenant.submit(t, orderFor(one, simulator.FiscalCode(simulator.CitizenDelivered, 4), ""))
	require.Eventually(t, func() bool {
		told, err := p.store.WebhookDeliveriesOf(t.Context(), id)

		return err == nil && len(told) == 1 && told[0].Tries > 1 && told[0].Fault == "address_refused"
	}, 2*time.Minute, 50*time.Millisecond)
	require.Empty(t, p.got(t, hook))
}
