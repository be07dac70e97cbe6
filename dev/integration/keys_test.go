package integration_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

// testKeys asks IO about a service's key before and after IO has revoked it.
func (h *house) testKeys(t *testing.T) {
	t.Parallel()

	asked := h.tenant.service(t, "keys", notification.DefaultPolicy())
	answers := func(wanted notification.KeyOutcome) {
		// A busy gateway does not answer in time, and is asked again.
		require.Eventually(t, func() bool {
			outcome, err := h.Gateway.TestServiceKey(t.Context(), h.tenant.system, asked.id, notification.KeyPrimary)

			return err == nil && outcome == wanted
		}, patience, glance)
	}

	answers(notification.KeyWorks)
	h.Simulator.RevokeKey(asked.ioKey)
	answers(notification.KeyRefused)
}
