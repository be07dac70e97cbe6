package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const (
	aDay = 24 * time.Hour

	// removalBudget is how long one activity goes on with an Ente: then the next one does.
	removalBudget = 5 * time.Minute
	// beatEvery is well below the heartbeat's time-out.
	beatEvery = 5 * time.Second

	// keysKept is how long a repeated request is recognised.
	keysKept = 30 * aDay
	// checksKept is far longer than a question to IO takes: what is left of one belongs to a process that died.
	checksKept = aDay
	// importsKept leaves its author the time to choose; the keys that were found go sooner, by the import's own workflow.
	importsKept = 7 * aDay
	// invitationsKept is how long the page of an expired invitation can say that it has expired.
	invitationsKept = 30 * aDay
	// interventionsKept is as long as the notifications that they were about usually stay.
	interventionsKept = notification.DefaultOutcomeDays * aDay
	// deliveriesKept is long enough to find out why an application was not told.
	deliveriesKept = 90 * aDay
	// auditYears is how long claims for damages can be brought (Italian civil code, art. 2947), and accounts be asked of public
	// officers (law 20/1994, art. 1): as long it must be possible to say who did what. The database refuses less.
	auditYears = 5
)

// BeginRetention notes that a run has begun, and lists the Enti.
func (a *Activities) BeginRetention(ctx context.Context, in workflows.RetentionInput) ([]string, error) {
	if err := a.Store.BeginRetention(ctx, in.RunID); err != nil {
		return nil, storeFault("beginning retention", err)
	}

	ids, err := a.Store.EnteIDs(ctx)

	return ids, storeFault("listing the Enti", err)
}

// RemoveOfEnte removes what is due of an Ente, transaction by transaction, until nothing is or its time is over. What it has
// removed stays removed when it fails.
func (a *Activities) RemoveOfEnte(ctx context.Context, in workflows.RetentionRemoval) (workflows.RetentionResult, error) {
	stop := beating(ctx)
	defer stop()

	kept, err := a.Store.Retention(ctx, in.EnteID)
	if err != nil {
		return workflows.RetentionResult{}, storeFault("reading how long an Ente keeps what", err)
	}

	now := time.Now()
	until := now.Add(removalBudget)
	content := db.Removal{RunID: in.RunID, EnteID: in.EnteID, Before: now.Add(-time.Duration(kept.ContentDays) * aDay)}
	outcome := db.Removal{RunID: in.RunID, EnteID: in.EnteID, Before: now.Add(-time.Duration(kept.OutcomeDays) * aDay)}

	// Content goes first: what is removed whole is looked for among what has none.
	for _, step := range []struct {
		remove  func(context.Context, db.Removal) (int, error)
		removal db.Removal
	}{
		{a.Store.RemoveContent, content},
		{a.Store.RemoveNotifications, outcome},
	} {
		for {
			removed, err := step.remove(ctx, step.removal)
			if err != nil {
				return workflows.RetentionResult{}, storeFault("removing what is due", err)
			}

			if removed == 0 {
				break
			}

			if time.Now().After(until) || ctx.Err() != nil {
				return workflows.RetentionResult{}, nil
			}
		}
	}

	return workflows.RetentionResult{Done: true}, a.removeBatches(ctx, in, content.Before, outcome.Before)
}

func (a *Activities) removeBatches(ctx context.Context, in workflows.RetentionRemoval, content, outcome time.Time) error {
	return a.removeEach(ctx, in, []removal{
		{notification.RemovedDrafts, func(ctx context.Context) (int, error) { return a.Store.DiscardDrafts(ctx, in.EnteID, content) }},
		{notification.RemovedBatchFiles, func(ctx context.Context) (int, error) { return a.Store.PurgeBatches(ctx, in.EnteID, content) }},
		{notification.RemovedBatches, func(ctx context.Context) (int, error) { return a.Store.RemoveBatches(ctx, in.EnteID, outcome) }},
	})
}

