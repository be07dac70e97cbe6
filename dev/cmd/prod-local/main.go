// Command prod-local runs GeNIO on this machine as in production, without containers: PostgreSQL, a Temporal server on it,
// servers behind a proxy, workers, and the simulators of IO and Twilio. It listens on the loopback address only, and ends
// everything at Ctrl-C.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/genio-gateway/genio/dev/demo"
	"github.com/genio-gateway/genio/dev/prodlocal"
	"github.com/genio-gateway/genio/simulator"
)

func main() {
	var settings prodlocal.Settings

	line := kong.Parse(&settings, kong.Name("prod-local"), kong.UsageOnError(),
		kong.Description("Runs GeNIO as in production on this machine: PostgreSQL, Temporal, servers behind a proxy, workers, simulators."))
	line.FatalIfErrorf(run(settings))
}

func run(settings prodlocal.Settings) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	stack, err := prodlocal.Open(ctx, settings)
	if err != nil {
		return fmt.Errorf("preparing: %w", err)
	}

	// A second Ctrl-C ends at once, and the processes with us.
	defer func() {
		stop()

		if err := stack.Stop(context.WithoutCancel(ctx)); err != nil {
			fmt.Fprintln(os.Stderr, "stopping:", err)
		}
	}()

	fmt.Println("Starting in", settings.Folder)

	if err := stack.Start(ctx); err != nil {
		return fmt.Errorf("starting: %w", err)
	}

	setting, err := stack.Demo(ctx)
	if err != nil {
		return fmt.Errorf("preparing the demonstration: %w", err)
	}

	welcome(settings, stack, setting)
	<-ctx.Done()

	fmt.Println("\nStopping")

	return nil
}

func welcome(settings prodlocal.Settings, stack *prodlocal.Stack, setting demo.Setting) {
	fmt.Printf(`
GeNIO runs as in production.

API and backoffice   %s (through the proxy)
Simulators           %s
Temporal             %s, namespace genio
Logs                 %s/logs

`, stack.URL(), stack.SimulatorURL(), stack.TemporalAddress(), settings.Folder)

	for _, process := range stack.Processes() {
		fmt.Printf("%-12s process %d\n", process.Name, process.PID())
	}

	fmt.Println("\nAccounts of the invented Ente:")

	for _, login := range setting.Logins {
		fmt.Printf("  %-34s %-22s %s\n", login.Email, login.Password, login.Label)
	}

	fmt.Printf(`
Send a notification to an invented citizen, and ask what became of it:

  curl -s %[1]s/api/v1/notifications -H 'Authorization: Bearer %[2]s' -H 'Content-Type: application/json' \
    -H 'Idempotency-Key: prova-1' -d '{"service_id": "%[3]s", "recipient": {"fiscal_code": "%[4]s"},
    "content": {"subject": "Avviso di prova del Comune",
      "markdown": "Questo è un avviso di **prova** del Comune di Borgo Esempio, con dati inventati. Non occorre fare nulla."}}'

  curl -s %[1]s/api/v1/notifications -H 'Authorization: Bearer %[2]s'

Any process may be killed (kill -9): it is started again. Ctrl-C ends everything.
`, stack.URL(), setting.APIKey, setting.Service.ID, simulator.FiscalCode(simulator.CitizenDelivered, 1))
}
