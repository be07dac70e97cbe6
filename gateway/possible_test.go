package gateway_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

func TestActsAreWhatTheViewSaysIsPossible(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)

		for _, active := range []bool{true, false} {
			b.service.Active = active
			require.NoError(t, store.UpdateService(t.Context(), b.service))

			for _, status := range notification.Statuses() {
				for doing := range acts() {
					b.requireAsPossible(t, doing, status, notification.ReasonHeldByOperator)
					b.requireAsPossible(t, doing, status, notification.ReasonSMSOutcomeUncertain)
				}
			}
		}
	})
}

// requireAsPossible wants an act to be done where the view says it can be, and nowhere else.
func (b bundle) requireAsPossible(t *testing.T, doing string, status notification.Status, reason notification.Reason) {
	t.Helper()

	id := b.in(t, status, reason)
	view, err := b.Notification(t.Context(), b.application(), id)
	require.NoError(t, err)

	possible := map[string]bool{
		workflows.SignalCancel: view.Possible.Cancel,
		workflows.SignalHold:   view.Possible.Hold,
		workflows.SignalResume: view.Possible.Resume,
		workflows.SignalDecide: view.Possible.Decide && b.service.Active, // on SMS, which would send
		"retry":                view.Possible.Retry,
	}

	err = acts()[doing](t.Context(), b, b.application(), id)
	if possible[doing] {
		require.NoError(t, err, "%s %s %s", doing, status, reason)
	} else {
		require.ErrorIs(t, err, gateway.ErrState, "%s %s %s", doing, status, reason)
	}
}

func TestWhatWasSwitchedOffSendsNoMore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		switchOff := map[string]func(t *testing.T, b bundle){
			"service": func(t *testing.T, b bundle) {
				t.Helper()

				b.service.Active = false
				require.NoError(t, store.UpdateService(t.Context(), b.service))
			},
			"Ente": func(t *testing.T, b bundle) { t.Helper(); b.setActive(t, false) },
		}

		for what, off := range switchOff {
			b := withTemporal(t, store)
			uncertain := notification.ReasonIOOutcomeUncertain
			ctx, actor := t.Context(), support()

			failed, held := b.ready(t, "retry"), b.ready(t, workflows.SignalResume)
			doubtful, running := b.in(t, notification.StatusOnHold, uncertain), b.ready(t, workflows.SignalHold)

			off(t, b)

			require.ErrorIs(t, b.Retry(ctx, actor, failed), gateway.ErrState, what)
			require.ErrorIs(t, b.Resume(ctx, actor, held), gateway.ErrState, what)
			require.ErrorIs(t, b.Decide(ctx, actor, doubtful, gateway.DecisionResend), gateway.ErrState, what)
			require.ErrorIs(t, b.Decide(ctx, actor, doubtful, gateway.DecisionSMS), gateway.ErrState, what)
			require.Empty(t, b.temporal.signalled(), what)

			require.NoError(t, b.Decide(ctx, actor, doubtful, gateway.DecisionClose), what)
			require.NoError(t, b.Hold(ctx, actor, running), what)
			require.NoError(t, b.Cancel(ctx, actor, running, notification.ReasonPaid), what)
		}
	})
}
