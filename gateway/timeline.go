package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// historyPatience is how long a person waits for the richest timeline before getting a poorer one.
const historyPatience = 3 * time.Second

// Timeline tells the story of a notification: from its workflow's history; from the archive once the history
// is gone; from the database alone while Temporal cannot be reached.
func (g *Gateway) Timeline(ctx context.Context, actor Actor, id string) (notification.Timeline, error) {
	if _, err := g.visible(ctx, actor, id); err != nil {
		return notification.Timeline{}, err
	}

	n, err := g.Store.Notification(ctx, id)
	if err != nil {
		return notification.Timeline{}, storeError("reading the notification", err)
	}

	runs, err := g.Store.Runs(ctx, id)
	if err != nil {
		return notification.Timeline{}, storeError("reading the runs", err)
	}

	timeline, err := g.richest(ctx, runs, n)
	if err != nil {
		return notification.Timeline{}, err
	}

	timeline, err = g.withActs(ctx, actor, n.ID, complete(timeline, n))
	if err != nil {
		return notification.Timeline{}, err
	}

	timeline, err = g.withSupport(ctx, actor, n, timeline)
	if err != nil {
		return notification.Timeline{}, err
	}

	return g.withWebhooks(ctx, n.ID, timeline)
}

// richest is the story as told by whoever knows most of it.
func (g *Gateway) richest(ctx context.Context, runs []string, n notification.Notification) (notification.Timeline, error) {
	if len(runs) == 0 {
		timeline, err := g.withoutHistory(ctx, n)
		timeline.Away = !n.Status.Final() && g.temporalAway(ctx)

		return timeline, err
	}

	timeline, err := g.fromHistory(ctx, runs, n.ID)
	if err == nil {
		return timeline, nil
	}

	g.Log.Info("timeline not read from the history", zap.String("notification_id", n.ID), zap.Error(err))

	forgotten := isNotFound(err)
	timeline, err = g.withoutHistory(ctx, n)
	timeline.Away = !forgotten

	return timeline, err
}

// fromHistory leaves the caller the time to be told what the database knows, where Temporal does not answer.
func (g *Gateway) fromHistory(ctx context.Context, runs []string, id string) (notification.Timeline, error) {
	ctx, done := context.WithTimeout(ctx, historyPatience)
	defer done()

	return Histories{Temporal: g.Temporal}.Timeline(ctx, runs, id)
}

// withoutHistory reads the archived timeline, or tells what the database knows.
func (g *Gateway) withoutHistory(ctx context.Context, n notification.Notification) (notification.Timeline, error) {
	stored, err := g.Store.Timeline(ctx, n.ID)

	switch {
	case errors.Is(err, db.ErrNotFound):
		return fromDatabase(n), nil
	case err != nil:
		return notification.Timeline{}, storeError("reading the archived timeline", err)
	}

	var timeline notification.Timeline
	if err := json.Unmarshal(stored, &timeline); err != nil {
		return notification.Timeline{}, fmt.Errorf("decoding the archived timeline: %w", err)
	}

	if len(timeline.Entries) == 0 {
		// It was archived when no run was known.
		return fromDatabase(n), nil
	}

	return timeline, nil
}

// complete adds what no history holds: the acceptance, which comes before the workflow, and what a provider
// told after its end.
func complete(timeline notification.Timeline, n notification.Notification) notification.Timeline {
	accepted := notification.Entry{At: n.AcceptedAt, Kind: notification.EntryAccepted, State: notification.EntryDone}
	timeline.Entries = append([]notification.Entry{accepted}, timeline.Entries...)

	if timeline.Source == notification.TimelineFromDatabase || n.SettledAt.IsZero() {
		return timeline
	}

	if endUntold(timeline, n) {
		timeline.Entries = append(timeline.Entries, settledEntry(n))
	}

	corrected := correctedSince(timeline, n)

	for _, attempt := range n.Attempts {
		delivered := attempt.Status == notification.AttemptDelivered && attempt.Channel == n.Channel
		if attempt.SettledAt.After(n.SettledAt) || corrected && delivered {
			timeline.Entries = append(timeline.Entries, deliveryEntry(attempt))
		}
	}

	if corrected {
		timeline.Entries = append(timeline.Entries, settledEntry(n))
	}

	return timeline
}

// endUntold tells whether the row is settled while the history does not tell it yet: a workflow closes a moment after
// it has settled, and whoever sees the final status asks no more.
func endUntold(timeline notification.Timeline, n notification.Notification) bool {
	last := timeline.Entries[len(timeline.Entries)-1]

	return n.Status.Final() && last.Kind != notification.EntrySettled && n.SettledAt.After(last.At)
}

// correctedSince tells whether the workflow ended otherwise than the notification did: a provider confirmed the
// delivery when the workflow had given it up.
func correctedSince(timeline notification.Timeline, n notification.Notification) bool {
	if n.Status != notification.StatusDelivered {
		return false
	}

	for _, entry := range slices.Backward(timeline.Entries) {
		if entry.Kind == notification.EntrySettled {
			return entry.Status != notification.StatusDelivered
		}
	}

	return false
}

