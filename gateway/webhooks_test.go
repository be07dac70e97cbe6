package gateway_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const webhookURL = "https://avvisi.comune.example/genio?codice=capability"

func (b bundle) webhook(tb testing.TB) (gateway.Webhook, string) {
	tb.Helper()

	added, secret, err := b.AddWebhook(tb.Context(), b.user(gateway.RoleAdministrator),
		gateway.WebhookWish{EnteID: b.ente.ID, URL: webhookURL})
	require.NoError(tb, err)

	return added, secret
}

// TestWebhookLife walks what an administrator does to a webhook: each act is noted, and no entry has the address or a secret.
func TestWebhookLife(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		admin := b.user(gateway.RoleAdministrator)
		w, secret := b.webhook(t)

		require.True(t, strings.HasPrefix(secret, "whsec_"))
		require.Equal(t, notification.WebhookOn, w.State)

		read, err := b.Webhook(t.Context(), admin, w.ID)
		require.NoError(t, err)
		require.Equal(t, webhookURL, read.URL)

		require.NoError(t, b.MoveWebhook(t.Context(), admin, w.ID, 1, " https://altro.example/ "))
		require.ErrorIs(t, b.MoveWebhook(t.Context(), admin, w.ID, 1, webhookURL), gateway.ErrState, "somebody else was faster")

		rotated, fresh, err := b.RotateWebhookSecret(t.Context(), admin, w.ID, time.Hour)
		require.NoError(t, err)
		require.NotEqual(t, secret, fresh)
		require.WithinDuration(t, time.Now().Add(time.Hour), rotated.PreviousUntil, time.Minute)

		kept, err := store.Webhook(t.Context(), w.ID)
		require.NoError(t, err)
		require.Equal(t, "https://altro.example/", kept.URL)
		require.Len(t, kept.Previous, 32)

		require.ErrorIs(t, b.SwitchWebhook(t.Context(), admin, w.ID, true), gateway.ErrState)
		require.NoError(t, b.SwitchWebhook(t.Context(), admin, w.ID, false))
		require.NoError(t, b.SwitchWebhook(t.Context(), admin, w.ID, true))

		id, err := b.TestWebhook(t.Context(), admin, w.ID)
		require.NoError(t, err)
		require.ErrorIs(t, b.RetellWebhook(t.Context(), admin, id), gateway.ErrState, "it is still being told")
		require.NoError(t, store.RecordWebhookTry(t.Context(), id, 1, db.WebhookTry{At: time.Now(), Fault: "timeout"}))
		require.NoError(t, b.RetellWebhook(t.Context(), admin, id))
		require.NoError(t, b.RemoveWebhook(t.Context(), admin, w.ID))

		_, err = b.Webhook(t.Context(), admin, w.ID)
		require.ErrorIs(t, err, gateway.ErrNotFound)

		entries, _, err := store.AuditLog(t.Context(), db.AuditFilter{ObjectID: w.ID}, db.Cursor{}, 20)
		require.NoError(t, err)

		var acts []string

		for _, entry := range entries {
			acts = append(acts, entry.Action)
			require.Equal(t, b.ente.ID, entry.EnteID)

			for _, value := range entry.Detail {
				for _, hidden := range []string{"capability", "whsec_", strings.TrimPrefix(secret, "whsec_"), "https://"} {
					require.NotContains(t, value, hidden)
				}
			}
		}

		require.ElementsMatch(t, []string{
			"webhook.create", "webhook.move", "webhook.rotate", "webhook.switch_off", "webhook.switch_on", "webhook.test", "webhook.retell",
			"webhook.remove",
		}, acts)
	})
}

