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

// TestABulkIsABurst, which does not go before for ever, however many follow each other.
func TestABulkIsABurst(t *testing.T) {
	t.Parallel()

	b := withTemporal(t, dbtest.Open(t, dbtest.EngineSQLite))
	begin := time.Now()

	for second := range 60 {
		at := begin.Add(time.Duration(second) * time.Second)
		ended := b.Starter.AcceptingAt(1000, at)

		b.Starter.FreeAt(at) // during a burst, too, one begins now and then
		require.Equal(t, second%30 >= 15, b.Starter.FreeAt(at), second)
		ended()
		require.True(t, b.Starter.FreeAt(at))
	}
}

// TestABurstOfSingleOnesComesInWaves: it is not over because a few of them are answered at once.
func TestABurstOfSingleOnesComesInWaves(t *testing.T) {
	t.Parallel()

	b := withTemporal(t, dbtest.Open(t, dbtest.EngineSQLite))
	at := time.Now()

	for range 19 {
		var ended []func()
		for range 8 {
			ended = append(ended, b.Starter.AcceptingAt(1, at))
		}

		for _, end := range ended {
			end()
		}

		b.Starter.FreeAt(at) // one a second begins
		at = at.Add(50 * time.Millisecond)
		require.False(t, b.Starter.FreeAt(at))
	}

	require.True(t, b.Starter.FreeAt(at.Add(time.Second)))
}

// TestABurstOfAcceptancesGoesBeforeStarts: while many are being accepted, only what is urgent and few others begin; then all do.
func TestABurstOfAcceptancesGoesBeforeStarts(t *testing.T) {
	t.Parallel()

	const flood, acceptances = 400, 20

	b := withTemporal(t, dbtest.Open(t, dbtest.EngineSQLite))

	var ended []func()
	for range acceptances {
		ended = append(ended, b.Starter.Accepting(1))
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
