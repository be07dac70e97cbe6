package integration_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// governor is somebody who administers the system.
func governor() gateway.Actor {
	return gateway.Actor{Kind: gateway.ActorUser, ID: "governor", Name: "Silvia Sistemista", Role: gateway.RoleSystem}
}

// age makes a notification's end as many days older.
func (h *house) age(t *testing.T, id string, days int) {
	t.Helper()

	opened, err := sql.Open("sqlite", "file:"+filepath.Join(h.data, "genio.db")+"?_pragma=busy_timeout(10000)")
	require.NoError(t, err)

	defer func() { require.NoError(t, opened.Close()) }()

	head, err := h.Store.Head(t.Context(), id)
	require.NoError(t, err)

	ended := head.SettledAt.AddDate(0, 0, -days).Format("2006-01-02 15:04:05.999999-07:00")
	_, err = opened.ExecContext(t.Context(), "UPDATE notifications SET settled_at = ? WHERE id = ?", ended, id)
	require.NoError(t, err)
}

// testRetention lets years pass over notifications, and a night come.
func (h *house) testRetention(t *testing.T) {
	t.Parallel()

	young := h.tenant.submit(t, orderFor(h.standard, simulator.FiscalCode(simulator.CitizenDelivered, 681), ""))
	old := h.tenant.submit(t, orderFor(h.standard, simulator.FiscalCode(simulator.CitizenDelivered, 682), ""))
	ancient := h.tenant.submit(t, orderFor(h.standard, simulator.FiscalCode(simulator.CitizenDelivered, 683), ""))

	for _, id := range []string{young, old, ancient} {
		h.tenant.await(t, id, notice.final)
	}

	h.age(t, old, notification.DefaultContentDays+1)
	h.age(t, ancient, notification.DefaultOutcomeDays+1)

	night, err := h.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: "retention-of-a-test", TaskQueue: workflows.TaskQueue,
	}, workflows.RetentionWorkflow, workflows.RetentionInput{})
	require.NoError(t, err)
	require.NoError(t, night.Get(t.Context(), nil))

	run, err := h.Gateway.RetentionRun(t.Context(), governor(), night.GetRunID())
	require.NoError(t, err)
	require.Equal(t, notification.RetentionCompleted, run.Status)
	require.Equal(t, 2, run.Total(notification.RemovedContent))
	require.Equal(t, 1, run.Total(notification.RemovedNotifications))

	_, err = h.Store.Head(t.Context(), ancient)
	require.ErrorIs(t, err, db.ErrNotFound)

	for id, removed := range map[string]bool{young: false, old: true} {
		n, err := h.Store.Notification(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, removed, n.Content.Subject == "", id)
		require.NotEmpty(t, n.Recipient.FiscalCode)
	}

	// The night comes by itself, too.
	require.Eventually(t, func() bool {
		described, err := h.Temporal.ScheduleClient().GetHandle(t.Context(), workflows.RetentionScheduleID).Describe(t.Context())
		if err != nil || len(described.Info.NextActionTimes) == 0 {
			return false
		}

		italy, err := time.LoadLocation("Europe/Rome")
		require.NoError(t, err)

		return described.Info.NextActionTimes[0].In(italy).Format(time.TimeOnly) == "03:30:00"
	}, time.Minute, time.Second)
}

// testErasure erases a citizen of whom one notification has ended, and another one is still to be sent.
func (h *house) testErasure(t *testing.T) {
	t.Parallel()

	citizen := simulator.FiscalCode(simulator.CitizenDelivered, 684)
	ended := h.tenant.submit(t, orderFor(h.standard, citizen, ""))
	h.tenant.await(t, ended, notice.final)

	later := orderFor(h.standard, citizen, "")
	later.SendAt = time.Now().Add(time.Hour).UTC()
	scheduled := h.tenant.submit(t, later)

	id, err := h.Gateway.StartErasure(t.Context(), governor(), gateway.ErasureWish{
		CitizenWish: gateway.CitizenWish{FiscalCode: citizen, EnteID: h.tenant.id, Why: "Protocollo 4711 del 2026"},
		OpenOnes:    notification.OpenCancel,
	})
	require.NoError(t, err)

	require.Eventually(t, func() bool {
		view, err := h.Gateway.Erasure(t.Context(), governor(), id)
		require.NoError(t, err)

		return view.Status == notification.ErasureCompleted
	}, 2*time.Minute, time.Second)

	for _, gone := range []string{ended, scheduled} {
		n, err := h.Store.Notification(t.Context(), gone)
		require.NoError(t, err)
		require.Equal(t, notification.Recipient{}, n.Recipient)
		require.Equal(t, notification.Content{}, n.Content)
	}

	head, err := h.Store.Head(t.Context(), scheduled)
	require.NoError(t, err)
	require.Equal(t, notification.StatusCancelled, head.Status)

	found, err := h.Gateway.Citizen(t.Context(), governor(), gateway.CitizenWish{FiscalCode: citizen})
	require.NoError(t, err)
	require.Zero(t, found.Total)
}
