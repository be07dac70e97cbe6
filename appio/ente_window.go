package appio

import (
	"slices"
	"time"
)

// madeCall is a call that was answered. IO counted it at some moment in between.
type madeCall struct {
	began, ended time.Time
}

// window is the sliding window of one Ente, as far as this process knows.
type window struct {
	quota Quota
	// underWay are this process's calls that have not been answered: IO counts each at some moment until then.
	underWay int
	// answered are the others within the window, in the order of their answers, by which IO has counted them.
	answered []madeCall

	// closedUntil is when IO, having refused a call, wants the next one.
	closedUntil time.Time
	// left is how many calls IO had left at leftAt, less those begun since, and more those of ours that have left the
	// window since.
	left   int
	leftAt time.Time
	// silent tells that IO's last answer did not say what is left, so that only our own calls count.
	silent bool

	urgent, others []chan time.Time
	retry          *time.Timer
}

func (w *window) queue(urgent bool, mine chan time.Time) {
	if urgent {
		w.urgent = append(w.urgent, mine)
	} else {
		w.others = append(w.others, mine)
	}
}

func (w *window) withdraw(mine chan time.Time) bool {
	for _, queue := range []*[]chan time.Time{&w.urgent, &w.others} {
		if at := slices.Index(*queue, mine); at >= 0 {
			*queue = slices.Delete(*queue, at, at+1)

			return true
		}
	}

	return false
}

// admit lets in whoever may go, and comes again when the next may.
func (w *window) admit(now time.Time) {
	for len(w.urgent)+len(w.others) > 0 {
		if wait := w.opens(now).Sub(now); wait > 0 {
			w.retry.Reset(wait)

			return
		}

		w.underWay++
		w.left--

		w.next() <- now // it has room for this
	}
}

func (w *window) next() chan time.Time {
	queue := &w.others
	if len(w.urgent) > 0 {
		queue = &w.urgent
	}

	first := (*queue)[0]
	*queue = (*queue)[1:]

	return first
}

// opens is when the next call may begin; not after now: at once.
func (w *window) opens(now time.Time) time.Time {
	w.dropOld(now)

	usable := w.quota.usable()

	switch {
	case w.closedUntil.After(now):
		return w.closedUntil
	case w.underWay >= usable:
		return now.Add(probeAfter) // an answer comes before, and lets the next one in
	case w.underWay+len(w.answered) >= usable:
		return w.leaves(w.underWay + len(w.answered) - usable)
	case w.silent:
		return now
	}

	if now.Sub(w.leftAt) >= w.quota.Window {
		w.left, w.leftAt = max(reserve, usable/firstShare), now
	}

	if w.left < min(reserve, usable) {
		return w.roomFromOthers(now)
	}

	return now
}

// roomFromOthers: IO says that the window is full although ours is not, so others fill it. There is room for a call when
// one of ours leaves the window, since the others keep to the same rule; or one finds out a little later.
func (w *window) roomFromOthers(now time.Time) time.Time {
	probe := w.leftAt.Add(probeAfter)
	if !probe.After(now) && w.underWay > 0 {
		probe = now.Add(probeAfter) // the call that finds out is under way
	}

	if len(w.answered) > 0 {
		if leaves := w.leaves(0); leaves.Before(probe) && leaves.After(now) {
			return leaves
		}
	}

	return probe
}

// leaves is when an answered call has left the window for sure.
func (w *window) leaves(call int) time.Time { return w.answered[call].ended.Add(w.quota.Window) }

// dropOld forgets what has left the window. It makes room in what IO had left, unless IO may have known it already.
func (w *window) dropOld(now time.Time) {
	gone := 0
	for gone < len(w.answered) && !w.leaves(gone).After(now) {
		if w.answered[gone].began.Add(w.quota.Window).After(w.leftAt) {
			w.left++
		}

		gone++
	}

	w.answered = slices.Delete(w.answered, 0, gone)
}

// ended counts a call into the window from now on: at the latest now IO has counted it.
func (w *window) ended(began, now time.Time) {
	w.underWay--
	w.answered = append(w.answered, madeCall{began: began, ended: now})
}

// told takes in what IO says. Calls under way may not be counted yet in what it has left.
func (w *window) told(limits Limits, now time.Time) {
	if limits.Refused {
		w.closedUntil = now.Add(limits.RetryAfter)
	}

	w.silent = !limits.Known

	if limits.Known {
		w.dropOld(now)
		// The call that was answered is still under way here, and IO has counted it.
		w.left, w.leftAt = limits.Remaining-max(w.underWay-1, 0), now
	}
}
