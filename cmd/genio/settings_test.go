package main

import (
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// TestEverySettingIsDocumented finds a setting that operators could not know of, and one that the documentation has and
// GeNIO does not.
func TestEverySettingIsDocumented(t *testing.T) {
	t.Parallel()

	parser, err := kong.New(&commands{}, settings(t.Context(), terminal{})...)
	require.NoError(t, err)

	text, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)

	known := map[string]bool{}

	for _, command := range []string{"server", "worker", "migrate"} {
		for _, node := range parser.Model.Children {
			if node.Name != command {
				continue
			}

			for _, flags := range node.AllFlags(false) {
				for _, flag := range flags {
					for _, variable := range flag.Envs {
						known[variable] = true
						require.Contains(t, string(text), "`"+variable+"`", command)
					}
				}
			}
		}
	}

	require.NotEmpty(t, known)

	for _, row := range strings.Split(string(text), "\n") {
		names, _, is := strings.Cut(strings.TrimPrefix(row, "| "), " | ")
		if !is || !strings.HasPrefix(names, "`GENIO_") {
			continue
		}

		for _, name := range strings.Split(names, ", ") {
			require.True(t, known[strings.Trim(name, "`")], "%s is no setting", name)
		}
	}
}
