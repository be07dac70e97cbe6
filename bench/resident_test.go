package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestResidentMemoryIsTold(t *testing.T) {
	t.Parallel()

	bytes, err := resident(os.Getpid())
	require.NoError(t, err)
	require.Greater(t, bytes, int64(mebibyte))

	_, err = resident(-1)
	require.ErrorIs(t, err, os.ErrNotExist)
}
