package simulator

import (
	"maps"
	"sync"
	"time"
)

// maxTrackedEnti bounds the limiter where any key is accepted.
const maxTrackedEnti = 10_000

// Usage is how an Ente has used its quota.
type Usage struct {
	Calls   int       `json:"calls"` // let through
	Refused int       `json:"refused"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
	// Fullest is the most calls that any window held.
	Fullest int `json:"fullest"`
}

// quotaLimiter is a sliding window over the calls that were let through, one per Ente. Refused calls do not count.
type quotaLimiter struct {
	quota Quota
	now   func() time.Time

	mu    sync.Mutex
	calls map[string][]time.Time
	usage map[string]Usage
}

func newQuotaLimiter(quota Quota, now func() time.Time) *quotaLimiter {
	return &quotaLimiter{quota: quota, now: now, calls: make(map[string][]time.Time), usage: make(map[string]Usage)}
}

func (l *quotaLimiter) enabled() bool { return l.quota.Calls > 0 && l.quota.Window > 0 }

// admit lets a call of an Ente through, with how many calls remain, or says when to come again. The wait is rounded
// up to whole seconds, at least one, as APIM's header has it.
func (l *quotaLimiter) admit(enteID string) (remaining, retryAfterSeconds int) {
	l.mu.Lock()
	defer l.mu.Unlock()

	now := l.now()
	recent := l.dropOld(l.calls[enteID], now)

	if len(recent) >= l.quota.Calls {
		l.calls[enteID] = recent
		l.note(enteID, func(usage *Usage) { usage.Refused++ })

		wait := recent[0].Add(l.quota.Window).Sub(now)

		return 0, max(1, int((wait+time.Second-1)/time.Second))
	}

	l.forgetIdle(now)
	l.calls[enteID] = append(recent, now)
	l.note(enteID, func(usage *Usage) {
		usage.Calls++
		usage.Last = now
		usage.Fullest = max(usage.Fullest, len(recent)+1)

		if usage.First.IsZero() {
			usage.First = now
		}
	})

	return l.quota.Calls - len(recent) - 1, 0
}

// note changes what is known of an Ente's usage.
func (l *quotaLimiter) note(enteID string, change func(*Usage)) {
	if _, known := l.usage[enteID]; !known && len(l.usage) >= maxTrackedEnti {
		return
	}

	usage := l.usage[enteID]
	change(&usage)
	l.usage[enteID] = usage
}

// used is how each Ente has used its quota.
func (l *quotaLimiter) used() map[string]Usage {
	l.mu.Lock()
	defer l.mu.Unlock()

	return maps.Clone(l.usage)
}

func (l *quotaLimiter) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()

	clear(l.usage)
}

func (l *quotaLimiter) dropOld(calls []time.Time, now time.Time) []time.Time {
	first := 0
	for first < len(calls) && now.Sub(calls[first]) >= l.quota.Window {
		first++
	}

	return calls[first:]
}

func (l *quotaLimiter) forgetIdle(now time.Time) {
	if len(l.calls) < maxTrackedEnti {
		return
	}

	for enteID, calls := range l.calls {
		if len(l.dropOld(calls, now)) == 0 {
			delete(l.calls, enteID)
		}
	}
}
