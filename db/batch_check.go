package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// errOtherRows is none of the errors that are final: a reading that begins anew finds no rows but its own.
var errOtherRows = errors.New("rows of another try of the same reading")

// CheckOutcome is how a reading of a file ended.
type CheckOutcome struct {
	Status  notification.BatchStatus // draft, mapping or unreadable
	Problem string
	Layout  json.RawMessage // empty: it stays as it is
	Counts  notification.BatchCounts
}

// RemapBatch stores another layout and has the file read again: status checking, Check one higher, sample forgotten.
// [ErrConflict] unless the status is mapping or draft and check is the present one.
func (s *Store) RemapBatch(ctx context.Context, id string, check int, layout json.RawMessage) error {
	return s.changeBatch(ctx, "laying a batch out anew", id, func(row *batchRow) error {
		changeable := row.Status == notification.BatchMapping || row.Status == notification.BatchDraft
		if !changeable || row.CheckNumber != check {
			return fmt.Errorf("not the reading that was seen: %w", ErrConflict)
		}

		now := s.now()
		row.Status, row.Problem, row.Layout = notification.BatchChecking, "", optionalJSON(layout)
		row.CheckNumber++
		row.Counts, row.CheckedAt = notification.BatchCounts{}, nil
		row.Sample, row.SampleDue = notification.BatchSample{}, false
		row.CheckDue, row.QueuedAt = true, &now

		return nil
	})
}

// BeginCheck forgets the rows of earlier readings. [ErrConflict] where check is not the present one or has ended.
func (s *Store) BeginCheck(ctx context.Context, id string, check int) error {
	const doing = "beginning a check"

	for {
		var removed int

		err := s.transaction(ctx, doing, func(tx *gorm.DB) error {
			// Each time anew: a reading that was taken for dead must not remove what another one found.
			row, err := lockBatch(ctx, tx, id)
			if err != nil {
				return err
			}

			if !row.reads(check) {
				return fmt.Errorf("not the present reading: %w", ErrConflict)
			}

			removed, err = removeSomeRows(ctx, tx, id)

			return err
		})
		if err != nil || removed < purgeBatch {
			return err
		}
	}
}

// reads tells whether a reading of the file is under way.
func (r batchRow) reads(check int) bool {
	return r.Status == notification.BatchChecking && r.CheckNumber == check && r.QueuedAt != nil
}

// FinishCheck stores what a reading found. From the counted phones and SMS parts it takes those of the rows that
// MarkRepeated made duplicates. [ErrConflict] where check is not the present one or has ended. Where the rows are not
// those that were counted, the error is one that another try mends.
func (s *Store) FinishCheck(ctx context.Context, id string, check int, outcome CheckOutcome) error {
	const doing = "ending a check"

	switch outcome.Status {
	case notification.BatchDraft, notification.BatchMapping, notification.BatchUnreadable:
	case notification.BatchChecking, notification.BatchScheduled, notification.BatchSending, notification.BatchPaused,
		notification.BatchCompleted, notification.BatchCancelled, notification.BatchDiscarded:
		return fmt.Errorf("%s: not the status of a checked batch: %w", doing, ErrInvalid)
	default:
		return fmt.Errorf("%s: an unknown status: %w", doing, ErrInvalid)
	}

	return s.transaction(ctx, doing, func(tx *gorm.DB) error {
		row, err := lockBatch(ctx, tx, id)
		if err != nil {
			return err
		}

		if !row.reads(check) {
			return fmt.Errorf("not the present reading: %w", ErrConflict)
		}

		if err := rowsAreThose(ctx, tx, id, outcome); err != nil {
			return err
		}

		repeated, err := repeatedSMS(ctx, tx, id)
		if err != nil {
			return err
		}

		s.finish(&row, outcome, repeated)

		return saveBatch(ctx, tx, row)
	})
}

// rowsAreThose guards against two tries of one reading that met: the earlier one, taken for dead, would end the check
// while the later one has removed its rows and is still adding them.
func rowsAreThose(ctx context.Context, tx *gorm.DB, id string, outcome CheckOutcome) error {
	if outcome.Status != notification.BatchDraft {
		return nil
	}

	there, err := rowCounts(ctx, tx, id)
	if err != nil {
		return err
	}

	counted := outcome.Counts
	if there[notification.RowGood] != counted.Good || there[notification.RowBad] != counted.Bad ||
		there[notification.RowDuplicate] != counted.Duplicates {
		return errOtherRows
	}

	return nil
}

func (s *Store) finish(row *batchRow, outcome CheckOutcome, repeated smsTotal) {
	now := s.now()
	row.Status, row.Problem, row.Counts = outcome.Status, outcome.Problem, outcome.Counts
	row.Counts.WithPhone = max(row.Counts.WithPhone-repeated.Phones, 0)
	row.Counts.SMSParts = max(row.Counts.SMSParts-repeated.Parts, 0)
	row.CheckedAt, row.CheckDue = &now, false

	if layout := optionalJSON(outcome.Layout); layout != nil {
		row.Layout = layout
	}

	if row.Status.Final() {
		row.EndedAt = &now
	}
}
