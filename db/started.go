package db

import (
	"context"
	"maps"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// startsLimit bounds how many starts are noted in one transaction.
const startsLimit = 100

// startedRun is a run whose workflow was started.
type startedRun struct {
	Run

	notificationID string
}

// starts notes those together that come while others are being noted: a burst of starts would else be a burst of transactions.
type starts struct{ together[startedRun] }

func newStarts() *starts { return &starts{together[startedRun]{limit: startsLimit}} }

// MarkStarted records that a run's workflow was started, under Temporal's run id. Calling it again for the
// same run changes nothing.
func (s *Store) MarkStarted(ctx context.Context, id string, run int, temporalRunID string) error {
	const doing = "recording a started workflow"

	started := startedRun{notificationID: id, Run: Run{Number: run, TemporalID: temporalRunID}}
	if s.starts == nil {
		return s.noteStarted(ctx, doing, started)
	}

	err := s.starts.do(ctx, started, func(all []*joined[startedRun]) { s.noteStartedTogether(doing, all) })

	return reduce(doing, err)
}

// IsStarted tells whether a run's workflow was started, as far as it was recorded. A notification that there is not has none.
func (s *Store) IsStarted(ctx context.Context, id string, run int) (bool, error) {
	found, err := gorm.G[notificationRow](s.gorm).Where("id = ? AND started_run >= ?", id, run).Count(ctx, "id")

	return found > 0, reduce("looking for a started workflow", err)
}

// noteStartedTogether notes one by one what could not be noted together, so that each fails alone.
func (s *Store) noteStartedTogether(doing string, all []*joined[startedRun]) {
	byRun := map[int][]startedRun{}
	for _, one := range all {
		byRun[one.what.Number] = append(byRun[one.what.Number], one.what)
	}

	if len(all) > 1 && s.noteRuns(all[0].ctx, doing, byRun) == nil {
		return
	}

	for _, one := range all {
		one.err = s.noteStarted(one.ctx, doing, one.what)
	}
}

func (s *Store) noteStarted(ctx context.Context, doing string, started startedRun) error {
	return s.transaction(ctx, doing, func(tx *gorm.DB) error {
		return s.noteRun(ctx, tx, started.notificationID, started.Run)
	})
}

// noteRuns notes runs, by their numbers. The notifications are locked before the runs are added, and in one order, as whoever
// begins one of them does: the other way round each could wait for the other.
func (s *Store) noteRuns(ctx context.Context, doing string, byNumber map[int][]startedRun) error {
	ctx = context.WithoutCancel(ctx)

	return s.transaction(ctx, doing, func(tx *gorm.DB) error {
		for _, number := range slices.Sorted(maps.Keys(byNumber)) {
			if err := s.noteRunsOf(ctx, tx, number, byNumber[number]); err != nil {
				return err
			}
		}

		return nil
	})
}

func (s *Store) noteRunsOf(ctx context.Context, tx *gorm.DB, number int, started []startedRun) error {
	rows, ids := make([]runRow, len(started)), make([]string, len(started))
	for i, one := range started {
		rows[i] = runRow{NotificationID: one.notificationID, Number: number, RunID: one.TemporalID, StartedAt: s.now()}
		ids[i] = one.notificationID
	}

	news, err := gorm.G[notificationRow](tx, clause.Locking{Strength: noKeyUpdate}).Select("id").
		Where("id IN ? AND started_run < ? AND run >= ?", ids, number, number).Order("id").Find(ctx)
	if err != nil {
		return reduce("locking the notifications", err)
	}

	for i, row := range news {
		ids[i] = row.ID
	}

	if _, err := gorm.G[notificationRow](tx).Where("id IN ?", ids[:len(news)]).Update(ctx, "started_run", number); err != nil {
		return reduce("marking the notifications", err)
	}

	return reduce("adding runs", tx.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error)
}

// noteRun is idempotent: both the starter and the workflow itself note a run.
func (s *Store) noteRun(ctx context.Context, tx *gorm.DB, id string, run Run) error {
	_, err := gorm.G[notificationRow](tx).Where("id = ? AND started_run < ? AND run >= ?", id, run.Number, run.Number).
		Update(ctx, "started_run", run.Number)
	if err != nil {
		return reduce("marking the notification", err)
	}

	row := runRow{NotificationID: id, Number: run.Number, RunID: run.TemporalID, StartedAt: s.now()}

	return reduce("adding a run", gorm.G[runRow](tx, clause.OnConflict{DoNothing: true}).Create(ctx, &row))
}
