package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// counts is what became of tests.
type counts struct {
	passed, failed, skipped int
	failures                []string // the names of those that failed
	skips                   []string // the names of those that skipped themselves, with the reason
}

func (c *counts) fail(name string) {
	c.failed++
	c.failures = append(c.failures, name)
}

func (c *counts) total() int { return c.passed + c.failed + c.skipped }

// result is what became of a part.
type result struct {
	part    string
	counts  counts
	leftOut []string // why the whole part was left out
	took    time.Duration
}

// report collects the results of all parts.
type report struct {
	requireAll bool
	results    []result
}

func (r *report) add(one result) { r.results = append(r.results, one) }

// totals counts a part left out as one skipped test, or as a failed one where everything is required.
func (r *report) totals() counts {
	var all counts

	for _, one := range r.results {
		all.passed += one.counts.passed
		all.failed += one.counts.failed
		all.skipped += one.counts.skipped

		if len(one.leftOut) == 0 {
			continue
		}

		if r.requireAll {
			all.failed++
		} else {
			all.skipped++
		}
	}

	return all
}

func (r *report) passed() bool {
	totals := r.totals()

	return totals.failed == 0 && (totals.skipped == 0 || !r.requireAll)
}

// text is the table of parts, what failed, what was left out and why, and the totals as the very last line.
func (r *report) text() string {
	var text strings.Builder

	r.writeTable(&text)
	r.writeList(&text, "Failed:", func(one result) []string { return one.counts.failures })
	r.writeList(&text, "Left out:", func(one result) []string { return slices.Concat(one.leftOut, one.counts.skips) })

	if r.requireAll && r.leftAnythingOut() {
		fmt.Fprintf(&text, "\n%s=all: what was left out makes the run fail.\n", requireVariable)
	}

	totals := r.totals()
	fmt.Fprintf(&text, "\n%d passed, %d failed, %d skipped\n", totals.passed, totals.failed, totals.skipped)

	return text.String()
}

func (r *report) leftAnythingOut() bool {
	for _, one := range r.results {
		if len(one.leftOut) > 0 || one.counts.skipped > 0 {
			return true
		}
	}

	return false
}

func (r *report) writeTable(text *strings.Builder) {
	text.WriteString("\n" + row("part", "passed", "failed", "skipped", "seconds"))

	for _, one := range r.results {
		if len(one.leftOut) > 0 {
			text.WriteString(row(one.part, "-", "-", "left out", "-"))

			continue
		}

		text.WriteString(row(one.part, one.counts.passed, one.counts.failed, one.counts.skipped, int(one.took.Seconds())))
	}
}

func row(part string, columns ...any) string {
	return fmt.Sprintf("%-12s %9v %9v %9v %9v\n", append([]any{part}, columns...)...)
}

// writeList writes a heading and the lines of each part, or nothing where there are none.
func (r *report) writeList(text *strings.Builder, heading string, linesOf func(result) []string) {
	var list strings.Builder

	for _, one := range r.results {
		for _, line := range linesOf(one) {
			fmt.Fprintf(&list, "  %s: %s\n", one.part, line)
		}
	}

	if list.Len() > 0 {
		text.WriteString("\n" + heading + "\n" + list.String())
	}
}
