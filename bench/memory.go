package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// memoryCommand is what speed measures with a few thousand, with as many as may wait in a day of trouble.
type memoryCommand struct {
	Binaries    string        `default:"bin" help:"Folder of genio, temporal-dev and prod-local." type:"path"`
	ProxyConfig string        `default:"deploy/haproxy.cfg" help:"Configuration of prod-local's proxy." type:"path"`
	Report      string        `help:"Markdown file to write the figures into." type:"path"`
	Stack       stackKind     `default:"embedded" enum:"embedded,prod-local" help:"Measure on this: embedded, prod-local."`
	Waiting     int           `default:"100000" help:"How many notifications wait on delivery."`
	Patience    time.Duration `default:"100m" help:"What is not handed over by then is not waited for."`
}

// memoryRest is how long the rest takes at the most: starting, and looking at memory.
const memoryRest = 10 * time.Minute

// Run measures and prints the table.
func (c *memoryCommand) Run(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, c.Patience+memoryRest)
	defer done()

	var figures table

	err := onStack(ctx, stackWishes{kind: c.Stack, binaries: c.Binaries, proxyConfig: c.ProxyConfig}, func(s *stack) error {
		return measureMemory(ctx, s, c.Waiting, c.Patience, &figures)
	})
	if err != nil {
		return fmt.Errorf("measuring on %s: %w", c.Stack, err)
	}

	if _, err := figures.WriteTo(os.Stdout); err != nil {
		return fmt.Errorf("printing the table: %w", err)
	}

	if c.Report == "" {
		return nil
	}

	return figures.insertInto(c.Report, "memory")
}
