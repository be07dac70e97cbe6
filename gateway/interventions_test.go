package gateway_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const whyWeAct = "chiave di app IO rinnovata"

func retryAll() gateway.InterventionWish {
	return gateway.InterventionWish{Act: notification.InterventionRetry, Why: whyWeAct}
}

// collected lists an intervention's notifications, as its workflow does first.
func (b bundle) collected(tb testing.TB, id string) (notification.Intervention, []db.InterventionItem) {
	tb.Helper()

	stored, err := b.store.Intervention(tb.Context(), id)
	require.NoError(tb, err)

	_, err = b.store.CollectItems(tb.Context(), id, db.FilterOf(stored), 1000, 1000)
	require.NoError(tb, err)

	items, err := b.store.ItemsToDo(tb.Context(), id, 0, 1000)
	require.NoError(tb, err)

	return stored, items
}

func (b bundle) audited(tb testing.TB, action string) []db.AuditEntry {
	tb.Helper()

	entries, _, err := b.store.AuditLog(tb.Context(), db.AuditFilter{Action: action}, db.Cursor{}, 100)
	require.NoError(tb, err)

	return entries
}

func TestADryRunSaysWhatWouldHappen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		b.SMSPartPriceMicros = 70_000

		for range 2 {
			b.in(t, notification.StatusFailed, notification.ReasonIOKeyRejected)
		}

		b.in(t, notification.StatusFailed, notification.ReasonIOUnavailable)
		b.in(t, notification.StatusDelivered, notification.ReasonIODelivered)

		run, err := b.DryRunIntervention(t.Context(), support(), retryAll())
		require.NoError(t, err)
		require.Equal(t, 4, run.Matched)
		require.Equal(t, 3, run.Possible)
		require.Equal(t, 1, run.Skipped)
		require.Equal(t, []gateway.DryRunState{
			{Status: notification.StatusFailed, Reason: notification.ReasonIOKeyRejected, Total: 2},
			{Status: notification.StatusFailed, Reason: notification.ReasonIOUnavailable, Total: 1},
		}, run.States)
		require.Equal(t, []gateway.DryRunState{
			{Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Total: 1},
		}, run.SkippedStates)
		require.Equal(t, 150*time.Millisecond, run.Duration)
		require.Equal(t, int64(run.SMS)*70_000, run.CostMicros)

		// A service that was switched off sends nothing, but may be cancelled.
		b.service.Active = false
		require.NoError(t, store.UpdateService(t.Context(), b.service))

		run, err = b.DryRunIntervention(t.Context(), support(), retryAll())
		require.NoError(t, err)
		require.Zero(t, run.Possible)
		require.True(t, run.SkippedStates[0].Inactive)

		elsewhere := newTenant(t, store)
		run, err = b.DryRunIntervention(t.Context(), elsewhere.user(gateway.RoleAdministrator), retryAll())
		require.NoError(t, err)
		require.Zero(t, run.Matched, "who does not see them has none")
	})
}

// Of what has no content any more nothing can be sent: it is counted apart, and not listed.
func TestARetryIsNotAboutWhatHasNoContent(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)

		old := b.in(t, notification.StatusFailed, notification.ReasonIOKeyRejected)
		b.in(t, notification.StatusDelivered, notification.ReasonIODelivered)
		b.removeContent(t)

		left := b.in(t, notification.StatusFailed, notification.ReasonIOKeyRejected)

		run, err := b.DryRunIntervention(t.Context(), support(), retryAll())
		require.NoError(t, err)
		require.Equal(t, 3, run.Matched)
		require.Equal(t, 1, run.Possible)
		require.Equal(t, 2, run.Skipped)
		require.Equal(t, 1, run.ContentRemoved)
		require.Equal(t, []gateway.DryRunState{
			{Status: notification.StatusFailed, Reason: notification.ReasonIOKeyRejected, Total: 1},
		}, run.States)
		require.ElementsMatch(t, []gateway.DryRunState{
			{Status: notification.StatusFailed, Reason: notification.ReasonIOKeyRejected, ContentRemoved: true, Total: 1},
			{Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Total: 1},
		}, run.SkippedStates)

		id, err := b.StartIntervention(t.Context(), support(), retryAll())
		require.NoError(t, err)

		stored, items := b.collected(t, id)
		require.Len(t, items, 1)
		require.Equal(t, left, items[0].NotificationID)

		// The content of one that is listed may go before its turn comes.
		b.removeContent(t)

		for _, one := range []string{old, left} {
			state, code, err := b.Intervene(t.Context(), stored, one)
			require.NoError(t, err)
			require.Equal(t, notification.ItemSkipped, state)
			require.Equal(t, notification.ItemCodeContentRemoved, code)
		}

		run, err = b.DryRunIntervention(t.Context(), support(), retryAll())
		require.NoError(t, err)
		require.Zero(t, run.Possible)
		require.Equal(t, 2, run.ContentRemoved)
		require.Empty(t, run.States)

		_, err = b.StartIntervention(t.Context(), support(), retryAll())
		require.ErrorIs(t, err, gateway.ErrState)

		cancel := gateway.InterventionWish{Act: notification.InterventionCancel, Choice: string(notification.ReasonCancelledByOperator)}
		run, err = b.DryRunIntervention(t.Context(), support(), cancel)
		require.NoError(t, err)
		require.Equal(t, 3, run.Skipped)
		require.Zero(t, run.ContentRemoved, "what has ended is not cancelled, whether it has content or not")
	})
}

