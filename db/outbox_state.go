package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// OutboxState is how much is accepted and not started.
type OutboxState struct {
	// Size counts no further than it was asked to.
	Size int
	// Oldest is since when the first of them waits; zero: none does.
	Oldest time.Time
}

// Outbox tells how much is accepted and not started, counting atMost.
func (s *Store) Outbox(ctx context.Context, atMost int) (OutboxState, error) {
	oldest, err := oldestQueued(s.gorm.WithContext(ctx))
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return OutboxState{}, nil
	}

	if err != nil {
		return OutboxState{}, reduce("looking for the oldest notification to start", err)
	}

	// What is queued this very moment is counted too.
	size, err := s.CountUnstarted(ctx, s.now().Add(time.Second), atMost)

	return OutboxState{Size: size, Oldest: oldest}, err
}

func oldestQueued(tx *gorm.DB) (time.Time, error) {
	var oldest notificationRow

	err := tx.Table(waitingRows(tx)).Select("queued_at").Where(unstarted).Order("queued_at").Limit(1).Take(&oldest).Error

	return oldest.QueuedAt, err
}

// OpenByStatus counts the notifications that have not ended. A status that none has is told as 0.
func (s *Store) OpenByStatus(ctx context.Context) (map[notification.Status]int, error) {
	counts, err := counted("counting open notifications", countOpen(s.gorm.WithContext(ctx)))
	if err != nil {
		return nil, err
	}

	open := map[notification.Status]int{}

	for _, status := range notification.Statuses() {
		if !status.Final() {
			open[status] = counts.ByStatus[status]
		}
	}

	return open, nil
}

func countOpen(tx *gorm.DB) *gorm.DB {
	return tx.Table(openOnes(tx)).Select("status, count(*) AS total").Where("settled_at IS NULL").Group("status")
}

// Pool is the connections to the database, to be measured.
func (s *Store) Pool() *sql.DB { return s.pool }
