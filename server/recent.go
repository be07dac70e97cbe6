package server

import "time"

// recent remembers values by key: each for at least as long as kept since it was asked for last, unless more than limit
// others came meanwhile, and at most twice as long and as many. It is not safe for concurrent use.
type recent[V any] struct {
	limit  int
	kept   time.Duration
	young  map[string]V
	old    map[string]V
	turned time.Time
}

func newRecent[V any](limit int, kept time.Duration) *recent[V] {
	return &recent[V]{limit: limit, kept: kept, young: map[string]V{}}
}

func (r *recent[V]) get(key string, now time.Time) (V, bool) {
	r.turn(now)

	value, known := r.young[key]
	if known {
		return value, true
	}

	if value, known = r.old[key]; known {
		r.put(key, value, now)
	}

	return value, known
}

func (r *recent[V]) put(key string, value V, now time.Time) {
	if len(r.young) >= r.limit {
		r.old, r.young, r.turned = r.young, map[string]V{}, now
	}

	r.young[key] = value
}

func (r *recent[V]) forget(key string) {
	delete(r.young, key)
	delete(r.old, key)
}

// turn lets go of what nobody asked for in the time before the last turn.
func (r *recent[V]) turn(now time.Time) {
	switch passed := now.Sub(r.turned); {
	case passed >= 2*r.kept:
		r.old, r.young, r.turned = nil, map[string]V{}, now
	case passed >= r.kept:
		r.old, r.young, r.turned = r.young, map[string]V{}, now
	}
}
