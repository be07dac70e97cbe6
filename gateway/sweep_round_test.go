package gateway_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

func TestFailingRowsDoNotStopTheOthers(t *testing.T) {
	t.Parallel()

	b := withTemporal(t, dbtest.Open(t, dbtest.EngineSQLite))
	failing := map[string]bool{}

	for range 3 {
		id := b.accepted(t, func(n *notification.Notification) { n.AcceptedAt = n.AcceptedAt.Add(-time.Hour) })
		failing[workflows.NotificationID(id)] = true
	}

	var ids []string
	for range 20 {
		ids = append(ids, b.accepted(t))
	}

	b.temporal.onStart = func(request *startRequest) (*startResponse, error) {
		if failing[request.GetWorkflowId()] {
			return nil, serviceerror.NewPermissionDenied("not this one", "")
		}

		return &startResponse{RunId: uuid.NewString()}, nil
	}

	b.run(t)

	for _, id := range ids {
		until(t, func() bool { return !b.waiting(t, id) })
	}

	until(t, func() bool { return b.logs.FilterMessage("sweep for accepted notifications not finished").Len() > 0 })
}

func TestARoundEndsWhereNothingCanBeStarted(t *testing.T) {
	t.Parallel()

	const waiting = 200

	b := withTemporal(t, dbtest.Open(t, dbtest.EngineSQLite))
	for range waiting {
		b.accepted(t)
	}

	b.temporal.onStart = func(*startRequest) (*startResponse, error) {
		return nil, serviceerror.NewPermissionDenied("nobody", "")
	}

	stop := b.run(t)
	until(t, func() bool { return b.logs.FilterMessage("sweep for accepted notifications not finished").Len() > 0 })
	stop()

	require.Less(t, len(b.temporal.started()), waiting)
}
