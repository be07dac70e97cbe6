package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/telemetry"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// pageRows is how many rows are handed over together, and fewestRows what is worth doing so before the last ones.
	pageRows   = 100
	fewestRows = 25
	// ahead is how much of the Ente's quota waits for its turn: enough that a call is always ready, and that IO has
	// processed a message when the turn comes to ask about it, which saves the question that comes too early.
	ahead = 5 * time.Second
	// openLimit bounds the notifications of a batch that are under way, whatever they wait for.
	openLimit = 5_000
	// roomPause is the pause between questions whether there is room.
	roomPause = 500 * time.Millisecond

	startsAtOnce = 16
)

// Starter starts a notification's workflow. A start that had already happened is no error.
type Starter interface {
	Start(ctx context.Context, start db.Start) error
}

// SendBatchPage hands the next rows to delivery, as soon as there is room for them among those under way. Their
// notifications have ids of their own since the file was checked, so that a page which is sent twice sends nothing twice.
func (a *Activities) SendBatchPage(ctx context.Context, page workflows.BatchPage) (workflows.BatchPageResult, error) {
	stored, halt, err := a.sendable(ctx, page.BatchID)
	if errors.Is(err, db.ErrConflict) {
		// Somebody paused or cancelled it between the look at it and the change: it is looked at anew.
		return workflows.BatchPageResult{}, stillWaiting(roomPause)
	}

	if err != nil || halt != "" {
		return workflows.BatchPageResult{Last: page.After, Halted: halt}, storeFault("reading the batch", err)
	}

	paused, err := a.batchPaused(ctx, stored.Batch)
	if err != nil {
		return workflows.BatchPageResult{}, err
	}

	if paused {
		// Its rows wait in the file: those that are on their way already are enough to wait.
		return workflows.BatchPageResult{}, stillWaiting(batchLook)
	}

	room, err := a.room(ctx, stored.Batch)
	if err != nil {
		return workflows.BatchPageResult{}, storeFault("measuring the batch's load", err)
	}

	if room < fewestRows {
		return workflows.BatchPageResult{}, stillWaiting(roomPause)
	}

	limit := min(room, pageRows)

	rows, err := a.Store.BatchRows(ctx, page.BatchID, rowsToSend(stored.Batch), page.After, limit)
	if err != nil {
		return workflows.BatchPageResult{}, storeFault("reading rows", err)
	}

	if len(rows) == 0 {
		return workflows.BatchPageResult{Last: page.After, Done: true}, nil
	}

	err = a.handOver(ctx, stored.Batch, rows)

	switch {
	case errors.Is(err, db.ErrConflict):
		// It was cancelled a moment ago.
		return workflows.BatchPageResult{Last: page.After, Halted: workflows.HaltCancelled}, nil
	case err != nil:
		return workflows.BatchPageResult{}, storeFault("handing rows over", err)
	}

	return workflows.BatchPageResult{Last: rows[len(rows)-1].Number, Done: len(rows) < limit}, nil
}

// sendable reads a batch and tells why it is not to be sent on. One whose service or Ente was switched off is paused.
func (a *Activities) sendable(ctx context.Context, id string) (db.StoredBatch, workflows.BatchHalt, error) {
	stored, err := a.Store.Batch(ctx, id)
	if err != nil {
		return stored, "", err //nolint:wrapcheck // the caller says what was being done.
	}

	switch stored.Status {
	case notification.BatchPaused:
		return stored, workflows.HaltPaused, nil
	case notification.BatchScheduled, notification.BatchSending:
	case notification.BatchChecking, notification.BatchMapping, notification.BatchUnreadable, notification.BatchDraft,
		notification.BatchCompleted, notification.BatchCancelled, notification.BatchDiscarded:
		return stored, workflows.HaltCancelled, nil
	}

	active, err := a.maySend(ctx, stored.Batch)
	if err != nil {
		return stored, "", err
	}

	next, halt := notification.BatchSending, workflows.BatchHalt("")
	if !active {
		next, halt = notification.BatchPaused, workflows.HaltPaused
	}

	from := []notification.BatchStatus{notification.BatchScheduled, notification.BatchSending}

	return stored, halt, a.Store.MoveBatch(ctx, id, from, next) //nolint:wrapcheck // as above.
}

