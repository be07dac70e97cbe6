package db

import "time"

// resolution is PostgreSQL's.
const resolution = time.Microsecond

// stamp is t as both engines keep it: in UTC, in whole microseconds.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(resolution) }

// optionalStamp is nil for the zero time, which the domain uses for "not yet".
func optionalStamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}

	stamped := stamp(t)

	return &stamped
}

func timeOrZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}

	return t.UTC()
}

// stampOr is t, or now where t is zero.
func stampOr(t, now time.Time) time.Time {
	if t.IsZero() {
		return now
	}

	return stamp(t)
}
