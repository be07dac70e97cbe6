package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
)

func readTAP(file string) (counts, error) {
	lines, err := os.Open(file) //nolint:gosec // the file that this program told the test runner to write
	if err != nil {
		return counts{}, fmt.Errorf("opening the test runner's results: %w", err)
	}
	defer lines.Close() //nolint:errcheck // only read

	return countTAP(lines)
}

// countTAP reads what Node's test runner writes in the Test Anything Protocol (https://testanything.org): a line per test, those of
// subtests indented and before their parent's, and at the end the totals as comments, which leave suites out.
func countTAP(lines io.Reader) (counts, error) {
	tally := newTAPTally()

	scanner := bufio.NewScanner(lines)
	for scanner.Scan() {
		tally.add(scanner.Text())
	}

	err := scanner.Err()
	if err != nil {
		return tally.counts(), fmt.Errorf("reading the test runner's results: %w", err)
	}

	return tally.counts(), nil
}

type tapTally struct {
	result, total *regexp.Regexp

	totals      map[string]int
	failures    []string
	skips       []string
	failedChild int // the indentation of the last failure
}

func newTAPTally() *tapTally {
	return &tapTally{
		result:      regexp.MustCompile(`^( *)(not )?ok \d+ - (.*?)(?: # (SKIP|TODO) ?(.*))?$`),
		total:       regexp.MustCompile(`^# (pass|fail|cancelled|skipped|todo) (\d+)$`),
		totals:      map[string]int{},
		failedChild: -1,
	}
}

func (t *tapTally) add(line string) {
	if match := t.total.FindStringSubmatch(line); match != nil {
		t.totals[match[1]], _ = strconv.Atoi(match[2]) // the last one counts: a test may print such a line too
	}

	match := t.result.FindStringSubmatch(line)
	if match == nil {
		return
	}

	indentation, failed, name, skipped, reason := len(match[1]), match[2] != "", match[3], match[4] != "", match[5]

	switch {
	case skipped:
		t.skips = append(t.skips, strings.TrimSuffix(name+": "+reason, ": "))
	case failed && indentation < t.failedChild: // failed because its subtest did
		t.failedChild = indentation
	case failed:
		t.failedChild = indentation
		t.failures = append(t.failures, name)
	}
}

func (t *tapTally) counts() counts {
	return counts{
		passed:   t.totals["pass"],
		failed:   t.totals["fail"] + t.totals["cancelled"],
		skipped:  t.totals["skipped"] + t.totals["todo"],
		failures: t.failures,
		skips:    t.skips,
	}
}