// removal removes what is due of one kind and tells how much it was, also where it fails half-way.
type removal struct {
	kind   notification.RetentionKind
	remove func(ctx context.Context) (int, error)
}

// removeEach removes kind by kind. What trying again does not mend is noted, and the other kinds go on.
func (a *Activities) removeEach(ctx context.Context, in workflows.RetentionRemoval, removals []removal) error {
	for _, one := range removals {
		removed, err := one.remove(ctx)

		if err := a.Store.NoteRemoved(ctx, in.RunID, in.EnteID, one.kind, removed); err != nil {
			return storeFault("counting what was removed", err)
		}

		if err != nil && finalFault(err) == nil {
			return storeFault("removing what is due", err)
		}

		if err != nil {
			activity.GetLogger(ctx).Error("retention could not remove everything", "kind", string(one.kind), "error", err)

			if err := a.Store.NoteNotRemoved(ctx, in.RunID, in.EnteID, one.kind); err != nil {
				return storeFault("noting what was not removed", err)
			}
		}
	}

	return nil
}

// RemoveShared removes what is due and nobody's in particular.
func (a *Activities) RemoveShared(ctx context.Context, in workflows.RetentionRemoval) error {
	stop := beating(ctx)
	defer stop()

	now := time.Now()
	// A day more, so that the clocks of the database and of this process need not agree.
	audit := now.AddDate(-auditYears, 0, -1)

	before := func(purge func(context.Context, time.Time) (int, error), at time.Time) func(context.Context) (int, error) {
		return func(ctx context.Context) (int, error) { return purge(ctx, at) }
	}

	return a.removeEach(ctx, in, []removal{
		{notification.RemovedIdempotencyKeys, before(a.Store.PurgeIdempotencyKeys, now.Add(-keysKept))},
		{notification.RemovedBulkAnswers, before(a.Store.PurgeBulkRequests, now.Add(-keysKept))},
		{notification.RemovedChecks, before(a.Store.PurgeRecipientChecks, now.Add(-checksKept))},
		{notification.RemovedSessions, a.Store.Sessions().DeleteExpired},
		{notification.RemovedInvitations, before(a.Store.PurgeInvitations, now.Add(-invitationsKept))},
		{notification.RemovedImports, before(a.Store.PurgeServiceImports, now.Add(-importsKept))},
		{notification.RemovedInterventions, before(a.Store.PurgeInterventions, now.Add(-interventionsKept))},
		{notification.RemovedDeliveries, before(a.Store.PurgeWebhookDeliveries, now.Add(-deliveriesKept))},
		{notification.RemovedErasures, before(a.Store.PurgeErasures, audit)},
		{notification.RemovedRuns, before(a.Store.PurgeRetentionRuns, audit)},
		{notification.RemovedAudit, before(a.Store.PurgeAudit, audit)},
	})
}

// NoteRetentionFault notes that not all could be removed.
func (a *Activities) NoteRetentionFault(ctx context.Context, in workflows.RetentionRemoval) error {
	kind := notification.RemovedContent
	if in.EnteID == "" {
		kind = notification.RemovedIdempotencyKeys
	}

	return storeFault("noting what was not removed", a.Store.NoteNotRemoved(ctx, in.RunID, in.EnteID, kind))
}

// FinishRetention stores the end.
func (a *Activities) FinishRetention(ctx context.Context, in workflows.RetentionRemoval) error {
	return storeFault("ending retention", a.Store.FinishRetention(ctx, in.RunID))
}

// beating tells Temporal again and again that the activity is at work, until what it gives is called.
func beating(ctx context.Context) (stop func()) {
	ended := make(chan struct{})

	activity.RecordHeartbeat(ctx)

	go func() {
		beat := time.NewTicker(beatEvery)
		defer beat.Stop()

		for {
			select {
			case <-beat.C:
				activity.RecordHeartbeat(ctx)
			case <-ended:
				return
			case <-ctx.Done():
				return
			}
		}
	}()

	return func() { close(ended) }
}
