package notification

import "time"

// How long what is done again and again may be left undone before somebody has to look: a night with its run, of up to an hour
// more or less where the clocks change; and two of the hourly runs missed. deploy/prometheus/rules.yml rings after the same times.
const (
	RetentionLateAfter      = 30 * time.Hour
	ReconciliationLateAfter = 3 * time.Hour
)

// Upkeep is since when what is done again and again has not been done. Before its first run, that is since the first Ente was
// entered; zero: there is no Ente, and so nothing to do.
type Upkeep struct {
	// Retention is when a run of retention last ended that removed all that was due.
	Retention time.Time
	// Reconciliation is when a reconciliation last ended.
	Reconciliation time.Time
}

// RetentionLate tells whether data stays longer than it should.
func (u Upkeep) RetentionLate(now time.Time) bool { return late(u.Retention, now, RetentionLateAfter) }

// ReconciliationLate tells whether a disorder may be unnoticed.
func (u Upkeep) ReconciliationLate(now time.Time) bool {
	return late(u.Reconciliation, now, ReconciliationLateAfter)
}

func late(done, now time.Time, after time.Duration) bool {
	return !done.IsZero() && now.Sub(done) > after
}
