package integration_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
)

// TestWithoutTemporal: what is accepted while the engine is away is delivered once it is back.
func TestWithoutTemporal(t *testing.T) {
	t.Parallel()

	p := layOut(t)
	service := p.tenant.service(t, "standard", notification.DefaultPolicy())
	p.startWorker(t)

	before := orderFor(service, simulator.FiscalCode(simulator.CitizenNotOnIO, 1), reached.number(1))
	earlier := p.tenant.submit(t, before)
	p.tenant.await(t, earlier, func(n notice) bool { return len(n.Attempts) == 2 && n.Attempts[1].Status == "sent" })

	p.stopEngine(t)

	// The callback of the SMS finds no engine; its word is kept in the row.
	require.Eventually(t, func() bool { return p.tenant.read(t, earlier).ways()[1] == "sms delivered sms_delivered" }, patience, glance)

	var health struct {
		Status         string `json:"status"`
		WorkflowEngine bool   `json:"workflow_engine"`
	}

	status, err := p.tenant.call(t.Context(), http.MethodGet, "/status", nil, &health)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "degraded", health.Status)
	require.False(t, health.WorkflowEngine)

	order := orderFor(service, simulator.FiscalCode(simulator.CitizenDelivered, 2), "")
	id := p.tenant.submit(t, order)
	require.Equal(t, "accepted", p.tenant.read(t, id).Status)
	require.Equal(t, []string{"accepted"}, p.tenant.timeline(t, id).codes())
	require.Equal(t, "database", p.tenant.timeline(t, earlier).Source)
	require.Equal(t, http.StatusServiceUnavailable, p.tenant.act(t, id, "cancel", map[string]string{"reason": "cancelled"}))

	p.startEngine(t)

	require.Equal(t, "delivered", p.tenant.await(t, id, notice.final).Status)
	require.Equal(t, "delivered", p.tenant.await(t, earlier, notice.final).Status)
	require.Equal(t, "history", p.tenant.timeline(t, id).Source)
	p.requireReceived(t, order, 1, 0)
	p.requireReceived(t, before, 0, 1)
}

// TestWithoutProviders: what IO cannot take now is tried again, and the timeline says so.
func TestWithoutProviders(t *testing.T) {
	t.Parallel()

	p := layOut(t)
	service := p.tenant.service(t, "standard", notification.DefaultPolicy())

	p.stopSimulator(t)
	p.startWorker(t)

	order := orderFor(service, simulator.FiscalCode(simulator.CitizenDelivered, 1), reached.number(1))
	id := p.tenant.submit(t, order)
	told := p.tenant.awaitTimeline(t, id, func(l timeline) bool {
		profile, found := l.of("profile")

		return found && profile.Tries >= 3 && !profile.NextTry.IsZero()
	})
	profile, _ := told.of("profile")
	require.Equal(t, "under_way", profile.State)
	require.Equal(t, "io_unavailable", profile.LastReason)
	require.True(t, profile.NextTry.After(time.Now().Add(-patience)))

	p.startSimulator(t, listen(t, p.simulatorAddress))

	ended := p.tenant.await(t, id, notice.final)
	require.Equal(t, []string{"delivered", "io_delivered"}, []string{ended.Status, ended.Reason})
	p.requireReceived(t, order, 1, 0)

	profile, _ = p.tenant.timeline(t, id).of("profile")
	require.Equal(t, "io_unavailable", profile.LastReason)
	require.GreaterOrEqual(t, profile.Tries, 3)
}

// TestRetryAtSMS: a retry goes on at the channel that failed, and does nothing again that was done.
func TestRetryAtSMS(t *testing.T) {
	t.Parallel()

	p := layOut(t)
	service := p.tenant.service(t, "brisk", policy(func(policy *notification.Policy) { policy.SMSDeadline = 4 * time.Second }))

	require.NoError(t, p.plays.SetFaults(simulator.Faults{Twilio429: 1}))
	p.startWorker(t)

	order := orderFor(service, simulator.FiscalCode(simulator.CitizenRejected, 1), reached.number(1))
	id := p.tenant.submit(t, order)
	failed := p.tenant.await(t, id, notice.final)
	require.Equal(t, []string{"failed", "sms_rate_limited"}, []string{failed.Status, failed.Reason})

	require.NoError(t, p.plays.SetFaults(simulator.Faults{}))
	require.Equal(t, http.StatusAccepted, p.tenant.act(t, id, "retry", nil))

	ended := p.tenant.await(t, id, func(n notice) bool { return n.final() && n.Run == 2 })
	require.Equal(t, []string{"delivered", "sms_delivered"}, []string{ended.Status, ended.Reason})
	require.Equal(t, []string{"io failed io_rejected", "sms failed sms_rate_limited", "sms delivered sms_delivered"}, ended.ways())
	require.Equal(t, []string{
		"accepted", "started", "validated", "profile", "sent_io", "delivered_io negative", "sent_sms fault", "settled fault",
		"started", "validated", "sent_sms", "delivered_sms", "settled",
	}, p.tenant.timeline(t, id).codes())
	require.Equal(t, 1, p.plays.Counters().ProfileCalls[service.id])
	p.requireReceived(t, order, 1, 1)
}

