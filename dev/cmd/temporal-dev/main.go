// Command temporal-dev runs a Temporal server alone, on one SQLite file or on PostgreSQL, for benchmarks and drills that
// start GeNIO's own processes beside it. It listens on the loopback address only.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/dev/temporalserver"
	"github.com/genio-gateway/genio/workflows"
)

type settings struct {
	File string `arg:"" help:"File that keeps everything; made at the first start." optional:"" type:"path"`
	// Postgres may hold a password, so that it comes from the environment only.
	Postgres  string     `env:"GENIO_TEMPORAL_DATABASE_URL" help:"postgres:// URL of the database that keeps everything instead." hidden:""`
	Port      int        `default:"7233" help:"Port of the frontend."`
	Namespace string     `default:"genio" help:"Namespace to make."`
	Log       wiring.Log `embed:"" prefix:"log-"`
}

func main() {
	var chosen settings

	line := kong.Parse(&chosen, kong.Name("temporal-dev"),
		kong.Description("A Temporal server on one SQLite file, or on the database that GENIO_TEMPORAL_DATABASE_URL names."))
	line.FatalIfErrorf(run(chosen))
}

func run(chosen settings) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	if (chosen.File == "") == (chosen.Postgres == "") {
		return errors.New("either a file or $GENIO_TEMPORAL_DATABASE_URL is needed")
	}

	log, err := chosen.Log.Logger()
	if err != nil {
		return fmt.Errorf("preparing the log: %w", err)
	}

	server, err := temporalserver.Start(temporalserver.Config{
		File: chosen.File, Postgres: chosen.Postgres, Port: chosen.Port, Namespace: chosen.Namespace,
		OnePartition: workflows.FairTaskQueues(),
		// What the server tells beneath that is much, and for whoever develops it.
		Log: log.WithOptions(zap.IncreaseLevel(zap.WarnLevel)),
	})
	if err != nil {
		return fmt.Errorf("starting: %w", err)
	}

	fmt.Println("Temporal ready at", server.Address())
	<-ctx.Done()

	if err := server.Stop(); err != nil {
		return fmt.Errorf("stopping: %w", err)
	}

	return nil
}
