// Command drill tries out what GeNIO promises where production goes wrong, on processes of its own, and prints what it found.
// It ends with an error where a goal is missed.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/genio-gateway/genio/dev/drills"
)

type commands struct {
	Chaos   chaosCommand   `cmd:"" help:"Kill worker, server, Temporal and PostgreSQL under load while the providers misbehave."`
	Backup  backupCommand  `cmd:"" help:"Back up, destroy everything under load, restore, and go on."`
	Rolling rollingCommand `cmd:"" help:"Roll a new version of servers and workers out under a steady load."`
}

func main() {
	var chosen commands

	line := kong.Parse(&chosen, kong.Name("drill"), kong.UsageOnError(),
		kong.Description("Tries out what GeNIO promises where production goes wrong."))

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	line.BindTo(ctx, (*context.Context)(nil))
	line.FatalIfErrorf(line.Run())
}

type chaosCommand struct {
	drills.Chaos `embed:""`
}

// Run prints the table also where the drill broke off.
func (c *chaosCommand) Run(ctx context.Context) error {
	table, err := c.Chaos.Run(ctx, os.Stderr)

	return printed(table, err)
}

type backupCommand struct {
	drills.Backup `embed:""`
}

// Run prints the table also where the drill broke off.
func (c *backupCommand) Run(ctx context.Context) error {
	table, err := c.Backup.Run(ctx, os.Stderr)

	return printed(table, err)
}

type rollingCommand struct {
	drills.Rolling `embed:""`
}

// Run prints the table also where the drill broke off.
func (c *rollingCommand) Run(ctx context.Context) error {
	table, err := c.Rolling.Run(ctx, os.Stderr)

	return printed(table, err)
}

func printed(table *drills.Table, err error) error {
	if table != nil {
		fmt.Println()

		if _, err := table.WriteTo(os.Stdout); err != nil {
			return fmt.Errorf("printing the table: %w", err)
		}
	}

	return err
}