func TestInterventionsThatAreRefused(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		change func(*gateway.InterventionWish)
		want   map[string]string
	}{
		"no reason":              {func(w *gateway.InterventionWish) { w.Why = "  boh   " }, map[string]string{"why": "length"}},
		"a reason without end":   {func(w *gateway.InterventionWish) { w.Why = strings.Repeat("a", 201) }, map[string]string{"why": "length"}},
		"a person in the reason": {func(w *gateway.InterventionWish) { w.Why = "per " + taxpayer(1) }, map[string]string{"why": "personal_data"}},
		"one person": {
			func(w *gateway.InterventionWish) { w.Query.FiscalCode = taxpayer(1) }, map[string]string{"fiscal_code": "not_allowed"},
		},
		"one person's reference": {
			func(w *gateway.InterventionWish) { w.Query.ExternalReference = taxpayer(1) }, map[string]string{"external_reference": "personal_data"},
		},
		"no act":      {func(w *gateway.InterventionWish) { w.Act = "" }, map[string]string{"act": "unknown"}},
		"no decision": {func(w *gateway.InterventionWish) { w.Act = notification.InterventionDecide }, map[string]string{"choice": "unknown"}},
		"a wrong cause": {
			func(w *gateway.InterventionWish) { w.Act, w.Choice = notification.InterventionCancel, "expired" },
			map[string]string{"choice": "unknown"},
		},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		b.in(t, notification.StatusFailed, notification.ReasonIOKeyRejected)

		for name, c := range cases {
			wish := retryAll()
			c.change(&wish)

			_, err := b.StartIntervention(t.Context(), support(), wish)
			requireFields(t, err, c.want, taxpayer(1))
			require.Error(t, err, name)
		}

		for _, role := range []gateway.Role{gateway.RoleOperator, gateway.RoleAuditor} {
			_, err := b.StartIntervention(t.Context(), b.user(role), retryAll())
			require.ErrorIs(t, err, gateway.ErrForbidden, role)
		}

		_, err := b.StartIntervention(t.Context(), newTenant(t, store).user(gateway.RoleAdministrator), retryAll())
		require.ErrorIs(t, err, gateway.ErrState, "there is nothing that it sees")
		require.Empty(t, b.audited(t, "intervention.start"))
	})
}

