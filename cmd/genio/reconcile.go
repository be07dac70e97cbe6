package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// lookEvery is the pause between looks at a run under way.
const lookEvery = time.Second

// errDisagrees ends the command with 1: a difference is left, a finding waits for somebody, or a check could not be made.
var errDisagrees = errors.New("database, Temporal and providers do not agree")

type reconcileCommand struct {
	Database wiring.Database `embed:"" prefix:"database-"`
	Temporal wiring.Temporal `embed:"" prefix:"temporal-"`
	JSON     bool            `help:"Print the result as JSON." name:"json"`
	Last     bool            `help:"Tell the last run instead of making one."`
	Patience time.Duration   `default:"30m" help:"How long to wait for the run to end."`
}

// Run compares database, Temporal and providers once, waits for the end and prints what it came to.
func (c *reconcileCommand) Run(ctx context.Context, user terminal) error {
	temporal, err := c.Temporal.Connect(zap.NewNop())
	if err != nil {
		return fmt.Errorf("reconciling: %w", err)
	}
	defer temporal.Close()

	return administer(ctx, c.Database, func(does *gateway.Gateway, actor gateway.Actor) error {
		does.Temporal = temporal

		if !c.Last {
			if err := c.reconcile(ctx, does, actor); err != nil {
				return err
			}
		}

		view, err := does.Reconciliation(ctx, actor)
		if err != nil {
			return fmt.Errorf("reading the reconciliation: %w", err)
		}

		if err := c.tell(user, view); err != nil {
			return err
		}

		if !view.Agrees() {
			return errDisagrees
		}

		return nil
	})
}

// reconcile starts a run, after the one under way, and waits for its end.
func (c *reconcileCommand) reconcile(ctx context.Context, does *gateway.Gateway, actor gateway.Actor) error {
	ctx, done := context.WithTimeout(ctx, c.Patience)
	defer done()

	id, err := does.Reconcile(ctx, actor)

	for ; errors.Is(err, gateway.ErrState); id, err = does.Reconcile(ctx, actor) {
		// One under way began earlier than now; what has happened since is for the next.
		if err := pause(ctx); err != nil {
			return err
		}
	}

	if err != nil {
		return fmt.Errorf("reconciling: %w", err)
	}

	for {
		run, err := does.ReconciliationByID(ctx, actor, id)
		if err != nil {
			return fmt.Errorf("reading the reconciliation: %w", err)
		}

		if !run.EndedAt.IsZero() {
			return nil
		}

		if err := pause(ctx); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("waiting for the reconciliation: %w", ctx.Err())
	case <-time.After(lookEvery):
		return nil
	}
}

// told is the result as JSON.
type told struct {
	ID         string                     `json:"id"`
	StartedAt  time.Time                  `json:"started_at"`
	EndedAt    time.Time                  `json:"ended_at"`
	Agrees     bool                       `json:"agrees"`
	Difference int                        `json:"difference"`
	Open       int                        `json:"open_findings"`
	Sums       notification.Sums          `json:"sums"`
	Checks     []notification.CheckResult `json:"checks"`
}

func (c *reconcileCommand) tell(user terminal, view gateway.ReconciliationView) error {
	if c.JSON {
		encoded, err := json.MarshalIndent(told{
			ID: view.Last.ID, StartedAt: view.Last.StartedAt, EndedAt: view.Last.EndedAt, Agrees: view.Agrees(),
			Difference: view.Difference, Open: view.Open, Sums: view.Last.Sums, Checks: view.Last.Results,
		}, "", "  ")
		if err != nil {
			return fmt.Errorf("encoding the result: %w", err)
		}

		return user.say(string(encoded))
	}

	return user.say(table(view))
}

// table is the result as a person reads it.
func table(view gateway.ReconciliationView) string {
	var text strings.Builder

	columns := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	line := func(cells ...any) {
		text := strings.TrimSuffix(fmt.Sprintf(strings.Repeat("%v\t", len(cells)), cells...), "\t")
		_, _ = fmt.Fprintln(columns, text) // a strings.Builder takes everything
	}

	line("CHECK", "COMPARED", "FOUND", "REPAIRED", "FOR A PERSON", "DIFFERENCE")

	for _, result := range view.Last.Results {
		difference := any(result.Difference)
		if result.Failed {
			difference = "not made"
		}

		line(result.Check, result.Looked, result.Found, result.Repaired, result.Person, difference)
	}

	_ = columns.Flush() // as above

	sums := view.Last.Sums
	fmt.Fprintf(&text, "\nsince %s: accepted %d = settled %d + open %d (%d scheduled, %d on hold); figures keep %d settled\n",
		sums.Since, sums.Accepted, sums.Settled, sums.Open, sums.Scheduled, sums.OnHold, sums.Kept)
	fmt.Fprintf(&text, "open findings: %d, difference: %d", view.Open, view.Difference)

	return text.String()
}
