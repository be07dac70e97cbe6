package activities

import (
	"context"
	"sync"
	"time"

	"github.com/genio-gateway/genio/notification"
)

const (
	// pausesRemembered is how long a new pause may go unnoticed in a worker: thousands of hand-overs ask each second.
	pausesRemembered = time.Second
	// heldRemembered is how long the number of those that wait is believed.
	heldRemembered = 5 * time.Second
	// heldLonger is how many times longer than the pauses that number is believed where these are remembered but shortly.
	heldLonger = 5
	// pausesBack is how far back pauses matter to a deadline; no policy gives a channel longer.
	pausesBack = 35 * 24 * time.Hour
	// mostHeld is how many are counted at most.
	mostHeld = 200_000
)

// PauseStore is where pauses are kept.
type PauseStore interface {
	PausesSince(ctx context.Context, since time.Time) ([]notification.Pause, error)
	CountOnHold(ctx context.Context, limit int) (int, error)
}

// Pauses knows what is paused, as of a moment ago. It is safe for concurrent use.
type Pauses struct {
	// Store is asked again once what it said is older than Remember; 0: each time.
	Store    PauseStore
	Remember time.Duration

	mutex  sync.Mutex
	list   []notification.Pause
	readAt time.Time
	held   int
	heldAt time.Time
}

// NewPauses reads pauses from a store, about once a second.
func NewPauses(store PauseStore) *Pauses { return &Pauses{Store: store, Remember: pausesRemembered} }

// all are the pauses in force, and those that were not long ago. A nil Pauses knows none.
func (p *Pauses) all(ctx context.Context) ([]notification.Pause, error) {
	if p == nil {
		return nil, nil
	}

	p.mutex.Lock()
	defer p.mutex.Unlock()

	now := time.Now()
	if !p.readAt.IsZero() && now.Sub(p.readAt) < p.Remember {
		return p.list, nil
	}

	list, err := p.Store.PausesSince(ctx, now.Add(-pausesBack))
	if err != nil {
		return nil, storeFault("reading the pauses", err)
	}

	p.list, p.readAt = list, now

	return list, nil
}

// waiting is about how many notifications are on hold.
func (p *Pauses) waiting(ctx context.Context) (int, error) {
	if p == nil {
		return 0, nil
	}

	p.mutex.Lock()
	defer p.mutex.Unlock()

	now := time.Now()
	if !p.heldAt.IsZero() && now.Sub(p.heldAt) < min(heldRemembered, heldLonger*p.Remember) {
		return p.held, nil
	}

	held, err := p.Store.CountOnHold(ctx, mostHeld)
	if err != nil {
		return 0, storeFault("counting what waits", err)
	}

	p.held, p.heldAt = held, now

	return held, nil
}

// stopping are the pauses that concern a channel of the notification. An SMS in the place of a message that IO's own
// trouble kept from the citizen is stopped by a pause of IO, too: a maintenance must not be paid for with SMS.
func stopping(pauses []notification.Pause, n notification.Notification, channel notification.Channel) []notification.Pause {
	return stoppingSent(pauses, n.EnteID, n.ServiceID, channel, channel == notification.ChannelSMS && troubledByIO(n))
}

func stoppingSent(
	pauses []notification.Pause, enteID, serviceID string, channel notification.Channel, inPlaceOfIO bool,
) []notification.Pause {
	var found []notification.Pause

	for _, pause := range pauses {
		if pause.Stops(enteID, serviceID, channel) || inPlaceOfIO && pause.Stops(enteID, serviceID, notification.ChannelIO) {
			found = append(found, pause)
		}
	}

	return found
}

func troubledByIO(n notification.Notification) bool {
	last := notification.LastAttempt(n.Attempts, notification.ChannelIO)

	return last != nil && last.Reason.Trouble()
}

// inForce is the first of the pauses that is in force now; nil for none.
func inForce(pauses []notification.Pause) *notification.Pause {
	now := time.Now()

	for i := range pauses {
		if pauses[i].InForce(now) {
			return &pauses[i]
		}
	}

	return nil
}
