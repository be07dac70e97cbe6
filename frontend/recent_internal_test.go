package frontend

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRecentForgetsTheOldest(t *testing.T) {
	t.Parallel()

	start := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	memory := newRecent[int](3, time.Minute)

	for i := range 5 {
		memory.add(strconv.Itoa(i), i, start.Add(time.Duration(i)*time.Second))
	}

	require.Len(t, memory.values, 3)

	_, known := memory.get("1", start.Add(5*time.Second))
	require.False(t, known, "no more than three")

	value, known := memory.get("4", start.Add(5*time.Second))
	require.True(t, known)
	require.Equal(t, 4, value)

	_, known = memory.get("4", start.Add(2*time.Minute))
	require.False(t, known, "no longer than a minute")
	require.Empty(t, memory.values)
	require.Empty(t, memory.arrived)
}

func TestAddressesOfOneCustomerCountTogether(t *testing.T) {
	t.Parallel()

	require.Equal(t, siteOf("2001:db8:1:2::1"), siteOf("2001:db8:1:2:ffff::9"))
	require.NotEqual(t, siteOf("2001:db8:1:2::1"), siteOf("2001:db8:1:3::1"))
	require.NotEqual(t, siteOf("192.0.2.1"), siteOf("192.0.2.2"))
	require.Equal(t, "::ffff:192.0.2.1", siteOf("::ffff:192.0.2.1"))
	require.Equal(t, "nonsense", siteOf("nonsense"))
}
