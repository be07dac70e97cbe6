package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/gateway"
)

// keysCommands exchange the keys that protect what is stored, in this order: add, promote, reencrypt, retire, remove. Processes
// that run follow the file by themselves; each step waits until all have the one before.
type keysCommands struct {
	List      listKeysCommand   `cmd:"" help:"Tell of every key, without the key itself."`
	Add       addKeyCommand     `cmd:"" help:"Add a key that only decrypts and searches, until it is promoted."`
	Promote   promoteKeyCommand `cmd:"" help:"Let a key do everything new. Every process must know it by then."`
	Reencrypt reencryptCommand  `cmd:"" help:"Bring everything stored under the primary keys, in the background."`
	Status    keyStatusCommand  `cmd:"" help:"Count what is under which key."`
	Forget    forgetCommand     `cmd:"" help:"Remove links to a provider and recovery codes kept under earlier index keys."`
	Retire    retireKeyCommand  `cmd:"" help:"Stop using a key that nothing is under any more. It can be restored."`
	Restore   restoreKeyCommand `cmd:"" help:"Use a retired key again."`
	Remove    removeKeyCommand  `cmd:"" help:"Remove a retired key for ever."`
}

// oneKey names a key.
type oneKey struct {
	Set string `arg:"" enum:"encryption,index" help:"encryption or index."`
	ID  uint32 `arg:"" help:"The key's id, see list."`
}

func (k oneKey) set() db.KeySet { return db.KeySet(k.Set) }

type listKeysCommand struct {
	KeysFile string `env:"GENIO_KEYS_FILE" help:"File with the encryption keys." name:"database-keys-file" required:"" type:"path"`
}

// Run lists the keys, each keyset from its oldest key on.
func (c *listKeysCommand) Run(user terminal) error {
	keys, err := db.LoadKeys(c.KeysFile)
	if err != nil {
		return fmt.Errorf("listing the keys: %w", err)
	}

	table := tabwriter.NewWriter(user.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "SET\tID\tSTATE")

	for _, key := range keys.List() {
		_, _ = fmt.Fprintf(table, "%s\t%d\t%s\n", key.Set, key.ID, stateOf(key))
	}

	if err := table.Flush(); err != nil {
		return fmt.Errorf("listing the keys: %w", err)
	}

	return nil
}

func stateOf(key db.KeyInfo) string {
	switch {
	case key.Primary:
		return "primary"
	case key.Retired:
		return "retired"
	default:
		return "decrypts and searches"
	}
}

type addKeyCommand struct {
	Database wiring.Database `embed:"" prefix:"database-"`
	Set      string          `arg:"" enum:"encryption,index" help:"encryption or index."`
}

// Run adds a key and prints its id.
func (c *addKeyCommand) Run(ctx context.Context, user terminal) error {
	set := db.KeySet(c.Set)

	return changeKeys(ctx, user, c.Database, "add", set, func(keys *db.Keys) (*db.Keys, uint32, error) {
		return keys.Add(set)
	})
}

type promoteKeyCommand struct {
	oneKey `embed:""`

	Database wiring.Database `embed:"" prefix:"database-"`
}

// Run makes a key the primary one.
func (c *promoteKeyCommand) Run(ctx context.Context, user terminal) error {
	return changeKeys(ctx, user, c.Database, "promote", c.set(), func(keys *db.Keys) (*db.Keys, uint32, error) {
		changed, err := keys.Promote(c.set(), c.ID)

		return changed, c.ID, err //nolint:wrapcheck // changeKeys says what was being done.
	})
}

type retireKeyCommand struct {
	oneKey `embed:""`

	Database wiring.Database `embed:"" prefix:"database-"`
}

