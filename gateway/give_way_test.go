package gateway_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// TestABurstOfAcceptancesGoesBeforeStarts: while many are being accepted, only what is urgent and few others begin; then all do.
func TestABurstOfAcceptancesGoesBeforeStarts(t *testing.T) {
	t.Parallel()

	const flood, acceptances = 400, 20

	b := withTemporal(t, dbtest.Open(t, dbtest.EngineSQLite))

	var ended []func()
	for range acceptances {
		ended = append(ended, b.Starter.Accepting())
	}

	b.run(t)

	for range flood {
		b.Starter.Offer(db.Start{ID: newID(t), EnteID: newID(t), Priority: notification.PriorityNormal, Run: 1})
	}

	urgent := db.Start{ID: newID(t), EnteID: newID(t), Priority: notification.PriorityUrgent, Run: 1}
	b.Starter.Offer(urgent)
	require.Eventually(t, func() bool {
		return slices.ContainsFunc(b.temporal.started(), func(request *startRequest) bool {
			return request.GetWorkflowId() == workflows.NotificationID(urgent.ID)
		})
	}, 20*time.Second, 5*time.Millisecond)
	require.Less(t, len(b.temporal.started()), flood/2)

	for _, end := range ended {
		end()
	}

	require.Eventually(t, func() bool { return len(b.temporal.started()) == flood+1 }, 20*time.Second, 5*time.Millisecond)
}
