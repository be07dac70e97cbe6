package activities

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/outbound"
	"github.com/genio-gateway/genio/workflows"
)

// WebhookCadence says when an event is told again that was not taken.
type WebhookCadence struct {
	// First is the pause after the first try; each further one is Factor times as long, up to Last.
	First, Last time.Duration
	Factor      float64
	// Patience is how long an event is told in vain; it is tried once at any rate.
	Patience time.Duration

	// After Failures in a row, of whatever events, the application is left alone for Pause, and twice as long after each
	// further failure, up to LongestPause. Then one call tries for all that wait.
	Failures            int
	Pause, LongestPause time.Duration
}

const (
	webhookFirst    = 5 * time.Second
	webhookFactor   = 6
	webhookLast     = 4 * time.Hour
	webhookPatience = 48 * time.Hour
	// webhookFailures in a row are no accident any more.
	webhookFailures     = 5
	webhookPause        = 15 * time.Second
	webhookLongestPause = 15 * time.Minute
)

// DefaultWebhookCadence tries an event after 5 s, 30 s, 3 min, 18 min, 1.8 h, and then every 4 h, for two days.
func DefaultWebhookCadence() WebhookCadence {
	return WebhookCadence{
		First: webhookFirst, Last: webhookLast, Factor: webhookFactor, Patience: webhookPatience,
		Failures: webhookFailures, Pause: webhookPause, LongestPause: webhookLongestPause,
	}
}

// after is the pause after so many tries.
func (c WebhookCadence) after(tries int) time.Duration {
	pause := float64(c.First)
	for range tries - 1 {
		pause = min(pause*c.Factor, float64(c.Last))
	}

	return time.Duration(pause)
}

// pauseAfter is how long an application is left alone after so many failures in a row.
func (c WebhookCadence) pauseAfter(failures int) time.Duration {
	if failures < c.Failures {
		return 0
	}

	pause := c.Pause
	for range failures - c.Failures {
		pause = min(2*pause, c.LongestPause)
	}

	return pause
}

const (
	// webhookCallsAtOnce bounds the calls of a process to one Ente's applications: those that hang must leave room.
	webhookCallsAtOnce = 8
	// webhookTurn is about how long a call waits for another of its Ente to end.
	webhookTurn = 2 * time.Second
	// longestRetryAfter is what an application may ask for at the most.
	longestRetryAfter = 6 * time.Hour
	// probeTime is how long the others wait for the one call that tries whether an application is back.
	probeTime = 30 * time.Second
)

// Webhooks makes the calls to the Enti's applications.
type Webhooks struct {
	client  *http.Client
	cadence WebhookCadence
	now     func() time.Time

	mutex sync.Mutex
	calls map[string]int // under way, by Ente
}

// NewWebhooks makes calls where the guard allows.
func NewWebhooks(guard *outbound.Guard, cadence WebhookCadence) *Webhooks {
	return &Webhooks{
		client:  guard.Client(outbound.Bounds{Time: webhookTimeout, Bytes: webhookAnswer}),
		cadence: cadence, now: time.Now, calls: map[string]int{},
	}
}

// begin takes one of the Ente's calls, or tells that there is none left.
func (w *Webhooks) begin(enteID string) (end func(), ok bool) {
	w.mutex.Lock()
	defer w.mutex.Unlock()

	if w.calls[enteID] >= webhookCallsAtOnce {
		return nil, false
	}

	w.calls[enteID]++

	return func() {
		w.mutex.Lock()
		defer w.mutex.Unlock()

		w.calls[enteID]--
		if w.calls[enteID] == 0 {
			delete(w.calls, enteID)
		}
	}, true
}

// TellApplication tells an Ente's application of an event. What it does not take is told again, see [WebhookCadence].
func (a *Activities) TellApplication(ctx context.Context, in workflows.WebhookInput) (workflows.WebhookResult, error) {
	telling, err := a.telling(ctx, in)
	if err != nil || telling.over() {
		return telling.result(), err
	}

	// One application that hangs takes no more than its Ente's share.
	end, ok := a.Webhooks.begin(in.EnteID)
	if !ok {
		return workflows.WebhookResult{}, stillWaiting(jittered(webhookTurn))
	}
	defer end()

	if err := telling.awaitTurn(ctx); err != nil || telling.over() {
		return telling.result(), err
	}

	err = telling.call(ctx)

	return telling.result(), err
}

// telling is one event on its way to one application.
type telling struct {
	*Activities

	delivery notification.WebhookDelivery
	webhook  notification.Webhook
	body     []byte
	stale    bool // somebody wants it told anew: another workflow does that
}

func (a *Activities) telling(ctx context.Context, in workflows.WebhookInput) (*telling, error) {
	t := &telling{Activities: a}

	var err error
	if t.delivery, err = a.Store.WebhookDelivery(ctx, in.DeliveryID); err != nil {
		return t, storeFault("reading a delivery", err)
	}

	t.stale = t.delivery.Round != in.Round
	if t.over() {
		return t, nil
	}

	if t.webhook, err = a.Store.Webhook(ctx, t.delivery.WebhookID); err != nil {
		return t, storeFault("reading a webhook", err)
	}

	if unwanted := t.unwanted(); unwanted != "" {
		err := t.record(ctx, db.WebhookTry{Fault: unwanted})

		return t, err
	}

	var head notification.Notification

	if id := t.delivery.NotificationID; id != "" {
		if head, err = a.Store.Head(ctx, id); err != nil && !errors.Is(err, db.ErrNotFound) {
			return t, storeFault("reading the notification", err)
		}
	}

	if t.body, err = webhookBodyOf(t.delivery, head); err != nil {
		return t, temporal.NewNonRetryableApplicationError("encoding the event", string(notification.ReasonInternalError), nil)
	}

	return t, nil
}

