package gateway_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const manageKey = "9d4e3c5b0a7c1d9e3f42a68d0c4b7a1e"

// readyImport is a reading that found the bundle's own service, changed, a new one, one without keys and a deleted one.
func (b bundle) readyImport(tb testing.TB) string {
	tb.Helper()

	id, err := b.StartServiceImport(tb.Context(), b.user(gateway.RoleAdministrator),
		gateway.ServiceImportWish{EnteID: b.ente.ID, ManageKey: manageKey})
	require.NoError(tb, err)
	require.NoError(tb, b.store.StageServices(tb.Context(), id, []db.StagedService{
		{IOServiceID: b.service.IOServiceID, Name: "Anagrafe e stato civile", MaxPaymentCents: 7_00, Lifecycle: "approved"},
		{IOServiceID: "01JNEW", Number: 1, Name: "Biblioteca", MaxPaymentCents: 5_00, Lifecycle: "draft"},
		{IOServiceID: "01JNOKEYS", Number: 2, Name: "Altrove", Lifecycle: "approved", Problem: "io_forbidden"},
		{IOServiceID: "01JGONE", Number: 3, Name: "Soppresso", Lifecycle: "deleted"},
	}))

	for _, staged := range []string{b.service.IOServiceID, "01JNEW", "01JGONE"} {
		keys := notification.ServiceKeys{Primary: "primary-" + staged, Secondary: "secondary-" + staged}
		require.NoError(tb, b.store.StageKeys(tb.Context(), id, staged, keys, ""))
	}

	require.NoError(tb, b.store.FinishServiceImport(tb.Context(), id, ""))

	return id
}

func TestStartingAServiceImport(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b, ctx := withTemporal(t, store), t.Context()
		admin := b.user(gateway.RoleAdministrator)

		id, err := b.StartServiceImport(ctx, admin, gateway.ServiceImportWish{EnteID: b.ente.ID, ManageKey: " " + manageKey + " "})
		require.NoError(t, err)

		starts := b.temporal.startsOf(workflows.ServiceImportID(id))
		require.Len(t, starts, 1)
		require.Equal(t, b.ente.ID, starts[0].GetPriority().GetFairnessKey(), "it shares the Ente's budget of calls")
		require.NotContains(t, starts[0].String(), manageKey)

		key, err := store.ServiceImportKey(ctx, id)
		require.NoError(t, err)
		require.Equal(t, manageKey, key)

		running, err := b.ServiceImport(ctx, admin, id)
		require.NoError(t, err)
		require.Equal(t, gateway.ImportRunning, running.State)
		require.Empty(t, running.Services)
		require.Equal(t, "service_import.start", b.actsOf(t, id)[0].Action)
		require.NotContains(t, fmt.Sprint(b.actsOf(t, id)), manageKey)

		saved, err := b.ManageKeySaved(ctx, admin, b.ente.ID)
		require.NoError(t, err)
		require.Zero(t, saved, "it is not kept unless somebody wishes it")
	})
}

func TestAManageKeyIsKeptAsWished(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b, ctx := withTemporal(t, store), t.Context()
		admin, wish := b.user(gateway.RoleAdministrator), gateway.ServiceImportWish{EnteID: b.ente.ID, ManageKey: manageKey, Keep: true}

		_, err := b.StartServiceImport(ctx, admin, wish)
		require.NoError(t, err)

		wish.ManageKey, wish.Keep = "", false
		id, err := b.StartServiceImport(ctx, admin, wish)
		require.NoError(t, err)

		key, err := store.ServiceImportKey(ctx, id)
		require.NoError(t, err)
		require.Equal(t, manageKey, key)

		require.ErrorIs(t, b.RemoveManageKey(ctx, b.user(gateway.RoleOperator), b.ente.ID), gateway.ErrForbidden)
		require.NoError(t, b.RemoveManageKey(ctx, admin, b.ente.ID))
		require.Equal(t, "manage_key.remove", b.actsOf(t, b.ente.ID)[0].Action)

		var fields notification.FieldErrors

		_, err = b.StartServiceImport(ctx, admin, wish)
		require.ErrorAs(t, err, &fields)
		require.Equal(t, "manage_key", fields[0].Field)

		for _, key := range []string{"with a space", "chiàve", string(make([]byte, 300))} {
			wish.ManageKey = key
			_, err = b.StartServiceImport(ctx, admin, wish)
			require.ErrorAs(t, err, &fields)
		}
	})
}

func TestAServiceImportThatCannotBeStartedLeavesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b, ctx := withTemporal(t, store), t.Context()
		b.temporal.onStart = func(*startRequest) (*startResponse, error) {
			return nil, serviceerror.NewPermissionDenied("not now", "")
		}

		_, err := b.StartServiceImport(ctx, b.user(gateway.RoleAdministrator),
			gateway.ServiceImportWish{EnteID: b.ente.ID, ManageKey: manageKey})
		require.Error(t, err)

		imports, err := store.ServiceImports(ctx, b.ente.ID, 10)
		require.NoError(t, err)
		require.Empty(t, imports)
	})
}