// Run retires a key that nothing is under.
func (c *retireKeyCommand) Run(ctx context.Context, user terminal) error {
	keys, err := db.LoadKeys(c.Database.KeysFile)
	if err == nil {
		err = c.unused(ctx, c.Database, keys)
	}

	if err != nil {
		return fmt.Errorf("retiring a key: %w", err)
	}

	return changeKeys(ctx, user, c.Database, "retire", c.set(), func(keys *db.Keys) (*db.Keys, uint32, error) {
		changed, err := keys.Retire(c.set(), c.ID)

		return changed, c.ID, err //nolint:wrapcheck // changeKeys says what was being done.
	})
}

type restoreKeyCommand struct {
	oneKey `embed:""`

	Database wiring.Database `embed:"" prefix:"database-"`
}

// Run takes a key's retirement back.
func (c *restoreKeyCommand) Run(ctx context.Context, user terminal) error {
	return changeKeys(ctx, user, c.Database, "restore", c.set(), func(keys *db.Keys) (*db.Keys, uint32, error) {
		changed, err := keys.Restore(c.set(), c.ID)

		return changed, c.ID, err //nolint:wrapcheck // changeKeys says what was being done.
	})
}

type removeKeyCommand struct {
	oneKey `embed:""`

	Database wiring.Database `embed:"" prefix:"database-"`
}

// Run removes a retired key, after a last look: a process that did not follow the file may have used it since.
func (c *removeKeyCommand) Run(ctx context.Context, user terminal) error {
	keys, err := db.LoadKeys(c.Database.KeysFile)
	if err != nil {
		return fmt.Errorf("removing a key: %w", err)
	}

	// Its hashes are only recognised with the key.
	restored, err := keys.Restore(c.set(), c.ID)
	if err == nil {
		err = c.unused(ctx, c.Database, restored)
	}

	if err != nil {
		return fmt.Errorf("removing a key: %w", err)
	}

	return changeKeys(ctx, user, c.Database, "remove", c.set(), func(keys *db.Keys) (*db.Keys, uint32, error) {
		changed, err := keys.Remove(c.set(), c.ID)

		return changed, c.ID, err //nolint:wrapcheck // changeKeys says what was being done.
	})
}

// unused is an error where the key is not there, is the primary one, or something is under it still, or may be.
func (k oneKey) unused(ctx context.Context, database wiring.Database, keys *db.Keys) error {
	key, err := keys.Key(k.set(), k.ID)
	if err == nil && key.Primary {
		err = db.ErrPrimaryKey
	}

	if err != nil {
		return err
	}

	store, err := database.OpenWith(ctx, keys, zap.NewNop())
	if err != nil {
		return fmt.Errorf("looking for what is under the key: %w", err)
	}
	defer closing(zap.NewNop(), store)

	uses, err := store.KeyUses(ctx, k.set() == db.KeySetIndex)
	if err != nil {
		return fmt.Errorf("looking for what is under the key: %w", err)
	}

	var still []string

	for _, use := range uses {
		if use.Set == k.set() && (use.Key == k.ID || (use.Key == 0 && use.Kept)) {
			still = append(still, fmt.Sprintf("%s.%s: %d", use.Table, use.Column, use.Values))
		}
	}

	if len(still) > 0 {
		return errors.New("something is under the key still, or may be: " + strings.Join(still, ", "))
	}

	return nil
}

// changeKeys changes the file of keys, notes it, and prints the key's id.
func changeKeys(
	ctx context.Context, user terminal, database wiring.Database, verb string, set db.KeySet,
	change func(*db.Keys) (*db.Keys, uint32, error),
) error {
	var id uint32

	err := administer(ctx, database, func(does *gateway.Gateway, actor gateway.Actor) error {
		return does.ChangeKeys(ctx, actor, verb, set, func() (uint32, error) {
			err := db.ReplaceKeys(database.KeysFile, func(keys *db.Keys) (changed *db.Keys, err error) {
				changed, id, err = change(keys)

				return changed, err
			})

			return id, err //nolint:wrapcheck // it says what was being done.
		})
	})
	if err != nil {
		return fmt.Errorf("changing the keys: %w", err)
	}

	return user.say(strconv.FormatUint(uint64(id), 10))
}
