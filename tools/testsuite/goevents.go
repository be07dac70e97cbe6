package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// goEvent is a line of `go test -json` (see `go doc test2json`).
//
//nolint:tagliatelle // the names are test2json's
type goEvent struct {
	Action  string `json:"Action"`
	Package string `json:"Package"`
	Test    string `json:"Test"` // empty for the package itself
	Output  string `json:"Output"`
}

func readGoEvents(file string) (counts, error) {
	events, err := os.Open(file) //nolint:gosec // the file that this program told the test runner to write
	if err != nil {
		return counts{}, fmt.Errorf("opening the test runner's events: %w", err)
	}
	defer events.Close() //nolint:errcheck // only read

	return countGoEvents(events)
}

// countGoEvents counts tests and subtests alike, as gotestsum does. A package that failed with no failing test of its own (it does not
// compile, or broke off) counts as one failure.
func countGoEvents(events io.Reader) (counts, error) {
	tally := goTally{lastWords: map[string]string{}, failing: map[string]bool{}}
	decoder := json.NewDecoder(events)

	for {
		var event goEvent

		err := decoder.Decode(&event)
		if errors.Is(err, io.EOF) {
			break
		}

		if err != nil {
			return tally.counts, fmt.Errorf("reading the test runner's events: %w", err)
		}

		tally.add(event)
	}

	slices.Sort(tally.counts.skips)

	return tally.counts, nil
}

type goTally struct {
	counts    counts
	lastWords map[string]string // a test's last line of its own, which is the reason where it skips
	failing   map[string]bool   // packages with a failed test
}

func (t *goTally) add(event goEvent) {
	name := event.Package
	if event.Test != "" {
		name += "." + event.Test
	}

	switch event.Action {
	case "output":
		if words := ownWords(event.Output); words != "" {
			t.lastWords[name] = words
		}
	case "pass", "skip", "fail":
		t.end(event, name)
		delete(t.lastWords, name)
	}
}

// end counts a test, or a package that no test of its own accounts for.
func (t *goTally) end(event goEvent, name string) {
	isTest := event.Test != ""

	switch {
	case event.Action == "fail" && (isTest || !t.failing[event.Package]):
		t.failing[event.Package] = true
		t.counts.fail(name)
	case event.Action == "pass" && isTest:
		t.counts.passed++
	case event.Action == "skip" && isTest:
		t.counts.skipped++
		t.counts.skips = append(t.counts.skips, name+": "+t.lastWords[name])
	}
}

// ownWords is what a test said, without the file and line before it; empty for the framework's own lines.
func ownWords(output string) string {
	line := strings.TrimSpace(output)
	if line == "" || strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
		return ""
	}

	if place, words, found := strings.Cut(line, ": "); found && strings.Contains(place, ".go:") {
		return words
	}

	return line
}
