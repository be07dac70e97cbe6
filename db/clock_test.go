package db_test

import "time"

// clockOf reads a time that its test moves on.
func clockOf(now *time.Time) func() time.Time {
	return func() time.Time { return *now }
}

// farFuture is later than any time the system's clock gives during a test.
func farFuture() time.Time { return time.Date(9000, time.January, 1, 0, 0, 0, 0, time.UTC) }
