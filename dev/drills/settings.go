// Package drills tries out what GeNIO promises where production goes wrong: parts that are killed, providers that misbehave,
// a database that is lost. Each drill runs the stack of package prodlocal under load, does the damage, and closes with the
// books: what was accepted against how it ended and what the providers received.
package drills

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/genio-gateway/genio/dev/prodlocal"
)

// Settings are those of every drill.
type Settings struct {
	Genio       string `default:"bin/genio"          help:"The product's binary."         type:"path"`
	Temporal    string `default:"bin/temporal-dev"   help:"The Temporal server's binary." type:"path"`
	ProxyConfig string `default:"deploy/haproxy.cfg" help:"Configuration of the proxy."   type:"path"`

	Enti     int           `default:"5"   help:"How many Enti send."`
	Rate     float64       `default:"12"  help:"How many notifications a second they hand in together."`
	Patience time.Duration `default:"20m" help:"When the drill gives up."`

	// Environment is for GeNIO's processes.
	Environment []string `kong:"-"`
}

// ErrMissed says that a goal was missed; the table tells which.
var ErrMissed = errors.New("a goal was missed")

// open lays the stack out in a folder that held, if anything, a drill of before.
func (s Settings) open(ctx context.Context, folder string) (*prodlocal.Stack, error) {
	if err := clearFolder(folder); err != nil {
		return nil, err
	}

	stack, err := prodlocal.Open(ctx, prodlocal.Settings{
		Folder: folder, Servers: 2, Workers: 2, LogLevel: "info",
		Genio: s.Genio, Temporal: s.Temporal, ProxyConfig: s.ProxyConfig, Environment: s.Environment,
	})
	if err != nil {
		return nil, fmt.Errorf("laying out the stack: %w", err)
	}

	return stack, nil
}

// drill starts a stack, does something with it, and fails with [ErrMissed] where a goal was missed.
func (s Settings) drill(
	ctx context.Context, folder string, progress io.Writer,
	does func(context.Context, *prodlocal.Stack, teller) (*Table, error),
) (*Table, error) {
	ctx, done := context.WithTimeout(ctx, s.Patience)
	defer done()

	says := teller{out: progress, began: time.Now()}

	stack, err := s.open(ctx, folder)
	if err != nil {
		return nil, err
	}

	defer func() { stack.Abandon() }()

	says.tell("starting in %s", folder)

	if err := stack.Start(ctx); err != nil {
		return nil, fmt.Errorf("starting: %w", err)
	}

	table, err := does(ctx, stack, says)
	if err != nil {
		return table, err
	}

	if missed := table.Missed(); len(missed) > 0 {
		return table, fmt.Errorf("%w: %q", ErrMissed, missed)
	}

	return table, nil
}

var errNoDrill = errors.New("the folder holds something else than a drill")

// clearFolder removes what a drill left, and nothing else.
func clearFolder(folder string) error {
	found, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) || len(found) == 0 {
		return nil
	}

	if _, err := os.Stat(filepath.Join(folder, "ground.json")); err != nil {
		return fmt.Errorf("%w: %s", errNoDrill, folder)
	}

	return os.RemoveAll(folder) //nolint:wrapcheck // a path error says everything.
}

// teller tells a person how far a drill is.
type teller struct {
	out   io.Writer
	began time.Time
}

func (t teller) tell(what string, values ...any) {
	line := fmt.Sprintf(what, values...)
	_, _ = fmt.Fprintf(t.out, "%6.1f s  %s\n", time.Since(t.began).Seconds(), line) // nobody may be watching
}