// fromDatabase tells the story from the rows alone: the attempts and the end.
func fromDatabase(n notification.Notification) notification.Timeline {
	timeline := notification.Timeline{Source: notification.TimelineFromDatabase, Entries: []notification.Entry{}}

	for _, attempt := range n.Attempts {
		timeline.Entries = append(timeline.Entries, attemptEntries(attempt)...)
	}

	if n.Status.Final() {
		timeline.Entries = append(timeline.Entries, settledEntry(n))
	}

	slices.SortStableFunc(timeline.Entries, func(a, b notification.Entry) int { return a.At.Compare(b.At) })

	if n.Status == notification.StatusOnHold {
		timeline.Entries = append(timeline.Entries, holdEntry(timeline.Entries, n))
	}

	return timeline
}

// holdEntry comes last, because nothing happens after it. No row tells when it began: the time is that of what
// was known to happen before.
func holdEntry(before []notification.Entry, n notification.Notification) notification.Entry {
	hold := notification.Entry{
		At: n.AcceptedAt, Kind: notification.EntryOnHold, State: notification.EntryNegative, Reason: n.Reason,
	}

	if len(before) > 0 {
		hold.At = before[len(before)-1].At
	}

	return hold
}

func settledEntry(n notification.Notification) notification.Entry {
	return notification.Entry{
		At: n.SettledAt, Kind: notification.EntrySettled, State: stateOfStatus(n.Status),
		Status: n.Status, Reason: n.Reason, Channel: n.Channel,
	}
}

func attemptEntries(attempt notification.Attempt) []notification.Entry {
	if attempt.Status == notification.AttemptSkipped {
		return []notification.Entry{{
			At: attempt.StartedAt, Kind: notification.EntrySkipped, State: notification.EntryNegative,
			Channel: attempt.Channel, Reason: attempt.Reason,
		}}
	}

	handedOver := notification.Entry{
		At: attempt.StartedAt, Kind: sentKind(attempt.Channel), State: notification.EntryRunning,
		Channel: attempt.Channel, Tries: attempt.Calls,
	}

	switch {
	case !attempt.SentAt.IsZero():
		handedOver.At, handedOver.State = attempt.SentAt, notification.EntryDone
	case attempt.Status == notification.AttemptFailed, attempt.Status == notification.AttemptUncertain:
		handedOver.State, handedOver.Reason = notification.EntryFault, attempt.Reason
	}

	if attempt.SentAt.IsZero() || !attempt.Status.Final() {
		return []notification.Entry{handedOver}
	}

	return []notification.Entry{handedOver, deliveryEntry(attempt)}
}

func deliveryEntry(attempt notification.Attempt) notification.Entry {
	entry := notification.Entry{
		At: attempt.SettledAt, Kind: notification.EntryDeliveredIO, State: notification.EntryNegative,
		Channel: attempt.Channel, Reason: attempt.Reason,
	}

	if attempt.Channel == notification.ChannelSMS {
		entry.Kind = notification.EntryDeliveredSMS
	}

	if attempt.Status == notification.AttemptDelivered {
		entry.State = notification.EntryDone
	}

	return entry
}

func sentKind(channel notification.Channel) notification.EntryKind {
	if channel == notification.ChannelSMS {
		return notification.EntrySentSMS
	}

	return notification.EntrySentIO
}

func stateOfStatus(status notification.Status) notification.EntryState {
	switch status {
	case notification.StatusDelivered:
		return notification.EntryDone
	case notification.StatusFailed:
		return notification.EntryFault
	default:
		return notification.EntryNegative
	}
}

// Histories reads timelines from the histories that Temporal keeps.
type Histories struct {
	Temporal client.Client
}

// Timeline derives the story of a notification from its runs, oldest first. A run that Temporal has forgotten, as it
// does some time after the end, is left out; where it has forgotten all of them, that is an error.
func (h Histories) Timeline(ctx context.Context, runIDs []string, id string) (notification.Timeline, error) {
	histories := make([]workflows.RunHistory, 0, len(runIDs))

	var forgotten error

	for i, runID := range runIDs {
		history, err := h.run(ctx, workflows.NotificationID(id), runID)

		switch {
		case isNotFound(err):
			forgotten = err

			continue
		case err != nil:
			return notification.Timeline{}, err
		}

		history.Number = i + 1
		histories = append(histories, history)
	}

	if len(histories) == 0 && forgotten != nil {
		return notification.Timeline{}, forgotten
	}

	return workflows.TimelineOf(histories), nil
}

func (h Histories) run(ctx context.Context, workflowID, runID string) (workflows.RunHistory, error) {
	var history workflows.RunHistory

	events := h.Temporal.GetWorkflowHistory(ctx, workflowID, runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return history, fmt.Errorf("reading a workflow's history: %w", err)
		}

		history.Events = append(history.Events, event)
	}

	described, err := h.Temporal.DescribeWorkflowExecution(ctx, workflowID, runID)
	if err != nil {
		return history, fmt.Errorf("describing a workflow: %w", err)
	}

	history.Pending = described.GetPendingActivities()

	return history, nil
}
