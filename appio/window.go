package appio

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// Some calls of a window are left alone, for clocks do not run alike and other processes call too: one in spareShare,
	// at least spareAtLeast.
	spareShare   = 75
	spareAtLeast = 1
	// reserve is how many calls of what IO has left are not made unless one of ours leaves the window: other processes
	// may be about to make them.
	reserve = 3
	// firstShare of a window is used, one in so many, before an answer tells what others have used of it.
	firstShare = 5
	// probeAfter is how long a window that IO called nearly full is believed to be so where no answer says otherwise:
	// other workers' calls leave it too, unseen from here.
	probeAfter = 500 * time.Millisecond
)

// ErrNoTurn tells that the Ente's window stayed full for as long as the caller could wait.
var ErrNoTurn = errors.New("the Ente's quota of calls to IO is used up for now")

// Quota is how many calls IO allows an Ente within a window.
type Quota struct {
	Calls  int
	Window time.Duration
}

// usable is how many calls of a quota are made.
func (q Quota) usable() int { return max(1, q.Calls-max(spareAtLeast, q.Calls/spareShare)) }

// Turn is the wish to make one call for an Ente.
type Turn struct {
	EnteID string
	// Key is what the call is made with, by which Told knows whose answer it is.
	Key    string
	Quota  Quota
	Urgent bool // before all that are not
}

// Windows keeps the calls of each Ente within IO's sliding window. Temporal gives out the tasks at the Ente's rate, but
// lets a queue that was idle, or a server that was held up, catch up at once; what comes too early waits here for some
// tenths of a second. Each process has its own: of the calls that others make for the same Ente, it learns from what IO
// says is left (x-rate-limit-remaining). It is safe for concurrent use.
type Windows struct {
	mutex  sync.Mutex
	enti   map[string]*window
	owners map[string]string // whose a key is
}

// NewWindows makes windows of which nothing is used.
func NewWindows() *Windows {
	return &Windows{enti: map[string]*window{}, owners: map[string]string{}}
}

// Wait waits until the Ente may make a call, which must begin at once; the caller says when it has ended. It gives
// ErrNoTurn where ctx ends before.
func (w *Windows) Wait(ctx context.Context, turn Turn) (ended func(), err error) {
	mine := make(chan time.Time, 1)

	w.mutex.Lock()
	whole := w.windowOf(turn)
	whole.queue(turn.Urgent, mine)
	whole.admit(time.Now())
	w.mutex.Unlock()

	var began time.Time

	select {
	case began = <-mine:
	case <-ctx.Done():
		if w.withdraw(whole, mine) {
			return nil, ErrNoTurn
		}

		began = <-mine // it came at the same moment
	}

	return sync.OnceFunc(func() { w.ended(whole, began) }), nil
}

// Told takes in what an answer to a call with the key says about the window.
func (w *Windows) Told(key string, limits Limits) {
	w.mutex.Lock()
	defer w.mutex.Unlock()

	whole := w.enti[w.owners[key]]
	if whole == nil {
		return
	}

	now := time.Now()
	whole.told(limits, now)
	whole.admit(now)
}

func (w *Windows) windowOf(turn Turn) *window {
	w.owners[turn.Key] = turn.EnteID

	whole := w.enti[turn.EnteID]
	if whole == nil {
		whole = &window{}
		whole.retry = time.AfterFunc(time.Hour, func() { w.again(whole) })
		whole.retry.Stop()
		w.enti[turn.EnteID] = whole
	}

	whole.quota = turn.Quota

	return whole
}

// withdraw takes a wish back; false where it was fulfilled meanwhile.
func (w *Windows) withdraw(whole *window, mine chan time.Time) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()

	return whole.withdraw(mine)
}

func (w *Windows) again(whole *window) {
	w.mutex.Lock()
	defer w.mutex.Unlock()

	whole.admit(time.Now())
}

func (w *Windows) ended(whole *window, began time.Time) {
	w.mutex.Lock()
	defer w.mutex.Unlock()

	now := time.Now()
	whole.ended(began, now)
	whole.admit(now)
}
