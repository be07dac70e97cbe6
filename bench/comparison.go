package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
)

// comparison has the figures of several stacks side by side.
type comparison struct {
	stacks  []stackKind
	figures []table // of each stack
}

func (c *comparison) add(kind stackKind, figures table) {
	c.stacks, c.figures = append(c.stacks, kind), append(c.figures, figures)
}

// WriteTo writes the table in Markdown.
func (c *comparison) WriteTo(w io.Writer) (int64, error) {
	var text bytes.Buffer

	text.WriteString(measuredOn())
	text.WriteString("| figure | goal |")

	for _, kind := range c.stacks {
		fmt.Fprintf(&text, " %s | met |", kind.title())
	}

	text.WriteString("\n|---|---|")

	for range c.stacks {
		text.WriteString("---|---|")
	}

	text.WriteString("\n")

	for _, one := range c.kinds() {
		fmt.Fprintf(&text, "| %s | %s |", one.what, one.goal)

		for i := range c.figures {
			result, verdict := c.figures[i].look(one.what)
			fmt.Fprintf(&text, " %s | %s |", result, verdict)
		}

		text.WriteString("\n")
	}

	return text.WriteTo(w) //nolint:wrapcheck // the writer's error is the caller's.
}

// kinds are all figures that any stack has, each once, in the order of the first stack that has it.
func (c *comparison) kinds() []figure {
	var all []figure

	for _, figures := range c.figures {
		for _, one := range figures {
			if !slices.ContainsFunc(all, func(known figure) bool { return known.what == one.what }) {
				all = append(all, one)
			}
		}
	}

	return all
}

// look gives a figure by its name, or what stands for one that was not measured.
func (t *table) look(what string) (result, verdict string) {
	for _, one := range *t {
		if one.what == what {
			return one.result, one.verdict()
		}
	}

	return noGoal, noGoal
}
