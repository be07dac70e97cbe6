package db

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// Upkeep tells since when retention and reconciliation have not been done.
func (s *Store) Upkeep(ctx context.Context) (notification.Upkeep, error) {
	const doing = "reading when retention and reconciliation were last done"

	first, err := gorm.G[enteRow](s.gorm).Select("created_at").Order("created_at").Take(ctx)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return notification.Upkeep{}, nil
	}

	if err != nil {
		return notification.Upkeep{}, reduce(doing, err)
	}

	done := notification.Upkeep{Retention: first.CreatedAt.UTC(), Reconciliation: first.CreatedAt.UTC()}

	removed, err := gorm.G[retentionRunRow](s.gorm).Where("status = ?", notification.RetentionCompleted).
		Order("started_at DESC, id DESC").Limit(1).Find(ctx)
	if err != nil {
		return notification.Upkeep{}, reduce(doing, err)
	}

	for _, run := range removed {
		done.Retention = later(done.Retention, timeOrZero(run.EndedAt))
	}

	compared, err := gorm.G[reconciliationRow](s.gorm).Select("ended_at").Where("ended_at IS NOT NULL").
		Order("started_at DESC, id DESC").Limit(1).Find(ctx)
	if err != nil {
		return notification.Upkeep{}, reduce(doing, err)
	}

	for _, run := range compared {
		done.Reconciliation = later(done.Reconciliation, timeOrZero(run.EndedAt))
	}

	return done, nil
}

// later is the later one of two times: an Ente may have been entered after the last run, when there was nothing to do.
func later(one, other time.Time) time.Time {
	if other.After(one) {
		return other
	}

	return one
}
