package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// cancelledAtOnce is how many notifications are listed together to be cancelled.
	cancelledAtOnce = 200
	// firstEndPause is the pause before the second question whether all have ended; it doubles.
	firstEndPause = time.Second
	lastEndPause  = 30 * time.Second
)

// Canceller cancels a notification on the Ente's behalf. One that has ended meanwhile is no error.
type Canceller interface {
	Cancel(ctx context.Context, notificationID string) error
}

// AwaitBatchEnd fails, and is tried again, until no notification of the batch is open. It fails for good where the batch
// was cancelled, which the workflow may not have been told.
func (a *Activities) AwaitBatchEnd(ctx context.Context, in workflows.BatchEnd) error {
	stored, err := a.Store.Batch(ctx, in.BatchID)
	if err != nil {
		return storeFault("reading the batch", err)
	}

	if stored.Status == notification.BatchCancelled {
		return temporal.NewNonRetryableApplicationError("the batch was cancelled", workflows.FailureBatchCancelled, nil)
	}

	load, err := a.Store.BatchLoad(ctx, in.BatchID)
	if err != nil {
		return storeFault("measuring the batch's load", err)
	}

	if load.Open > 0 {
		return stillWaiting(min(firstEndPause<<min(questionsSoFar(ctx), maxDoubling), lastEndPause))
	}

	return nil
}

// CancelOpenRows cancels what a batch has under way. What a channel has taken over already stays open and ends by
// itself, so that a further try goes on where the one before was, and does not begin with these again.
func (a *Activities) CancelOpenRows(ctx context.Context, in workflows.BatchEnd) error {
	after := ""
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &after); err != nil {
			after = ""
		}
	}

	for {
		open, err := a.Store.OpenOfBatch(ctx, in.BatchID, after, cancelledAtOnce)
		if err != nil {
			return storeFault("listing what is under way", err)
		}

		for _, id := range open {
			if err := a.Canceller.Cancel(ctx, id); err != nil {
				return retryLater(notification.ReasonInternalError, firstPause)
			}

			after = id
			activity.RecordHeartbeat(ctx, after)
		}

		if len(open) < cancelledAtOnce {
			return nil
		}
	}
}

// FinishBatch stores the end. A batch that has found another one a moment ago keeps that.
func (a *Activities) FinishBatch(ctx context.Context, in workflows.BatchEnd) error {
	end := notification.BatchCompleted
	if in.Cancelled {
		end = notification.BatchCancelled
	}

	from := []notification.BatchStatus{notification.BatchScheduled, notification.BatchSending, notification.BatchPaused}

	if err := a.Store.MoveBatch(ctx, in.BatchID, from, end); !errors.Is(err, db.ErrConflict) {
		return storeFault("ending the batch", err)
	}

	return nil
}
