package main

import (
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

func TestStacksAreChosen(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		arguments []string
		chosen    []stackKind
		fails     bool
	}{
		"both unless told otherwise": {[]string{"speed"}, []stackKind{stackEmbedded, stackProdLocal}, false},
		"one":                        {[]string{"speed", "--stack=prod-local"}, []stackKind{stackProdLocal}, false},
		"in this order":              {[]string{"speed", "--stack=prod-local,embedded"}, []stackKind{stackProdLocal, stackEmbedded}, false},
		"none that is known":         {[]string{"speed", "--stack=cloud"}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var chosen commands

			line, err := kong.New(&chosen)
			require.NoError(t, err)

			_, err = line.Parse(test.arguments)
			require.Equal(t, test.fails, err != nil, err)

			if !test.fails {
				require.Equal(t, test.chosen, chosen.Speed.Stack)
			}
		})
	}
}
