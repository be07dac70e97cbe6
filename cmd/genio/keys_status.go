package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/gateway"
)

type reencryptCommand struct {
	Database wiring.Database `embed:"" prefix:"database-"`
	Temporal wiring.Temporal `embed:"" prefix:"temporal-"`
}

// Run starts the workflow that brings everything under the primary keys.
func (c *reencryptCommand) Run(ctx context.Context, user terminal) error {
	temporal, err := c.Temporal.Connect(zap.NewNop())
	if err != nil {
		return fmt.Errorf("encrypting again: %w", err)
	}
	defer temporal.Close()

	return administer(ctx, c.Database, func(does *gateway.Gateway, actor gateway.Actor) error {
		does.Temporal = temporal

		err := does.Reencrypt(ctx, actor)
		if errors.Is(err, gateway.ErrUnderWay) {
			return user.say("It is under way already. Its progress: genio admin keys status, or Temporal's workflow reencryption.")
		}

		if err != nil {
			return fmt.Errorf("encrypting again: %w", err)
		}

		return user.say("It has begun. Its progress: genio admin keys status, or Temporal's workflow reencryption.")
	})
}

type keyStatusCommand struct {
	Database wiring.Database `embed:"" prefix:"database-"`
	Hashes   bool            `help:"Also recognise the key of each search hash, which reads and decrypts everything."`
}

// Run prints a table.
func (c *keyStatusCommand) Run(ctx context.Context, user terminal) error {
	store, err := c.Database.Open(ctx, zap.NewNop())
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer closing(zap.NewNop(), store)

	keys, err := db.LoadKeys(c.Database.KeysFile)
	if err != nil {
		return fmt.Errorf("counting what is under which key: %w", err)
	}

	uses, err := store.KeyUses(ctx, c.Hashes)
	if err != nil {
		return fmt.Errorf("counting what is under which key: %w", err)
	}

	table := tabwriter.NewWriter(user.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "VALUES\tCOLUMN\tSET\tKEY\tSTATE")

	for _, use := range uses {
		_, _ = fmt.Fprintf(table, "%d\t%s.%s\t%s\t%d\t%s\n", use.Values, use.Table, use.Column, use.Set, use.Key, useOf(keys, use))
	}

	if err := table.Flush(); err != nil {
		return fmt.Errorf("counting what is under which key: %w", err)
	}

	return nil
}

// useOf says what is to be done about values under a key.
func useOf(keys *db.Keys, use db.KeyUse) string {
	key, err := keys.Key(use.Set, use.Key)

	switch {
	case use.Key == 0 && use.Kept:
		return "not noted: ends by itself, by use, or by forget"
	case use.Key == 0 && use.Set == db.KeySetIndex:
		return "of a value that is gone"
	case use.Key == 0:
		return "damaged"
	case err != nil:
		return "the key is not there"
	case key.Primary:
		return "primary"
	case use.Kept:
		return "ends by itself, by use, or by forget"
	default:
		return "to be encrypted again"
	}
}

type forgetCommand struct {
	Database wiring.Database `embed:"" prefix:"database-"`
}

// Run forgets, and tells how many people have to link, or to make codes, again.
func (c *forgetCommand) Run(ctx context.Context, user terminal) error {
	return administer(ctx, c.Database, func(does *gateway.Gateway, actor gateway.Actor) error {
		identities, codes, err := does.ForgetHashes(ctx, actor)
		if err != nil {
			return fmt.Errorf("forgetting hashes: %w", err)
		}

		return user.say(fmt.Sprintf("Removed: %d links to a provider of identities, %d recovery codes.", identities, codes))
	})
}
