package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

// scalePatience bounds the whole run: the pages over a million rows take most of it.
const scalePatience = 90 * time.Minute

type scaleCommand struct {
	Binaries    string   `default:"bin" help:"Folder of genio, temporal-dev and prod-local." type:"path"`
	ProxyConfig string   `default:"deploy/haproxy.cfg" help:"Configuration of prod-local's proxy." type:"path"`
	Report      string   `help:"Markdown file to write the figures into." type:"path"`
	Chart       string   `help:"SVG file to draw the figures into." type:"path"`
	Only        []string `help:"Measure only these: workers, pages. The chart is drawn only where both are measured."`

	Workers       []int `default:"1,2,4" help:"Numbers of workers."`
	Notifications int   `default:"1000" help:"How many notifications are settled with each number of workers."`
	Enti          int   `default:"30" help:"How many Enti share them, so that IO's quota does not bind."`
	Rows          []int `default:"10000,100000,1000000" help:"Numbers of notifications in the database."`
	Requests      int   `default:"100" help:"How often each page is asked for."`
}

// growth is what was measured, as text and as a chart.
type growth struct {
	text   bytes.Buffer
	panels []panel
}

// WriteTo writes the tables in Markdown.
func (g *growth) WriteTo(w io.Writer) (int64, error) {
	return bytes.NewBuffer(g.text.Bytes()).WriteTo(w) //nolint:wrapcheck // the writer's error is the caller's.
}

// Run measures, prints the tables, and draws the chart.
func (c *scaleCommand) Run(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, scalePatience)
	defer done()

	var found growth

	found.text.WriteString(measuredOn())

	for _, part := range []struct {
		name    string
		measure func(context.Context, *growth) error
	}{
		{"workers", c.measureWorkers},
		{"pages", c.measurePages},
	} {
		if len(c.Only) > 0 && !contains(c.Only, part.name) {
			continue
		}

		if err := part.measure(ctx, &found); err != nil {
			return fmt.Errorf("measuring %s: %w", part.name, err)
		}
	}

	if _, err := found.WriteTo(os.Stdout); err != nil {
		return fmt.Errorf("printing the tables: %w", err)
	}

	if c.Chart != "" && len(c.Only) == 0 {
		if err := (chart{title: "How GeNIO grows", panels: found.panels}).write(c.Chart); err != nil {
			return fmt.Errorf("drawing the chart: %w", err)
		}
	}

	if c.Report == "" {
		return nil
	}

	return insertInto(c.Report, "scale", &found)
}

func (c *scaleCommand) measureWorkers(ctx context.Context, found *growth) error {
	rates := panel{
		title: "Notifications settled through IO", xLabel: "workers", yLabel: "per second",
		series: []series{{name: "notifications"}},
	}

	var costs *grid

	shown := grid{head: []string{"workers", "notifications settled through IO, per second", "processor time for each"}}

	for _, workers := range c.Workers {
		progressf("settling %d notifications with %d workers", c.Notifications, workers)

		one, err := c.settleWith(ctx, workers)
		if err != nil {
			return fmt.Errorf("settling with %d workers: %w", workers, err)
		}

		rates.steps = append(rates.steps, strconv.Itoa(workers))
		rates.series[0].values = append(rates.series[0].values, one.perSecond)

		shown.add(strconv.Itoa(workers), fmt.Sprintf("%.1f", one.perSecond), one.used.processors.each(c.Notifications))

		costs = one.used.each(c.Notifications)
	}

	found.panels = append(found.panels, rates)

	return found.write(&shown, costs)
}

func (c *scaleCommand) measurePages(ctx context.Context, found *growth) error {
	grown, err := c.pagesGrow(ctx)
	if err != nil {
		return err
	}

	found.panels = append(found.panels, grown)

	shown := grid{head: append([]string{"page, p95 in ms, over notifications in the database"}, grown.steps...)}

	for _, line := range grown.series {
		cells := []string{line.name}
		for _, value := range line.values {
			cells = append(cells, fmt.Sprintf("%.0f", value))
		}

		shown.add(cells...)
	}

	return found.write(&shown)
}

func (g *growth) write(tables ...*grid) error {
	for _, one := range tables {
		if _, err := one.WriteTo(&g.text); err != nil {
			return fmt.Errorf("writing a table: %w", err)
		}

		g.text.WriteString("\n")
	}

	return nil
}
