package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/genio-gateway/genio/batch/batchtest"
	"github.com/genio-gateway/genio/simulator"
)

const (
	quotaGoal  = 0.95
	urgentGoal = 2 * time.Second
	percent    = 100
	// urgentSerial is the number of an invented citizen that no file has.
	urgentSerial = 77_000_001

	// Files of different seeds have different citizens.
	quotaSeed    = 2
	fairnessSeed = 3 // and the next one
	killSeed     = 5
)

// measureQuota sends a batch of one Ente.
func (c *batchCommand) measureQuota(ctx context.Context, figures *table) error {
	return c.onStack(ctx, func(s *stack) error {
		one, err := s.found(ctx, 0)
		if err != nil {
			return err
		}

		made, err := one.upload(ctx, batchtest.Notices{Rows: c.Rows, Seed: quotaSeed})
		if err != nil {
			return err
		}

		if err := one.confirm(ctx, made); err != nil {
			return err
		}

		if _, err := one.awaitBatch(ctx, made.ID, "completed"); err != nil {
			return err
		}

		summary, err := s.heard(ctx)
		if err != nil {
			return err
		}

		usage := one.usageOf(summary)
		what := fmt.Sprintf("one batch of %d rows: calls ÷ IO's quota, from the first call to the last", c.Rows)
		figures.add(what, "≥ 95 %", share(usage) >= quotaGoal, "%.1f %% (%d calls in %.1f s, fullest window %d of 150)",
			percent*share(usage), usage.Calls, usage.Last.Sub(usage.First).Seconds(), usage.Fullest)
		figures.add("… calls that IO refused (429)", "0", usage.Refused == 0, "%d", usage.Refused)
		figures.add("… recipients in the ledger, and twice in it", fmt.Sprintf("%d, 0", c.Rows),
			summary.Stored[simulator.ChannelIO] == c.Rows && summary.DuplicateCount == 0,
			"%d, %d", summary.Stored[simulator.ChannelIO], summary.DuplicateCount)

		return nil
	})
}

// measureFairness sends a batch of each of two Enti at the same time, and something urgent in the middle.
func (c *batchCommand) measureFairness(ctx context.Context, figures *table) error {
	return c.onStack(ctx, func(s *stack) error {
		var (
			enti    []*ente
			batches []sending
		)

		for number := range 2 {
			one, err := s.found(ctx, number)
			if err != nil {
				return err
			}

			made, err := one.upload(ctx, batchtest.Notices{Rows: c.Rows, Seed: fairnessSeed + uint64(number)})
			if err != nil {
				return err
			}

			enti, batches = append(enti, one), append(batches, made)
		}

		if err := confirmAll(ctx, enti, batches); err != nil {
			return err
		}

		if err := awaitMessages(ctx, s, c.Rows); err != nil {
			return err
		}

		took, err := enti[0].sendUrgent(ctx)
		if err != nil {
			return err
		}

		if err := awaitAll(ctx, enti, batches); err != nil {
			return err
		}

		summary, err := s.heard(ctx)
		if err != nil {
			return err
		}

		c.addShares(figures, enti, summary)
		figures.add("… one urgent notification in the middle: from the request to IO", "≤ 2 s", took <= urgentGoal, "%.2f s", took.Seconds())
		figures.add("… recipients twice in the ledger", "0", summary.DuplicateCount == 0, "%d", summary.DuplicateCount)

		return nil
	})
}

func (c *batchCommand) addShares(figures *table, enti []*ente, summary simulator.Summary) {
	for i, one := range enti {
		usage := one.usageOf(summary)
		what := fmt.Sprintf("two Enti with %d rows each at the same time: Ente %d's calls ÷ its quota", c.Rows, i+1)
		figures.add(what, "≥ 95 %, no 429", share(usage) >= quotaGoal && usage.Refused == 0,
			"%.1f %%, %d refused (%.1f s)", percent*share(usage), usage.Refused, usage.Last.Sub(usage.First).Seconds())
	}
}

func confirmAll(ctx context.Context, enti []*ente, batches []sending) error {
	for i, one := range enti {
		if err := one.confirm(ctx, batches[i]); err != nil {
			return err
		}
	}

	return nil
}

func awaitAll(ctx context.Context, enti []*ente, batches []sending) error {
	var group sync.WaitGroup

	ends := make([]error, len(enti))

	for i, one := range enti {
		group.Go(func() { _, ends[i] = one.awaitBatch(ctx, batches[i].ID, "completed") })
	}

	group.Wait()

	return errors.Join(ends...)
}

// awaitMessages waits until IO has received so many messages.
func awaitMessages(ctx context.Context, s *stack, count int) error {
	for {
		summary, err := s.heard(ctx)
		if err != nil {
			return err
		}

		if summary.Stored[simulator.ChannelIO] >= count {
			return nil
		}

		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for messages at IO: %w", ctx.Err())
		case <-time.After(batchGlance):
		}
	}
}

// sendUrgent submits an urgent notification and gives how long it took to IO.
func (e *ente) sendUrgent(ctx context.Context) (time.Duration, error) {
	fiscalCode := simulator.FiscalCode(simulator.CitizenDelivered, urgentSerial)
	body := map[string]any{
		"service_id": e.service, "priority": "urgent",
		"recipient": map[string]any{"fiscal_code": fiscalCode},
		"content": map[string]any{
			"subject":  "Allerta meteo arancione",
			"markdown": "Dalle ore 18 di oggi è prevista pioggia intensa: eviti i sottopassi e segua le indicazioni della protezione civile.",
		},
	}
	began := time.Now()

	if err := e.post(ctx, "/notifications", body, http.StatusAccepted, nil); err != nil {
		return 0, err
	}

	for {
		received, err := e.stack.receivedBy(ctx, fiscalCode)
		if err != nil {
			return 0, err
		}

		if len(received) > 0 {
			return received[0].At.Sub(began), nil
		}

		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("waiting for the urgent message at IO: %w", ctx.Err())
		case <-time.After(glance):
		}
	}
}

// onStack does something with a stack of its own.
func (c *batchCommand) onStack(ctx context.Context, do func(*stack) error) error {
	return onStack(ctx, stackWishes{kind: stackEmbedded, binaries: c.Binaries}, do)
}
