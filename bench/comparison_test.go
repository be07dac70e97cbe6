package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestComparison: the figures of all stacks, each in its row, also one that only some have.
func TestComparison(t *testing.T) {
	t.Parallel()

	var small, large table

	small.add("speed", "≥ 2", true, "%d", 3)
	small.tell("time", "%.1f s", 0.5)
	small.add("only small", "≤ 1", false, "7")
	large.add("speed", "≥ 2", false, "1")
	large.tell("time", "2.0 s")
	large.add("only large", "0", true, "0")

	var (
		compared comparison
		text     strings.Builder
	)

	compared.add(stackEmbedded, small)
	compared.add(stackProdLocal, large)

	_, err := compared.WriteTo(&text)
	require.NoError(t, err)

	_, rows, found := strings.Cut(text.String(), "\n\n")
	require.True(t, found, "it says first where it was measured")
	require.Equal(t, `| figure | goal | embedded | met | prod:local | met |
|---|---|---|---|---|---|
| speed | ≥ 2 | 3 | yes | 1 | **no** |
| time | – | 0.5 s | – | 2.0 s | – |
| only small | ≤ 1 | 7 | **no** | – | – |
| only large | 0 | – | – | 0 | yes |
`, rows)
}

func TestReport(t *testing.T) {
	t.Parallel()

	const before, after = "# Figures\n\n<!-- bench:speed begins -->", "<!-- bench:speed ends -->\n\nMore.\n"

	var figures table

	figures.add("speed", "≥ 2", true, "3")

	for name, test := range map[string]struct {
		content string
		fails   bool
	}{
		"empty":     {content: before + after},
		"old":       {content: before + "\n| speed | ≥ 2 | 1 | **no** |\n" + after},
		"no marks":  {content: "# Figures\n", fails: true},
		"no ending": {content: before + "\n", fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			file := filepath.Join(t.TempDir(), "performance.md")
			require.NoError(t, os.WriteFile(file, []byte(test.content), 0o600))

			err := figures.insertInto(file, "speed")
			written, readErr := os.ReadFile(file)
			require.NoError(t, readErr)

			if test.fails {
				require.ErrorContains(t, err, "bench:speed")
				require.Equal(t, test.content, string(written), "it is left as it was")

				return
			}

			require.NoError(t, err)
			require.True(t, strings.HasPrefix(string(written), before+"\nMeasured on "))
			require.True(t, strings.HasSuffix(string(written), "| speed | ≥ 2 | 3 | yes |\n"+after))
			require.NotContains(t, string(written), "**no**")
		})
	}
}
