// Command temporal-dev runs a Temporal server alone, on one SQLite file, for benchmarks and trials that start GeNIO's
// own processes beside it. It listens on the loopback address only.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/dev/temporalserver"
	"github.com/genio-gateway/genio/workflows"
)

type settings struct {
	File      string `arg:"" help:"File that keeps everything; made at the first start." type:"path"`
	Port      int    `default:"7233" help:"Port of the frontend."`
	Namespace string `default:"genio" help:"Namespace to make."`
}

func main() {
	var chosen settings

	line := kong.Parse(&chosen, kong.Name("temporal-dev"), kong.Description("A Temporal server on one SQLite file."))
	line.FatalIfErrorf(run(chosen))
}

func run(chosen settings) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	server, err := temporalserver.Start(temporalserver.Config{
		File: chosen.File, Port: chosen.Port, Namespace: chosen.Namespace,
		OnePartition: []string{workflows.TaskQueueIO, workflows.TaskQueueSMS}, Log: zap.NewNop(),
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
