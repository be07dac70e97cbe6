package main

import (
	"os"
	"slices"
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

	for _, command := range parser.Model.Children {
		if slices.Contains([]string{"server", "worker", "migrate"}, command.Name) {
			for _, variable := range variablesOf(command) {
				known[variable] = true
				require.Contains(t, string(text), "`"+variable+"`", command.Name)
			}
		}
	}

	require.NotEmpty(t, known)

	for row := range strings.SplitSeq(string(text), "\n") {
		names, _, is := strings.Cut(strings.TrimPrefix(row, "| "), " | ")
		if !is || !strings.HasPrefix(names, "`GENIO_") {
			continue
		}

		for name := range strings.SplitSeq(names, ", ") {
			require.True(t, known[strings.Trim(name, "`")], "%s is no setting", name)
		}
	}
}

func variablesOf(command *kong.Node) []string {
	var variables []string

	for _, flags := range command.AllFlags(false) {
		for _, flag := range flags {
			variables = append(variables, flag.Envs...)
		}
	}

	return variables
}
