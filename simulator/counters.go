package simulator

import "maps"

// Counters count calls since the start or the last reset; with a journal, since the first start.
type Counters struct {
	// Calls is by "METHOD route", then by HTTP status, or "cut" for a connection that was cut.
	Calls map[string]map[string]int `json:"calls"`
	// RateLimited counts IO's 429s by Ente.
	RateLimited map[string]int `json:"rate_limited"`
	// ProfileCalls counts the profile calls by service.
	ProfileCalls map[string]int `json:"profile_calls"`
	// ForeignReads counts status reads of a message that another service had sent.
	ForeignReads int `json:"foreign_reads"`
	// CallbacksSent counts callbacks that were accepted with 2xx; CallbacksFailed those given up after the retry.
	CallbacksSent   int `json:"callbacks_sent"`
	CallbacksFailed int `json:"callbacks_failed"`
	// Faults counts the random faults that struck, by their names in [Faults].
	Faults map[string]int `json:"faults"`
	// Evicted counts the entries that the bound has pushed out.
	Evicted int `json:"evicted"`
}

func newCounters() Counters {
	return Counters{
		Calls: map[string]map[string]int{}, RateLimited: map[string]int{}, ProfileCalls: map[string]int{}, Faults: map[string]int{},
	}
}

func (c Counters) clone() Counters {
	counters := newCounters()
	counters.ForeignReads, counters.Evicted = c.ForeignReads, c.Evicted
	counters.CallbacksSent, counters.CallbacksFailed = c.CallbacksSent, c.CallbacksFailed

	maps.Copy(counters.RateLimited, c.RateLimited)
	maps.Copy(counters.ProfileCalls, c.ProfileCalls)
	maps.Copy(counters.Faults, c.Faults)

	for endpoint, byStatus := range c.Calls {
		counters.Calls[endpoint] = map[string]int{}
		maps.Copy(counters.Calls[endpoint], byStatus)
	}

	return counters
}
