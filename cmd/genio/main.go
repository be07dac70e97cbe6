// Command genio is the product: the server, the worker and their administration.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the whole command line; every flag can be given by environment too.
type commands struct {
	Server    serverCommand    `cmd:"" help:"Serve API and backoffice."`
	Worker    workerCommand    `cmd:"" help:"Carry out notifications."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database to this version."`
	Admin     adminCommands    `cmd:"" help:"Keys, Enti, services, accounts."`
	Simulator simulatorCommand `cmd:"" help:"Play app IO and Twilio, for tests."`
	Version   versionCommand   `cmd:"" help:"Print this program's version."`
	Health    healthCommand    `cmd:"" help:"Ask a process whether it is well, for a supervisor."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	// Who asks a second time does not want to wait for what is under way.
	context.AfterFunc(ctx, stop)

	line := kong.Parse(&commands{}, settings(ctx, terminal{in: os.Stdin, out: os.Stdout})...)
	line.FatalIfErrorf(line.Run())
}

// settings are those of the command line, with what its commands work with.
func settings(ctx context.Context, user terminal) []kong.Option {
	return []kong.Option{
		kong.Name("genio"),
		kong.Description("GeNIO delivers notifications of public bodies through app IO and SMS."),
		kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(user),
	}
}
