package frontendtest

import (
	"time"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// restart begins another run, whose steps come with time.
func (e *Entry) restart(now time.Time) {
	e.View.Run++
	e.View.Status, e.View.Reason, e.View.SettledAt = notification.StatusInProgress, "", time.Time{}
	e.View.Possible = gateway.Possible{Hold: true, Cancel: true}
	e.retriedAt = now
	e.tell(now, notification.EntryStarted, notification.EntryDone, "")
	e.tell(now, notification.EntrySentIO, notification.EntryRunning, "")
}

// progress brings a restarted notification to where it is by now.
func (g *Gateway) progress(entry *Entry) {
	if entry.retriedAt.IsZero() || entry.View.Status.Final() {
		return
	}

	since := g.Clock().Sub(entry.retriedAt)
	last := &entry.Timeline.Entries[len(entry.Timeline.Entries)-1]

	if since >= stepTime && last.Kind == notification.EntrySentIO && last.State == notification.EntryRunning {
		last.State, last.At = notification.EntryDone, entry.retriedAt.Add(stepTime)
		entry.tell(last.At, notification.EntryDeliveredIO, notification.EntryRunning, "")
		last = &entry.Timeline.Entries[len(entry.Timeline.Entries)-1]
	}

	if since >= 2*stepTime && last.Kind == notification.EntryDeliveredIO && last.State == notification.EntryRunning {
		last.State, last.At = notification.EntryDone, entry.retriedAt.Add(2*stepTime)
		entry.View.Channel = notification.ChannelIO
		entry.settle(notification.StatusDelivered, notification.ReasonIODelivered, last.At)
	}
}

func (e *Entry) settle(status notification.Status, reason notification.Reason, at time.Time) bool {
	if e.View.Status.Final() {
		return false
	}

	e.View.Status, e.View.Reason, e.View.SettledAt = status, reason, at
	e.View.Possible = gateway.Possible{}
	state := notification.EntryNegative

	if status == notification.StatusDelivered {
		state = notification.EntryDone
	}

	e.tell(at, notification.EntrySettled, state, reason)
	last := &e.Timeline.Entries[len(e.Timeline.Entries)-1]
	last.Status, last.Channel = status, e.View.Channel

	return true
}

func (e *Entry) tell(at time.Time, kind notification.EntryKind, state notification.EntryState, reason notification.Reason) {
	e.Timeline.Entries = append(e.Timeline.Entries, notification.Entry{
		At: at, Kind: kind, State: state, Reason: reason, Run: e.View.Run,
	})
}