func TestBadWebhookIsRefused(t *testing.T) {
	t.Parallel()

	b := withTemporal(t, dbtest.Open(t, dbtest.EngineSQLite))
	admin := b.user(gateway.RoleAdministrator)
	other := b.foreignService(t)

	for address, code := range map[string]string{
		"": "required", "http://comune.example": "scheme", "https://10.1.2.3/": "network", "https://u@comune.example/": "userinfo",
		"https://comune.example:22/": "port", "https://comune.example/#a": "fragment", "https://": "invalid",
		"https://a.example/" + strings.Repeat("a", 2000): "too_long",
	} {
		_, _, err := b.AddWebhook(t.Context(), admin, gateway.WebhookWish{EnteID: b.ente.ID, URL: address})
		fields, ok := errors.AsType[notification.FieldErrors](err)
		require.True(t, ok, address)
		require.Equal(t, "url", fields[0].Field)
		require.Equal(t, code, fields[0].Code, address)
	}

	_, _, err := b.AddWebhook(t.Context(), admin, gateway.WebhookWish{EnteID: b.ente.ID, ServiceID: other, URL: webhookURL})
	require.ErrorContains(t, err, "service_id")

	b.webhook(t)
	_, _, err = b.AddWebhook(t.Context(), admin, gateway.WebhookWish{EnteID: b.ente.ID, URL: webhookURL})
	require.ErrorContains(t, err, "there is one already")
}

// foreignService is a service of another Ente.
func (b bundle) foreignService(tb testing.TB) string {
	tb.Helper()

	system := gateway.Actor{Kind: gateway.ActorSystem, ID: "test", Name: "test"}
	ente, err := b.CreateEnte(tb.Context(), system, "Comune di Altrove", "80000000002")
	require.NoError(tb, err)

	service, err := b.CreateService(tb.Context(), system, notification.Service{
		EnteID: ente.ID, Name: "Tributi", Policy: notification.DefaultPolicy(), MaxPaymentCents: 1, SMSSender: "ALTROVE",
	}, notification.ServiceKeys{Primary: "0f6ad1f0b5c24e2b"})
	require.NoError(tb, err)

	return service.ID
}

// TestWebhooksAreForTheirAdministrators: others of the Ente may not, and those of another Ente do not even learn that it exists.
func TestWebhooksAreForTheirAdministrators(t *testing.T) {
	t.Parallel()

	b := withTemporal(t, dbtest.Open(t, dbtest.EngineSQLite))
	w, _ := b.webhook(t)
	id, err := b.TestWebhook(t.Context(), b.user(gateway.RoleAdministrator), w.ID)
	require.NoError(t, err)

	stranger := b.user(gateway.RoleAdministrator)
	stranger.EnteID = "0192f0c4-0000-7000-8000-000000000000"

	for want, actor := range map[error]gateway.Actor{
		gateway.ErrForbidden: b.user(gateway.RoleOperator), gateway.ErrNotFound: stranger,
	} {
		for name, do := range map[string]func() error{
			"Webhooks":            func() error { _, err := b.Webhooks(t.Context(), actor, b.ente.ID); return err },
			"Webhook":             func() error { _, err := b.Webhook(t.Context(), actor, w.ID); return err },
			"WebhookDeliveries":   func() error { _, err := b.WebhookDeliveries(t.Context(), actor, w.ID, ""); return err },
			"WebhookDelivery":     func() error { _, err := b.WebhookDelivery(t.Context(), actor, id); return err },
			"MoveWebhook":         func() error { return b.MoveWebhook(t.Context(), actor, w.ID, 1, webhookURL) },
			"SwitchWebhook":       func() error { return b.SwitchWebhook(t.Context(), actor, w.ID, false) },
			"RemoveWebhook":       func() error { return b.RemoveWebhook(t.Context(), actor, w.ID) },
			"RetellWebhook":       func() error { return b.RetellWebhook(t.Context(), actor, id) },
			"TestWebhook":         func() error { _, err := b.TestWebhook(t.Context(), actor, w.ID); return err },
			"RotateWebhookSecret": func() error { _, _, err := b.RotateWebhookSecret(t.Context(), actor, w.ID, time.Hour); return err },
			"AddWebhook": func() error {
				_, _, err := b.AddWebhook(t.Context(), actor, gateway.WebhookWish{EnteID: b.ente.ID, URL: webhookURL})

				return err
			},
		} {
			require.ErrorIs(t, do(), want, name)
		}
	}
}

