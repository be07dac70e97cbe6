package gateway

import (
	"context"
	"slices"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

const (
	// actsTold bounds the acts that a timeline tells: the latest ones.
	actsTold = 100
	// An act is noted right before the workflow is told of it: what the history has of it comes soon after. The two may
	// have clocks of their own.
	actHeardWithin = time.Minute
	actClockSkew   = 2 * time.Second
)

// withActs adds who did what, from the audit log. It is for people, not for an Ente's applications: it names colleagues.
func (g *Gateway) withActs(
	ctx context.Context, actor Actor, id string, timeline notification.Timeline,
) (notification.Timeline, error) {
	if actor.Kind != ActorUser {
		return timeline, nil
	}

	noted, _, err := g.Store.AuditLog(ctx, db.AuditFilter{ObjectID: id}, db.Cursor{}, actsTold)
	if err != nil {
		return timeline, storeError("reading the audit log", err)
	}

	for _, act := range slices.Backward(noted) {
		if entry, told := actEntry(act); told {
			timeline = withAct(timeline, entry)
		}
	}

	return timeline, nil
}

// actEntry is the act as a timeline tells it; told is false for acts that belong elsewhere.
func actEntry(act db.AuditEntry) (entry notification.Entry, told bool) {
	entry = notification.Entry{At: act.At, State: notification.EntryRunning, By: act.ActorName}

	switch act.Action {
	case "notification.cancel":
		entry.Kind, entry.Reason = notification.EntryCancelAsked, notification.Reason(act.Detail["reason"])
	case "notification.hold":
		entry.Kind = notification.EntryHoldAsked
	case "notification.resume":
		entry.Kind = notification.EntryResumeAsked
	case "notification.decide":
		entry.Kind, entry.Detail = notification.EntryDecided, act.Detail["decision"]
	case "notification.retry":
		entry.Kind, entry.State = notification.EntryRetryAsked, notification.EntryDone
	case "notification.reveal":
		entry.Kind, entry.State, entry.Detail = notification.EntryRevealed, notification.EntryDone, act.Detail["reason"]
	default:
		return notification.Entry{}, false
	}

	return entry, entry.By != ""
}

// withAct names who gave a signal that the history has; what the workflow has not heard of, the audit log tells alone.
func withAct(timeline notification.Timeline, act notification.Entry) notification.Timeline {
	entries := timeline.Entries

	if act.State == notification.EntryRunning {
		for i := range entries {
			if heardOf(entries[i], act) {
				entries[i].By = act.By

				return timeline
			}
		}

		if timeline.Source != notification.TimelineFromDatabase && !timeline.Away {
			// The workflow never heard of it: it came too late.
			act.State = notification.EntryNegative
		}
	}

	later := slices.IndexFunc(entries, func(entry notification.Entry) bool { return entry.At.After(act.At) })
	if later < 0 {
		later = len(entries)
	}

	timeline.Entries = slices.Insert(entries, later, act)

	return timeline
}

func heardOf(entry, act notification.Entry) bool {
	after := entry.At.Sub(act.At)

	return entry.Kind == act.Kind && entry.By == "" && entry.State == notification.EntryDone &&
		after >= -actClockSkew && after <= actHeardWithin
}
