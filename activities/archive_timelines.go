package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

const (
	// archiveAfter leaves time for late callbacks and for a retry; it must stay well below Temporal's retention.
	archiveAfter = time.Hour
	archiveBatch = 200
)

// ArchiveTimelines stores the timelines of settled notifications, before Temporal forgets their histories. One
// that cannot be read is left for the next time; it does not stand in the others' way.
func (a *Activities) ArchiveTimelines(ctx context.Context) (int, error) {
	settledBefore := time.Now().Add(-archiveAfter)
	unreadable := make(map[string]bool)
	stored := 0

	for {
		// Those left behind are listed again, so they must not fill the batch.
		limit := archiveBatch + len(unreadable)

		ids, err := a.Store.Unarchived(ctx, settledBefore, limit)
		if err != nil {
			return stored, storeFault("listing settled notifications", err)
		}

		for _, id := range ids {
			if unreadable[id] {
				continue
			}

			archived, err := a.archive(ctx, id)
			if err != nil {
				return stored, err
			}

			if archived {
				stored++
			} else {
				unreadable[id] = true
			}

			activity.RecordHeartbeat(ctx, stored)
		}

		if len(ids) < limit {
			return stored, nil
		}
	}
}

// archive tells whether the timeline is stored; an error is one of our own side.
func (a *Activities) archive(ctx context.Context, id string) (archived bool, err error) {
	runs, err := a.Store.Runs(ctx, id)
	if err != nil {
		return false, storeFault("reading the runs", err)
	}

	timeline, err := a.Timelines.Timeline(ctx, runs, id)
	if ctx.Err() != nil {
		return false, fmt.Errorf("archiving timelines: %w", ctx.Err())
	}

	if err != nil {
		activity.GetLogger(ctx).Warn("timeline not archived", "notification_id", id, "error", err)

		return false, nil
	}

	timeline.Source = notification.TimelineFromArchive

	encoded, err := json.Marshal(timeline)
	if err != nil {
		return false, fmt.Errorf("encoding a timeline: %w", err)
	}

	err = a.Store.SaveTimeline(ctx, id, encoded)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil // removed since it was listed, and nobody will ask for its timeline.
	}

	return err == nil, storeFault("storing a timeline", err)
}
