package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// ConfirmBatch lets a draft be sent: scheduled or sending. [ErrConflict] unless it is a draft and check is the present
// reading. The uploaded file is forgotten; its rows stay. A sample that was not begun is not wanted any more.
func (s *Store) ConfirmBatch(ctx context.Context, id string, check int, sendAt time.Time, includeDuplicates bool) error {
	return s.transaction(ctx, "confirming a batch", func(tx *gorm.DB) error {
		row, err := lockBatch(ctx, tx, id)
		if err != nil {
			return err
		}

		if row.Status != notification.BatchDraft || row.CheckNumber != check {
			return fmt.Errorf("not the draft that was seen: %w", ErrConflict)
		}

		row.IncludeDuplicates = includeDuplicates

		toSend, err := row.countSendable(ctx, tx)
		if err != nil {
			return err
		}

		row.ToSend = &toSend
		s.confirm(&row, sendAt)

		if _, err := gorm.G[chunkRow](tx).Where("batch_id = ?", id).Delete(ctx); err != nil {
			return reduce("forgetting the file", err)
		}

		return saveBatch(ctx, tx, row)
	})
}

func (s *Store) confirm(row *batchRow, sendAt time.Time) {
	now := s.now()
	row.Status, row.ConfirmedAt, row.SendAt = notification.BatchSending, &now, optionalStamp(sendAt)

	if sendAt.After(now) {
		row.Status = notification.BatchScheduled
	}

	if row.SampleDue {
		row.Sample, row.SampleDue = notification.BatchSample{}, false
	}

	row.SendDue, row.QueuedAt = true, &now
}

// MoveBatch changes a batch's status from one of some to another, and notes the time where a start or an end is
// reached. [ErrConflict] where it has none of them; no error where it has the new one already.
func (s *Store) MoveBatch(ctx context.Context, id string, from []notification.BatchStatus, to notification.BatchStatus) error {
	return s.changeBatch(ctx, "moving a batch on", id, func(row *batchRow) error {
		if row.Status != to && !slices.Contains(from, row.Status) {
			return fmt.Errorf("the batch is elsewhere: %w", ErrConflict)
		}

		row.Status = to

		if to == notification.BatchSending && row.StartedAt == nil {
			now := s.now()
			row.StartedAt = &now
		}

		if to.Final() {
			s.end(row)
		}

		return nil
	})
}

// end notes an end, after which no workflow of the batch has to be started.
func (s *Store) end(row *batchRow) {
	if row.EndedAt == nil {
		now := s.now()
		row.EndedAt = &now
	}

	row.CheckDue, row.SampleDue, row.SendDue = false, false, false
}

// DiscardBatch throws a batch away of which nothing was sent, with its file and rows. [ErrConflict] once sending has
// begun. Discarding again removes what an interrupted removal left.
func (s *Store) DiscardBatch(ctx context.Context, id string) error {
	const doing = "discarding a batch"

	err := s.changeBatch(ctx, doing, id, func(row *batchRow) error {
		switch row.Status {
		case notification.BatchChecking, notification.BatchMapping, notification.BatchUnreadable, notification.BatchDraft,
			notification.BatchScheduled, notification.BatchDiscarded:
			row.Status = notification.BatchDiscarded
			s.end(row)

			return nil
		case notification.BatchSending, notification.BatchPaused, notification.BatchCompleted, notification.BatchCancelled:
			return fmt.Errorf("sending has begun: %w", ErrConflict)
		default:
			return fmt.Errorf("a batch of unknown status: %w", ErrConflict)
		}
	})
	if err != nil {
		return err
	}

	return s.emptyBatch(ctx, doing, id)
}
