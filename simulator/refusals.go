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
func (s *Simulator) refuse(endpoint, recipient string) bool {
	call := endpoint + " " + recipient
	if !s.refusals.refuse(call) {
		return false
	}

	s.journal.note(journalRecord{Refused: &refusalRecord{Call: call, Times: 1}}, func() {})

	return true
}

func (r *refusals) refuse(call string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()

	count, _ := r.refused.get(call)
	if count >= r.limit {
		return false
	}

	r.refused.put(call, count+1)

	return true
}

func (r *refusals) add(call string, times int) {
	r.mu.Lock()
	defer r.mu.Unlock()

	count, _ := r.refused.get(call)
	r.refused.put(call, count+times)
}

// all lists the oldest first.
func (r *refusals) all() []refusalRecord {
	r.mu.Lock()
	defer r.mu.Unlock()

	records := make([]refusalRecord, 0, len(r.refused.keys))
	for _, call := range r.refused.keysByAge() {
		times, _ := r.refused.get(call)
		records = append(records, refusalRecord{Call: call, Times: times})
	}

	return records
}

func (r *refusals) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()

	r.refused = newBounded[int](r.refused.limit)
}
