package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

// AcceptRows stores the notifications that rows of one batch became, in one transaction. Those that are there already
// stay as they are. It gives the starts of those whose workflow was not started yet. [ErrConflict] where the batch has
// ended: nothing more of it is sent.
func (s *Store) AcceptRows(ctx context.Context, notifications []notification.Notification) ([]Start, error) {
	const doing = "accepting a batch's rows"

	if len(notifications) == 0 {
		return nil, nil
	}

	batchID := notifications[0].BatchID

	rows, err := s.acceptedRows(batchID, notifications)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}

	var waiting []notificationRow

	err = s.transaction(ctx, doing, func(tx *gorm.DB) error {
		// The lock lets two processes that do the same page follow each other, and an end come before or after, not between.
		if err := s.beginSending(ctx, tx, batchID); err != nil {
			return err
		}

		there := clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, DoNothing: true}
		if err := gorm.G[notificationRow](tx, there).CreateInBatches(ctx, &rows, insertBatch(tx)); err != nil {
			return reduce("adding notifications", err)
		}

		waiting, err = unstartedOf(ctx, tx, batchID, rows)

		return err
	})
	if err != nil {
		return nil, err
	}

	return startsInOrder(notifications, waiting), nil
}

// acceptedRows are in the order of their ids, in which everybody inserts them: nobody waits in a circle.
func (s *Store) acceptedRows(batchID string, notifications []notification.Notification) ([]notificationRow, error) {
	rows := make([]notificationRow, len(notifications))

	for i, n := range notifications {
		if n.BatchID != batchID {
			return nil, fmt.Errorf("rows of several batches: %w", ErrInvalid)
		}

		var err error
		if rows[i], err = s.prepare(s.accept(n)); err != nil {
			return nil, err
		}
	}

	slices.SortFunc(rows, func(a, b notificationRow) int { return cmp.Compare(a.ID, b.ID) })

	return rows, nil
}

func (s *Store) beginSending(ctx context.Context, tx *gorm.DB, batchID string) error {
	batch, err := lockBatch(ctx, tx, batchID)
	if err != nil {
		return err
	}

	if batch.Status.Final() {
		return fmt.Errorf("the batch has ended: %w", ErrConflict)
	}

	if batch.StartedAt != nil {
		return nil
	}

	now := s.now()
	batch.StartedAt = &now

	return saveBatch(ctx, tx, batch)
}

func unstartedOf(ctx context.Context, tx *gorm.DB, batchID string, rows []notificationRow) (waiting []notificationRow, err error) {
	for part := range slices.Chunk(rows, lookupBatch) {
		ids := make([]string, len(part))
		for i, row := range part {
			ids[i] = row.ID
		}

		found, err := gorm.G[notificationRow](tx).Select(startColumns).
			Where("id IN ? AND batch_id = ?", ids, batchID).Where(unstarted).Find(ctx)
		if err != nil {
			return nil, reduce("reading what to start", err)
		}

		waiting = append(waiting, found...)
	}

	return waiting, nil
}

func startsInOrder(notifications []notification.Notification, waiting []notificationRow) []Start {
	byID := make(map[string]notificationRow, len(waiting))
	for _, row := range waiting {
		byID[row.ID] = row
	}

	starts := make([]Start, 0, len(waiting))

	for _, n := range notifications {
		if row, ok := byID[n.ID]; ok {
			starts = append(starts, row.start())
		}
	}

	return starts
}
