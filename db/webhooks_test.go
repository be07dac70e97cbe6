package db_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

// webhook keeps a webhook of the tenant as a whole.
func (f tenant) webhook(tb testing.TB, change ...func(*notification.Webhook)) notification.Webhook {
	tb.Helper()

	w := notification.Webhook{
		ID: newID(tb), EnteID: f.ente.ID, URL: "https://avvisi.comune.example/genio", Secret: []byte("webhook-secret-of-the-ente"),
		SecretSetAt: moment(0), State: notification.WebhookOn, StateSince: moment(0), CreatedAt: moment(0), Version: 1,
	}
	for _, c := range change {
		c(&w)
	}

	require.NoError(tb, f.store.CreateWebhook(tb.Context(), w))

	return w
}

// ofService makes it the webhook of the tenant's service alone.
func (f tenant) ofService(w *notification.Webhook) { w.ServiceID = f.service.ID }

func switchedOff(w *notification.Webhook) { w.State = notification.WebhookOff }

// told is what a notification's settlements are told, by webhook.
func (f tenant) told(tb testing.TB, id string) []notification.WebhookDelivery {
	tb.Helper()

	told, err := f.store.WebhookDeliveriesOf(tb.Context(), id)
	require.NoError(tb, err)

	return told
}

func TestWebhookIsKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		own := f.webhook(t, f.ofService)
		all := f.webhook(t)

		read, err := store.Webhook(t.Context(), own.ID)
		require.NoError(t, err)
		require.Equal(t, own, read)

		listed, err := store.Webhooks(t.Context(), f.ente.ID)
		require.NoError(t, err)
		require.Equal(t, []notification.Webhook{all, own}, listed)

		for _, twin := range []notification.Webhook{own, all} {
			twin.ID = newID(t)
			require.ErrorIs(t, store.CreateWebhook(t.Context(), twin), db.ErrDuplicate)
		}

		changed := own
		changed.URL, changed.Secret, changed.Previous, changed.PreviousUntil = "https://altro.example", []byte("new"), own.Secret, moment(9)
		require.NoError(t, store.UpdateWebhook(t.Context(), changed))
		require.ErrorIs(t, store.UpdateWebhook(t.Context(), changed), db.ErrConflict)

		changed.Version++
		read, err = store.Webhook(t.Context(), own.ID)
		require.NoError(t, err)
		require.Equal(t, changed, read)
	})
}

func TestRemovedWebhookKeepsNoTarget(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		removed := f.webhook(t)
		removed.State = notification.WebhookRemoved
		require.NoError(t, store.UpdateWebhook(t.Context(), removed))

		read, err := store.Webhook(t.Context(), removed.ID)
		require.NoError(t, err)
		require.Empty(t, read.URL)
		require.Empty(t, read.Secret)

		listed, err := store.Webhooks(t.Context(), f.ente.ID)
		require.NoError(t, err)
		require.Empty(t, listed)

		read.State = notification.WebhookOn
		require.ErrorIs(t, store.UpdateWebhook(t.Context(), read), db.ErrConflict, "what is removed stays so")
		f.webhook(t) // its place is free
	})
}

// TestSettlementIsTold: the row is written with the settlement itself, to the webhook that the service has, and to nobody else's.
func TestSettlementIsTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		for name, setUp := range map[string]func(f tenant) (want string){
			"of the Ente":        func(f tenant) string { return f.webhook(t).ID },
			"of the service":     func(f tenant) string { return f.webhook(t, f.ofService).ID },
			"of both":            func(f tenant) string { f.webhook(t); return f.webhook(t, f.ofService).ID },
			"none":               func(tenant) string { return "" },
			"off":                func(f tenant) string { f.webhook(t, switchedOff); return "" },
			"off of the service": func(f tenant) string { f.webhook(t); f.webhook(t, f.ofService, switchedOff); return "" },
			"of another Ente":    func(tenant) string { newTenant(t, store).webhook(t); return "" },
			"removed of the service": func(f tenant) string {
				w := f.webhook(t, f.ofService)
				w.State = notification.WebhookRemoved
				require.NoError(t, store.UpdateWebhook(t.Context(), w))

				return f.webhook(t).ID
			},
		} {
			f := newTenant(t, store)
			want := setUp(f)
			id := f.begun(t)
			require.Empty(t, f.told(t, id), "%s: not settled yet", name)

			f.settle(t, id, notification.StatusNotDelivered, notification.ReasonSMSBlocked)
			f.settle(t, id, notification.StatusFailed, notification.ReasonInternalError) // the first settlement stands

			told := f.told(t, id)
			if want == "" {
				require.Empty(t, told, name)

				continue
			}

			require.Len(t, told, 1, name)
			require.Equal(t, want, told[0].WebhookID, name)
			require.Equal(t, f.ente.ID, told[0].EnteID)
			require.Equal(t, f.head(t, id).SettledAt, told[0].SettledAt)
			require.Equal(t, notification.WebhookDelivery{
				ID: told[0].ID, WebhookID: want, EnteID: f.ente.ID, Event: notification.WebhookSettled, NotificationID: id, Run: 1,
				Status: notification.StatusNotDelivered, Reason: notification.ReasonSMSBlocked, SettledAt: told[0].SettledAt,
				State: notification.WebhookWaiting, Round: 1, QueuedAt: told[0].SettledAt, CreatedAt: told[0].SettledAt,
			}, told[0])

			require.NoError(t, store.UpgradeSettlement(t.Context(), id, db.Settlement{
				Status: notification.StatusDelivered, Reason: notification.ReasonSMSDelivered, Channel: notification.ChannelSMS,
			}))

			told = f.told(t, id)
			require.Len(t, told, 2, "a correction is news")
			require.Equal(t, notification.StatusDelivered, told[1].Status)
			require.Equal(t, notification.ChannelSMS, told[1].Channel)
			require.NotEqual(t, told[0].ID, told[1].ID)
		}
	})
}

