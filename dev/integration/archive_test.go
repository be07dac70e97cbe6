package integration_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// testArchive has Temporal forget what became of a notification, whose timeline is told all the same.
func (h *house) testArchive(t *testing.T) {
	t.Parallel()

	id := h.tenant.submit(t, orderFor(h.standard, simulator.FiscalCode(simulator.CitizenDelivered, 685), ""))
	h.tenant.await(t, id, notice.final)
	h.age(t, id, 1)

	require.Eventually(t, func() bool {
		schedule := h.Temporal.ScheduleClient().GetHandle(t.Context(), workflows.ArchiveTimelinesScheduleID)

		return schedule.Trigger(t.Context(), client.ScheduleTriggerOptions{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL}) == nil
	}, patience, glance)
	require.Eventually(t, func() bool {
		_, err := h.Store.Timeline(t.Context(), id)

		return err == nil
	}, patience, glance)

	before := h.tenant.timeline(t, id)
	require.Equal(t, "history", before.Source)
	forget(t, h.Temporal, workflows.NotificationID(id))

	after := h.tenant.timeline(t, id)
	require.Equal(t, "archive", after.Source)
	require.Equal(t, before.Entries, after.Entries)
}
