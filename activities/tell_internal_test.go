package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/genio-gateway/genio/notification"
)

func TestDueSince(t *testing.T) {
	t.Parallel()

	accepted := time.Date(2026, time.November, 26, 9, 0, 0, 0, time.UTC)
	later := accepted.Add(time.Hour)

	for name, test := range map[string]struct {
		n    notification.Notification
		want time.Time
	}{
		"at once":             {notification.Notification{AcceptedAt: accepted, Run: 1}, accepted},
		"scheduled":           {notification.Notification{AcceptedAt: accepted, SendAt: later, Run: 1}, later},
		"scheduled too early": {notification.Notification{AcceptedAt: later, SendAt: accepted, Run: 1}, later},
		"retried by a person": {notification.Notification{AcceptedAt: accepted, Run: 2}, time.Time{}},
	} {
		require.Equal(t, test.want, dueSince(test.n), name)
	}
}

// Trouble is a warning, everything that goes as it should one line of information.
func TestHandOversAreLogged(t *testing.T) {
	t.Parallel()

	core, lines := observer.New(zap.DebugLevel)
	works := &Activities{Log: zap.New(core)}
	n := notification.Notification{ID: "n", EnteID: "e", ServiceID: "s", Recipient: notification.Recipient{FiscalCode: "secret"}}
	attempt := notification.Attempt{ID: "a", Channel: notification.ChannelIO}

	works.tellHandOver(n, outcome{AttemptID: "a", attempt: attempt, HandOver: notification.HandOverSent})
	works.tellHandOver(n, outcome{AttemptID: "a", HandOver: notification.HandOverNotSent, Reason: notification.ReasonIOKeyRejected})
	works.tellHandOver(n, outcome{AttemptID: "a", HandOver: notification.HandOverNotSent, Retryable: true})
	works.tellHandOver(n, uncertain(attempt))
	works.tellDoubt(n, uncertain(attempt))
	works.tellAccepted(notification.Batch{ID: "b", EnteID: "e", ServiceID: "s"}, 0)
	works.tellAccepted(notification.Batch{ID: "b", EnteID: "e", ServiceID: "s"}, 2)

	var levels []string

	for _, line := range lines.All() {
		levels = append(levels, line.Level.String())
	}

	require.Equal(t, []string{"info", "info", "warn", "warn", "warn", "info"}, levels)
	require.Equal(t, map[string]any{
		"step": "hand_over", "notification_id": "n", "ente_id": "e", "service_id": "s", "channel": "io", "attempt_id": "a",
		"outcome": "uncertain", "reason": "io_outcome_uncertain",
	}, lines.All()[3].ContextMap())

	// Without a log, nobody is told.
	(&Activities{}).tellHandOver(n, uncertain(attempt))
}
