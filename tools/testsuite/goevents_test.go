package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGoEventsAreCounted(t *testing.T) {
	t.Parallel()

	const events = `
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA/sub"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB","Output":"=== RUN   TestB\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:7: no PostgreSQL: initdb not found\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"--- SKIP: TestB (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"fail","Package":"p","Test":"TestC"}
{"Action":"fail","Package":"p"}
{"Action":"skip","Package":"without/tests"}
{"ImportPath":"broken","Action":"build-fail"}
{"Action":"fail","Package":"broken","FailedBuild":"broken"}
`

	counted, err := countGoEvents(strings.NewReader(events))

	require.NoError(t, err)
	require.Equal(t, counts{
		passed: 2, failed: 2, skipped: 1,
		failures: []string{"p.TestC", "broken"},
		skips:    []string{"p.TestB: no PostgreSQL: initdb not found"},
	}, counted)
}

func TestBrokenGoEventsAreAnError(t *testing.T) {
	t.Parallel()

	_, err := countGoEvents(strings.NewReader(`{"Action":"pass","Package":"p","Test":"TestA"}{"Act`))

	require.ErrorContains(t, err, "reading the test runner's events")
}
