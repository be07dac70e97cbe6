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

type settings struct {
	prodlocal.Settings `embed:""`

	Demo bool `default:"true" help:"Found an invented Ente to try things out with." negatable:""`
	//nolint:lll // a tag has one line
	Commands bool `help:"Take commands from standard input, for programs: start, stop or kill, and the name of a process. The end of the input ends everything."`
}

func main() {
	var chosen settings

	line := kong.Parse(&chosen, kong.Name("prod-local"), kong.UsageOnError(),
		kong.Description("Runs GeNIO as in production on this machine: PostgreSQL, Temporal, servers behind a proxy, workers, simulators."))
	line.FatalIfErrorf(run(chosen))
}

func run(chosen settings) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	stack, err := prodlocal.Open(ctx, chosen.Settings)
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

	fmt.Fprintln(os.Stderr, "Starting in", chosen.Folder)

	if err := stack.Start(ctx); err != nil {
		return fmt.Errorf("starting: %w", err)
	}

	if err := stack.WriteDescription(); err != nil {
		return fmt.Errorf("describing what runs: %w", err)
	}

	if err := chosen.prepare(ctx, stack); err != nil {
		return err
	}

	if err := chosen.wait(ctx, stack); err != nil {
		return err
	}

	fmt.Fprintln(os.Stderr, "\nStopping")

	return nil
}

// prepare founds the demonstration, and tells a person where everything is.
func (s settings) prepare(ctx context.Context, stack *prodlocal.Stack) error {
	var setting *demo.Setting

	if s.Demo {
		founded, err := stack.Demo(ctx)
		if err != nil {
			return fmt.Errorf("preparing the demonstration: %w", err)
		}

		setting = &founded
	}

	if !s.Commands {
		welcome(s.Settings, stack, setting)
	}

	return nil
}

// wait waits for somebody who ends it. A program is told that everything runs, and is obeyed.
func (s settings) wait(ctx context.Context, stack *prodlocal.Stack) error {
	if !s.Commands {
		<-ctx.Done()

		return nil
	}

	fmt.Println("ready")

	obeyed := make(chan error, 1)

	go func() { obeyed <- stack.Obey(ctx, os.Stdin, os.Stdout) }()

	select {
	case err := <-obeyed:
		return err
	case <-ctx.Done():
		return nil
	}
}

func welcome(settings prodlocal.Settings, stack *prodlocal.Stack, setting *demo.Setting) {
	fmt.Printf(`
GeNIO runs as in production.

API and backoffice   %s (through the proxy)
Simulators           %s
Temporal             %s, namespace genio
Logs                 %s/logs
Description          %[4]s/stack.json, for programs

`, stack.URL(), stack.SimulatorURL(), stack.TemporalAddress(), settings.Folder)

	for _, process := range stack.Processes() {
		fmt.Printf("%-12s process %d\n", process.Name, process.PID())
	}

	if setting != nil {
		invite(stack, *setting)
	}

	fmt.Println("\nAny process may be killed (kill -9): it is started again. Ctrl-C ends everything.")
}

// invite tells how to try things out.
func invite(stack *prodlocal.Stack, setting demo.Setting) {
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
`, stack.URL(), setting.APIKey, setting.Service.ID, simulator.FiscalCode(simulator.CitizenDelivered, 1))
}
