package gateway

import (
	"context"
	"slices"

	"github.com/genio-gateway/genio/notification"
)

// withWebhooks adds what the Ente's application was told of the notification, and whether it took it.
func (g *Gateway) withWebhooks(ctx context.Context, id string, timeline notification.Timeline) (notification.Timeline, error) {
	told, err := g.Store.WebhookDeliveriesOf(ctx, id)
	if err != nil {
		return timeline, storeError("reading what was told of the notification", err)
	}

	for _, delivery := range told {
		timeline.Entries = append(timeline.Entries, webhookEntry(delivery))
	}

	if len(told) > 0 {
		slices.SortStableFunc(timeline.Entries, func(a, b notification.Entry) int { return a.At.Compare(b.At) })
	}

	return timeline, nil
}

// webhookEntry stands where the telling ended, or is now.
func webhookEntry(delivery notification.WebhookDelivery) notification.Entry {
	entry := notification.Entry{
		At: delivery.EndedAt, Kind: notification.EntryToldApplication, State: notification.EntryDone, Tries: delivery.Tries,
	}

	switch delivery.State {
	case notification.WebhookWaiting:
		entry.State, entry.NextTry, entry.At = notification.EntryRunning, delivery.NextTryAt, delivery.QueuedAt
		if delivery.TriedAt.After(entry.At) {
			entry.At = delivery.TriedAt
		}
	case notification.WebhookFailed:
		entry.State = notification.EntryFault
	case notification.WebhookDelivered:
	}

	return entry
}
