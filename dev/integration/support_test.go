package integration_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
)

// helpDesk is somebody who works across Enti.
func helpDesk() gateway.Actor {
	return gateway.Actor{Kind: gateway.ActorUser, ID: "help-desk", Name: "Assistenza", Role: gateway.RoleSupport}
}

// testServicePause pauses a service, whose notifications wait, with an SMS to come or without, and go on by themselves.
func (h *house) testServicePause(t *testing.T) {
	t.Parallel()

	paused := h.tenant.service(t, "paused", policy(func(p *notification.Policy) {
		p.IODeadline, p.SMSDeadline = shortIODeadline, shortSMSDeadline
	}))
	pause, err := h.Gateway.Pause(t.Context(), helpDesk(), gateway.PauseWish{
		Scope: notification.PauseService, ServiceID: paused.id, Why: "manutenzione programmata",
	})
	require.NoError(t, err)

	since := time.Now()

	require.Eventually(t, func() bool { return time.Since(since) > noticed }, patience, glance)

	onIO := orderFor(paused, simulator.FiscalCode(simulator.CitizenDelivered, 71), "")
	bySMS := orderFor(paused, simulator.FiscalCode(simulator.CitizenNotOnIO, 72), reached.number(72))
	began := time.Now()
	ids := []string{h.tenant.submit(t, onIO), h.tenant.submit(t, bySMS)}

	for _, id := range ids {
		held := h.tenant.await(t, id, notice.onHold)
		require.Equal(t, "service_paused", held.Reason)
		require.NotContains(t, held.Actions, "resume")
	}

	// It lasts longer than the channels' deadlines, which do not run meanwhile.
	require.Eventually(t, func() bool { return time.Since(began) > shortIODeadline }, time.Minute, time.Second)

	for _, id := range ids {
		require.Equal(t, "on_hold", h.tenant.read(t, id).Status)
	}

	h.requireReceived(t, onIO, 0, 0)
	h.requireReceived(t, bySMS, 0, 0)
	require.NoError(t, h.Gateway.LiftPause(t.Context(), helpDesk(), pause))

	require.Equal(t, "io_delivered", h.tenant.await(t, ids[0], notice.final).Reason)
	require.Equal(t, "sms_delivered", h.tenant.await(t, ids[1], notice.final).Reason)
	h.requireReceived(t, onIO, 1, 0)
	h.requireReceived(t, bySMS, 0, 1)
	require.Equal(t, []string{
		"accepted", "started", "validated", "on_hold negative", "resumed", "profile", "sent_io", "delivered_io", "settled",
	}, h.tenant.timeline(t, ids[0]).codes())
}

// testIntervention cancels what a filter finds, and leaves alone what is accepted afterwards.
func (h *house) testIntervention(t *testing.T) {
	t.Parallel()

	many := h.tenant.service(t, "many", policy(func(*notification.Policy) {}))
	scheduled := func(n int) string {
		order := orderFor(many, simulator.FiscalCode(simulator.CitizenDelivered, n), "")
		order.SendAt = time.Now().Add(later)

		return h.tenant.submit(t, order)
	}

	const first, count = 80, 30

	var ids []string
	for n := range count {
		ids = append(ids, scheduled(first+n))
	}

	wish := gateway.InterventionWish{
		Query: gateway.Query{ServiceIDs: []string{many.id}}, Act: notification.InterventionCancel,
		Choice: string(notification.ReasonCancelledByOperator), Why: "avvisi inviati per errore",
	}
	run, err := h.Gateway.DryRunIntervention(t.Context(), helpDesk(), wish)
	require.NoError(t, err)
	require.Equal(t, count, run.Possible)

	id, err := h.Gateway.StartIntervention(t.Context(), helpDesk(), wish)
	require.NoError(t, err)

	after := scheduled(first + count)

	for _, one := range ids {
		require.Equal(t, "cancelled_by_operator", h.tenant.await(t, one, notice.final).Reason)
		require.Contains(t, h.tenant.timeline(t, one).codes(), "intervened")
	}

	require.Eventually(t, func() bool {
		view, err := h.Gateway.Intervention(t.Context(), helpDesk(), id)
		require.NoError(t, err)

		return view.Status == notification.InterventionCompleted && view.Count(notification.ItemDone) == count
	}, time.Minute, 100*time.Millisecond)
	require.Equal(t, "scheduled", h.tenant.read(t, after).Status)
}