func TestChoosingServices(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b, ctx := withTemporal(t, store), t.Context()
		admin, id := b.user(gateway.RoleAdministrator), b.readyImport(t)

		policy := notification.Policy{IODeadline: time.Minute, SMSDeadline: time.Minute, OnUncertain: notification.UncertainHold}
		b.service.Policy = policy
		require.NoError(t, store.UpdateService(ctx, b.service))
		require.NoError(t, store.SetServiceKeys(ctx, b.service.ID, notification.ServiceKeys{Primary: "p", Secondary: "s", UseSecondary: true}))

		ready, err := b.ServiceImport(ctx, admin, id)
		require.NoError(t, err)
		require.Equal(t, gateway.ImportReady, ready.State)
		require.Len(t, ready.Services, 4)
		require.NotContains(t, fmt.Sprintf("%+v", ready), "primary-", "no key is ever shown")

		known, fresh, closed, gone := ready.Services[0], ready.Services[1], ready.Services[2], ready.Services[3]
		require.Equal(t, b.service.ID, known.ServiceID)
		require.True(t, known.ChangesName && known.ChangesCeiling && known.ChangesKeys)
		require.True(t, fresh.IsNew() && fresh.Importable() && fresh.Changes())
		require.False(t, closed.Importable())
		require.False(t, gone.Importable())

		var fields notification.FieldErrors

		for _, wrong := range [][]string{nil, {"01JNEW", "01JNOKEYS"}, {"01JGONE"}, {"01JUNKNOWN"}} {
			_, err = b.ImportServices(ctx, admin, id, wrong)
			require.ErrorAs(t, err, &fields, wrong)
		}

		_, err = b.ImportServices(ctx, b.user(gateway.RoleOperator), id, []string{"01JNEW"})
		require.ErrorIs(t, err, gateway.ErrForbidden)
		_, err = b.ImportServices(ctx, newTenant(t, store).user(gateway.RoleAdministrator), id, []string{"01JNEW"})
		require.ErrorIs(t, err, gateway.ErrNotFound)

		done, err := b.ImportServices(ctx, admin, id, []string{b.service.IOServiceID, "01JNEW", "01JNEW"})
		require.NoError(t, err)
		require.Equal(t, gateway.Imported{Created: 1, Updated: 1}, done)

		_, err = b.ImportServices(ctx, admin, id, []string{"01JNEW"})
		require.ErrorIs(t, err, gateway.ErrState, "once")

		b.requireImported(t, policy)

		signals := b.temporal.signalled()
		require.Len(t, signals, 1)
		require.Equal(t, workflows.ServiceImportID(id), signals[0].GetWorkflowExecution().GetWorkflowId())

		staged, err := store.StagedKeys(ctx, id)
		require.NoError(t, err)
		require.Empty(t, staged, "what was read goes")
	})
}

// requireImported tests what became of the services chosen in TestChoosingServices.
func (b bundle) requireImported(t *testing.T, policy notification.Policy) {
	t.Helper()

	services, err := b.store.Services(t.Context(), b.ente.ID)
	require.NoError(t, err)
	require.Len(t, services, 2)

	known, fresh := services[0], services[1]
	require.Equal(t, "Anagrafe e stato civile", known.Name)
	require.Equal(t, int64(7_00), known.MaxPaymentCents)
	require.Equal(t, policy.OnUncertain, known.Policy.OnUncertain, "its policy is not touched")
	require.Equal(t, policy.IODeadline, known.Policy.IODeadline)

	keys, err := b.store.ServiceKeys(t.Context(), known.ID)
	require.NoError(t, err)
	require.Equal(t, notification.ServiceKeys{
		Primary: "primary-" + known.IOServiceID, Secondary: "secondary-" + known.IOServiceID, UseSecondary: true,
	}, keys)

	require.Equal(t, "Biblioteca", fresh.Name)
	require.Equal(t, "01JNEW", fresh.IOServiceID)
	require.Equal(t, notification.DefaultPolicy().OnUncertain, fresh.Policy.OnUncertain)
	require.True(t, fresh.Active)
	require.Equal(t, "service.create", b.actsOf(t, fresh.ID)[0].Action)
	require.Equal(t, "service.update", b.actsOf(t, known.ID)[0].Action)
}

func TestAChoiceThatComesTooLate(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		ended := time.Now().Add(-25 * time.Hour)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: func() time.Time { return ended }})
		b := withTemporal(t, store)
		id := b.readyImport(t)

		late, err := b.ServiceImport(t.Context(), b.user(gateway.RoleAdministrator), id)
		require.NoError(t, err)
		require.Equal(t, gateway.ImportForgotten, late.State, "whatever its workflow does")
		require.Empty(t, late.Services)

		_, err = b.ImportServices(t.Context(), b.user(gateway.RoleAdministrator), id, []string{"01JNEW"})
		require.ErrorIs(t, err, gateway.ErrState)
	})
}

func TestWhoSeesServiceImports(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b, ctx := withTemporal(t, store), t.Context()
		id := b.readyImport(t)

		listed, err := b.ServiceImports(ctx, b.user(gateway.RoleAdministrator), b.ente.ID)
		require.NoError(t, err)
		require.Len(t, listed, 1)
		require.Equal(t, id, listed[0].ID)

		for _, stranger := range []gateway.Actor{b.application(), b.user(gateway.RoleOperator), support()} {
			_, err = b.ServiceImport(ctx, stranger, id)
			require.ErrorIs(t, err, gateway.ErrForbidden)
			_, err = b.ServiceImports(ctx, stranger, b.ente.ID)
			require.ErrorIs(t, err, gateway.ErrForbidden)
			_, err = b.StartServiceImport(ctx, stranger, gateway.ServiceImportWish{EnteID: b.ente.ID, ManageKey: manageKey})
			require.ErrorIs(t, err, gateway.ErrForbidden)
			_, err = b.APIKeys(ctx, stranger, b.ente.ID)
			require.ErrorIs(t, err, gateway.ErrForbidden)
		}
	})
}
