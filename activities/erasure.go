package activities

import (
	"context"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// rowsLookedAt are read and decrypted together, batchesLookedAt listed.
	rowsLookedAt    = 1000
	batchesLookedAt = 100
	// Between looks: at once what is only about to end, and ever more rarely what waits for days.
	firstErasureLook = 10 * time.Second
	lastErasureLook  = 20 * time.Minute
)

// CancelForErasure cancels the citizen's open notifications, where the request says so. What a channel has taken over already
// ends by itself.
func (a *Activities) CancelForErasure(ctx context.Context, in workflows.ErasureInput) error {
	stop := beating(ctx)
	defer stop()

	of, citizen, err := a.Store.ErasureSubject(ctx, in.ID)
	if err != nil {
		return storeFault("reading the erasure", err)
	}

	if of.Status == notification.ErasureCompleted || of.OpenOnes != notification.OpenCancel {
		return nil
	}

	for after := ""; ; {
		open, err := a.Store.OpenOfCitizen(ctx, of, citizen, after, cancelledAtOnce)
		if err != nil {
			return storeFault("listing what is open", err)
		}

		for _, id := range open {
			if err := a.Canceller.Cancel(ctx, id); err != nil {
				return retryLater(notification.ReasonInternalError, firstPause)
			}

			after = id
		}

		if len(open) < cancelledAtOnce {
			return nil
		}
	}
}

// EraseCitizen erases what has ended, and asks again later for what has not.
func (a *Activities) EraseCitizen(ctx context.Context, in workflows.ErasureInput) error {
	stop := beating(ctx)
	defer stop()

	of, citizen, err := a.Store.ErasureSubject(ctx, in.ID)
	if err != nil {
		return storeFault("reading the erasure", err)
	}

	if of.Status == notification.ErasureCompleted {
		return nil
	}

	for {
		erased, err := a.Store.EraseSettled(ctx, of, citizen)
		if err != nil {
			return storeFault("erasing notifications", err)
		}

		if erased == 0 {
			break
		}
	}

	if _, err := a.Store.EraseChecks(ctx, of, citizen); err != nil {
		return storeFault("erasing recipient checks", err)
	}

	look := erasureLook{does: a, of: of, citizen: citizen}
	if err := look.batches(ctx); err != nil {
		return err
	}

	open, err := a.Store.CountOpenOfCitizen(ctx, of, citizen)
	if err != nil {
		return storeFault("counting what is open", err)
	}

	if err := a.Store.NoteErasure(ctx, in.ID, open+look.waiting, look.drafts); err != nil {
		return storeFault("noting what is waited for", err)
	}

	if open+look.waiting > 0 {
		return stillWaiting(min(firstErasureLook<<min(questionsSoFar(ctx), maxDoubling), lastErasureLook))
	}

	return nil
}

// erasureLook looks through the rows of batches: no index finds a citizen there.
type erasureLook struct {
	does    *Activities
	of      notification.Erasure
	citizen string

	waiting int
	drafts  []string
}

func (l *erasureLook) batches(ctx context.Context) error {
	for after := (db.Cursor{}); ; {
		found, err := l.does.Store.KeptBatches(ctx, l.of, after, batchesLookedAt)
		if err != nil {
			return storeFault("listing batches", err)
		}

		for _, one := range found {
			if err := l.rows(ctx, one.Batch); err != nil {
				return err
			}

			after = db.Cursor{AcceptedAt: one.CreatedAt, ID: one.ID}
		}

		if len(found) < batchesLookedAt {
			return nil
		}
	}
}

func (l *erasureLook) rows(ctx context.Context, b notification.Batch) error {
	for after := 0; ; {
		rows, err := l.does.Store.BatchRows(ctx, b.ID, db.RowFilter{}, after, rowsLookedAt)
		if err != nil {
			return storeFault("reading rows", err)
		}

		for i := range rows {
			after = rows[i].Number

			if !aboutCitizen(rows[i].Payload, l.citizen) {
				continue
			}

			if err := l.row(ctx, b, after); err != nil {
				return err
			}
		}

		if len(rows) < rowsLookedAt {
			return nil
		}
	}
}

// row erases a row that is about the citizen, as far as its batch allows it now.
func (l *erasureLook) row(ctx context.Context, b notification.Batch, number int) error {
	if beforeConfirmation(b.Status) {
		// Its file holds the citizen, too, and may be read again: a person discards it, or sends it.
		if !slices.Contains(l.drafts, b.ID) {
			l.drafts = append(l.drafts, b.ID)
		}

		return nil
	}

	erased, err := l.does.Store.EraseBatchRow(ctx, l.of, b.ID, number, l.of.OpenOnes == notification.OpenCancel)
	if err != nil {
		return storeFault("erasing a row", err)
	}

	if !erased {
		l.waiting++
	}

	return nil
}

func beforeConfirmation(status notification.BatchStatus) bool {
	return status == notification.BatchChecking || status == notification.BatchMapping || status == notification.BatchDraft
}

// aboutCitizen tells whether a row names the citizen: as its recipient or, where it was not understood, in any of its cells.
func aboutCitizen(payload []byte, citizen string) bool {
	row, err := batch.DecodePayload(payload)
	if err != nil {
		return false
	}

	return row.Recipient.FiscalCode == citizen || slices.ContainsFunc(row.Cells, func(cell string) bool {
		return fiscalcode.Normalise(cell) == citizen
	})
}

// FinishErasure stores the end, and forgets about whom the request was.
func (a *Activities) FinishErasure(ctx context.Context, in workflows.ErasureInput) error {
	if err := a.Store.FinishErasure(ctx, in.ID); err != nil {
		return storeFault("ending the erasure", err)
	}

	activity.GetLogger(ctx).Info("citizen erased", "erasure_id", in.ID)

	return nil
}
