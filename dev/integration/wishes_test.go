package integration_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

// later is a sending time that no test waits for; soon is one that it does.
const (
	later = time.Hour
	soon  = 3 * time.Second
)

// testWishes lets the Ente change its mind about notifications under way.
func (h *house) testWishes(t *testing.T) {
	t.Parallel()

	t.Run("cancel while scheduled", func(t *testing.T) {
		t.Parallel()

		order := orderFor(h.standard, simulator.FiscalCode(simulator.CitizenDelivered, 1), "")
		order.SendAt = time.Now().Add(later)
		id := h.tenant.submit(t, order)
		require.Equal(t, "scheduled", h.tenant.read(t, id).Status)
		h.tenant.awaitTimeline(t, id, timeline.tellsSchedule)

		require.Equal(t, http.StatusAccepted, h.tenant.act(t, id, "cancel", map[string]string{"reason": "cancelled"}))
		ended := h.tenant.await(t, id, notice.final)
		require.Equal(t, []string{"cancelled", "cancelled_by_ente"}, []string{ended.Status, ended.Reason})
		require.Empty(t, ended.Attempts)
		require.Equal(t, []string{"accepted", "started", "scheduled", "cancel_asked", "settled negative"},
			h.tenant.timeline(t, id).codes())
		h.requireReceived(t, order, 0, 0)
	})

	t.Run("paid while IO processes", func(t *testing.T) {
		t.Parallel()

		order := orderFor(h.standard, simulator.FiscalCode(simulator.CitizenNeverProcessed, 2), reached.number(2))
		id := h.tenant.submit(t, order)
		h.tenant.await(t, id, func(n notice) bool { return len(n.Attempts) == 1 && n.Attempts[0].Status == "sent" })

		require.Equal(t, http.StatusAccepted, h.tenant.act(t, id, "cancel", map[string]string{"reason": "paid"}))
		ended := h.tenant.await(t, id, notice.final)
		require.Equal(t, []string{"cancelled", "paid"}, []string{ended.Status, ended.Reason})
		h.requireReceived(t, order, 1, 0)
	})

	t.Run("cancel what was delivered", func(t *testing.T) {
		t.Parallel()

		order := orderFor(h.standard, simulator.FiscalCode(simulator.CitizenDelivered, 3), "")
		id := h.tenant.submit(t, order)
		require.Equal(t, "delivered", h.tenant.await(t, id, notice.final).Status)
		require.Equal(t, http.StatusConflict, h.tenant.act(t, id, "cancel", map[string]string{"reason": "cancelled"}))
		require.Equal(t, http.StatusConflict, h.tenant.act(t, id, "retry", nil))
	})

	t.Run("hold and resume", func(t *testing.T) {
		t.Parallel()

		order := orderFor(h.standard, simulator.FiscalCode(simulator.CitizenDelivered, 4), "")
		order.SendAt = time.Now().Add(soon)
		id := h.tenant.submit(t, order)
		h.tenant.awaitTimeline(t, id, timeline.tellsSchedule)
		require.Equal(t, http.StatusAccepted, h.tenant.act(t, id, "hold", nil))

		held := h.tenant.await(t, id, notice.onHold)
		require.Equal(t, "held_by_operator", held.Reason)
		require.Contains(t, held.Actions, "resume")
		h.requireReceived(t, order, 0, 0)

		require.Equal(t, http.StatusAccepted, h.tenant.act(t, id, "resume", nil))
		require.Equal(t, "delivered", h.tenant.await(t, id, notice.final).Status)
		require.Equal(t, []string{
			"accepted", "started", "scheduled", "hold_asked", "validated", "on_hold negative", "resume_asked", "resumed",
			"profile", "sent_io", "delivered_io", "settled",
		}, h.tenant.timeline(t, id).codes())
		h.requireReceived(t, order, 1, 0)
	})
}

// requireReceived checks how many messages and SMS reached the simulators for the recipient of an order.
func (h *house) requireReceived(t *testing.T, order order, io, sms int) {
	t.Helper()

	gotIO, gotSMS := received(h.Simulator, order.Recipient)
	require.Equal(t, []int{io, sms}, []int{gotIO, gotSMS}, "messages on IO, and SMS")
}

