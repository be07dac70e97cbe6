// Command bench measures GeNIO against baselines that do the least possible, each figure as a ratio within one run, and
// writes what it measured into docs/performance.md. It starts GeNIO's own processes on the loopback address, and stops by
// itself.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

type commands struct {
	Speed speedCommand `cmd:"" help:"Notifications against bare workflows, histories, and the way to IO, on each stack."`
	Batch batchCommand `cmd:"" help:"Batches: reading a file, the use of IO's quota, fairness, and a kill in the middle."`
	List  listCommand  `cmd:"" help:"Pages: list, search and dashboard over a million notifications on PostgreSQL."`

	Memory memoryCommand `cmd:"" help:"Memory of servers and workers while a hundred thousand notifications wait on delivery."`
	Scale  scaleCommand  `cmd:"" help:"How it grows with workers and with notifications in the database, as tables and as a chart."`

	BareServer bareServerCommand `cmd:"" help:"What GeNIO's API is compared with." hidden:""`
	BareWorker bareWorkerCommand `cmd:"" help:"What GeNIO's workers are compared with." hidden:""`
}

func main() {
	var chosen commands

	line := kong.Parse(&chosen, kong.Name("bench"), kong.Description("Measures GeNIO against baselines."), kong.UsageOnError())

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	line.BindTo(ctx, (*context.Context)(nil))
	line.FatalIfErrorf(line.Run())
}

type batchCommand struct {
	Binaries string   `default:"bin" help:"Folder of genio and temporal-dev." type:"path"`
	Report   string   `help:"Markdown file to write the figures into." type:"path"`
	Rows     int      `default:"3000" help:"Rows of a batch that uses up the quota."`
	KillRows int      `default:"900" help:"Rows of the batch in whose middle worker and server are killed."`
	Only     []string `help:"Measure only these: read, quota, fairness, kill."`
}

// benchPatience bounds the whole run.
const benchPatience = 45 * time.Minute

// Run measures and prints the table.
func (c *batchCommand) Run(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, benchPatience)
	defer done()

	var figures table

	for _, part := range []struct {
		name    string
		measure func(context.Context, *table) error
	}{
		{"read", c.measureReading},
		{"quota", c.measureQuota},
		{"fairness", c.measureFairness},
		{"kill", c.measureKill},
	} {
		if len(c.Only) > 0 && !contains(c.Only, part.name) {
			continue
		}

		fmt.Fprintf(os.Stderr, "measuring %s…\n", part.name)

		if err := part.measure(ctx, &figures); err != nil {
			return fmt.Errorf("measuring %s: %w", part.name, err)
		}
	}

	if _, err := figures.WriteTo(os.Stdout); err != nil {
		return fmt.Errorf("printing the table: %w", err)
	}

	if c.Report == "" {
		return nil
	}

	return figures.insertInto(c.Report, "batch")
}
