package gateway_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// SignalWithStartWorkflowExecution records the signal.
func (s *temporalServer) SignalWithStartWorkflowExecution(_ context.Context, request *wakeRequest) (*wakeResponse, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	s.wakes = append(s.wakes, request)

	return &wakeResponse{RunId: uuid.NewString()}, nil
}

func (s *temporalServer) woken() []*wakeRequest {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	return append([]*wakeRequest{}, s.wakes...)
}

func TestSetIOQuota(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		require.NoError(t, b.SetIOQuota(t.Context(), system(), b.ente.ID, 250))

		after, err := store.Ente(t.Context(), b.ente.ID)
		require.NoError(t, err)

		want := b.ente
		want.IOCalls, want.CreatedAt = 250, after.CreatedAt
		want.State, want.Version = notification.EnteActive, 2
		want.Retention = notification.Retention{ContentDays: notification.DefaultContentDays, OutcomeDays: notification.DefaultOutcomeDays}
		require.Equal(t, want, after, "the rest stays as it is")

		woken := b.temporal.woken()
		require.Len(t, woken, 1)
		require.Equal(t, workflows.PaceID(b.ente.ID), woken[0].GetWorkflowId())
		require.Equal(t, workflows.PaceWorkflow, woken[0].GetWorkflowType().GetName())
		require.Equal(t, workflows.SignalQuota, woken[0].GetSignalName())
		require.Equal(t, workflows.TaskQueue, woken[0].GetTaskQueue().GetName())

		var in workflows.PaceInput

		decode(t, woken[0].GetInput(), &in)
		require.Equal(t, workflows.PaceInput{EnteID: b.ente.ID}, in)
	})
}

func TestSetIOQuotaRefuses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)

		for _, actor := range []gateway.Actor{
			b.application(), b.user(gateway.RoleAdministrator), b.user(gateway.RoleOperator), support(), {},
		} {
			require.ErrorIs(t, b.SetIOQuota(t.Context(), actor, b.ente.ID, 250), gateway.ErrForbidden)
		}

		for _, calls := range []int{-1, 0, 100_001} {
			requireFields(t, b.SetIOQuota(t.Context(), system(), b.ente.ID, calls), map[string]string{"io_calls": "range"})
		}

		require.ErrorIs(t, b.SetIOQuota(t.Context(), system(), newID(t), 250), gateway.ErrNotFound)

		after, err := store.Ente(t.Context(), b.ente.ID)
		require.NoError(t, err)
		require.Equal(t, notification.DefaultIOCalls, after.IOCalls)
		require.Empty(t, b.temporal.woken())
	})
}

// What is stored counts: whoever repeats the command puts it into force.
func TestSetIOQuotaWhileTemporalIsAway(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))
	require.ErrorIs(t, b.SetIOQuota(t.Context(), system(), b.ente.ID, 250), gateway.ErrUnavailable)

	b.temporal.comeUp()
	until(t, func() bool { return b.SetIOQuota(t.Context(), system(), b.ente.ID, 250) == nil })
	require.Len(t, b.temporal.woken(), 1)
}
