package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestQuantiles(t *testing.T) {
	t.Parallel()

	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i+1) * time.Millisecond
	}

	for name, test := range map[string]struct {
		sorted  []time.Duration
		percent int
		wanted  time.Duration
	}{
		"half":          {hundred, 50, 51 * time.Millisecond},
		"95 of 100":     {hundred, 95, 96 * time.Millisecond},
		"all":           {hundred, 100, 100 * time.Millisecond},
		"95 of 20":      {hundred[:20], 95, 20 * time.Millisecond},
		"95 of 60":      {hundred[:60], 95, 58 * time.Millisecond},
		"only one":      {hundred[:1], 95, time.Millisecond},
		"the least one": {hundred, 0, time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.wanted, quantileOf(test.sorted, test.percent))
		})
	}
}

func TestMiddles(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		rates  []float64
		middle float64
		rate   float64
	}{
		"one":   {[]float64{5}, 5, 5},
		"two":   {[]float64{6, 4}, 6, 5},
		"three": {[]float64{9, 1, 5}, 5, 5},
		"four":  {[]float64{9, 1, 5, 4}, 5, 4.5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.InDelta(t, test.middle, middle(test.rates), 1e-9)
			require.InDelta(t, test.rate, middleRate(test.rates), 1e-9)
		})
	}
}

func TestShapeTellsTheLongest(t *testing.T) {
	t.Parallel()

	require.Equal(t, int64(25), shape{events: []int64{31, 25, 28}}.shortest())
	require.Equal(t, "25 events, 16 transitions", shape{events: []int64{25, 25, 25}, transitions: []int64{15, 16, 17}}.String())
	require.Equal(t, "25 events, 16 transitions (longest: 31)", shape{events: []int64{31, 25, 25}, transitions: []int64{16, 16, 19}}.String())
}
