package main

import (
	"context"
	"fmt"

	"github.com/genio-gateway/genio/db"
)

type migrateCommand struct {
	URL string `env:"GENIO_DATABASE_URL" help:"postgres://… or sqlite:PATH." name:"database-url" required:""`
}

// Run applies the migrations that are missing.
func (c *migrateCommand) Run(ctx context.Context) error {
	if err := db.Migrate(ctx, c.URL); err != nil {
		return fmt.Errorf("migrating the database: %w", err)
	}

	return say("The database is up to date.")
}
