package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// grid is a table of figures that have no goals.
type grid struct {
	head []string
	rows [][]string
}

func (g *grid) add(cells ...string) { g.rows = append(g.rows, cells) }

// WriteTo writes the table in Markdown.
func (g *grid) WriteTo(w io.Writer) (int64, error) {
	var text bytes.Buffer

	line := func(cells []string) { fmt.Fprintf(&text, "| %s |\n", strings.Join(cells, " | ")) }

	line(g.head)
	fmt.Fprintf(&text, "|%s\n", strings.Repeat("---|", len(g.head)))

	for _, cells := range g.rows {
		line(cells)
	}

	return text.WriteTo(w) //nolint:wrapcheck // the writer's error is the caller's.
}
