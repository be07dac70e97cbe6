package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func someChart() chart {
	return chart{title: "Costs <& growth>", panels: []panel{
		{
			title: "Settled", xLabel: "workers", yLabel: "per second", steps: []string{"1", "2", "4"},
			series: []series{{"notifications", []float64{20, 31, 33.3}}},
		},
		{
			title: "Pages", xLabel: "rows", yLabel: "p95 in ms", steps: []string{"10,000", "100,000"}, limit: 100, limitName: "goal",
			series: []series{{"list", []float64{10, 20}}, {"search \"x\"", []float64{11, 20.4}}, {"dashboard", []float64{12, 2.5}}},
		},
	}}
}

func TestChartIsWellFormed(t *testing.T) {
	t.Parallel()

	elements := map[string]int{}
	texts := []string{}
	decoder := xml.NewDecoder(bytes.NewReader(someChart().SVG()))

	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}

		require.NoError(t, err)

		switch token := token.(type) {
		case xml.StartElement:
			elements[token.Name.Local]++
		case xml.CharData:
			texts = append(texts, string(token))
		}
	}

	require.Equal(t, 1, elements["title"])
	require.Equal(t, 1, elements["desc"])
	require.Equal(t, 3+1, elements["rect"], "a bar for each number of workers, and the ground")
	require.Equal(t, 3, elements["polyline"])
	require.Equal(t, 6, elements["circle"])

	for _, shown := range []string{"Costs <& growth>", "workers", "per second", "p95 in ms", "goal", "33", "search \"x\", 20"} {
		require.Contains(t, texts, shown)
	}

	require.Contains(t, texts, "Settled, notifications (per second by workers): 1: 20, 2: 31, 4: 33. "+
		"Pages, list (p95 in ms by rows): 10,000: 10, 100,000: 20. Pages, search \"x\" (p95 in ms by rows): 10,000: 11, 100,000: 20. "+
		"Pages, dashboard (p95 in ms by rows): 10,000: 12, 100,000: 2.5.")
}

func TestAxisEndsAtATick(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct{ most, step, top float64 }{
		"nothing":  {0, 1, 1},
		"a little": {0.9, 0.2, 1},
		"dozens":   {33, 10, 40},
		"a goal":   {100, 50, 150},
		"hundreds": {446, 100, 500},
		"at an end, where the highest value needs room": {500, 200, 600},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			step, top := scaleOf(test.most)
			require.InDelta(t, test.step, step, 1e-9)
			require.InDelta(t, test.top, top, 1e-9)
		})
	}
}

func TestNamesOfLinesStandApart(t *testing.T) {
	t.Parallel()

	for name, values := range map[string][]float64{
		"all alike":         {50, 50, 50, 50, 50, 50},
		"all at the bottom": {0, 0, 0, 0, 0, 0},
		"all at the top":    {100, 100, 100, 100, 100, 100},
		"in both ways":      {0, 1, 50, 50, 99, 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			drawn := panel{steps: []string{"1"}}
			for _, value := range values {
				drawn.series = append(drawn.series, series{values: []float64{value}})
			}

			heights := drawn.namesApart(100)
			slices.Sort(heights)

			for i := 1; i < len(heights); i++ {
				require.GreaterOrEqual(t, heights[i]-heights[i-1], float64(lineOfText))
			}

			require.LessOrEqual(t, heights[len(heights)-1], float64(plotBottom))
			require.GreaterOrEqual(t, heights[0], 0.0)
		})
	}
}
