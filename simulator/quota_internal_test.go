package simulator

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// handClock is a clock that only the test moves.
type handClock struct{ at time.Time }

func (c *handClock) now() time.Time { return c.at }

func TestQuotaSlides(t *testing.T) {
	t.Parallel()

	clock := &handClock{at: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)}
	limiter := newQuotaLimiter(Quota{Calls: 3, Window: 5 * time.Second}, clock.now)

	for i := range 3 {
		remaining, retryAfter := limiter.admit("rome")
		require.Equal(t, 2-i, remaining)
		require.Zero(t, retryAfter)

		clock.at = clock.at.Add(time.Second)
	}

	// Calls at 0, 1 and 2 s; now it is 3 s, so the first leaves the window in 2 s.
	remaining, retryAfter := limiter.admit("rome")
	require.Zero(t, remaining)
	require.Equal(t, 2, retryAfter)

	remaining, retryAfter = limiter.admit("milan")
	require.Equal(t, 2, remaining, "another Ente has its own quota")
	require.Zero(t, retryAfter)

	clock.at = clock.at.Add(1500 * time.Millisecond)
	_, retryAfter = limiter.admit("rome")
	require.Equal(t, 1, retryAfter, "half a second is rounded up")

	clock.at = clock.at.Add(500 * time.Millisecond)
	_, retryAfter = limiter.admit("rome")
	require.Zero(t, retryAfter, "refused calls do not count, so one place is free")
	_, retryAfter = limiter.admit("rome")
	require.Equal(t, 1, retryAfter)
}

func TestQuotaForgetsIdleEnti(t *testing.T) {
	t.Parallel()

	clock := &handClock{at: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)}
	limiter := newQuotaLimiter(Quota{Calls: 1, Window: time.Second}, clock.now)

	for i := range maxTrackedEnti {
		limiter.admit(strconv.Itoa(i))
	}

	clock.at = clock.at.Add(time.Minute)

	limiter.admit("one more")
	require.Len(t, limiter.calls, 1)
}
