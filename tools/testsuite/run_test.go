package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// shell is a part whose runner is a shell script that writes TAP to the file named by $EVENTS.
func shell(t *testing.T, script string) result {
	t.Helper()

	folder := t.TempDir()
	events := filepath.Join(folder, "events.tap")
	require.NoError(t, os.WriteFile(events, []byte("# pass 7\n"), 0o600)) // of an earlier run

	return suite{root: folder, results: folder}.run(t.Context(), part{
		name:   "shell",
		test:   command{arguments: []string{"sh", "-c", script}, environment: []string{"EVENTS=" + events}},
		events: events,
		read:   readTAP,
	})
}

func TestRunnerIsJudgedByItsRecordAndItsExit(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		script         string
		passed, failed int
		failure        string
	}{
		"passed":                   {`echo '# pass 2' > "$EVENTS"`, 2, 0, ""},
		"a test failed":            {`printf 'not ok 1 - search\n# fail 1\n' > "$EVENTS"; exit 1`, 0, 1, "search"},
		"broke off":                {`echo '# pass 2' > "$EVENTS"; exit 1`, 2, 1, "sh: exit status 1"},
		"recorded nothing":         {`exit 0`, 0, 1, "opening the test runner's results"},
		"could not start":          {`exit 127`, 0, 1, "sh: exit status 127"},
		"succeeded without a test": {`: > "$EVENTS"`, 0, 1, "no test ran"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			result := shell(t, test.script)

			require.Equal(t, test.passed, result.counts.passed)
			require.Equal(t, test.failed, result.counts.failed)

			if test.failure != "" {
				require.Len(t, result.counts.failures, 1)
				require.Contains(t, result.counts.failures[0], test.failure)
			}
		})
	}
}

func TestPartWithoutItsPrerequisitesIsLeftOut(t *testing.T) {
	t.Parallel()

	missing := func(context.Context, suite) string { return "no browser" }

	result := suite{}.run(t.Context(), part{name: "e2e", needs: []prerequisite{missing}})

	require.Equal(t, []string{"no browser"}, result.leftOut)
	require.Zero(t, result.counts.total())
}

func TestFailedPreparationIsAFailure(t *testing.T) {
	t.Parallel()

	result := suite{root: t.TempDir()}.run(t.Context(), part{name: "e2e", prepare: []command{{arguments: []string{"false"}}}})

	require.Equal(t, 1, result.counts.failed)
	require.Contains(t, result.counts.failures[0], "preparing the tests")
}
