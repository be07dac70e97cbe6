package frontendtest

import (
	"context"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// Cancel ends an open notification.
func (g *Gateway) Cancel(_ context.Context, actor gateway.Actor, id string, reason notification.Reason) error {
	return g.change(actor, id, "cancel "+string(reason), func(entry *Entry) bool {
		return entry.settle(notification.StatusCancelled, reason, g.Clock())
	})
}

// Hold stops an open notification.
func (g *Gateway) Hold(_ context.Context, actor gateway.Actor, id string) error {
	return g.change(actor, id, "hold", func(entry *Entry) bool {
		entry.View.Status, entry.View.Reason = notification.StatusOnHold, notification.ReasonHeldByOperator
		entry.View.Possible = gateway.Possible{Resume: true, Cancel: true}
		entry.tell(g.Clock(), notification.EntryOnHold, notification.EntryNegative, notification.ReasonHeldByOperator)

		return true
	})
}

// Resume lets a held notification go on.
func (g *Gateway) Resume(_ context.Context, actor gateway.Actor, id string) error {
	return g.change(actor, id, "resume", func(entry *Entry) bool {
		entry.View.Status, entry.View.Reason = notification.StatusInProgress, ""
		entry.View.Possible = gateway.Possible{Hold: true, Cancel: true}
		entry.tell(g.Clock(), notification.EntryResumed, notification.EntryDone, "")

		return true
	})
}

// Decide closes, or goes on.
func (g *Gateway) Decide(_ context.Context, actor gateway.Actor, id string, decision gateway.Decision) error {
	return g.change(actor, id, "decide "+string(decision), func(entry *Entry) bool {
		if decision == gateway.DecisionClose {
			return entry.settle(notification.StatusNotDelivered, notification.ReasonClosedByOperator, g.Clock())
		}

		entry.restart(g.Clock())

		return true
	})
}

// Retry runs a failed notification again, which delivers it after a few steps.
func (g *Gateway) Retry(_ context.Context, actor gateway.Actor, id string) error {
	return g.change(actor, id, "retry", func(entry *Entry) bool {
		if entry.View.Status != notification.StatusFailed {
			return false
		}

		entry.restart(g.Clock())

		return true
	})
}

func (g *Gateway) change(actor gateway.Actor, id, call string, do func(*Entry) bool) error {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	entry, err := g.find(actor, id)
	if err != nil {
		return err
	}

	if !actor.MayChange() {
		return gateway.ErrForbidden
	}

	g.calls = append(g.calls, call)

	if !do(entry) {
		return gateway.ErrState
	}

	return nil
}