func TestAnInterventionIsNotedOnceAndOnEachTimeline(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		administrator := b.user(gateway.RoleAdministrator)
		foreign := newTenant(t, store)

		ids := []string{
			b.in(t, notification.StatusFailed, notification.ReasonIOKeyRejected),
			b.in(t, notification.StatusFailed, notification.ReasonIOUnavailable),
		}

		id, err := b.StartIntervention(t.Context(), administrator, retryAll())
		require.NoError(t, err)

		noted := b.audited(t, "intervention.start")
		require.Len(t, noted, 1)
		require.Equal(t, administrator.ID, noted[0].ActorID)
		require.Equal(t, whyWeAct, noted[0].Detail["why"])
		require.Equal(t, "2", noted[0].Detail["notifications"])

		stored, items := b.collected(t, id)
		require.Len(t, items, 2)

		for _, item := range items {
			state, code, err := b.Intervene(t.Context(), stored, item.NotificationID)
			require.NoError(t, err)
			require.Equal(t, notification.ItemDone, state)
			require.Empty(t, code)
			require.NoError(t, store.BeginItem(t.Context(), id, item.Number))
			require.NoError(t, store.EndItem(t.Context(), id, item.Number, state, code))

			// Another worker tries it once more: it has moved on.
			state, code, err = b.Intervene(t.Context(), stored, item.NotificationID)
			require.NoError(t, err)
			require.Equal(t, notification.ItemSkipped, state)
			require.Equal(t, notification.ItemCodeState, code)
		}

		for _, one := range ids {
			require.Equal(t, 2, b.stored(t, one).Run)

			timeline, err := b.Timeline(t.Context(), administrator, one)
			require.NoError(t, err)

			last := timeline.Entries[len(timeline.Entries)-1]
			require.Equal(t, notification.EntryIntervened, last.Kind)
			require.Equal(t, whyWeAct, last.Why)
			require.Equal(t, administrator.Name, last.By)

			timeline, err = b.Timeline(t.Context(), b.application(), one)
			require.NoError(t, err)
			require.Empty(t, timeline.Entries[len(timeline.Entries)-1].By, "an application learns no names")
		}

		require.Empty(t, b.audited(t, "notification.retry"), "not one entry for each")

		view, err := b.Intervention(t.Context(), support(), id)
		require.NoError(t, err)
		require.Equal(t, 2, view.Count(notification.ItemDone))
		require.True(t, view.MayStop)

		_, err = b.Intervention(t.Context(), foreign.user(gateway.RoleAdministrator), id)
		require.ErrorIs(t, err, gateway.ErrNotFound)

		page, err := b.Interventions(t.Context(), administrator, gateway.InterventionQuery{})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		page, err = b.Interventions(t.Context(), foreign.user(gateway.RoleAdministrator), gateway.InterventionQuery{})
		require.NoError(t, err)
		require.Empty(t, page.Items)
	})
}

func TestWhatAnInterventionLeavesAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		administrator := b.user(gateway.RoleAdministrator)
		failed := b.in(t, notification.StatusFailed, notification.ReasonIOKeyRejected)

		id, err := b.StartIntervention(t.Context(), administrator, retryAll())
		require.NoError(t, err)

		stored, _ := b.collected(t, id)

		state, code, err := b.Intervene(t.Context(), stored, newID(t))
		require.NoError(t, err)
		require.Equal(t, notification.ItemSkipped, state)
		require.Equal(t, notification.ItemCodeGone, code)

		b.service.Active = false
		require.NoError(t, store.UpdateService(t.Context(), b.service))

		state, code, err = b.Intervene(t.Context(), stored, failed)
		require.NoError(t, err)
		require.Equal(t, notification.ItemSkipped, state)
		require.Equal(t, notification.ItemCodeInactive, code)

		stored.ByEnteID = newTenant(t, store).ente.ID
		_, code, err = b.Intervene(t.Context(), stored, failed)
		require.NoError(t, err)
		require.Equal(t, notification.ItemCodeGone, code, "the author did not see it")

		stored.ByRole, stored.ByEnteID = string(gateway.RoleAuditor), b.ente.ID
		state, code, err = b.Intervene(t.Context(), stored, failed)
		require.NoError(t, err)
		require.Equal(t, notification.ItemFailed, state)
		require.Equal(t, notification.ItemCodeForbidden, code)
	})
}

func TestAnInterventionIsStoppedOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.in(t, notification.StatusFailed, notification.ReasonIOKeyRejected)

		id, err := b.StartIntervention(t.Context(), support(), retryAll())
		require.NoError(t, err)

		require.ErrorIs(t, b.StopIntervention(t.Context(), b.user(gateway.RoleAuditor), id), gateway.ErrNotFound,
			"an Ente's people do not see what goes across Enti")
		require.NoError(t, b.StopIntervention(t.Context(), support(), id))
		require.ErrorIs(t, b.StopIntervention(t.Context(), support(), id), gateway.ErrState)
		require.Len(t, b.audited(t, "intervention.stop"), 1)

		view, err := b.Intervention(t.Context(), support(), id)
		require.NoError(t, err)
		require.Equal(t, notification.InterventionStopped, view.Status)
		require.Equal(t, support().Name, view.StoppedByName)
	})
}

func TestAnInterventionIsStartedByTheSweepWhereNobodyElseDid(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.in(t, notification.StatusFailed, notification.ReasonIOKeyRejected)

		id, err := b.StartIntervention(t.Context(), support(), retryAll())
		require.NoError(t, err)

		require.NoError(t, b.Starter.StartIntervention(t.Context(), id))
		waiting, err := store.UnstartedInterventions(t.Context(), time.Now().Add(time.Hour), 10)
		require.NoError(t, err)
		require.Empty(t, waiting)

		start := b.temporal.starts[len(b.temporal.starts)-1]
		require.Equal(t, workflows.InterventionID(id), start.GetWorkflowId())
		require.NotContains(t, start.GetInput().String(), whyWeAct)
	})
}