func TestUnstartedWebhooksTakeTurns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		flood, few := newTenant(t, store), newTenant(t, store)
		first, second := flood.webhook(t), few.webhook(t)

		for range 5 {
			require.NoError(t, store.CreateWebhookTest(t.Context(), newID(t), first))
		}

		id := newID(t)
		require.NoError(t, store.CreateWebhookTest(t.Context(), id, second))

		starts, err := store.UnstartedWebhooks(t.Context(), 2)
		require.NoError(t, err)
		require.Len(t, starts, 2)
		require.Contains(t, starts, db.WebhookStart{ID: id, EnteID: few.ente.ID, Round: 1})

		require.NoError(t, store.MarkWebhookStarted(t.Context(), id, 2))
		require.Len(t, unstarted(t, store), 6, "another round is no news")
		require.NoError(t, store.MarkWebhookStarted(t.Context(), id, 1))
		require.Len(t, unstarted(t, store), 5)
	})
}

func unstarted(t *testing.T, store *db.Store) []db.WebhookStart {
	t.Helper()

	starts, err := store.UnstartedWebhooks(t.Context(), 100)
	require.NoError(t, err)

	return starts
}

func TestWebhookDeliveryRounds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		w, id := f.webhook(t), newID(t)
		require.NoError(t, store.CreateWebhookTest(t.Context(), id, w))
		require.NoError(t, store.MarkWebhookStarted(t.Context(), id, 1))

		record := func(round int, try db.WebhookTry) notification.WebhookDelivery {
			require.NoError(t, store.RecordWebhookTry(t.Context(), id, round, try))

			read, err := store.WebhookDelivery(t.Context(), id)
			require.NoError(t, err)

			return read
		}

		// No call, because of a pause; then a call in vain; then the end.
		read := record(1, db.WebhookTry{NextTryAt: moment(5)})
		require.Zero(t, read.Tries)
		require.Equal(t, moment(5), read.NextTryAt)

		read = record(1, db.WebhookTry{
			At: moment(5), Fault: notification.WebhookFaultAnswer, HTTPStatus: 503, Duration: 1200 * time.Millisecond, NextTryAt: moment(6),
		})
		require.Equal(t, 1, read.Tries)
		require.Equal(t, 503, read.HTTPStatus)
		require.Equal(t, 1200*time.Millisecond, read.Duration)
		require.Equal(t, notification.WebhookWaiting, read.State)
		require.ErrorIs(t, store.RetellWebhook(t.Context(), id), db.ErrConflict)

		read = record(1, db.WebhookTry{At: moment(6), Fault: "timeout"})
		require.Equal(t, notification.WebhookFailed, read.State)
		require.Equal(t, 2, read.Tries)
		require.Zero(t, read.HTTPStatus)
		require.Zero(t, read.NextTryAt)
		require.NotZero(t, read.EndedAt)
		require.Equal(t, read, record(1, db.WebhookTry{At: moment(7), HTTPStatus: 204}), "after the end nothing changes")

		require.NoError(t, store.RetellWebhook(t.Context(), id))
		require.Equal(t, []db.WebhookStart{{ID: id, EnteID: f.ente.ID, Round: 2}}, unstarted(t, store))

		again, err := store.WebhookDelivery(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, again, record(1, db.WebhookTry{At: moment(8), HTTPStatus: 204}), "the round before has no say")

		read = record(2, db.WebhookTry{At: moment(8), HTTPStatus: 204})
		require.Equal(t, notification.WebhookDelivered, read.State)
		require.Equal(t, 1, read.Tries)

		failed, err := store.WebhookDeliveries(t.Context(), w.ID, notification.WebhookFailed, 10)
		require.NoError(t, err)
		require.Empty(t, failed)

		purged, err := store.PurgeWebhookDeliveries(t.Context(), farFuture())
		require.NoError(t, err)
		require.Equal(t, 1, purged)
	})
}

func TestWebhookPauses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.webhook(t).ID
		read := func() notification.Webhook {
			w, err := store.Webhook(t.Context(), id)
			require.NoError(t, err)

			return w
		}
		fail := func(seen time.Time) notification.Webhook {
			require.NoError(t, store.NoteWebhookFailure(t.Context(), id, seen, func(failures int) time.Duration {
				return time.Duration(max(0, failures-1)) * time.Hour
			}))

			return read()
		}

		require.Zero(t, fail(time.Time{}).PausedUntil)
		paused := fail(time.Time{})
		require.Equal(t, 2, paused.Failures)
		require.NotZero(t, paused.PausedUntil)
		require.Equal(t, paused, fail(time.Time{}), "a call that began before the pause counts no more")

		won, err := store.ProbeWebhook(t.Context(), id, paused.PausedUntil, farFuture())
		require.NoError(t, err)
		require.True(t, won)

		won, err = store.ProbeWebhook(t.Context(), id, paused.PausedUntil, farFuture())
		require.NoError(t, err)
		require.False(t, won, "one tries for all")

		longer := fail(read().PausedUntil)
		require.Equal(t, 3, longer.Failures)
		require.True(t, longer.PausedUntil.After(paused.PausedUntil))

		require.NoError(t, store.NoteWebhookAnswer(t.Context(), id))
		require.Zero(t, read().Failures)
		require.Zero(t, read().PausedUntil)

		for _, want := range []bool{true, false} {
			news, err := store.WebhookWentAway(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, want, news)
		}

		require.Equal(t, notification.WebhookGone, read().State)
	})
}
