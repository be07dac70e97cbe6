package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/genio-gateway/genio/notification"
)

const (
	// archiveAfter leaves time for late callbacks and for a retry; it must stay well below Temporal's retention.
	archiveAfter = time.Hour
	archiveBatch = 200
)

// ArchiveTimelines stores the timelines of settled notifications, before Temporal forgets their histories.
func (a *Activities) ArchiveTimelines(ctx context.Context) (int, error) {
	stored := 0

	for {
		ids, err := a.Store.Unarchived(ctx, time.Now().Add(-archiveAfter), archiveBatch)
		if err != nil {
			return stored, storeFault("listing settled notifications", err)
		}

		for _, id := range ids {
			if err := a.archive(ctx, id); err != nil {
				return stored, err
			}

			stored++

			activity.RecordHeartbeat(ctx, stored)
		}

		if len(ids) < archiveBatch {
			return stored, nil
		}
	}
}

func (a *Activities) archive(ctx context.Context, id string) error {
	runs, err := a.Store.Runs(ctx, id)
	if err != nil {
		return storeFault("reading the runs", err)
	}

	timeline, err := a.Timelines.Timeline(ctx, runs, id)
	if err != nil {
		return temporal.NewApplicationError("reading a history", string(notification.ReasonInternalError))
	}

	timeline.Source = notification.TimelineFromArchive

	encoded, err := json.Marshal(timeline)
	if err != nil {
		return fmt.Errorf("encoding a timeline: %w", err)
	}

	return storeFault("storing a timeline", a.Store.SaveTimeline(ctx, id, encoded))
}
