package server

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRecentForgets(t *testing.T) {
	t.Parallel()

	now := time.Date(2026, time.December, 1, 9, 0, 0, 0, time.UTC)
	known := newRecent[int](10, time.Minute)

	known.get("", now)
	known.put("used", 1, now)
	known.put("left", 2, now)

	for range 5 {
		now = now.Add(50 * time.Second)

		value, found := known.get("used", now)
		require.True(t, found)
		require.Equal(t, 1, value)
	}

	_, found := known.get("left", now)
	require.False(t, found)

	known.forget("used")

	_, found = known.get("used", now)
	require.False(t, found)
}

func TestRecentIsBounded(t *testing.T) {
	t.Parallel()

	now := time.Date(2026, time.December, 1, 9, 0, 0, 0, time.UTC)
	known := newRecent[int](10, time.Minute)

	for number := range 1000 {
		known.put(strconv.Itoa(number), number, now)
		require.LessOrEqual(t, len(known.young)+len(known.old), 20)
	}

	_, found := known.get("999", now)
	require.True(t, found)
}
