package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// OpenJob is a batch, an intervention or an erasure whose workflow was started and should be running.
type OpenJob struct {
	ID     string
	EnteID string // empty where it is about several Enti
	// Step and Check say which of a batch's workflows it is; empty for the others.
	Step  BatchStep
	Check int
}

// OpenBatches lists the batches whose workflow was started, and became due before queuedBefore, and which wait for it. A
// draft waits for a person, and so only one whose sample is under way is among them.
func (s *Store) OpenBatches(ctx context.Context, queuedBefore time.Time, after string, limit int) ([]OpenJob, error) {
	var rows []batchRow
	if err := openBatches(s.gorm.WithContext(ctx), queuedBefore, after, limit).Find(&rows).Error; err != nil {
		return nil, reduce("listing open batches", err)
	}

	jobs := make([]OpenJob, len(rows))
	for i, row := range rows {
		jobs[i] = OpenJob{ID: row.ID, EnteID: row.EnteID, Step: row.step(), Check: row.CheckNumber}
	}

	return jobs, nil
}

// step is what an open batch waits for; empty: a person.
func (r batchRow) step() BatchStep {
	switch r.Status {
	case notification.BatchChecking:
		return BatchStepCheck
	case notification.BatchDraft:
		if r.Sample.State.UnderWay() {
			return BatchStepSample
		}
	case notification.BatchScheduled, notification.BatchSending, notification.BatchPaused:
		return BatchStepSend
	case notification.BatchMapping, notification.BatchUnreadable, notification.BatchCompleted, notification.BatchCancelled,
		notification.BatchDiscarded:
	}

	return ""
}

func openBatches(tx *gorm.DB, queuedBefore time.Time, after string, limit int) *gorm.DB {
	sampled := []notification.SampleState{notification.SampleWanted, notification.SampleRunning}
	sent := []notification.BatchStatus{notification.BatchScheduled, notification.BatchSending, notification.BatchPaused}

	query := tx.Model(&batchRow{}).Select("id, ente_id, status, check_number, sample").
		Where("ended_at IS NULL AND NOT check_due AND NOT sample_due AND NOT send_due AND queued_at < ?", stamp(queuedBefore)).
		Where("(status = ? OR status IN ? OR status = ? AND sample->>'state' IN ?)",
			notification.BatchChecking, sent, notification.BatchDraft, sampled).
		Order("id").Limit(limit)
	if after != "" {
		query = query.Where("id > ?", after)
	}

	return query
}

// BatchWaits tells whether a batch still waits for the workflow of a job.
func (s *Store) BatchWaits(ctx context.Context, job OpenJob) (bool, error) {
	row, err := batchOf(ctx, s.gorm, job.ID)

	return row.waitsFor(job), err
}

func (r batchRow) waitsFor(job OpenJob) bool {
	return r.step() == job.Step && r.CheckNumber == job.Check
}

// RestartBatch has the workflow of a batch started again: its file is read once more, its sample drawn once more, or its rows
// become the same notifications. [ErrConflict] where the batch does not wait for it any more.
func (s *Store) RestartBatch(ctx context.Context, job OpenJob) error {
	return s.changeBatch(ctx, "restarting a batch", job.ID, func(row *batchRow) error {
		if !row.waitsFor(job) {
			return fmt.Errorf("the batch is elsewhere: %w", ErrConflict)
		}

		now := s.now()
		row.QueuedAt = &now
		row.CheckDue, row.SampleDue, row.SendDue =
			job.Step == BatchStepCheck, job.Step == BatchStepSample, job.Step == BatchStepSend

		return nil
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

// OpenErasures lists the erasures whose workflow was started, and which were asked for before createdBefore.
func (s *Store) OpenErasures(ctx context.Context, createdBefore time.Time, after string, limit int) ([]OpenJob, error) {
	query := gorm.G[erasureRow](s.gorm).Select("id, ente_id").
		Where("status = ? AND NOT start_due AND created_at < ?", notification.ErasureRunning, stamp(createdBefore)).
		Order("id").Limit(limit)
	if after != "" {
		query = query.Where("id > ?", after)
	}

	rows, err := query.Find(ctx)
	if err != nil {
		return nil, reduce("listing open erasures", err)
	}

	jobs := make([]OpenJob, len(rows))
	for i, row := range rows {
		jobs[i] = OpenJob{ID: row.ID, EnteID: textOrEmpty(row.EnteID)}
	}

	return jobs, nil
}

// RestartErasure has the workflow of an erasure started again: what is erased is not found again. [ErrConflict] where it has
// ended.
func (s *Store) RestartErasure(ctx context.Context, id string) error {
	updated, err := gorm.G[erasureRow](s.gorm).Where("id = ? AND status = ?", id, notification.ErasureRunning).
		Update(ctx, "start_due", true)

	return changedAsSeen("restarting an erasure", updated, err)
}
