package gateway

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

func TestEnteByEnteIsStarted(t *testing.T) {
	t.Parallel()

	const normal, bulk = notification.PriorityNormal, notification.PriorityBulk

	queue := newStartQueue(8)

	for _, one := range []db.Start{
		{ID: "batch", EnteID: "a", Priority: bulk},
		{ID: "a1", EnteID: "a", Priority: normal},
		{ID: "a2", EnteID: "a", Priority: normal},
		{ID: "a3", EnteID: "a", Priority: normal},
		{ID: "b1", EnteID: "b", Priority: normal},
		{ID: "c1", EnteID: "c", Priority: normal},
		{ID: "c2", EnteID: "c", Priority: normal},
		{ID: "other batch", EnteID: "b", Priority: bulk},
	} {
		require.True(t, queue.push(one))
	}

	require.False(t, queue.push(db.Start{ID: "one too many", EnteID: "d"}))

	for _, want := range []string{"a1", "b1", "c1", "a2", "c2", "a3", "batch", "other batch"} {
		<-queue.ready
		require.Equal(t, want, queue.pop().ID)
	}

	require.Empty(t, queue.ready)
	require.True(t, queue.push(db.Start{ID: "again", EnteID: "d"}))
	<-queue.ready
	require.Equal(t, "again", queue.pop().ID)
}