// testDecisions lets a person settle uncertain outcomes.
func (h *house) testDecisions(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		citizen         simulator.CitizenOutcome
		decision        string
		status, reason  string
		ways            []string
		io, sms, serial int
	}{
		"go on to SMS": {
			citizen: simulator.CitizenBadGatewayAfterAccepting, decision: "sms", status: "delivered", reason: "sms_delivered",
			ways: []string{"io uncertain io_outcome_uncertain", "sms delivered sms_delivered"}, io: 1, sms: 1, serial: 10,
		},
		"close": {
			citizen: simulator.CitizenBadGatewayAfterAccepting, decision: "close", status: "not_delivered", reason: "closed_by_operator",
			ways: []string{"io uncertain io_outcome_uncertain"}, io: 1, serial: 11,
		},
		"send again": {
			citizen: simulator.CitizenResetFirst, decision: "resend", status: "delivered", reason: "io_delivered",
			ways: []string{"io uncertain io_outcome_uncertain", "io delivered io_delivered"}, io: 1, serial: 12,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			order := orderFor(h.careful, simulator.FiscalCode(test.citizen, test.serial), reached.number(test.serial))
			id := h.tenant.submit(t, order)
			held := h.tenant.await(t, id, notice.onHold)
			require.Equal(t, "io_outcome_uncertain", held.Reason)
			require.Contains(t, held.Actions, "decide")
			require.Equal(t, http.StatusConflict, h.tenant.act(t, id, "retry", nil))

			decision := map[string]string{"decision": test.decision}
			require.Equal(t, http.StatusAccepted, h.tenant.act(t, id, "decide", decision))

			ended := h.tenant.await(t, id, notice.final)
			require.Equal(t, []string{test.status, test.reason}, []string{ended.Status, ended.Reason})
			require.Equal(t, test.ways, ended.ways())

			decided, found := h.tenant.timeline(t, id).of("decided")
			require.True(t, found)
			require.Equal(t, test.decision, decided.Detail)
			h.requireReceived(t, order, test.io, test.sms)
			require.Equal(t, http.StatusConflict, h.tenant.act(t, id, "decide", decision))
		})
	}
}

// testTimes is about the moments that an Ente sets.
func (h *house) testTimes(t *testing.T) {
	t.Parallel()

	t.Run("scheduled", func(t *testing.T) {
		t.Parallel()

		order := orderFor(h.standard, simulator.FiscalCode(simulator.CitizenDelivered, 20), "")
		order.SendAt = time.Now().Add(soon)
		id := h.tenant.submit(t, order)
		require.Equal(t, "delivered", h.tenant.await(t, id, notice.final).Status)

		for _, entry := range h.Simulator.Ledger() {
			if entry.Recipient == order.Recipient.FiscalCode {
				require.False(t, entry.At.Before(order.SendAt), "sent before its time")
			}
		}

		h.requireReceived(t, order, 1, 0)
		require.Equal(t, []string{"accepted", "started", "scheduled", "validated", "profile", "sent_io", "delivered_io", "settled"},
			h.tenant.timeline(t, id).codes())
	})

	t.Run("expired before the SMS", func(t *testing.T) {
		t.Parallel()

		order := orderFor(h.standard, simulator.FiscalCode(simulator.CitizenNeverProcessed, 21), reached.number(21))
		order.ExpiresAt = time.Now().Add(shortIODeadline)
		id := h.tenant.submit(t, order)

		ended := h.tenant.await(t, id, notice.final)
		require.Equal(t, []string{"expired", "expired"}, []string{ended.Status, ended.Reason})
		h.requireReceived(t, order, 1, 0)
	})
}

// testIdempotency repeats one submission many times at once, as a client in trouble may do.
func (h *house) testIdempotency(t *testing.T) {
	t.Parallel()

	const calls = 20

	order := orderFor(h.standard, simulator.FiscalCode(simulator.CitizenDelivered, 30), "")
	order.idempotencyKey = "repeated"
	ids := make(chan string, calls)

	for range calls {
		go func() {
			var receipt notice

			// A call that fails leaves an id that is not the others'.
			_, _ = h.tenant.call(t.Context(), http.MethodPost, "/notifications", order, &receipt, "Idempotency-Key", order.idempotencyKey)
			ids <- receipt.ID
		}()
	}

	id := h.tenant.submit(t, order)
	for range calls {
		require.Equal(t, id, <-ids)
	}

	require.Equal(t, "delivered", h.tenant.await(t, id, notice.final).Status)
	h.requireReceived(t, order, 1, 0)

	order.Content.Subject = confidential + ", un altro avviso"
	status, err := h.tenant.call(t.Context(), http.MethodPost, "/notifications", order, nil, "Idempotency-Key", order.idempotencyKey)
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, status)
}

// testRecipientCheck asks beforehand.
func (h *house) testRecipientCheck(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		code      string
		reachable bool
		reason    string
	}{
		"on IO":            {simulator.FiscalCode(simulator.CitizenDelivered, 40), true, ""},
		"not on IO":        {simulator.FiscalCode(simulator.CitizenNotOnIO, 40), false, "io_profile_not_found"},
		"switched off":     {simulator.FiscalCode(simulator.CitizenSenderNotAllowed, 40), false, "io_sender_not_allowed"},
		"error at first":   {simulator.FiscalCode(simulator.CitizenProfileErrorFirst, 40), true, ""},
		"provisional code": {provisionalCode, false, "fiscal_code_provisional"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h.secrets.add("fiscal code", test.code)

			var answer struct {
				ReachableOnIO bool   `json:"reachable_on_io"`
				Reason        string `json:"reason"`
			}

			// A busy gateway answers 503, and is asked again.
			require.Eventually(t, func() bool {
				status, err := h.tenant.call(t.Context(), http.MethodPost, "/recipient-checks",
					map[string]string{"service_id": h.standard.id, "fiscal_code": test.code}, &answer)

				return err == nil && status == http.StatusOK
			}, patience, glance)
			require.Equal(t, test.reachable, answer.ReachableOnIO)
			require.Equal(t, test.reason, answer.Reason)
			h.requireReceived(t, order{Recipient: recipient{FiscalCode: test.code}}, 0, 0)
		})
	}
}
