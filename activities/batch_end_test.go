package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

func TestAwaitBatchEnd(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		id := b.sending(t, citizenRows(2)...)
		b.sent(t, id, 0)

		k := b.task(t, workflows.ActivityAwaitBatchEnd)
		end := workflows.BatchEnd{BatchID: id}

		for _, pause := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
			_, err := run[any](k, end)
			require.Equal(t, pause, requireRetry(t, err, workflows.FailureStillWaiting))
		}

		k.tries = 1000
		_, err := run[any](k, end)
		require.Equal(t, 30*time.Second, requireRetry(t, err, workflows.FailureStillWaiting))

		for _, handed := range b.starter.started() {
			_, err := run[any](k, end)
			requireRetry(t, err, workflows.FailureStillWaiting)
			require.NoError(t, store.Settle(t.Context(), handed, db.Settlement{
				Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: notification.ChannelIO, Run: 1,
			}))
		}

		_, err = run[any](k, end)
		require.NoError(t, err)
	})
}

func TestCancelOpenRows(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		b.setQuota(t, 300)

		// More than are listed at once, and one that has ended.
		id := b.sending(t, citizenRows(203)...)
		for after := 0; after < 204; {
			after = b.sent(t, id, after).Last
		}

		ids := idsOf(b.rows(t, id))
		require.NoError(t, store.Settle(t.Context(), ids[0], db.Settlement{
			Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: notification.ChannelIO, Run: 1,
		}))

		k := b.task(t, workflows.ActivityCancelOpenRows)
		b.canceller.failures = 1

		_, err := run[any](k, workflows.BatchEnd{BatchID: id, Cancelled: true})
		require.Equal(t, time.Second, requireRetry(t, err, string(notification.ReasonInternalError)))
		require.Empty(t, b.canceller.cancelled)

		_, err = run[any](k, workflows.BatchEnd{BatchID: id, Cancelled: true})
		require.NoError(t, err)
		require.ElementsMatch(t, ids[1:], b.canceller.cancelled)
	})
}

func TestFinishBatch(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)

		for name, test := range map[string]struct {
			before    notification.BatchStatus
			cancelled bool
			after     notification.BatchStatus
		}{
			"sent":                      {notification.BatchSending, false, notification.BatchCompleted},
			"sent, paused at the end":   {notification.BatchPaused, false, notification.BatchCompleted},
			"cancelled":                 {notification.BatchCancelled, true, notification.BatchCancelled},
			"gone before it was sent":   {notification.BatchDiscarded, true, notification.BatchDiscarded},
			"cancelled at the very end": {notification.BatchCancelled, false, notification.BatchCancelled},
			"an administrator's wish":   {notification.BatchSending, true, notification.BatchCancelled},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				id := b.sending(t, citizenRows(1)...)
				b.move(t, id, test.before)

				k := b.task(t, workflows.ActivityFinishBatch)
				for range 2 {
					_, err := run[any](k, workflows.BatchEnd{BatchID: id, Cancelled: test.cancelled})
					require.NoError(t, err)
				}

				require.Equal(t, test.after, b.batch(t, id).Status)
				require.NotZero(t, b.batch(t, id).EndedAt)
			})
		}
	})
}
