package frontend

import "time"

// recent remembers values by key for a while, and never more than limit of them: when it is full, the oldest
// go first. It is not safe for concurrent use.
type recent[V any] struct {
	limit   int
	kept    time.Duration
	values  map[string]V
	arrived []arrival // oldest first
}

type arrival struct {
	key string
	at  time.Time
}

func newRecent[V any](limit int, kept time.Duration) *recent[V] {
	return &recent[V]{limit: limit, kept: kept, values: map[string]V{}}
}

func (r *recent[V]) get(key string, now time.Time) (V, bool) {
	r.forgetBefore(now.Add(-r.kept))

	value, known := r.values[key]

	return value, known
}

// add keeps a value under a key that is not known yet.
func (r *recent[V]) add(key string, value V, now time.Time) {
	for len(r.arrived) >= r.limit {
		r.forgetOldest()
	}

	r.values[key] = value
	r.arrived = append(r.arrived, arrival{key: key, at: now})
}

// replace puts another value in a known key's place.
func (r *recent[V]) replace(key string, value V) {
	if _, known := r.values[key]; known {
		r.values[key] = value
	}
}

func (r *recent[V]) forgetBefore(moment time.Time) {
	for len(r.arrived) > 0 && r.arrived[0].at.Before(moment) {
		r.forgetOldest()
	}
}

func (r *recent[V]) forgetOldest() {
	delete(r.values, r.arrived[0].key)
	r.arrived = r.arrived[1:]
}
