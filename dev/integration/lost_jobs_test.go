package integration_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// serialOfLost is the number of the first of these tests' invented citizens.
const serialOfLost = 690_000

// sent uploads a batch of citizens whose messages IO never processes, and confirms it: once its rows are handed over, it waits
// for their ends.
func (d *disorder) sent(t *testing.T, of service, serial, citizens int) (id string, recipients []order) {
	t.Helper()

	outcomes := make([]simulator.CitizenOutcome, citizens)
	for i := range outcomes {
		outcomes[i] = simulator.CitizenNeverProcessed
		recipients = append(recipients, order{Recipient: recipient{FiscalCode: simulator.FiscalCode(outcomes[i], serial+i)}})
	}

	draft := d.tenant.upload(t, of, d.tenant.cards(serial, false, outcomes...))
	d.tenant.actOn(t, draft.ID, "confirm", map[string]any{"check": draft.Check})

	for _, one := range recipients {
		require.Eventually(t, func() bool { io, _ := received(d.plays, one.Recipient); return io == 1 }, patience, glance)
	}

	return draft.ID, recipients
}

// TestLostJobs: what Temporal loses of batches and erasures is found and begun again, and sends nothing twice; what somebody
// ended by force is put before a person, who has it go on.
func TestLostJobs(t *testing.T) {
	t.Parallel()

	d := layOutDisorder(t)
	patient := d.tenant.service(t, "patient", policy(func(p *notification.Policy) { p.IODeadline, p.Fallback = later, nil }))

	// The reading of a file is lost before anybody has begun it.
	unread := d.tenant.handIn(t, patient, d.tenant.cards(serialOfLost, false, simulator.CitizenDelivered))
	awaitState(t, d.temporal, workflows.BatchCheckID(unread, 1), workflows.ExecutionRunning)
	forget(t, d.temporal, workflows.BatchCheckID(unread, 1))
	d.work(t)

	lost, ofLost := d.sent(t, patient, serialOfLost+10, 3)
	stopped, ofStopped := d.sent(t, patient, serialOfLost+20, 2)
	forget(t, d.temporal, workflows.BatchID(lost))
	require.NoError(t, d.temporal.TerminateWorkflow(t.Context(), workflows.BatchID(stopped), "", "prova"))

	// An erasure is lost that waits for what is still to be sent.
	waiting, order := d.scheduled(t, serialOfLost+30)
	erasure, err := d.tenant.does.StartErasure(t.Context(), governor(), gateway.ErasureWish{
		CitizenWish: gateway.CitizenWish{FiscalCode: order.Recipient.FiscalCode, EnteID: d.tenant.id, Why: "Protocollo 4711 del 2026"},
		OpenOnes:    notification.OpenWait,
	})
	require.NoError(t, err)
	awaitState(t, d.temporal, workflows.ErasureID(erasure), workflows.ExecutionRunning)
	forget(t, d.temporal, workflows.ErasureID(erasure))
	d.older(t)

	view := d.reconcile(t)
	require.False(t, view.Agrees())

	jobs := result(view, notification.CheckJobs)
	require.Equal(t, []int{4, 3, 1, 1}, []int{jobs.Found, jobs.Repaired, jobs.Person, jobs.Difference})

	found := d.findings(t)
	for _, one := range []string{unread, lost} {
		require.Equal(t, []any{notification.FindingBatchStuck, notification.ActionRepaired}, codeAndAction(found[one]))
	}

	require.Equal(t, []any{notification.FindingBatchStuck, notification.ActionPerson}, codeAndAction(found[stopped]))
	require.Equal(t, []any{notification.FindingErasureStuck, notification.ActionRepaired}, codeAndAction(found[erasure]))

	// What was repaired goes on.
	draft := d.tenant.awaitParcel(t, unread, func(p parcel) bool { return p.has("draft") })
	require.EqualValues(t, 1, draft.Counts["good"])
	awaitState(t, d.temporal, workflows.BatchID(lost), workflows.ExecutionRunning)
	awaitState(t, d.temporal, workflows.ErasureID(erasure), workflows.ExecutionRunning)
	require.Equal(t, 202, d.tenant.act(t, waiting, "cancel", map[string]string{"reason": "cancelled"}))
	require.Eventually(t, func() bool {
		view, err := d.tenant.does.Erasure(t.Context(), governor(), erasure)

		return err == nil && view.Status == notification.ErasureCompleted
	}, patience, glance)

	// A person has the other one go on.
	d.tenant.actOn(t, stopped, "pause", nil)
	d.tenant.actOn(t, stopped, "resume", nil)
	awaitState(t, d.temporal, workflows.BatchID(stopped), workflows.ExecutionRunning)

	for _, id := range []string{lost, stopped} {
		d.tenant.actOn(t, id, "cancel", nil)
		ended := d.tenant.awaitParcel(t, id, func(p parcel) bool { return p.has("cancelled") && p.Progress.Cancelled == p.Progress.ToSend })
		require.Positive(t, ended.Progress.ToSend)
		awaitState(t, d.temporal, workflows.BatchID(id), workflows.ExecutionEnded)
	}

	for _, one := range append(ofLost, ofStopped...) {
		d.requireReceived(t, one, 1, 0)
	}

	d.older(t)

	view = d.reconcile(t)
	require.True(t, view.Agrees(), "%+v %+v", view.Last.Results, d.findings(t))
}
