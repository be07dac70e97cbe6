package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/genio-gateway/genio/db"
)

// pageGoal is how long a page may take for 95 of 100 requests.
const pageGoal = 100 * time.Millisecond

type listCommand struct {
	URL           string `help:"PostgreSQL database to fill, empty before and after; without it a server of the run's own is started."`
	Report        string `help:"Markdown file to write the figures into." type:"path"`
	Notifications int    `default:"1000000" help:"How many notifications there are."`
	Requests      int    `default:"200" help:"How often each page is asked for."`
	Keep          bool   `help:"Leave the database of --url filled, for a look at its plans."`
	Profile       string `help:"File for a CPU profile of the pages." type:"path"`
}

// Run fills a database, measures the pages and prints the table.
func (c *listCommand) Run(ctx context.Context) (err error) {
	ctx, done := context.WithTimeout(ctx, benchPatience)
	defer done()

	address := c.URL

	if address == "" {
		server, err := startPostgres(ctx)
		if err != nil {
			return err
		}

		defer func() { err = errors.Join(err, server.stop()) }()

		address = server.url()
	} else if !c.Keep {
		defer func() { err = errors.Join(err, emptied(context.WithoutCancel(ctx), address)) }()
	}

	figures, err := c.measure(ctx, address)
	if err != nil {
		return err
	}

	if _, err := figures.WriteTo(os.Stdout); err != nil {
		return fmt.Errorf("printing the table: %w", err)
	}

	if c.Report == "" {
		return nil
	}

	return figures.insertInto(c.Report, "list")
}

func (c *listCommand) measure(ctx context.Context, address string) (table, error) {
	var figures table

	err := onPages(ctx, address, c.Notifications, &figures, func(pages *officePages) error {
		profiled, err := profile(c.Profile)
		if err != nil {
			return err
		}

		err = pages.measure(ctx, c.Requests, &figures)

		return errors.Join(err, profiled())
	})

	return figures, err
}

// onPages fills an empty database with so many notifications, and opens the pages over it.
func onPages(ctx context.Context, address string, notifications int, figures *table, do func(*officePages) error) error {
	if err := db.Migrate(ctx, address); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}

	keys, err := db.NewKeys()
	if err != nil {
		return fmt.Errorf("making keys: %w", err)
	}

	store, err := db.Open(ctx, db.Config{URL: address, Keys: keys})
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}

	defer func() { _ = store.Close() }()

	world := newWorld(store, keys, notifications)
	if err := world.fill(ctx, address, figures); err != nil {
		return err
	}

	pages, err := openPages(ctx, world)
	if err != nil {
		return err
	}

	defer pages.close()

	return do(pages)
}

// profile writes down where this process spends its time, until it is told to end; without a file it does nothing.
func profile(path string) (end func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}

	file, err := os.Create(path) //nolint:gosec // the file that was asked for.
	if err != nil {
		return nil, fmt.Errorf("making the profile: %w", err)
	}

	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, fmt.Errorf("starting the profile: %w", errors.Join(err, file.Close()))
	}

	return func() error {
		pprof.StopCPUProfile()

		return file.Close()
	}, nil
}

// foldAll lets the product's own code fold the figures, and tells of how many changes.
func foldAll(ctx context.Context, store *db.Store) (folded int, err error) {
	const atOnce = 50_000 // more than the activity takes: they are all there at once

	for {
		some, err := store.FoldFigures(ctx, atOnce)
		if err != nil {
			return folded, fmt.Errorf("folding the figures: %w", err)
		}

		folded += some

		if some < atOnce {
			return folded, nil
		}
	}
}

// emptied leaves a database as empty as it was found.
func emptied(ctx context.Context, address string) error {
	connection, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}

	defer func() { _ = connection.Close(ctx) }()

	_, err = connection.Exec(ctx, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")

	return err //nolint:wrapcheck // it says everything.
}

func progressf(format string, values ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format(time.TimeOnly)+" "+format+"…\n", values...)
}
