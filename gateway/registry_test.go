package gateway_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const secondKey = "77cc0b9e3d9e4e6a9b0d5b1e2f3a4b5c"

// governor is a person who administers the system.
func governor() gateway.Actor {
	return gateway.Actor{Kind: gateway.ActorUser, ID: "governor", Name: "Silvia Sistemista", Role: gateway.RoleSystem}
}

// noted lists the acts on an object, the latest first.
func (b bundle) noted(t *testing.T, id string) []db.AuditEntry {
	t.Helper()

	entries, _, err := b.store.AuditLog(t.Context(), db.AuditFilter{ObjectID: id}, db.Cursor{}, 20)
	require.NoError(t, err)

	return entries
}

func TestLifeOfAnEnte(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		ctx := t.Context()

		admitted, err := b.AdmitEnte(ctx, governor(), gateway.EnteData{Name: "Comune di Borgo Esempio"}, enteCode)
		require.NoError(t, err)

		move := func(to notification.EnteState, change func(*gateway.EnteMove)) error {
			t.Helper()

			view, err := b.Ente(ctx, governor(), admitted.ID)
			require.NoError(t, err)

			wish := gateway.EnteMove{To: to}
			if change != nil {
				change(&wish)
			}

			return b.MoveEnte(ctx, governor(), admitted.ID, view.Version, wish)
		}

		_, err = b.CreateService(ctx, governor(), notification.Service{
			EnteID: admitted.ID, Name: "Tributi", Policy: notification.DefaultPolicy(),
		}, notification.ServiceKeys{Primary: secondKey})
		require.NoError(t, err)

		require.ErrorIs(t, move(notification.EnteActive, nil), gateway.ErrState, "the agreement comes first")
		requireFields(t, move(notification.EnteAdhering, nil), map[string]string{
			"agreement.version": "required", "agreement.signed_on": "invalid",
		})
		requireFields(t, move(notification.EnteAdhering, func(m *gateway.EnteMove) {
			m.Agreement = notification.Agreement{Version: "1.2", SignedOn: time.Now().AddDate(0, 0, 2).Format(time.DateOnly)}
		}), map[string]string{"agreement.signed_on": "future"})
		require.NoError(t, move(notification.EnteAdhering, func(m *gateway.EnteMove) {
			m.Agreement = notification.Agreement{Version: "1.2", SignedOn: "2026-01-15"}
		}))
		require.NoError(t, move(notification.EnteActive, nil))
		requireFields(t, move(notification.EnteSuspended, nil), map[string]string{"reason": "required"})
		require.NoError(t, move(notification.EnteSuspended, func(m *gateway.EnteMove) { m.Reason = "Accordo da rinnovare" }))

		view, err := b.Ente(ctx, governor(), admitted.ID)
		require.NoError(t, err)
		require.False(t, view.Active)
		require.Equal(t, "Accordo da rinnovare", view.StateReason)
		require.Equal(t, notification.Agreement{Version: "1.2", SignedOn: "2026-01-15"}, view.Agreement)
		require.Equal(t, []notification.EnteState{notification.EnteActive, notification.EnteLeft}, view.Next)

		require.NoError(t, move(notification.EnteActive, nil))
		require.NoError(t, move(notification.EnteLeft, func(m *gateway.EnteMove) { m.Reason = "Recesso" }))
		require.ErrorIs(t, move(notification.EnteActive, nil), gateway.ErrState, "whoever left does not come back")

		entries := b.noted(t, admitted.ID)
		require.Len(t, entries, 6)
		require.Equal(t, "ente.move", entries[0].Action)
		require.Equal(t, map[string]string{"from": "active", "to": "left", "reason": "Recesso"}, entries[0].Detail)
		require.Equal(t, "ente.create", entries[5].Action)
	})
}

func TestOnlyAnActiveEnteSends(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		view, err := b.Ente(t.Context(), governor(), b.ente.ID)
		require.NoError(t, err)
		require.NoError(t, b.MoveEnte(t.Context(), governor(), b.ente.ID, view.Version,
			gateway.EnteMove{To: notification.EnteSuspended, Reason: "Prova"}))

		_, err = b.CheckRecipient(t.Context(), b.application(), b.service.ID, fiscalCode)
		requireFields(t, err, map[string]string{"service_id": "inactive"})
	})
}

