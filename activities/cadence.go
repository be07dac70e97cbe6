package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
)

// Cadence is a list of pauses between questions; the last one repeats.
type Cadence []time.Duration

// DefaultIOCadence asks soon, since IO normally takes seconds, and then less and less often: every question
// counts against the Ente's quota.
func DefaultIOCadence() Cadence {
	return Cadence{3 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute}
}

// DefaultSMSCadence is slower, since the provider normally reports by itself.
func DefaultSMSCadence() Cadence {
	return Cadence{10 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}
}

// after is the pause that follows the n-th question, counted from 0 for the hand-over itself.
func (c Cadence) after(n int) time.Duration {
	if len(c) == 0 {
		return time.Minute
	}

	return c[min(max(n, 0), len(c)-1)]
}

// questionsSoFar counts the questions of a wait, the present one included: its first try comes right after the
// hand-over and asks nothing.
func questionsSoFar(ctx context.Context) int {
	return int(activity.GetInfo(ctx).Attempt) - 1
}

// until cuts a pause so that the last question comes right after the deadline.
func until(deadline time.Time, pause time.Duration, now time.Time) time.Duration {
	if deadline.IsZero() {
		return pause
	}

	return max(min(pause, deadline.Sub(now)), time.Millisecond)
}
