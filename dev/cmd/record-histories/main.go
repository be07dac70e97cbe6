// Command record-histories saves the histories of notifications from a running Temporal as JSON files, one for each
// way a notification can go, and one of each other workflow. The replay tests of package workflows run today's code against them, so
// that a change that running workflows could not survive is noticed before it is released.
//
// Run genio-dev on a fresh data folder, wait until its demonstration has come to rest, cancel, hold, decide and
// retry some notifications, upload, sample and send a batch, import services from IO, and then record:
//
//	go run ./cmd/record-histories --address 127.0.0.1:7233 --folder ../workflows/testdata/histories/unreleased
//
// What the folder still lacks of the other workflows is recorded from what the integration tests do, which is everything:
//
//	go test ./integration -record ../../workflows/testdata/histories/unreleased
//
// With each release, copy the folder "unreleased" under the release's version: what began with a release may be open for long.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/alecthomas/kong"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/genio-gateway/genio/dev/histories"
)

type settings struct {
	Address   string `default:"127.0.0.1:7233" help:"Temporal's address."`
	Namespace string `default:"genio" help:"Temporal's namespace."`
	Folder    string `help:"Folder of the release, in which the histories are written." required:"" type:"existingdir"`

	OthersOnly bool `help:"Leave the notifications as they are, and record only the other workflows."`
}

func main() {
	var given settings

	line := kong.Parse(&given,
		kong.Name("record-histories"),
		kong.Description("Saves the histories of notifications for the replay test. Record invented data only."),
		kong.UsageOnError(),
	)

	line.FatalIfErrorf(run(given))
}

func run(given settings) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	temporal, err := client.DialContext(ctx, client.Options{
		HostPort: given.Address, Namespace: given.Namespace, Logger: quiet{},
	})
	if err != nil {
		return fmt.Errorf("connecting to Temporal: %w", err)
	}
	defer temporal.Close()

	records := histories.Recorder{Temporal: temporal, Folder: given.Folder}

	var written []string

	if !given.OthersOnly {
		if written, err = records.Notifications(ctx); err != nil {
			return fmt.Errorf("recording notifications: %w", err)
		}
	}

	others, err := records.Others(ctx, histories.OtherWorkflows(), func(histories.Run) bool { return true })
	if err != nil {
		return fmt.Errorf("recording other workflows: %w", err)
	}

	written = append(written, others...)

	for _, name := range written {
		fmt.Println(name)
	}

	return nil
}

// quiet drops what Temporal's SDK would tell: the errors come back anyway.
type quiet struct{}

var _ log.Logger = quiet{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