func TestChangesOfAnEnteAreForWhoMay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		ctx := t.Context()
		contact := notification.Contact{Name: "Rosa Referente", Email: "rosa@prova.example"}
		administrator := b.user(gateway.RoleAdministrator)

		require.NoError(t, b.DescribeEnte(ctx, administrator, b.ente.ID, 1, gateway.EnteData{Name: b.ente.Name, Contact: contact}))
		require.ErrorIs(t, b.DescribeEnte(ctx, administrator, b.ente.ID, 2, gateway.EnteData{Name: "Altro"}), gateway.ErrForbidden)
		require.ErrorIs(t, b.DescribeEnte(ctx, governor(), b.ente.ID, 1, gateway.EnteData{Name: "Altro"}), gateway.ErrState)
		require.NoError(t, b.DescribeEnte(ctx, governor(), b.ente.ID, 2, gateway.EnteData{Name: "Altro", Contact: contact}))
		requireFields(t, b.DescribeEnte(ctx, governor(), b.ente.ID, 3,
			gateway.EnteData{Contact: notification.Contact{Email: "Rosa <rosa@prova.example>"}}),
			map[string]string{"name": "required", "contact.email": "invalid"})

		entries := b.noted(t, b.ente.ID)
		require.Len(t, entries, 2)
		require.Equal(t, map[string]string{"fields": "name"}, entries[0].Detail)
		require.Equal(t, map[string]string{"fields": "contact"}, entries[1].Detail)

		stranger := newTenant(t, store).user(gateway.RoleAdministrator)
		require.ErrorIs(t, b.DescribeEnte(ctx, stranger, b.ente.ID, 3, gateway.EnteData{Name: "Altro"}), gateway.ErrNotFound)

		_, err := b.Ente(ctx, stranger, b.ente.ID)
		require.ErrorIs(t, err, gateway.ErrNotFound)

		for _, actor := range []gateway.Actor{b.application(), b.user(gateway.RoleOperator), b.user(gateway.RoleAuditor), support()} {
			require.ErrorIs(t, b.DescribeEnte(ctx, actor, b.ente.ID, 3, gateway.EnteData{Name: "Altro"}), gateway.ErrForbidden)
		}

		for _, actor := range []gateway.Actor{administrator, support(), b.application()} {
			require.ErrorIs(t, b.MoveEnte(ctx, actor, b.ente.ID, 3, gateway.EnteMove{To: notification.EnteSuspended, Reason: "x"}),
				gateway.ErrForbidden)
		}
	})
}

func TestChangesOfAService(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		ctx := t.Context()
		administrator := b.user(gateway.RoleAdministrator)
		data := gateway.ServiceData{Name: " Tributi ", IOServiceID: "01JTESTSERVICE", SMSSender: "COMUNE", MaxPaymentCents: 9_999_999_999}

		require.NoError(t, b.DescribeService(ctx, administrator, b.service.ID, 1, data))
		require.ErrorIs(t, b.DescribeService(ctx, administrator, b.service.ID, 1, data), gateway.ErrState)

		policy := notification.DefaultPolicy()
		policy.IODeadline, policy.Quiet = 2*time.Hour, notification.QuietHours{From: 1260, Until: 480}
		require.NoError(t, b.SetServicePolicy(ctx, administrator, b.service.ID, 2, policy))
		require.ErrorIs(t, b.SetServicePolicy(ctx, administrator, b.service.ID, 2, policy), gateway.ErrState)
		require.NoError(t, b.SwitchService(ctx, administrator, b.service.ID, false))
		require.NoError(t, b.SwitchService(ctx, administrator, b.service.ID, false), "it is so already")

		view, err := b.Service(ctx, administrator, b.service.ID)
		require.NoError(t, err)
		require.Equal(t, "Tributi", view.Name)
		require.Equal(t, policy, view.Policy)
		require.False(t, view.Active)
		require.Equal(t, 4, view.Version)

		entries := b.noted(t, b.service.ID)
		require.Len(t, entries, 3)
		require.Equal(t, "service.deactivate", entries[0].Action)
		require.Equal(t, map[string]string{"fields": "io_deadline, quiet"}, entries[1].Detail)
		require.Equal(t, map[string]string{"fields": "name, max_payment_cents"}, entries[2].Detail)

		requireFields(t, b.DescribeService(ctx, administrator, b.service.ID, 4, gateway.ServiceData{
			IOServiceID: "a b", SMSSender: "Comune di", MaxPaymentCents: 10_000_000_000,
		}), map[string]string{"name": "required", "io_service_id": "invalid", "sms_sender": "characters", "max_payment_cents": "range"})

		policy.IODeadline = time.Second
		requireFields(t, b.SetServicePolicy(ctx, administrator, b.service.ID, 4, policy), map[string]string{"policy.io_deadline": "range"})
		require.ErrorIs(t, b.SwitchService(ctx, support(), b.service.ID, true), gateway.ErrForbidden)
		require.ErrorIs(t, b.SwitchService(ctx, newTenant(t, store).user(gateway.RoleAdministrator), b.service.ID, true), gateway.ErrNotFound)
	})
}

