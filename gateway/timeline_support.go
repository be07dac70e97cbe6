package gateway

import (
	"context"
	"slices"

	"github.com/genio-gateway/genio/notification"
)

// withSupport adds what people did to many at once: interventions on the notification, and what is known of the pauses that
// it waited for. Names are for those who may read who did what; an application learns the reason alone.
func (g *Gateway) withSupport(
	ctx context.Context, actor Actor, n notification.Notification, timeline notification.Timeline,
) (notification.Timeline, error) {
	interventions, err := g.Store.InterventionsOn(ctx, n.ID)
	if err != nil {
		return timeline, storeError("reading the interventions on the notification", err)
	}

	for _, done := range interventions {
		entry := notification.Entry{
			At: done.At.UTC(), Kind: notification.EntryIntervened, State: notification.EntryDone,
			Detail: string(done.Act), Why: done.Why,
		}

		if actor.Kind == ActorUser {
			entry.By = done.ByName
		}

		timeline.Entries = append(timeline.Entries, entry)
	}

	if len(interventions) > 0 {
		slices.SortStableFunc(timeline.Entries, func(a, b notification.Entry) int { return a.At.Compare(b.At) })
	}

	return timeline, g.explainPauses(ctx, n, timeline.Entries)
}

// explainPauses adds to each wait for a pause which one it was.
func (g *Gateway) explainPauses(ctx context.Context, n notification.Notification, entries []notification.Entry) error {
	var pauses []notification.Pause

	for i := range entries {
		entry := &entries[i]
		if entry.Kind != notification.EntryOnHold || !entry.Reason.Paused() {
			continue
		}

		if pauses == nil {
			var err error
			if pauses, err = g.Store.PausesSince(ctx, n.AcceptedAt); err != nil {
				return storeError("reading the pauses", err)
			}
		}

		for _, pause := range pauses {
			stops := pause.Stops(n.EnteID, n.ServiceID, notification.ChannelIO) || pause.Stops(n.EnteID, n.ServiceID, notification.ChannelSMS)
			if stops && pause.Reason() == entry.Reason && pause.InForce(entry.At) {
				entry.Since, entry.Why, entry.Until = pause.Since, pause.Why, pause.Until

				break
			}
		}
	}

	return nil
}
