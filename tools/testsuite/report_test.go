package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReport(t *testing.T) {
	t.Parallel()

	clean := result{part: "unit", counts: counts{passed: 3}}
	skipping := result{part: "unit", counts: counts{passed: 3, skipped: 1, skips: []string{"TestB: no PostgreSQL"}}}
	failing := result{part: "unit", counts: counts{passed: 3, failed: 1, failures: []string{"TestC"}}}
	leftOut := result{part: "e2e", leftOut: []string{"no Chromium is installed"}}

	tests := map[string]struct {
		results    []result
		requireAll bool
		passed     bool
		mentions   string
		lastLine   string
	}{
		"all passed":          {[]result{clean}, false, true, "unit", "3 passed, 0 failed, 0 skipped"},
		"all required and so": {[]result{clean}, true, true, "unit", "3 passed, 0 failed, 0 skipped"},
		"skipped":             {[]result{skipping}, false, true, "TestB: no PostgreSQL", "3 passed, 0 failed, 1 skipped"},
		"skipped, required":   {[]result{skipping}, true, false, "makes the run fail", "3 passed, 0 failed, 1 skipped"},
		"failed":              {[]result{failing, clean}, false, false, "TestC", "6 passed, 1 failed, 0 skipped"},
		"left out":            {[]result{clean, leftOut}, false, true, "no Chromium", "3 passed, 0 failed, 1 skipped"},
		"left out, required":  {[]result{clean, leftOut}, true, false, "no Chromium", "3 passed, 1 failed, 0 skipped"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			written := report{requireAll: test.requireAll, results: test.results}
			text := written.text()

			require.Equal(t, test.passed, written.passed())
			require.Contains(t, text, test.mentions)
			require.True(t, strings.HasSuffix(text, "\n"+test.lastLine+"\n"), text)
		})
	}
}
