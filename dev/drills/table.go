package drills

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Table is what a drill found.
type Table struct {
	title string
	lines []line
}

// line is one found thing beside its goal; without a goal it only tells.
type line struct {
	what, goal, result string
	met                bool
}

func (t *Table) add(what, goal string, met bool, result string, values ...any) {
	t.lines = append(t.lines, line{what: what, goal: goal, met: met, result: fmt.Sprintf(result, values...)})
}

func (t *Table) tell(what, result string, values ...any) { t.add(what, "", true, result, values...) }

// zero adds what must not be.
func (t *Table) zero(what string, count int) { t.add(what, "0", count == 0, "%d", count) }

// Missed are the lines whose goal was missed.
func (t *Table) Missed() []string {
	var missed []string

	for _, one := range t.lines {
		if !one.met {
			missed = append(missed, one.what)
		}
	}

	return missed
}

// WriteTo writes the table in Markdown.
func (t *Table) WriteTo(w io.Writer) (int64, error) {
	var text bytes.Buffer

	fmt.Fprintf(&text, "%s, on %s with %s on %d processors.\n\n",
		t.title, time.Now().Format(time.DateOnly), runtime.Version(), runtime.NumCPU())
	text.WriteString("| what | goal | found | met |\n|---|---|---|---|\n")

	for _, one := range t.lines {
		met := "yes"

		switch {
		case !one.met:
			met = "**no**"
		case one.goal == "":
			met = ""
		}

		fmt.Fprintf(&text, "| %s | %s | %s | %s |\n", one.what, one.goal, one.result, met)
	}

	return text.WriteTo(w) //nolint:wrapcheck // the writer's error is the caller's.
}

// listed writes counts in the order of their names.
func listed(counts map[string]int) string {
	var parts []string

	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, counts[name]))
	}

	if len(parts) == 0 {
		return "none"
	}

	return strings.Join(parts, ", ")
}

func total(counts map[string]int) int {
	sum := 0
	for _, count := range counts {
		sum += count
	}

	return sum
}
