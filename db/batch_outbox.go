package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// BatchStep is what a batch's workflows do.
type BatchStep string

// The steps.
const (
	BatchStepCheck  BatchStep = "check"
	BatchStepSample BatchStep = "sample"
	BatchStepSend   BatchStep = "send"
)

// BatchStart is a workflow of a batch that has to be started.
type BatchStart struct {
	BatchID string
	EnteID  string
	Step    BatchStep
	// Check is the number of the reading, for BatchStepCheck and BatchStepSample.
	Check    int
	Priority notification.Priority
	SendAt   time.Time
}

// batchDue is the condition of the partial index batches_unstarted, word for word.
const batchDue = "check_due OR sample_due OR send_due"

// UnstartedBatches lists what batches wait for since before olderThan: their check, sample or sending was not started.
func (s *Store) UnstartedBatches(ctx context.Context, olderThan time.Time, limit int) ([]BatchStart, error) {
	var rows []batchRow
	if err := dueBatches(s.gorm.WithContext(ctx), olderThan, limit).Find(&rows).Error; err != nil {
		return nil, reduce("listing batches to start", err)
	}

	var starts []BatchStart
	for _, row := range rows {
		starts = append(starts, row.starts()...)
	}

	return starts[:min(len(starts), limit)], nil
}

func dueBatches(tx *gorm.DB, olderThan time.Time, limit int) *gorm.DB {
	return tx.Where("("+batchDue+") AND queued_at < ?", stamp(olderThan)).Order("queued_at").Limit(limit)
}

func (r batchRow) starts() []BatchStart {
	var starts []BatchStart

	for _, step := range []struct {
		due  bool
		name BatchStep
	}{{r.CheckDue, BatchStepCheck}, {r.SampleDue, BatchStepSample}, {r.SendDue, BatchStepSend}} {
		if step.due {
			starts = append(starts, BatchStart{
				BatchID: r.ID, EnteID: r.EnteID, Step: step.name, Check: r.CheckNumber, Priority: r.Priority, SendAt: timeOrZero(r.SendAt),
			})
		}
	}

	return starts
}

// MarkBatchStarted notes that a workflow of a batch was started. Of a reading that is not the present one it is no news.
func (s *Store) MarkBatchStarted(ctx context.Context, start BatchStart) error {
	return s.changeBatch(ctx, "recording a batch's workflow", start.BatchID, func(row *batchRow) error {
		switch start.Step {
		case BatchStepCheck:
			row.CheckDue = row.CheckDue && row.CheckNumber != start.Check
		case BatchStepSample:
			row.SampleDue = row.SampleDue && row.CheckNumber != start.Check
		case BatchStepSend:
			row.SendDue = false
		default:
			return fmt.Errorf("an unknown step: %w", ErrInvalid)
		}

		return nil
	})
}
