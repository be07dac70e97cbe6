package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// mostItems is how many notifications an intervention may have.
	mostItems = notification.MaxIntervention
	// itemsCollected are listed by one transaction, which others wait for on SQLite.
	itemsCollected = 1000
	// itemsOfPage is how many acts one activity does: some seconds' worth.
	itemsOfPage = 100
	// actPause is the pause before a page is tried again, since Temporal or the database is away.
	actPause = 2 * time.Second
)

// Intervener does an intervention's act to one of its notifications. The code says why it was not done, of those named
// notification.ItemCode…; an error means that it may be tried again, since nothing was done.
type Intervener interface {
	Intervene(
		ctx context.Context, intervention notification.Intervention, notificationID string,
	) (state notification.ItemState, code string, err error)
}

// CollectItems lists the notifications that the intervention is about, page by page. A further try goes on where the one
// before was.
func (a *Activities) CollectItems(ctx context.Context, in workflows.InterventionInput) error {
	stored, err := a.Store.Intervention(ctx, in.ID)
	if err != nil {
		return storeFault("reading the intervention", err)
	}

	filter := db.FilterOf(stored)

	for {
		done, err := a.Store.CollectItems(ctx, in.ID, filter, itemsCollected, mostItems)
		if err != nil || done {
			return storeFault("listing the intervention's notifications", err)
		}

		activity.RecordHeartbeat(ctx)

		if err := ctx.Err(); err != nil {
			return retryLater(notification.ReasonInternalError, firstPause)
		}
	}
}

// ActOnItems does the act to the next items, one after the other, at the pace that leaves delivery its room.
func (a *Activities) ActOnItems(ctx context.Context, page workflows.InterventionPage) (workflows.InterventionPageResult, error) {
	stored, err := a.Store.Intervention(ctx, page.ID)
	if err != nil {
		return workflows.InterventionPageResult{}, storeFault("reading the intervention", err)
	}

	if stored.Status.Final() {
		return workflows.InterventionPageResult{Last: page.After, Done: true}, nil
	}

	items, err := a.Store.ItemsToDo(ctx, page.ID, page.After, itemsOfPage)
	if err != nil {
		return workflows.InterventionPageResult{}, storeFault("listing items", err)
	}

	last := page.After
	pace := time.NewTicker(time.Second / notification.InterventionPace)

	defer pace.Stop()

	for _, item := range items {
		select {
		case <-ctx.Done():
			// Somebody stopped it, or the worker goes: another try goes on from what the rows say.
			return workflows.InterventionPageResult{Last: last}, ctx.Err() //nolint:wrapcheck // Temporal tells it apart.
		case <-pace.C:
		}

		stopped, err := a.actOn(ctx, stored, item)
		if err != nil || stopped {
			return workflows.InterventionPageResult{Last: last, Done: stopped}, err
		}

		last = item.Number

		activity.RecordHeartbeat(ctx)
	}

	return workflows.InterventionPageResult{Last: last, Done: len(items) < itemsOfPage}, nil
}

// actOn does the act to one item, at most once.
func (a *Activities) actOn(
	ctx context.Context, intervention notification.Intervention, item db.InterventionItem,
) (stopped bool, err error) {
	// What has begun is noted to its end, also by a worker that goes.
	ctx = context.WithoutCancel(ctx)

	if item.Begun && intervention.Act == notification.InterventionDecide {
		// A second decision might answer another question than the first.
		err := a.Store.EndItem(ctx, intervention.ID, item.Number, notification.ItemFailed, notification.ItemCodeInterrupted)

		return false, storeFault("ending an item", err)
	}

	err = a.Store.BeginItem(ctx, intervention.ID, item.Number)
	if errors.Is(err, db.ErrConflict) {
		// Either it was stopped, or another try of this activity was faster: the rows tell.
		now, err := a.Store.Intervention(ctx, intervention.ID)

		return now.Status.Final(), storeFault("reading the intervention", err)
	}

	if err != nil {
		return false, storeFault("beginning an item", err)
	}

	state, code, err := a.Intervener.Intervene(ctx, intervention, item.NotificationID)
	if err != nil {
		if err := a.Store.EndItem(ctx, intervention.ID, item.Number, notification.ItemWaiting, ""); err != nil {
			return false, storeFault("putting an item back", err)
		}

		return false, retryLater(notification.ReasonInternalError, actPause)
	}

	return false, storeFault("ending an item", a.Store.EndItem(ctx, intervention.ID, item.Number, state, code))
}

// FinishIntervention stores the end.
func (a *Activities) FinishIntervention(ctx context.Context, in workflows.InterventionInput) error {
	return storeFault("ending the intervention", a.Store.FinishIntervention(ctx, in.ID))
}
