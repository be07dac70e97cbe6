package activities_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// scales keep the weights that were set, unless they fail.
type scales struct {
	weights map[string]float32
	fails   bool
}

// Weigh sets weights.
func (s *scales) Weigh(_ context.Context, weights map[string]float32) error {
	if s.fails {
		return errors.New("Temporal is away")
	}

	s.weights = weights

	return nil
}

func TestApplyPace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		scales := &scales{}
		b.does.Pacer = scales
		ente := b.service.EnteID

		for _, test := range []struct {
			calls, share int
			want         float32
		}{
			{notification.DefaultIOCalls, 100, 1},
			{notification.DefaultIOCalls, 70, 0.7},
			{2 * notification.DefaultIOCalls, 100, 2},
			{2 * notification.DefaultIOCalls, 10, 0.2},
			{notification.DefaultIOCalls / 3, 100, 1. / 3},
		} {
			b.setQuota(t, test.calls)

			_, err := run[any](b.task(t, workflows.ActivityApplyPace), workflows.PaceStep{EnteID: ente, Share: test.share})
			require.NoError(t, err)
			require.Len(t, scales.weights, 1)
			require.InDelta(t, test.want, scales.weights[ente], 1e-6)
		}

		scales.fails = true
		_, err := run[any](b.task(t, workflows.ActivityApplyPace), workflows.PaceStep{EnteID: ente, Share: 100})
		require.False(t, requireFailure(t, err).NonRetryable())

		_, err = run[any](b.task(t, workflows.ActivityApplyPace), workflows.PaceStep{EnteID: newID(t), Share: 100})
		requireFinal(t, err)
	})
}

func TestWeightOfAQuota(t *testing.T) {
	t.Parallel()

	for calls, want := range map[int]float32{0: 1, -1: 1, notification.DefaultIOCalls: 1, 75: 0.5, 300: 2} {
		require.InDelta(t, want, activities.WeightOf(calls), 1e-6)
	}
}
