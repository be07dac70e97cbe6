package gateway

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	// crowd is how many acceptances under way make a burst: more than the applications of an ordinary hour have at once.
	crowd = 8
	// crowdPause lets one workflow a second begin during a burst, besides all that are urgent: each takes as much of the machine as
	// fifty acceptances.
	crowdPause = time.Second
	// crowdGap is how long a burst of single ones may be below that without being over: they are answered in groups, so that they come
	// in waves.
	crowdGap = 100 * time.Millisecond
	// crowdGlance is how soon the end of a burst is seen.
	crowdGlance = 20 * time.Millisecond
	// crowdPatience is how long a burst goes before, and then for as long does not: what lasts longer is no burst but the load of
	// the day, and what was accepted must be sent as well.
	crowdPatience = 15 * time.Second
)

// way lets acceptances go before starts. An application waits for its answer; the workflow of what was accepted may begin a
// few seconds later, and would take the machine from those who still wait.
type way struct {
	accepting atomic.Int64
	since     atomic.Int64 // in nanoseconds: when the burst began
	wave      atomic.Int64 // in nanoseconds: when so many single ones were under way last
	passed    atomic.Int64 // in nanoseconds: when a start was let through last
}

// Accepting tells the starter that the acceptance of so many notifications is under way, until done is called.
func (s *Starter) Accepting(count int) (done func()) { return s.way.accept(count, time.Now()) }

func (w *way) accept(count int, now time.Time) (done func()) {
	weight := int64(min(count, crowd))

	if w.accepting.Add(weight) >= crowd {
		w.begin(now.UnixNano())

		if weight < crowd {
			w.wave.Store(now.UnixNano())
		}
	}

	return func() { w.accepting.Add(-weight) }
}

// begin notes a burst, unless the last one began a moment ago.
func (w *way) begin(now int64) {
	last := w.since.Load()
	if now-last >= 2*int64(crowdPatience) {
		w.since.CompareAndSwap(last, now)
	}
}

// free tells whether a start may begin. During a burst it says so once for each pause.
func (w *way) free() bool { return w.freeAt(time.Now().UnixNano()) }

func (w *way) freeAt(now int64) bool {
	burst := w.accepting.Load() >= crowd || now-w.wave.Load() < int64(crowdGap)
	if !burst || now-w.since.Load() >= int64(crowdPatience) {
		return true
	}

	last := w.passed.Load()

	return now-last >= int64(crowdPause) && w.passed.CompareAndSwap(last, now)
}

// give waits until a start may begin, or ctx ends.
func (w *way) give(ctx context.Context) {
	for !w.free() {
		select {
		case <-time.After(crowdGlance):
		case <-ctx.Done():
			return
		}
	}
}
