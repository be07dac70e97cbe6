package simulator

import "sync"

// refusals counts, per recipient and endpoint, the calls that an outcome "at first … then fine" has refused.
type refusals struct {
	limit int

	mu      sync.Mutex
	refused *bounded[int]
}

func newRefusals(limit, maxEntries int) *refusals {
	return &refusals{limit: limit, refused: newBounded[int](maxEntries)}
}

// refuse is true for the first calls with this endpoint and recipient.
func (r *refusals) refuse(endpoint, recipient string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()

	key := endpoint + " " + recipient

	count, _ := r.refused.get(key)
	if count >= r.limit {
		return false
	}

	r.refused.put(key, count+1)

	return true
}

func (r *refusals) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()

	r.refused = newBounded[int](r.refused.limit)
}