func (a *Activities) maySend(ctx context.Context, b notification.Batch) (bool, error) {
	service, err := a.Store.Service(ctx, b.ServiceID)
	if err != nil {
		return false, err //nolint:wrapcheck // the caller says what was being done.
	}

	ente, err := a.Store.Ente(ctx, b.EnteID)

	return service.Active && ente.Active, err //nolint:wrapcheck // as above.
}

// room is how many more notifications may be under way.
func (a *Activities) room(ctx context.Context, b notification.Batch) (int, error) {
	ente, err := a.Store.Ente(ctx, b.EnteID)
	if err != nil {
		return 0, err //nolint:wrapcheck // the caller says what was being done.
	}

	load, err := a.Store.BatchLoad(ctx, b.ID)
	if err != nil {
		return 0, err //nolint:wrapcheck // as above.
	}

	calls := cmp.Or(ente.IOCalls, notification.DefaultIOCalls)
	waiting := max(2*fewestRows, int(int64(calls)*int64(ahead)/int64(notification.IOWindow)))

	return min(waiting-load.Waiting, openLimit-load.Open), nil
}

func rowsToSend(b notification.Batch) db.RowFilter {
	states := []notification.RowState{notification.RowGood}
	if b.IncludeDuplicates {
		states = append(states, notification.RowDuplicate)
	}

	return db.RowFilter{States: states}
}

// handOver stores the notifications of rows, and starts them. One that cannot be started now is found by the sweep, as
// every accepted notification is.
func (a *Activities) handOver(ctx context.Context, b notification.Batch, rows []db.BatchRow) error {
	maker, _, err := a.maker(ctx, b)
	if err != nil {
		return err
	}

	made, err := makeNotifications(maker, rows)
	if err != nil {
		return err
	}

	if err := a.Store.RejectRows(ctx, b.ID, made.rejected); err != nil {
		return err //nolint:wrapcheck // the caller says what was being done.
	}

	starts, err := a.Store.AcceptRows(ctx, made.notifications)
	if err != nil {
		return err //nolint:wrapcheck // as above.
	}

	a.tellAccepted(b, len(starts))
	a.startAll(ctx, starts)

	return nil
}

// madeRows is what became of a page of rows.
type madeRows struct {
	notifications []notification.Notification
	// rejected are the issues of the rows whose content breaks a limit by now, by the row's number. The others do not
	// wait for these.
	rejected map[int]json.RawMessage
}

func makeNotifications(maker *batch.Maker, rows []db.BatchRow) (madeRows, error) {
	made := madeRows{rejected: map[int]json.RawMessage{}}

	for _, row := range rows {
		payload, err := batch.DecodePayload(row.Payload)
		if err != nil {
			return made, fmt.Errorf("reading row %d: %w", row.Number, err)
		}

		n, err := maker.Notification(row.NotificationID, payload)
		if err == nil {
			made.notifications = append(made.notifications, n)

			continue
		}

		issues := batch.ContentIssues(err)
		if len(issues) == 0 {
			return made, fmt.Errorf("making the notification of row %d: %w", row.Number, err)
		}

		if made.rejected[row.Number], err = json.Marshal(issues); err != nil {
			return made, fmt.Errorf("writing the issues of row %d: %w", row.Number, err)
		}
	}

	return made, nil
}

func (a *Activities) startAll(ctx context.Context, starts []db.Start) {
	var group sync.WaitGroup

	queue := make(chan db.Start)

	for range min(startsAtOnce, len(starts)) {
		group.Go(func() {
			for start := range queue {
				if err := a.Starter.Start(telemetry.Apart(ctx), start); err != nil {
					activity.GetLogger(ctx).Warn("left to the sweep", "notification_id", start.ID, "error", err)
				}
			}
		})
	}

	for _, start := range starts {
		queue <- start
	}

	close(queue)
	group.Wait()
}
