package activities

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/telemetry"
)

const (
	// turnPatience is how long a call waits for its turn in IO's window. Temporal gives tasks out at the Ente's rate, so
	// that more than a second means others use the quota; then the task goes back into the queue.
	turnPatience = 5 * time.Second
	turnPause    = time.Second
	// quotaRemembered is how long a changed quota may go unnoticed.
	quotaRemembered = 30 * time.Second
	// refusalRemembered makes one of the refusals that come together.
	refusalRemembered = 5 * time.Second
)

// Brake is told that IO refuses an Ente's calls, and lowers its rate for a while.
type Brake interface {
	Refused(ctx context.Context, enteID string) error
}

// Turns lets calls to IO begin as each Ente's quota allows.
type Turns struct {
	Windows *appio.Windows
	// Quota reads an Ente's calls in notification.IOWindow.
	Quota func(ctx context.Context, enteID string) (int, error)
	// Brake may be nil: then refusals only hold this process back.
	Brake Brake
	// Metrics counts refusals; nil: nobody does.
	Metrics *telemetry.Metrics

	mutex    sync.Mutex
	quotas   map[string]readQuota
	refusals map[string]time.Time
}

type readQuota struct {
	calls int
	at    time.Time
}

// take waits for the Ente's turn. The caller makes its call at once, and then calls ended with what came of it.
func (t *Turns) take(ctx context.Context, enteID, key string, urgent bool) (ended func(error), err error) {
	calls, err := t.quota(ctx, enteID)
	if err != nil {
		return nil, storeFault("reading the Ente's quota", err)
	}

	waiting, done := context.WithTimeout(ctx, turnPatience)
	defer done()

	free, err := t.Windows.Wait(waiting, appio.Turn{
		EnteID: enteID, Key: key, Urgent: urgent, Quota: appio.Quota{Calls: calls, Window: notification.IOWindow},
	})
	if err != nil {
		return nil, retryLater(notification.ReasonIORateLimited, turnPause)
	}

	return func(outcome error) {
		free()
		t.note(ctx, enteID, outcome)
	}, nil
}

// note tells the brake about a refusal.
func (t *Turns) note(ctx context.Context, enteID string, outcome error) {
	if outcome == nil || deliveryError(notification.ChannelIO, outcome).Reason != notification.ReasonIORateLimited {
		return
	}

	t.Metrics.RefusedByIO(enteID)

	if t.Brake == nil || t.told(enteID) {
		return
	}

	if err := t.Brake.Refused(context.WithoutCancel(ctx), enteID); err != nil {
		// Where Temporal cannot be told, the next refusal tells it.
		t.mutex.Lock()
		defer t.mutex.Unlock()

		delete(t.refusals, enteID)
	}
}

// told tells whether the brake has heard of a refusal of the Ente a moment ago, and takes it that it hears of this one.
func (t *Turns) told(enteID string) bool {
	t.mutex.Lock()
	defer t.mutex.Unlock()

	if time.Since(t.refusals[enteID]) < refusalRemembered {
		return true
	}

	if t.refusals == nil {
		t.refusals = map[string]time.Time{}
	}

	t.refusals[enteID] = time.Now()

	return false
}

func (t *Turns) quota(ctx context.Context, enteID string) (int, error) {
	t.mutex.Lock()
	read, known := t.quotas[enteID]
	t.mutex.Unlock()

	if known && time.Since(read.at) < quotaRemembered {
		return read.calls, nil
	}

	calls, err := t.Quota(ctx, enteID)
	if err != nil {
		return 0, fmt.Errorf("reading the quota: %w", err)
	}

	t.mutex.Lock()
	defer t.mutex.Unlock()

	if t.quotas == nil {
		t.quotas = map[string]readQuota{}
	}

	t.quotas[enteID] = readQuota{calls: calls, at: time.Now()}

	return calls, nil
}