func TestKeysOfAService(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		ctx, id := t.Context(), b.service.ID
		administrator := b.user(gateway.RoleAdministrator)

		require.ErrorIs(t, b.UseServiceKey(ctx, administrator, id, notification.KeySecondary), gateway.ErrState, "there is none")
		require.NoError(t, b.ReplaceServiceKey(ctx, administrator, id, notification.KeySecondary, 0, " "+secondKey+"\n"))
		require.ErrorIs(t, b.ReplaceServiceKey(ctx, administrator, id, notification.KeySecondary, 0, "other"), gateway.ErrState)
		require.NoError(t, b.UseServiceKey(ctx, administrator, id, notification.KeySecondary))

		keys, err := store.ServiceKeys(ctx, id)
		require.NoError(t, err)
		require.Equal(t, secondKey, keys.Current(), "the next call is made with it, without a restart")

		view, err := b.Service(ctx, b.user(gateway.RoleAuditor), id)
		require.NoError(t, err)
		require.Len(t, view.Keys, 2)
		require.True(t, view.Keys[0].Present)
		require.False(t, view.Keys[0].InUse)
		require.True(t, view.Keys[1].InUse)
		require.False(t, view.MayConfigure)

		requireFields(t, b.ReplaceServiceKey(ctx, administrator, id, notification.KeyPrimary, 1, " "),
			map[string]string{"primary_key": "required"})
		requireFields(t, b.ReplaceServiceKey(ctx, administrator, id, notification.KeyPrimary, 1, "pa ssà"),
			map[string]string{"primary_key": "invalid"}, "pa ss")
		require.ErrorIs(t, b.ReplaceServiceKey(ctx, administrator, id, "tertiary", 0, secondKey), gateway.ErrNotFound)
		require.ErrorIs(t, b.ReplaceServiceKey(ctx, b.user(gateway.RoleOperator), id, notification.KeyPrimary, 1, "x"), gateway.ErrForbidden)

		entries := b.noted(t, id)
		require.Len(t, entries, 2)
		require.Equal(t, "service.use_key", entries[0].Action)
		require.Equal(t, map[string]string{"key": "secondary"}, entries[1].Detail)
	})
}

func TestTestServiceKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.answering(t, notification.KeyRefused)

		got, err := b.TestServiceKey(t.Context(), b.user(gateway.RoleAdministrator), b.service.ID, notification.KeyPrimary)
		require.NoError(t, err)
		require.Equal(t, notification.KeyRefused, got)

		request := b.temporal.started()[0]
		require.Equal(t, workflows.KeyTestWorkflow, request.GetWorkflowType().GetName())
		require.Equal(t, b.ente.ID, request.GetPriority().GetFairnessKey())
		requireNoPersonalData(t, request)

		var in workflows.KeyTestInput

		decode(t, request.GetInput(), &in)
		require.Equal(t, workflows.KeyTestInput{
			ServiceID: b.service.ID, EnteID: b.ente.ID, Slot: notification.KeyPrimary, Number: 1,
		}, in)
		require.Equal(t, "service.test_key", b.noted(t, b.service.ID)[0].Action)

		_, err = b.TestServiceKey(t.Context(), b.user(gateway.RoleAdministrator), b.service.ID, notification.KeySecondary)
		require.ErrorIs(t, err, gateway.ErrState, "there is none")
		_, err = b.TestServiceKey(t.Context(), support(), b.service.ID, notification.KeyPrimary)
		require.ErrorIs(t, err, gateway.ErrForbidden)
		require.Len(t, b.temporal.started(), 1)
	})
}

func TestTestServiceKeyWhileTemporalIsAway(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))

	_, err := b.TestServiceKey(t.Context(), b.user(gateway.RoleAdministrator), b.service.ID, notification.KeyPrimary)
	require.ErrorIs(t, err, gateway.ErrUnavailable)

	view, err := b.Service(t.Context(), b.user(gateway.RoleAdministrator), b.service.ID)
	require.NoError(t, err)
	require.Empty(t, view.Keys[0].Outcome)
}
