package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnePartGetsItsArguments(t *testing.T) {
	t.Parallel()

	parts, err := suite{root: "/project"}.partsNamed("unit", []string{"./db/...", "-run", "Key"})

	require.NoError(t, err)
	require.Len(t, parts, 1)
	require.Equal(t, []string{"--", "./db/...", "-run", "Key"}, parts[0].test.arguments[len(parts[0].test.arguments)-4:])
}

func TestUnknownPartIsRefused(t *testing.T) {
	t.Parallel()

	_, err := suite{}.partsNamed("unti", nil)

	require.ErrorContains(t, err, `"unti"`)
}

func TestEveryPartWithoutAName(t *testing.T) {
	t.Parallel()

	parts, err := suite{}.partsNamed("", nil)

	require.NoError(t, err)
	require.Greater(t, len(parts), 1)
}
