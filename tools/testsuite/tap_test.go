package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A suite with a failed, a skipped and a passed test, and a test that is to be written.
const tapOutput = `TAP version 13
# pass 99
# Subtest: Login
    # Subtest: works
    ok 1 - works
      ---
      duration_ms: 21.9
      ...
    not ok 2 - refuses a wrong password
      ---
      error: '1 == 2'
      ...
    ok 3 - with a key # SKIP no security key
    1..3
not ok 1 - Login
  ---
  type: 'suite'
  ...
ok 2 - search # TODO
not ok 3 - list
1..3
# tests 5
# suites 1
# pass 1
# fail 1
# cancelled 1
# skipped 1
# todo 1
# duration_ms 629.8
`

func TestTAPIsCounted(t *testing.T) {
	t.Parallel()

	counted, err := countTAP(strings.NewReader(tapOutput))

	require.NoError(t, err)
	require.Equal(t, counts{
		passed: 1, failed: 2, skipped: 2,
		failures: []string{"refuses a wrong password", "list"},
		skips:    []string{"with a key: no security key", "search"},
	}, counted)
}

func TestBrokenOffTAPCountsNothing(t *testing.T) {
	t.Parallel()

	counted, err := countTAP(strings.NewReader("TAP version 13\nok 1 - works\n"))

	require.NoError(t, err)
	require.Zero(t, counted.total())
}
