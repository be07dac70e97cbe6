package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"go.temporal.io/sdk/client"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

type speedCommand struct {
	Binaries    string      `default:"bin" help:"Folder of genio, temporal-dev and prod-local." type:"path"`
	ProxyConfig string      `default:"deploy/haproxy.cfg" help:"Configuration of prod-local's proxy." type:"path"`
	Report      string      `help:"Markdown file to write the figures into." type:"path"`
	Stack       []stackKind `default:"embedded,prod-local" enum:"embedded,prod-local" help:"Measure on these: embedded, prod-local."`
	Only        []string    `help:"Measure only these: startup, settle, events, api, memory, handover."`

	Servers int `default:"2" help:"Servers on prod-local, at most 4."`
	Workers int `default:"2" help:"Workers on prod-local."`

	Notifications int `default:"500" help:"How many notifications are settled, and how many bare workflows."`
	Enti          int `default:"30" help:"How many Enti share them, so that IO's quota does not bind."`
	Rounds        int `default:"2" help:"How often both are measured in turns."`
	Histories     int `default:"10" help:"How many notifications of each way have their histories counted."`
	Singles       int `default:"40" help:"How many single notifications are handed over, one after the other."`
	Burst         int `default:"5000" help:"How many single requests come in one burst, and as many notifications in bulks."`
	Waiting       int `default:"1500" help:"How many notifications wait on delivery while memory is measured."`
	BatchRows     int `default:"3000" help:"Rows of the batch beside which single notifications are handed over."`
}

// speedRun is a stack that is measured.
type speedRun struct {
	*speedCommand

	stack    *stack
	store    *db.Store
	temporal client.Client
	enti     []*ente
	figures  table
	citizens int // numbers of invented citizens that are used
}

// Run measures and prints the table.
func (c *speedCommand) Run(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, benchPatience)
	defer done()

	var compared comparison

	for _, kind := range c.Stack {
		figures, err := c.on(ctx, kind)
		if err != nil {
			return fmt.Errorf("measuring on %s: %w", kind.title(), err)
		}

		compared.add(kind, figures)
	}

	if _, err := compared.WriteTo(os.Stdout); err != nil {
		return fmt.Errorf("printing the table: %w", err)
	}

	if c.Report == "" {
		return nil
	}

	return insertInto(c.Report, "speed", &compared)
}

// on measures everything on one stack.
func (c *speedCommand) on(ctx context.Context, kind stackKind) (table, error) {
	run := &speedRun{speedCommand: c}
	err := run.onNewStack(ctx, kind, run.measure)

	return run.figures, err
}

// onNewStack does something on a stack of the run's own, which has its Enti.
func (r *speedRun) onNewStack(ctx context.Context, kind stackKind, do func(context.Context) error) error {
	progressf("starting %s", kind.title())

	return onStack(ctx, r.wishes(kind), func(s *stack) error {
		r.stack = s

		return r.connected(ctx, do)
	})
}

func (c *speedCommand) wishes(kind stackKind) stackWishes {
	return stackWishes{kind: kind, binaries: c.Binaries, proxyConfig: c.ProxyConfig, servers: c.Servers, workers: c.Workers}
}

func (r *speedRun) connected(ctx context.Context, do func(context.Context) error) (err error) {
	if r.store, err = r.stack.store(ctx); err != nil {
		return err
	}

	defer func() { err = errors.Join(err, r.store.Close()) }()

	if r.temporal, err = r.stack.connect(); err != nil {
		return err
	}

	defer r.temporal.Close()

	if r.enti, err = r.stack.foundMany(ctx, r.store, r.Enti, notification.DefaultPolicy()); err != nil {
		return err
	}

	return do(ctx)
}

func (r *speedRun) measure(ctx context.Context) error {
	for _, part := range []struct {
		name    string
		measure func(context.Context) error
	}{
		{"startup", r.measureStartUp},
		{"settle", r.measureSettling},
		{"events", r.measureEvents},
		{"api", r.measureAPI},
		{"memory", r.measureMemory},
		// The batch that goes on beside it is still open at the end.
		{"handover", r.measureHandOver},
	} {
		if len(r.Only) > 0 && !contains(r.Only, part.name) {
			continue
		}

		progressf("measuring %s on %s", part.name, r.stack.kind.title())

		if err := part.measure(ctx); err != nil {
			return fmt.Errorf("measuring %s: %w", part.name, err)
		}
	}

	return nil
}

// newCitizens gives the number of the first of so many invented citizens whom nobody has written to yet.
func (r *speedRun) newCitizens(count int) int {
	const first = 70_000_000

	begin := first + r.citizens
	r.citizens += count

	return begin
}