// unwanted tells why an event is not told at all. A test is told while the webhook is off, too: it is how a person finds out
// whether to switch it on again.
func (t *telling) unwanted() notification.WebhookFault {
	switch {
	case t.webhook.State == notification.WebhookOn, t.test() && t.webhook.State != notification.WebhookRemoved:
		return ""
	default:
		return notification.WebhookFaultOff
	}
}

func (t *telling) test() bool { return t.delivery.Event == notification.WebhookTest }

func (t *telling) over() bool { return t.stale || t.delivery.State != notification.WebhookWaiting }

func (t *telling) result() workflows.WebhookResult {
	return workflows.WebhookResult{State: t.delivery.State, Fault: t.delivery.Fault}
}

// awaitTurn is nil where the application is not left alone at present, or the telling is given up. Of all that wait for the end
// of a pause, one goes first.
func (t *telling) awaitTurn(ctx context.Context) error {
	now := t.Webhooks.now()

	switch until := t.webhook.PausedUntil; {
	case t.test(), until.IsZero():
		return nil
	case now.Before(until):
		return t.waitUntil(ctx, until)
	}

	probe := now.Add(probeTime).UTC().Truncate(time.Microsecond)

	won, err := t.Store.ProbeWebhook(ctx, t.webhook.ID, t.webhook.PausedUntil, probe)

	switch {
	case err != nil:
		return storeFault("trying a webhook", err)
	case !won:
		return stillWaiting(jittered(webhookTurn))
	}

	t.webhook.PausedUntil = probe

	return nil
}

func (t *telling) waitUntil(ctx context.Context, until time.Time) error {
	if t.outOfPatience() {
		return t.record(ctx, db.WebhookTry{Fault: t.delivery.Fault})
	}

	pause := until.Sub(t.Webhooks.now()) + jittered(webhookTurn)
	if err := t.record(ctx, db.WebhookTry{Fault: t.delivery.Fault, NextTryAt: t.Webhooks.now().Add(pause)}); err != nil {
		return err
	}

	return stillWaiting(pause)
}

// outOfPatience never holds before the first try of a round, however late that comes.
func (t *telling) outOfPatience() bool {
	return t.delivery.Tries > 0 && t.Webhooks.now().Sub(t.delivery.QueuedAt) >= t.Webhooks.cadence.Patience
}

// call tells the application, and notes how that went.
func (t *telling) call(ctx context.Context) error {
	began := t.Webhooks.now()
	answered := t.Webhooks.callApplication(ctx, t.webhook, t.delivery.ID, t.body)
	try := db.WebhookTry{At: began, Fault: answered.fault, HTTPStatus: answered.status, Duration: answered.duration}
	t.delivery.Tries++

	// A shutdown must not take the record of what was told away.
	ctx = context.WithoutCancel(ctx)

	if err := t.judge(ctx, answered); err != nil {
		return err
	}

	if answered.final() || t.test() || t.outOfPatience() {
		return t.record(ctx, try)
	}

	pause := max(jittered(t.Webhooks.cadence.after(t.delivery.Tries)), min(answered.retryAfter, longestRetryAfter))
	try.NextTryAt = t.Webhooks.now().Add(pause)

	if err := t.record(ctx, try); err != nil {
		return err
	}

	// Its type is the fault, which Temporal's own tools show.
	return retryLater(notification.Reason(answered.fault), pause)
}

// judge notes what the answer says of the application. A test says nothing but to the person who asked for it.
func (t *telling) judge(ctx context.Context, answered webhookAnswered) error {
	switch {
	case t.test():
		return nil
	case answered.fault == "":
		return storeFault("noting a webhook's answer", t.Store.NoteWebhookAnswer(ctx, t.webhook.ID))
	case answered.fault == notification.WebhookFaultGone:
		return t.goneAway(ctx)
	}

	return storeFault("noting a webhook's failure",
		t.Store.NoteWebhookFailure(ctx, t.webhook.ID, t.webhook.PausedUntil, t.Webhooks.cadence.pauseAfter))
}

// goneAway switches the webhook off, and tells so in the Ente's audit log.
func (t *telling) goneAway(ctx context.Context) error {
	return storeFault("switching a webhook off", t.Store.Together(ctx, func(store *db.Store) error {
		news, err := store.WebhookWentAway(ctx, t.webhook.ID)
		if err != nil || !news {
			return err //nolint:wrapcheck // storeFault says what was being done.
		}

		return store.Audit(ctx, db.AuditEntry{
			ActorKind: "system", ActorID: "worker", ActorName: "GeNIO", EnteID: t.webhook.EnteID,
			Action: "webhook.gone", ObjectKind: "webhook", ObjectID: t.webhook.ID, Detail: map[string]string{"delivery": t.delivery.ID},
		})
	}))
}

// record notes a try, and keeps what is known here in step.
func (t *telling) record(ctx context.Context, try db.WebhookTry) error {
	if err := t.Store.RecordWebhookTry(ctx, t.delivery.ID, t.delivery.Round, try); err != nil {
		return storeFault("recording a delivery", err)
	}

	t.delivery.Fault = try.Fault

	if try.NextTryAt.IsZero() {
		t.delivery.State = notification.WebhookDelivered
		if try.Fault != "" {
			t.delivery.State = notification.WebhookFailed
		}
	}

	return nil
}

// jittered is up to a fifth longer, so that those that failed together do not come back together.
func jittered(pause time.Duration) time.Duration {
	return pause + time.Duration(rand.Int64N(int64(pause/5)+1)) //nolint:gosec,mnd // nothing secret, and a fifth.
}
