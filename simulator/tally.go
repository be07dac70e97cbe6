package simulator

// tallyKind is what a [tally] counts.
type tallyKind string

const (
	tallyCall           tallyKind = "call"
	tallyRateLimited    tallyKind = "rate_limited"
	tallyProfileCall    tallyKind = "profile_call"
	tallyForeignRead    tallyKind = "foreign_read"
	tallyCallbackSent   tallyKind = "callback_sent"
	tallyCallbackFailed tallyKind = "callback_failed"
	tallyFault          tallyKind = "fault"
)

// tally adds one to the [Counters].
type tally struct {
	Kind tallyKind `json:"kind"`
	// Name is the route of a call, the Ente of a 429, the service of a profile call or the name of a fault.
	Name string `json:"name,omitempty"`
	// Status is a call's.
	Status string `json:"status,omitempty"`
}

// count adds to the counters, in the journal too.
func (s *Simulator) count(one tally) {
	s.journal.note(journalRecord{Count: &one}, func() { s.ledger.count(one) })
}

func (t tally) addTo(counters *Counters) {
	switch t.Kind {
	case tallyCall:
		if counters.Calls[t.Name] == nil {
			counters.Calls[t.Name] = map[string]int{}
		}

		counters.Calls[t.Name][t.Status]++
	case tallyRateLimited:
		countByName(counters.RateLimited, t.Name)
	case tallyProfileCall:
		countByName(counters.ProfileCalls, t.Name)
	case tallyForeignRead:
		counters.ForeignReads++
	case tallyCallbackSent:
		counters.CallbacksSent++
	case tallyCallbackFailed:
		counters.CallbacksFailed++
	case tallyFault:
		counters.Faults[t.Name]++
	}
}

// countByName counts under a name that a caller may choose freely, so the number of names is bounded.
func countByName(counts map[string]int, name string) {
	if _, known := counts[name]; known || len(counts) < maxTrackedEnti {
		counts[name]++
	}
}