// TestWorkerStopsInCall: a worker that is stopped lets its call to IO end and records it.
func TestWorkerStopsInCall(t *testing.T) {
	t.Parallel()

	p := layOut(t)
	service := p.tenant.service(t, "standard", notification.DefaultPolicy())
	stop := p.startWorker(t)
	p.gate.close()

	order := orderFor(service, simulator.FiscalCode(simulator.CitizenDelivered, 1), reached.number(1))
	id := p.tenant.submit(t, order)
	<-p.gate.holds

	stopped := make(chan struct{})

	go func() {
		defer close(stopped)

		stop()
	}()

	// No worker takes new tasks any more, and the call is still under way.
	require.Never(t, func() bool {
		select {
		case <-stopped:
			return true
		default:
			return false
		}
	}, time.Second, glance)
	require.Equal(t, []string{"io sending "}, p.tenant.read(t, id).ways())

	p.gate.open()
	<-stopped

	sent := p.tenant.read(t, id)
	require.Equal(t, []string{"io sent "}, sent.ways())
	require.NotEmpty(t, sent.Attempts[0].ProviderID)

	p.startWorker(t)

	ended := p.tenant.await(t, id, notice.final)
	require.Equal(t, []string{"delivered", "io_delivered"}, []string{ended.Status, ended.Reason})
	require.Equal(t, 1, ended.Attempts[0].Calls)
	p.requireReceived(t, order, 1, 0)
}

// TestWorkerIsTerminatedInCall: a worker that is replaced in the middle of a call ends as one that nobody hurries.
func TestWorkerIsTerminatedInCall(t *testing.T) {
	t.Parallel()

	p := layOut(t)
	service := p.tenant.service(t, "standard", notification.DefaultPolicy())
	leaves := p.startWorkerProcess(t)
	p.gate.close()

	order := orderFor(service, simulator.FiscalCode(simulator.CitizenDelivered, 1), reached.number(1))
	id := p.tenant.submit(t, order)
	<-p.gate.holds

	require.NoError(t, leaves.terminate())

	// The one that replaces it is there already.
	p.startWorker(t)
	require.Never(t, func() bool {
		select {
		case <-leaves.ended:
			return true
		default:
			return false
		}
	}, time.Second, glance)
	require.Equal(t, []string{"io sending "}, p.tenant.read(t, id).ways())

	p.gate.open()
	<-leaves.ended

	ended := p.tenant.await(t, id, notice.final)
	require.Equal(t, []string{"delivered", "io_delivered"}, []string{ended.Status, ended.Reason})
	require.Equal(t, []string{"io delivered io_delivered"}, ended.ways(), "nothing was uncertain")
	require.Equal(t, 1, ended.Attempts[0].Calls)
	p.requireReceived(t, order, 1, 0)
}

// TestWorkerDiesInCall: nobody knows what became of the call of a worker that died. It is never made again unasked.
func TestWorkerDiesInCall(t *testing.T) {
	t.Parallel()

	p := layOut(t)
	standard := p.tenant.service(t, "standard", notification.DefaultPolicy())
	careful := p.tenant.service(t, "careful", policy(func(policy *notification.Policy) {
		policy.OnUncertain = notification.UncertainHold
	}))
	dies := p.startWorkerProcess(t)
	p.gate.close()

	orders := []order{
		orderFor(standard, simulator.FiscalCode(simulator.CitizenDelivered, 1), reached.number(1)),
		orderFor(careful, simulator.FiscalCode(simulator.CitizenDelivered, 2), reached.number(2)),
	}
	ids := make([]string, len(orders))

	for i, order := range orders {
		ids[i] = p.tenant.submit(t, order)
		<-p.gate.holds
	}

	dies.kill()
	p.gate.open()
	p.startWorker(t)

	ended := p.tenant.await(t, ids[0], notice.rests)
	require.Equal(t, []string{"delivered", "sms_delivered"}, []string{ended.Status, ended.Reason})
	require.Equal(t, []string{"io uncertain io_outcome_uncertain", "sms delivered sms_delivered"}, ended.ways())
	p.requireReceived(t, orders[0], 1, 1)

	held := p.tenant.await(t, ids[1], notice.rests)
	require.Equal(t, []string{"on_hold", "io_outcome_uncertain"}, []string{held.Status, held.Reason})
	p.requireReceived(t, orders[1], 1, 0)
}

func (p *pieces) requireReceived(t *testing.T, order order, io, sms int) {
	t.Helper()

	gotIO, gotSMS := received(p.plays, order.Recipient)
	require.Equal(t, []int{io, sms}, []int{gotIO, gotSMS}, "messages on IO, and SMS")
}
