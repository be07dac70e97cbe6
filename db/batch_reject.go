package db

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// RejectRows makes bad rows of some that were to be sent: issues are by the row's number, as JSON without personal data.
// One that was handed to delivery already stays as it is. [ErrConflict] where the batch has ended.
//
// What the SMS would cost stays as it was when the batch was confirmed.
func (s *Store) RejectRows(ctx context.Context, id string, issues map[int]json.RawMessage) error {
	if len(issues) == 0 {
		return nil
	}

	return s.transaction(ctx, "rejecting rows", func(tx *gorm.DB) error {
		batch, err := lockBatch(ctx, tx, id)
		if err != nil {
			return err
		}

		if batch.Status.Final() {
			return fmt.Errorf("the batch has ended: %w", ErrConflict)
		}

		for number, found := range issues {
			if err := rejectRow(ctx, tx, id, number, found); err != nil {
				return err
			}
		}

		return recount(ctx, tx, batch)
	})
}

func rejectRow(ctx context.Context, tx *gorm.DB, id string, number int, issues json.RawMessage) error {
	_, err := gorm.G[fileRow](tx).
		Where("batch_id = ? AND number = ?", id, number).
		Where("NOT EXISTS (SELECT 1 FROM notifications WHERE notifications.id = batch_rows.notification_id)").
		Select("state", "notification_id", "issues", "content_hash").
		Updates(ctx, fileRow{State: notification.RowBad, Issues: optionalJSON(issues)})

	return reduce("rejecting a row", err)
}

// recount sets what a batch knows of its rows' states.
func recount(ctx context.Context, tx *gorm.DB, batch batchRow) error {
	there, err := rowCounts(ctx, tx, batch.ID)
	if err != nil {
		return err
	}

	batch.Counts.Good = there[notification.RowGood]
	batch.Counts.Bad = there[notification.RowBad]
	batch.Counts.Duplicates = there[notification.RowDuplicate]

	toSend, err := batch.countSendable(ctx, tx)
	if err != nil {
		return err
	}

	batch.ToSend = &toSend

	return saveBatch(ctx, tx, batch)
}