// TestSupportSeesWhatApplicationsAreTold, but neither what may be secret nor any way to change it.
func TestSupportSeesWhatApplicationsAreTold(t *testing.T) {
	t.Parallel()

	b := withTemporal(t, dbtest.Open(t, dbtest.EngineSQLite))
	admin := b.user(gateway.RoleAdministrator)
	w, _ := b.webhook(t)
	require.True(t, w.MayChange)

	id, err := b.TestWebhook(t.Context(), admin, w.ID)
	require.NoError(t, err)

	listed, err := b.Webhooks(t.Context(), support(), b.ente.ID)
	require.NoError(t, err)
	require.Len(t, listed, 1)

	read, err := b.Webhook(t.Context(), support(), w.ID)
	require.NoError(t, err)

	for _, shown := range []gateway.Webhook{listed[0], read} {
		require.Equal(t, "https://avvisi.comune.example/…", shown.URL)
		require.False(t, shown.MayChange)
		require.Equal(t, w.State, shown.State)
	}

	told, err := b.WebhookDeliveries(t.Context(), support(), w.ID, "")
	require.NoError(t, err)
	require.Len(t, told, 1)

	_, err = b.WebhookDelivery(t.Context(), support(), id)
	require.NoError(t, err)

	for name, do := range map[string]func() error{
		"MoveWebhook":         func() error { return b.MoveWebhook(t.Context(), support(), w.ID, 1, webhookURL) },
		"SwitchWebhook":       func() error { return b.SwitchWebhook(t.Context(), support(), w.ID, false) },
		"RemoveWebhook":       func() error { return b.RemoveWebhook(t.Context(), support(), w.ID) },
		"RetellWebhook":       func() error { return b.RetellWebhook(t.Context(), support(), id) },
		"TestWebhook":         func() error { _, err := b.TestWebhook(t.Context(), support(), w.ID); return err },
		"RotateWebhookSecret": func() error { _, _, err := b.RotateWebhookSecret(t.Context(), support(), w.ID, time.Hour); return err },
		"AddWebhook": func() error {
			_, _, err := b.AddWebhook(t.Context(), support(), gateway.WebhookWish{EnteID: b.ente.ID, URL: webhookURL})

			return err
		},
	} {
		require.ErrorIs(t, do(), gateway.ErrForbidden, name)
	}

	require.NoError(t, b.MoveWebhook(t.Context(), admin, w.ID, 1, "https://avvisi.comune.example:8443/"))

	read, err = b.Webhook(t.Context(), support(), w.ID)
	require.NoError(t, err)
	require.Equal(t, "https://avvisi.comune.example:8443", read.URL, "there is nothing to leave out")
}

// TestSettlementsAreTold: what the database noted with a settlement is started by the sweep, and stands in the timeline.
func TestSettlementsAreTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.webhook(t)

		answer, err := b.Submit(t.Context(), b.application(), b.submission())
		require.NoError(t, err)
		require.NoError(t, store.Settle(t.Context(), answer.ID, db.Settlement{
			Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: notification.ChannelIO,
		}))

		told, err := store.WebhookDeliveriesOf(t.Context(), answer.ID)
		require.NoError(t, err)
		require.Len(t, told, 1)

		b.run(t)
		require.Eventually(t, func() bool {
			starts, err := store.UnstartedWebhooks(t.Context(), 10)

			return err == nil && len(starts) == 0
		}, time.Minute, 10*time.Millisecond)

		starts := b.temporal.startsOf("webhook/" + told[0].ID + "/1")
		require.Len(t, starts, 1)
		require.Equal(t, b.ente.ID, starts[0].GetPriority().GetFairnessKey())
		requireNoPersonalData(t, starts[0])

		for tries, state := range []notification.EntryState{notification.EntryRunning, notification.EntryDone} {
			timeline, err := b.Timeline(t.Context(), b.application(), answer.ID)
			require.NoError(t, err)

			last := timeline.Entries[len(timeline.Entries)-1]
			require.Equal(t, notification.EntryToldApplication, last.Kind)
			require.Equal(t, state, last.State)
			require.Equal(t, tries, last.Tries)

			require.NoError(t, store.RecordWebhookTry(t.Context(), told[0].ID, 1, db.WebhookTry{At: time.Now(), HTTPStatus: 204}))
		}
	})
}
