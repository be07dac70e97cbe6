package drills

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/genio-gateway/genio/dev/prodlocal"
	"github.com/genio-gateway/genio/simulator"
)

// Chaos hands notifications in while the providers misbehave, and while worker, server, Temporal and PostgreSQL are each
// killed with -9 and started again in turn.
type Chaos struct {
	Settings `embed:""`

	Folder        string `default:".genio/chaos" help:"Folder of the stack; what a drill of before left there is removed." type:"path"`
	Notifications int    `default:"2000"         help:"How many notifications."`
	Rounds        int    `default:"3"            help:"How often each is killed at least."`
}

// Run does it, and gives the table also where it breaks off. It fails with [ErrMissed] where a goal was missed.
func (c Chaos) Run(ctx context.Context, progress io.Writer) (*Table, error) {
	return c.drill(ctx, c.Folder, progress, c.on)
}

func (c Chaos) on(ctx context.Context, stack *prodlocal.Stack, says teller) (*Table, error) {
	enti, err := found(ctx, stack, c.Enti)
	if err != nil {
		return nil, err
	}

	if err := disturb(ctx, stack.SimulatorURL(), faults()); err != nil {
		return nil, err
	}

	letters := write(c.Notifications, enti)
	hands, kills, decides := newLoad(letters), newKiller(stack, says), newPerson(stack.PostgresURL("genio"), enti)
	began := time.Now()

	says.tell("%d Enti hand in %d notifications", c.Enti, c.Notifications)

	// The books are closed also where something broke off: they tell how far it came.
	broke := c.together(ctx, hands, kills, decides, says)
	took := time.Since(began)

	closing, closed := context.WithTimeout(context.WithoutCancel(ctx), closingPatience)
	defer closed()

	table, err := c.close(closing, stack, hands, kills, decides)
	if table != nil {
		table.tell("from the first notification to the last end", "%.0f s", took.Seconds())
	}

	if broke != nil {
		return table, broke
	}

	return table, err
}

// closingPatience bounds closing the books; most of it is for GeNIO's own reconciliation on a busy machine.
const closingPatience = 5 * time.Minute

// together runs until all have ended.
func (c Chaos) together(ctx context.Context, hands *load, kills *killer, decides *person, says teller) error {
	group, ctx := errgroup.WithContext(ctx)
	handedIn := func() bool { return hands.acceptedSoFar() == len(hands.letters) }

	group.Go(func() error {
		if err := hands.run(ctx, c.Rate); err != nil {
			return err
		}

		says.tell("all %d are accepted", hands.acceptedSoFar())

		return nil
	})
	group.Go(func() error { return kills.run(ctx, c.Rounds, func() bool { return !handedIn() }) })
	group.Go(func() error {
		return decides.work(ctx, func() ([]string, bool) { return hands.acceptedIDs(), handedIn() })
	})

	return group.Wait() //nolint:wrapcheck // each says what it was doing.
}

func (c Chaos) close(
	ctx context.Context, stack *prodlocal.Stack, hands *load, kills *killer, decides *person,
) (*Table, error) {
	table := &Table{title: "Chaos: parts killed with -9 while the providers misbehave"}

	counters, err := closeBooks(ctx, stack, hands, decides, table)
	if err != nil {
		return nil, err
	}

	for _, kind := range victimsInTurn() {
		table.add("kills -9: "+kind, fmt.Sprintf("≥ %d", c.Rounds), kills.counted()[kind] >= c.Rounds, "%d", kills.counted()[kind])
	}

	restarts := map[string]int{}

	for _, process := range stack.Processes() {
		if count := process.Restarts(); count > 0 {
			restarts[process.Name] = count
		}
	}

	table.tell("processes that ended by themselves and were started again", "%s", listed(restarts))
	table.add(faultsLine, "each kind", allStruck(counters.Faults), "%d: %s", total(counters.Faults), listed(counters.Faults))
	table.tell("calls of the Enti repeated with the same Idempotency-Key", "%d: %s", total(hands.repeated()), listed(hands.repeated()))

	return table, nil
}

// faultsLine is what a short drill may miss.
const faultsLine = "random faults that struck"

// allStruck tells whether each kind of disturbance struck at least once, on whichever channel. Names are the simulators'.
func allStruck(struck map[string]int) bool {
	for _, kind := range [][]string{
		{"io_429", "twilio_429"},
		{"io_500", "twilio_500"},
		{"io_reset"},
		{"io_timeout_after_accepting", "twilio_timeout_after_accepting"},
		{"callback_duplicate"},
		{"callback_reorder"},
	} {
		sum := 0
		for _, name := range kind {
			sum += struck[name]
		}

		if sum == 0 {
			return false
		}
	}

	return true
}

// closeBooks reads database, ledger and Temporal, and puts into the table what came of the load.
func closeBooks(ctx context.Context, stack *prodlocal.Stack, hands *load, decides *person, table *Table) (simulator.Counters, error) {
	entries, counters, err := readLedger(ctx, stack.SimulatorURL())
	if err != nil {
		return counters, err
	}

	rows, err := readRows(ctx, stack.PostgresURL("genio"))
	if err != nil {
		return counters, err
	}

	sums := balance(hands.letters, rows, entries, decides.decided())
	sums.into(table, len(hands.letters))

	running, err := stack.OpenWorkflows(ctx)
	if err != nil {
		return counters, fmt.Errorf("counting open workflows: %w", err)
	}

	table.zero("workflows of notifications still open in Temporal", running)

	own, err := reconcile(ctx, stack)
	if err != nil {
		return counters, err
	}

	own.into(table)

	for _, what := range sums.strange {
		table.add("… "+what, "", false, "")
	}

	return counters, nil
}

// disturb has the simulators misbehave from now on.
func disturb(ctx context.Context, address string, shares simulator.Faults) error {
	encoded, err := json.Marshal(shares)
	if err != nil {
		return fmt.Errorf("encoding the faults: %w", err)
	}

	request, err := http.NewRequestWithContext(ctx, http.MethodPut, address+"/faults", bytes.NewReader(encoded))
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("setting the faults: %w", err)
	}
	defer func() { _ = response.Body.Close() }()

	if response.StatusCode != http.StatusOK {
		return refusedError{status: response.StatusCode, problem: "setting the faults"}
	}

	return nil
}
