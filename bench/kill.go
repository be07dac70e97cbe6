package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/genio-gateway/genio/batch/batchtest"
)

// kills is how often worker and server are killed while the batch is sent.
const kills = 2

// measureKill kills worker and server in the middle of a batch, and starts them again.
func (c *batchCommand) measureKill(ctx context.Context, figures *table) error {
	return c.onStack(ctx, func(s *stack) error {
		one, err := s.found(ctx, 0)
		if err != nil {
			return err
		}

		made, err := one.upload(ctx, batchtest.Notices{Rows: c.KillRows, Seed: killSeed})
		if err != nil {
			return err
		}

		if err := one.confirm(ctx, made); err != nil {
			return err
		}

		for kill := range kills {
			if err := awaitMessages(ctx, s, (kill+1)*c.KillRows/(kills+1)); err != nil {
				return err
			}

			if err := s.killAndStart(ctx); err != nil {
				return err
			}
		}

		ended, closed, err := one.awaitEndClosingUncertain(ctx, made.ID)
		if err != nil {
			return err
		}

		summary, err := s.heard(ctx)
		if err != nil {
			return err
		}

		progress := ended.Progress
		what := fmt.Sprintf("`kill -9` of worker and server, %d times in a batch of %d rows: rows that ended", kills, c.KillRows)
		figures.add(what, strconv.Itoa(c.KillRows), progress.DeliveredIO+progress.NotDelivered == c.KillRows,
			"%d (%d delivered, %d struck in the call itself and closed by a person)",
			progress.DeliveredIO+progress.NotDelivered, progress.DeliveredIO, closed)
		figures.add("… recipients who got it twice", "0", summary.DuplicateCount == 0, "%d", summary.DuplicateCount)

		return nil
	})
}

// awaitEndClosingUncertain waits for the batch's end. A kill that struck in a call leaves an outcome that nobody can know,
// and the service's policy puts it before a person.
func (e *ente) awaitEndClosingUncertain(ctx context.Context, id string) (ended sending, closed int, err error) {
	for {
		var now sending
		if err := e.call(ctx, apiCall{http.MethodGet, "/batches/" + id, "", http.NoBody}, http.StatusOK, &now); err != nil {
			return now, closed, err
		}

		if now.Status == "completed" {
			return now, closed, nil
		}

		if now.Progress.OnHold > 0 {
			more, err := e.closeUncertain(ctx, id)
			if err != nil {
				return now, closed, err
			}

			closed += more
		}

		select {
		case <-ctx.Done():
			return now, closed, fmt.Errorf("waiting for the batch's end: %w", ctx.Err())
		case <-time.After(batchGlance):
		}
	}
}

// killAndStart kills the workers and the servers, and then starts them again.
func (s *stack) killAndStart(ctx context.Context) error {
	both := append(s.named(prefixServer), s.named(prefixWorker)...)

	for _, name := range both {
		if err := s.parts.kill(ctx, name); err != nil {
			return err
		}
	}

	for _, name := range both {
		if err := s.parts.start(ctx, name); err != nil {
			return err
		}
	}

	return nil
}
