package gateway

import (
	"context"
	"errors"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// recentBatches is how many batches a selection offers.
const recentBatches = 25

// BatchName is a batch by its name, to choose it.
type BatchName struct {
	ID        string
	Name      string
	CreatedAt time.Time
}

// RecentBatches names the latest batches that have notifications, among those that the actor sees. It counts nothing.
func (g *Gateway) RecentBatches(ctx context.Context, actor Actor, enteID string) ([]BatchName, error) {
	visible, some := Query{EnteID: enteID}.filter(actor)
	if !some {
		return nil, nil
	}

	rows, _, err := g.Store.Batches(ctx, db.BatchFilter{
		EnteID: visible.EnteID, ServiceIDs: visible.ServiceIDs, Statuses: []notification.BatchStatus{
			notification.BatchSending, notification.BatchPaused, notification.BatchCompleted, notification.BatchCancelled,
		},
	}, db.Cursor{}, recentBatches)

	switch err = storeError("listing batches", err); {
	case errors.Is(err, ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}

	names := make([]BatchName, len(rows))
	for i, row := range rows {
		names[i] = BatchName{ID: row.ID, Name: row.Name, CreatedAt: row.CreatedAt}
	}

	return names, nil
}
