// Command genio-dev runs the whole of GeNIO in one process, with simulators of IO and Twilio and with
// demonstration data. It is for development and for trying GeNIO out; it listens on the loopback address only.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/dev/allinone"
)

func main() {
	var settings allinone.Settings

	line := kong.Parse(&settings,
		kong.Name("genio-dev"),
		kong.Description("GeNIO in one process, with simulators of IO and Twilio."),
		kong.UsageOnError(),
	)

	line.FatalIfErrorf(run(settings))
}

func run(settings allinone.Settings) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	settings.Log.Console = true

	log, err := settings.Log.Logger()
	if err != nil {
		return fmt.Errorf("preparing the log: %w", err)
	}

	all, err := allinone.Start(ctx, settings, log)
	if err != nil {
		return fmt.Errorf("starting: %w", err)
	}

	fmt.Print(all.Welcome()) // the answer to the person who started it

	select {
	case <-ctx.Done():
		log.Info("stopping; calls under way may take a moment")
	case err = <-all.Failed():
		log.Error("a part could not go on", zap.Error(err))
	}

	all.Stop()

	return err
}
