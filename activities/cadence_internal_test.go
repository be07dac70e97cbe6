package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCadence(t *testing.T) {
	t.Parallel()

	cadence := Cadence{time.Second, time.Minute, time.Hour}

	for name, test := range map[string]struct {
		cadence Cadence
		n       int
		want    time.Duration
	}{
		"hand-over":             {cadence, 0, time.Second},
		"first question":        {cadence, 1, time.Minute},
		"last pause":            {cadence, 2, time.Hour},
		"the last pause stays":  {cadence, 1000, time.Hour},
		"before any":            {cadence, -1, time.Second},
		"one pause":             {Cadence{time.Hour}, 5, time.Hour},
		"none given":            {nil, 0, time.Minute},
		"default of IO":         {DefaultIOCadence(), 0, 3 * time.Second},
		"default of IO, later":  {DefaultIOCadence(), 9, 5 * time.Minute},
		"default of SMS":        {DefaultSMSCadence(), 0, 10 * time.Second},
		"default of SMS, later": {DefaultSMSCadence(), 9, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, test.cadence.after(test.n))
		})
	}
}

func TestUntil(t *testing.T) {
	t.Parallel()

	now := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

	for name, test := range map[string]struct {
		deadline time.Time
		want     time.Duration
	}{
		"no deadline":   {time.Time{}, time.Minute},
		"far deadline":  {now.Add(time.Hour), time.Minute},
		"near deadline": {now.Add(time.Second), time.Second},
		// A pause of 0 would leave the choice to Temporal's own policy.
		"deadline now":    {now, time.Millisecond},
		"deadline passed": {now.Add(-time.Hour), time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, until(test.deadline, time.Minute, now))
		})
	}
}

func TestDoubling(t *testing.T) {
	t.Parallel()

	for try, want := range map[int32]time.Duration{
		0: time.Second, 1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 7: 64 * time.Second,
		8: 2 * time.Minute, 9: 2 * time.Minute, 1 << 30: 2 * time.Minute,
	} {
		require.Equal(t, want, doubling(try), try)
	}
}

func TestPast(t *testing.T) {
	t.Parallel()

	require.False(t, past(time.Time{}), "no deadline")
	require.False(t, past(time.Now().Add(time.Hour)))
	require.True(t, past(time.Now()))
	require.True(t, past(time.Now().Add(-time.Hour)))
}
