package gateway

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// SampleBatch asks IO about some of a draft's citizens, so that its forecast can tell how many need an SMS.
func (g *Gateway) SampleBatch(ctx context.Context, actor Actor, id string) error {
	stored, err := g.actableBatch(ctx, actor, id, func(may BatchPossible) bool { return may.Sample })
	if err != nil {
		return err
	}

	if err := g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return batchAct("sample", stored.Batch), storeError("asking for a sample", store.WantSample(ctx, id))
	}); err != nil {
		return err
	}

	g.Starter.OfferBatch(stepOf(stored.Batch, db.BatchStepSample))

	return nil
}

// ConfirmBatch lets a draft be sent, as its file was read when the person saw it.
func (g *Gateway) ConfirmBatch(ctx context.Context, actor Actor, id string, confirmation Confirmation) error {
	stored, err := g.actableBatch(ctx, actor, id, func(may BatchPossible) bool { return may.Confirm })
	if err != nil {
		return err
	}

	now := time.Now()
	if confirmation.SendAt.After(now.Add(maxSendAhead)) {
		return invalid("send_at", "too_late", "at most one year ahead", "al massimo un anno in avanti")
	}

	if stored.Counts.Good == 0 && !confirmation.IncludeDuplicates {
		return ErrState
	}

	if !confirmation.SendAt.After(now) {
		confirmation.SendAt = time.Time{}
	}

	// As the database keeps it: the workflow is told the same time by whoever starts it.
	sendAt := confirmation.SendAt.UTC().Truncate(time.Microsecond)

	if err := g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		err := store.ConfirmBatch(ctx, id, confirmation.Check, sendAt, confirmation.IncludeDuplicates)

		return confirmAct(stored.Batch, sendAt, confirmation.IncludeDuplicates), storeError("confirming the batch", err)
	}); err != nil {
		return err
	}

	stored.SendAt = sendAt
	g.Starter.OfferBatch(stepOf(stored.Batch, db.BatchStepSend))

	return nil
}

func confirmAct(b notification.Batch, sendAt time.Time, duplicates bool) Act {
	act := batchAct("confirm", b, "rows", strconv.Itoa(b.Counts.Good), "duplicates", strconv.FormatBool(duplicates))
	if !sendAt.IsZero() {
		act.Detail["send_at"] = sendAt.Format(time.RFC3339)
	}

	return act
}

// PauseBatch hands no more rows to delivery, until ResumeBatch. What is under way goes on.
func (g *Gateway) PauseBatch(ctx context.Context, actor Actor, id string) error {
	stored, err := g.actableBatch(ctx, actor, id, func(may BatchPossible) bool { return may.Pause })
	if err != nil {
		return err
	}

	return g.moveBatch(ctx, actor, stored, batchMove{
		verb: "pause", from: []notification.BatchStatus{notification.BatchSending}, to: notification.BatchPaused,
		signal: workflows.SignalPauseBatch,
	})
}

// ResumeBatch lets a paused batch go on, as long as its service and its Ente may send.
func (g *Gateway) ResumeBatch(ctx context.Context, actor Actor, id string) error {
	stored, err := g.actableBatch(ctx, actor, id, func(may BatchPossible) bool { return may.Resume })
	if err != nil {
		return err
	}

	return g.moveBatch(ctx, actor, stored, batchMove{
		verb: "resume", from: []notification.BatchStatus{notification.BatchPaused}, to: notification.BatchSending,
		signal: workflows.SignalResumeBatch,
	})
}

// CancelBatch stops a confirmed batch for good. What a channel already took over cannot be called back.
func (g *Gateway) CancelBatch(ctx context.Context, actor Actor, id string) error {
	stored, err := g.actableBatch(ctx, actor, id, func(may BatchPossible) bool { return may.Cancel })
	if err != nil {
		return err
	}

	return g.moveBatch(ctx, actor, stored, batchMove{
		verb: "cancel", from: []notification.BatchStatus{
			notification.BatchScheduled, notification.BatchSending, notification.BatchPaused,
		},
		to: notification.BatchCancelled, signal: workflows.SignalCancelBatch,
	})
}

// DiscardBatch throws a batch away of which nothing was sent, with its file and its rows.
func (g *Gateway) DiscardBatch(ctx context.Context, actor Actor, id string) error {
	stored, err := g.actableBatch(ctx, actor, id, func(may BatchPossible) bool { return may.Discard })
	if err != nil {
		return err
	}

	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return batchAct("discard", stored.Batch), storeError("discarding the batch", store.DiscardBatch(ctx, id))
	})
}

// actableBatch is visibleBatch for an actor who wants to act on the batch, as far as its state allows the act.
func (g *Gateway) actableBatch(
	ctx context.Context, actor Actor, id string, allowed func(BatchPossible) bool,
) (db.StoredBatch, error) {
	stored, err := g.visibleBatch(ctx, actor, id)

	switch {
	case err != nil:
		return stored, err
	case !actor.MayChange():
		return stored, ErrForbidden
	}

	maySend, err := g.batchMaySend(ctx, stored.Batch)
	if err != nil {
		return stored, err
	}

	if !allowed(possibleForBatch(actor, stored.Batch, maySend)) {
		return stored, ErrState
	}

	return stored, nil
}

func (g *Gateway) batchMaySend(ctx context.Context, b notification.Batch) (bool, error) {
	err := g.maySend(ctx, notification.Notification{EnteID: b.EnteID, ServiceID: b.ServiceID})
	if errors.Is(err, ErrState) {
		return false, nil
	}

	return err == nil, err
}

// batchMove is a change of a batch's status by a person.
type batchMove struct {
	verb   string // of the audit log
	from   []notification.BatchStatus
	to     notification.BatchStatus
	signal string
}

// moveBatch changes the status first, which is what counts, and then wakes the workflow up to see it.
func (g *Gateway) moveBatch(ctx context.Context, actor Actor, stored db.StoredBatch, move batchMove) error {
	if err := g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		err := store.MoveBatch(ctx, stored.ID, move.from, move.to)

		return batchAct(move.verb, stored.Batch), storeError("changing the batch's status", err)
	}); err != nil {
		return err
	}

	// A signal that is lost only delays: the workflow reads the status again whenever it wakes up. Whoever asked is
	// told of no failure, since what was asked for is done.
	if err := g.wakeBatch(ctx, stored.Batch, move.signal); err != nil {
		g.Log.Warn("workflow of a batch not told", zap.String("batch_id", stored.ID),
			zap.String("signal", move.signal), zap.Error(err))
	}

	return nil
}

// wakeBatch starts the workflow first where it has not begun.
func (g *Gateway) wakeBatch(ctx context.Context, b notification.Batch, signal string) error {
	err := g.Temporal.SignalWorkflow(ctx, workflows.BatchID(b.ID), "", signal, nil)
	if !isNotFound(err) {
		return temporalError("telling the workflow", err)
	}

	if err := g.Starter.StartBatch(ctx, stepOf(b, db.BatchStepSend)); err != nil {
		return fmt.Errorf("starting the workflow: %w", err)
	}

	return temporalError("telling the workflow", g.Temporal.SignalWorkflow(ctx, workflows.BatchID(b.ID), "", signal, nil))
}

func stepOf(b notification.Batch, step db.BatchStep) db.BatchStart {
	start := db.BatchStart{BatchID: b.ID, EnteID: b.EnteID, Step: step, Priority: b.Priority}

	switch step {
	case db.BatchStepCheck, db.BatchStepSample:
		start.Check = b.Check
	case db.BatchStepSend:
		start.SendAt = b.SendAt
	}

	return start
}
