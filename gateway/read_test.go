package gateway_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
)

// requireMasked wants a view without the recipient.
func requireMasked(tb testing.TB, view gateway.View) {
	tb.Helper()

	require.Equal(tb, notification.Recipient{}, view.Recipient)
	require.Equal(tb, fiscalcode.Mask(fiscalCode), view.MaskedFiscalCode)
	require.Equal(tb, sms.MaskPhone(phone), view.MaskedPhone)
	require.Equal(tb, "Comune di Prova", view.EnteName)
	require.Equal(tb, "Anagrafe", view.ServiceName)

	shown, err := json.Marshal(view)
	require.NoError(tb, err)
	require.NotContains(tb, string(shown), fiscalCode)
	require.NotContains(tb, string(shown), phone)
}

func TestNotificationIsMasked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		awaiting := b.awaiting(t)

		view, err := b.Notification(t.Context(), b.application(), awaiting.NotificationID)

		require.NoError(t, err)
		requireMasked(t, view)
		require.Equal(t, awaiting.NotificationID, view.ID)
		require.Equal(t, subject, view.Content.Subject)
		require.Equal(t, markdown, view.Content.Markdown)
		require.Equal(t, []notification.Attempt{awaiting}, view.Attempts)
	})
}

func TestNotificationWithoutAPhone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.accepted(t, func(n *notification.Notification) { n.Recipient.Phone = "" })

		view, err := b.Notification(t.Context(), b.application(), id)

		require.NoError(t, err)
		require.Empty(t, view.MaskedPhone)
	})
}

func TestWhoSeesANotification(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)
		id := b.accepted(t)

		bound, elsewhere := b.application(), b.application()
		bound.ServiceIDs = []string{b.service.ID}
		elsewhere.ServiceIDs = []string{newService(t, store, b.ente.ID).ID}

		for _, actor := range []gateway.Actor{
			b.application(), bound, b.user(gateway.RoleOperator), b.user(gateway.RoleAuditor), support(), system(),
		} {
			_, err := b.Notification(t.Context(), actor, id)
			require.NoError(t, err)
		}

		for _, actor := range []gateway.Actor{foreign.application(), foreign.user(gateway.RoleSupport), elsewhere, {}} {
			_, err := b.Notification(t.Context(), actor, id)
			require.ErrorIs(t, err, gateway.ErrNotFound)
		}

		for _, unknown := range []string{newID(t), "no id", "", "\x00"} {
			_, err := b.Notification(t.Context(), support(), unknown)
			require.ErrorIs(t, err, gateway.ErrNotFound)
		}
	})
}

func TestWhatIsPossible(t *testing.T) {
	t.Parallel()

	open := gateway.Possible{Cancel: true, Hold: true}
	held := gateway.Possible{Cancel: true, Resume: true}
	uncertain := gateway.Possible{Cancel: true, Decide: true}
	failed := gateway.Possible{Retry: true}

	cases := map[string]struct {
		status notification.Status
		reason notification.Reason
		want   gateway.Possible
	}{
		"accepted":          {notification.StatusAccepted, "", open},
		"scheduled":         {notification.StatusScheduled, "", open},
		"in progress":       {notification.StatusInProgress, "", open},
		"held":              {notification.StatusOnHold, notification.ReasonHeldByOperator, held},
		"held for IO":       {notification.StatusOnHold, notification.ReasonIOOutcomeUncertain, uncertain},
		"held for the SMS":  {notification.StatusOnHold, notification.ReasonSMSOutcomeUncertain, uncertain},
		"delivered":         {notification.StatusDelivered, notification.ReasonIODelivered, gateway.Possible{}},
		"not delivered":     {notification.StatusNotDelivered, notification.ReasonSMSUnreachable, gateway.Possible{}},
		"failed":            {notification.StatusFailed, notification.ReasonIOUnavailable, failed},
		"failed, uncertain": {notification.StatusFailed, notification.ReasonIOOutcomeUncertain, failed},
		"cancelled":         {notification.StatusCancelled, notification.ReasonPaid, gateway.Possible{}},
		"expired":           {notification.StatusExpired, notification.ReasonExpired, gateway.Possible{}},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				id := b.in(t, test.status, test.reason)

				for _, actor := range []gateway.Actor{
					b.application(), b.user(gateway.RoleOperator), b.user(gateway.RoleAdministrator), support(),
					b.user(gateway.RoleSystem), system(),
				} {
					view, err := b.Notification(t.Context(), actor, id)
					require.NoError(t, err)
					require.Equal(t, test.want, view.Possible, actor.Role)
				}

				view, err := b.Notification(t.Context(), b.user(gateway.RoleAuditor), id)
				require.NoError(t, err)
				require.Equal(t, gateway.Possible{}, view.Possible)
			})
		}
	})
}

func TestReadingWithoutADatabase(t *testing.T) {
	t.Parallel()

	b := withoutDatabase(t)
	ctx, actor := t.Context(), b.application()

	_, err := b.Notification(ctx, actor, newID(t))
	require.ErrorIs(t, err, gateway.ErrUnavailable)

	_, err = b.Notifications(ctx, actor, gateway.Query{})
	require.ErrorIs(t, err, gateway.ErrUnavailable)

	_, err = b.Counts(ctx, actor, gateway.Query{})
	require.ErrorIs(t, err, gateway.ErrUnavailable)

	_, err = b.Timeline(ctx, actor, newID(t))
	require.ErrorIs(t, err, gateway.ErrUnavailable)

	_, err = b.Services(ctx, actor)
	require.ErrorIs(t, err, gateway.ErrUnavailable)

	_, err = b.Enti(ctx, actor)
	require.ErrorIs(t, err, gateway.ErrUnavailable)
}

// minutesAgo spreads notifications over time.
func minutesAgo(minutes int) func(*notification.Notification) {
	return func(n *notification.Notification) {
		n.AcceptedAt = time.Now().Add(-time.Duration(minutes) * time.Minute)
	}
}
