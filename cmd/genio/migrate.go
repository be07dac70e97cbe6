package main

import (
	"context"
	"fmt"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/db"
)

type migrateCommand struct {
	URL string `env:"GENIO_DATABASE_URL" hidden:"" name:"database-url" required:"" xor:"database-url"`
	//nolint:lll // a tag has one line
	URLFile string `env:"GENIO_DATABASE_URL_FILE" help:"File with postgres://… or sqlite:PATH, if not in $GENIO_DATABASE_URL." name:"database-url-file" required:"" type:"path" xor:"database-url"`
}

// Run applies the migrations that are missing.
func (c *migrateCommand) Run(ctx context.Context, user terminal) error {
	url, err := wiring.Secret(c.URL, c.URLFile)
	if err != nil {
		return fmt.Errorf("reading the database URL: %w", err)
	}

	if err := db.Migrate(ctx, url); err != nil {
		return fmt.Errorf("migrating the database: %w", err)
	}

	return user.say("The database is up to date.")
}
