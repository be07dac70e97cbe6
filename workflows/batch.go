package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

const (
	// pageTimeout bounds the hand-over of one page of rows.
	pageTimeout = time.Minute
	// pagesOfOneRun keeps a history well below what Temporal allows; the next run goes on from there.
	pagesOfOneRun = 300
	// lastLook is the longest pause between questions whether a page can be sent, or all have ended.
	lastLook = 30 * time.Second
	// pausedLook is the longest pause between looks whether a batch is still paused: the signal of whoever resumed it may
	// have been lost.
	pausedLook = 5 * time.Minute
)

// Batch sends a confirmed batch: it waits for the batch's time, hands its rows to delivery page by page, so that only
// some thousands are ever under way, and ends when the last citizen has been reached, or cannot be.
//
// Whether it is paused or cancelled stands in the database; a signal only makes the workflow look at once.
func Batch(ctx workflow.Context, in BatchInput) error {
	b := &batchSending{BatchInput: in}
	b.listen(ctx)

	cancelled, err := b.send(ctx)
	if err != nil {
		return err
	}

	return b.finish(ctx, cancelled)
}

// batchSending is one run of the sending of a batch.
type batchSending struct {
	BatchInput

	paused, cancelled bool

	stopStep func() // ends the wait of the step at hand
}

// listen takes signals in until the workflow ends; they end the wait at hand.
func (b *batchSending) listen(ctx workflow.Context) {
	b.stopStep = func() {}

	heard := map[string]func(){
		SignalPauseBatch:  func() { b.paused = true },
		SignalResumeBatch: func() { b.paused = false },
		SignalCancelBatch: func() { b.cancelled = true },
	}

	for _, name := range []string{SignalPauseBatch, SignalResumeBatch, SignalCancelBatch} {
		channel, note := workflow.GetSignalChannel(ctx, name), heard[name]

		workflow.Go(ctx, func(ctx workflow.Context) {
			for channel.Receive(ctx, nil) {
				note()
				b.stopStep()
			}
		})
	}
}

// send hands over page after page and waits for the last notification's end. It tells whether the batch was cancelled.
func (b *batchSending) send(ctx workflow.Context) (cancelled bool, err error) {
	if err := b.waitForSendTime(ctx); err != nil {
		return false, err
	}

	for range pagesOfOneRun {
		if err := b.rest(ctx); err != nil {
			return false, err
		}

		if b.cancelled {
			return true, nil
		}

		over, err := b.goOn(ctx)
		if over || err != nil {
			return false, err
		}
	}

	if b.cancelled {
		return true, nil
	}

	b.SendAt = time.Time{}

	return false, workflow.NewContinueAsNewError(ctx, Batch, b.BatchInput) //nolint:wrapcheck // it has to stay what it is.
}

func (b *batchSending) waitForSendTime(ctx workflow.Context) error {
	wait := b.SendAt.Sub(workflow.Now(ctx))
	if b.SendAt.IsZero() || wait <= 0 {
		return nil
	}

	options := workflow.AwaitOptions{Timeout: wait, TimerOptions: workflow.TimerOptions{Summary: summaryOfSendTime}}
	_, err := workflow.AwaitWithOptions(ctx, options, func() bool { return b.cancelled })

	return err //nolint:wrapcheck // a cancellation of the workflow, which has to stay one.
}

// rest waits while the batch is paused, and looks at it again now and then.
func (b *batchSending) rest(ctx workflow.Context) error {
	if !b.paused || b.cancelled {
		return nil
	}

	options := workflow.AwaitOptions{Timeout: pausedLook, TimerOptions: workflow.TimerOptions{Summary: "is it still paused?"}}
	_, err := workflow.AwaitWithOptions(ctx, options, func() bool { return !b.paused || b.cancelled })
	b.paused = false

	return err //nolint:wrapcheck // a cancellation of the workflow, which has to stay one.
}

// goOn takes the next step: the next page or, when all rows are handed over, the wait for the last of them.
func (b *batchSending) goOn(ctx workflow.Context) (over bool, err error) {
	step, done := workflow.WithCancel(ctx)
	defer done()

	b.stopStep = done

	defer func() { b.stopStep = func() {} }()

	if b.Sent {
		err = workflow.ExecuteActivity(looking(step, "has every notification ended?"), ActivityAwaitBatchEnd,
			BatchEnd{BatchID: b.BatchID}).Get(ctx, nil)

		if failure, ok := errors.AsType[*temporal.ApplicationError](err); ok && failure.Type() == FailureBatchCancelled {
			b.cancelled = true

			return false, nil
		}

		return err == nil, unlessStopped(ctx, step, err)
	}

	var page BatchPageResult

	err = workflow.ExecuteActivity(looking(step, "hand over the next rows"), ActivitySendBatchPage,
		BatchPage{BatchID: b.BatchID, After: b.After}).Get(ctx, &page)
	if err != nil {
		return false, unlessStopped(ctx, step, err)
	}

	b.After, b.Sent = page.Last, page.Done
	b.cancelled = b.cancelled || page.Halted == HaltCancelled

	// What the step saw may be older than the signal that ended it.
	if step.Err() == nil {
		b.paused = b.paused || page.Halted == HaltPaused
	}

	return false, nil
}

// unlessStopped forgets the error of a step that a signal ended, whatever it is: the step is taken again, if at all.
func unlessStopped(ctx, step workflow.Context, err error) error {
	if step.Err() != nil && ctx.Err() == nil {
		return nil
	}

	return err
}

// finish stores the end; what a cancelled batch has under way is cancelled too.
func (b *batchSending) finish(ctx workflow.Context, cancelled bool) error {
	end := BatchEnd{BatchID: b.BatchID, Cancelled: cancelled}

	if cancelled {
		// There may be thousands.
		cancelling := workflow.WithStartToCloseTimeout(looking(ctx, "cancel what is under way"), fileTimeout)
		cancelling = workflow.WithHeartbeatTimeout(cancelling, pageTimeout)

		if err := workflow.ExecuteActivity(cancelling, ActivityCancelOpenRows, end).Get(ctx, nil); err != nil {
			return err //nolint:wrapcheck // Temporal's own error tells the step.
		}
	}

	return workflow.ExecuteLocalActivity(recording(ctx), ActivityFinishBatch, end).Get(ctx, nil) //nolint:wrapcheck // as above.
}

// looking is for steps that are repeated until they can be done: the activity says itself when to ask again, and a
// hand-over under way is waited for even if the batch is stopped meanwhile.
func looking(ctx workflow.Context, summary string) workflow.Context {
	policy := retryUntilDeadline()
	policy.MaximumInterval = lastLook

	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueue,
		StartToCloseTimeout: pageTimeout,
		RetryPolicy:         policy,
		WaitForCancellation: true,
		Summary:             summary,
	})
}
