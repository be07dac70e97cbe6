package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// OpenJob is a batch or an intervention whose workflow was started and should be running.
type OpenJob struct {
	ID     string
	EnteID string // empty where it is about several Enti
	// Step and Check say which of a batch's workflows it is; empty for an intervention.
	Step  BatchStep
	Check int
}

// OpenBatches lists the batches whose workflow was started, and became due before queuedBefore, and which wait for it. A
// draft waits for a person, and so it is not among them.
func (s *Store) OpenBatches(ctx context.Context, queuedBefore time.Time, after string, limit int) ([]OpenJob, error) {
	var rows []batchRow
	if err := openBatches(s.gorm.WithContext(ctx), queuedBefore, after, limit).Find(&rows).Error; err != nil {
		return nil, reduce("listing open batches", err)
	}

	jobs := make([]OpenJob, len(rows))

	for i, row := range rows {
		jobs[i] = OpenJob{ID: row.ID, EnteID: row.EnteID, Step: BatchStepSend, Check: row.CheckNumber}
		if row.Status == notification.BatchChecking {
			jobs[i].Step = BatchStepCheck
		}
	}

	return jobs, nil
}

func openBatches(tx *gorm.DB, queuedBefore time.Time, after string, limit int) *gorm.DB {
	query := tx.Model(&batchRow{}).Select("id, ente_id, status, check_number").
		Where("ended_at IS NULL AND status IN ? AND NOT check_due AND NOT send_due AND queued_at < ?", []notification.BatchStatus{
			notification.BatchChecking, notification.BatchScheduled, notification.BatchSending, notification.BatchPaused,
		}, stamp(queuedBefore)).Order("id").Limit(limit)
	if after != "" {
		query = query.Where("id > ?", after)
	}

	return query
}

// RestartBatch has the sending of a batch started again: its rows become the same notifications. [ErrConflict] where there is
// nothing to send any more.
func (s *Store) RestartBatch(ctx context.Context, id string) error {
	return s.changeBatch(ctx, "restarting a batch", id, func(row *batchRow) error {
		switch row.Status {
		case notification.BatchScheduled, notification.BatchSending, notification.BatchPaused:
			now := s.now()
			row.SendDue, row.QueuedAt = true, &now

			return nil
		default:
			return fmt.Errorf("the batch is elsewhere: %w", ErrConflict)
		}
	})
}

// OpenInterventions lists the interventions whose workflow was started, and which were made before createdBefore.
func (s *Store) OpenInterventions(ctx context.Context, createdBefore time.Time, after string, limit int) ([]OpenJob, error) {
	query := gorm.G[interventionRow](s.gorm).Where("ended_at IS NULL AND NOT start_due AND created_at < ?", stamp(createdBefore)).
		Order("id").Limit(limit)
	if after != "" {
		query = query.Where("id > ?", after)
	}

	rows, err := query.Find(ctx)
	if err != nil {
		return nil, reduce("listing open interventions", err)
	}

	jobs := make([]OpenJob, len(rows))
	for i, row := range rows {
		jobs[i] = OpenJob{ID: row.ID, EnteID: textOrEmpty(row.EnteID)}
	}

	return jobs, nil
}

// RestartIntervention has the workflow of an intervention started again, which goes on from what its items say. [ErrConflict]
// where it has ended.
func (s *Store) RestartIntervention(ctx context.Context, id string) error {
	return s.changeIntervention(ctx, "restarting an intervention", id, func(row *interventionRow) error {
		if row.Status.Final() {
			return fmt.Errorf("the intervention has ended: %w", ErrConflict)
		}

		row.StartDue = true

		return nil
	})
}
