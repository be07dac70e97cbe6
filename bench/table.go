package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// table is the figures of one run.
type table []figure

// figure is one measured thing beside its goal.
type figure struct {
	what   string
	goal   string
	result string
	met    bool
}

func (t *table) add(what, goal string, met bool, result string, values ...any) {
	*t = append(*t, figure{what: what, goal: goal, met: met, result: fmt.Sprintf(result, values...)})
}

// noGoal stands where a figure is only told.
const noGoal = "–"

// tell adds a figure that has no goal.
func (t *table) tell(what, result string, values ...any) {
	t.add(what, noGoal, true, result, values...)
}

// measuredOn says when and where: the figures of two machines do not compare.
func measuredOn() string {
	return fmt.Sprintf("Measured on %s with %s on %d processors.\n\n", time.Now().Format(time.DateOnly), runtime.Version(), runtime.NumCPU())
}

// WriteTo writes the table in Markdown.
func (t *table) WriteTo(w io.Writer) (int64, error) {
	var text bytes.Buffer

	text.WriteString(measuredOn())
	text.WriteString("| figure | goal | result | met |\n|---|---|---|---|\n")

	for _, one := range *t {
		fmt.Fprintf(&text, "| %s | %s | %s | %s |\n", one.what, one.goal, one.result, one.verdict())
	}

	return text.WriteTo(w) //nolint:wrapcheck // the writer's error is the caller's.
}

func (f figure) verdict() string {
	switch {
	case f.goal == noGoal:
		return noGoal
	case f.met:
		return "yes"
	}

	return "**no**"
}

// insertInto replaces the part of a Markdown file between the marks of a benchmark, such as "batch".
func (t *table) insertInto(file, benchmark string) error { return insertInto(file, benchmark, t) }

func insertInto(file, benchmark string, figures io.WriterTo) error {
	partBegins, partEnds := "<!-- bench:"+benchmark+" begins -->", "<!-- bench:"+benchmark+" ends -->"

	content, err := os.ReadFile(file) //nolint:gosec // the file that was asked for.
	if err != nil {
		return fmt.Errorf("reading the report: %w", err)
	}

	before, rest, begins := strings.Cut(string(content), partBegins)
	_, after, ends := strings.Cut(rest, partEnds)

	if !begins || !ends {
		return fmt.Errorf("writing the report: %s has no part between %q and %q", file, partBegins, partEnds)
	}

	var text bytes.Buffer

	_, _ = figures.WriteTo(&text) // a buffer takes everything

	report := before + partBegins + "\n" + text.String() + partEnds + after

	return os.WriteFile(file, []byte(report), 0o600) //nolint:wrapcheck,gosec // a path error says everything; the file that was asked for.
}

func contains(list []string, wanted string) bool { return slices.Contains(list, wanted) }
