package integration_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
)

// testRetry lets support retry what failed by a fault that was mended since.
func (h *house) testRetry(t *testing.T) {
	t.Parallel()

	t.Run("after the key was renewed", func(t *testing.T) {
		t.Parallel()

		service := h.tenant.service(t, "renewed", notification.DefaultPolicy())
		h.Simulator.RevokeKey(service.ioKey)

		order := orderFor(service, simulator.FiscalCode(simulator.CitizenDelivered, 50), reached.number(50))
		id := h.tenant.submit(t, order)
		failed := h.tenant.await(t, id, notice.final)
		require.Equal(t, []string{"failed", "io_key_rejected"}, []string{failed.Status, failed.Reason})
		require.Contains(t, failed.Actions, "retry")
		h.requireReceived(t, order, 0, 0)

		// Without a renewal, the retry fails in the same way.
		require.Equal(t, http.StatusAccepted, h.tenant.act(t, id, "retry", nil))
		failed = h.tenant.await(t, id, func(n notice) bool { return n.final() && n.Run == 2 })
		require.Equal(t, []string{"failed", "io_key_rejected"}, []string{failed.Status, failed.Reason})

		h.tenant.publish(service)
		require.Equal(t, http.StatusAccepted, h.tenant.act(t, id, "retry", nil))
		ended := h.tenant.await(t, id, func(n notice) bool { return n.final() && n.Run == 3 })
		require.Equal(t, []string{"delivered", "io_delivered"}, []string{ended.Status, ended.Reason})
		h.requireReceived(t, order, 1, 0)

		require.Equal(t, []string{
			"accepted", "started", "validated", "profile fault", "settled fault",
			"started", "validated", "profile fault", "settled fault",
			"started", "validated", "profile", "sent_io", "delivered_io", "settled",
		}, h.tenant.timeline(t, id).codes())
	})

	t.Run("of a refused message", func(t *testing.T) {
		t.Parallel()

		order := orderFor(h.standard, simulator.FiscalCode(simulator.CitizenMessageRefused, 51), "")
		id := h.tenant.submit(t, order)
		require.Equal(t, "io_message_refused", h.tenant.await(t, id, notice.final).Reason)
		require.Equal(t, http.StatusAccepted, h.tenant.act(t, id, "retry", nil))

		again := h.tenant.await(t, id, func(n notice) bool { return n.final() && n.Run == 2 })
		require.Equal(t, []string{"io failed io_message_refused", "io failed io_message_refused"}, again.ways())
		h.requireReceived(t, order, 0, 0)
	})
}
