package activities_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// breakingCanceller fails at one notification, once. What it cancels stays open, as if IO had it already.
type breakingCanceller struct {
	failsAt string
	asked   []string
}

var errCannotCancel = errors.New("cannot cancel now")

func (c *breakingCanceller) Cancel(_ context.Context, id string) error {
	if id == c.failsAt {
		c.failsAt = ""

		return errCannotCancel
	}

	c.asked = append(c.asked, id)

	return nil
}

// cancelledBatch is a batch that somebody cancelled while its notifications were under way. It gives their ids in order.
func (b bench) cancelledBatch(t *testing.T, size int) (id string, open []string) {
	t.Helper()

	id, _, err := b.store.CreateBatch(t.Context(), db.NewBatch{Batch: notification.Batch{
		ID: newID(t), EnteID: b.service.EnteID, ServiceID: b.service.ID, TemplateID: newID(t), TemplateVersion: 1, Name: "TARI 2026",
	}})
	require.NoError(t, err)
	require.NoError(t, b.store.UploadedBatch(t.Context(), id, 0))
	require.NoError(t, b.store.FinishCheck(t.Context(), id, 1, db.CheckOutcome{Status: notification.BatchDraft}))
	require.NoError(t, b.store.ConfirmBatch(t.Context(), id, 1, time.Time{}, false))

	notifications := make([]notification.Notification, size)
	for i := range notifications {
		notifications[i] = notification.Notification{
			ID: newID(t), EnteID: b.service.EnteID, ServiceID: b.service.ID, BatchID: id,
			Recipient: notification.Recipient{FiscalCode: simulator.FiscalCode(simulator.CitizenDelivered, i)},
			Content:   notification.Content{Subject: subject, Markdown: markdown, SMSText: smsText},
			Policy:    notification.DefaultPolicy(), Priority: notification.PriorityBulk, Run: 1,
		}
		open = append(open, notifications[i].ID)
	}

	_, err = b.store.AcceptRows(t.Context(), notifications)
	require.NoError(t, err)
	require.NoError(t, b.store.MoveBatch(
		t.Context(), id, []notification.BatchStatus{notification.BatchSending}, notification.BatchCancelled))

	slices.Sort(open)

	return id, open
}

func TestCancellingGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id, open := b.cancelledBatch(t, 4)
		canceller := &breakingCanceller{failsAt: open[2]}
		b.does.Canceller = canceller

		k := b.task(t, workflows.ActivityCancelOpenRows)
		_, err := run[any](k, workflows.BatchEnd{BatchID: id, Cancelled: true})
		requireRetry(t, err, string(notification.ReasonInternalError))

		_, err = run[any](k, workflows.BatchEnd{BatchID: id, Cancelled: true})
		require.NoError(t, err)
		require.Equal(t, open, canceller.asked)
	})
}

func TestTheWaitForTheEndOfACancelledBatchIsBrokenOff(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id, _ := b.cancelledBatch(t, 1)

		_, err := run[any](b.task(t, workflows.ActivityAwaitBatchEnd), workflows.BatchEnd{BatchID: id})
		failure := requireFailure(t, err)
		require.Equal(t, workflows.FailureBatchCancelled, failure.Type())
		require.True(t, failure.NonRetryable())
	})
}
