package notification_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

func TestUpkeepIsLate(t *testing.T) {
	t.Parallel()

	now := time.Date(2026, time.March, 29, 12, 0, 0, 0, time.UTC)

	for name, test := range map[string]struct {
		ago                       time.Duration
		retention, reconciliation bool
	}{
		"just done":             {ago: time.Minute},
		"two hours ago":         {ago: 2 * time.Hour},
		"this night":            {ago: 9 * time.Hour, reconciliation: true},
		"longest day and a run": {ago: 29 * time.Hour, reconciliation: true},
		"the night before":      {ago: 33 * time.Hour, retention: true, reconciliation: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			done := notification.Upkeep{Retention: now.Add(-test.ago), Reconciliation: now.Add(-test.ago)}
			require.Equal(t, test.retention, done.RetentionLate(now))
			require.Equal(t, test.reconciliation, done.ReconciliationLate(now))
		})
	}

	require.False(t, notification.Upkeep{}.RetentionLate(now), "there is nothing to do")
	require.False(t, notification.Upkeep{}.ReconciliationLate(now), "there is nothing to do")
}
