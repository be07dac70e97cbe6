package activities_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// refusals counts what a brake is told of.
type refusals struct{ told atomic.Int32 }

// Refused counts.
func (r *refusals) Refused(context.Context, string) error {
	r.told.Add(1)

	return nil
}

func TestRefusalByIOReachesTheBrake(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		for _, activity := range []string{workflows.ActivityCheckProfile, workflows.ActivitySendToIO} {
			brake := &refusals{}
			b := newBench(t, dbtest.Open(t, engine), func(s *setting) { s.simulator.Faults = simulator.Faults{IO429: 1} })
			b.turns.Brake = brake

			_, err := run[any](b.task(t, activity), stepOf(b.toCitizen(t, simulator.CitizenDelivered, 1)))
			requireRetry(t, err, string(notification.ReasonIORateLimited))
			require.EqualValues(t, 1, brake.told.Load(), activity)
		}
	})
}
