package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/genio-gateway/genio/batch/batchtest"
	"github.com/genio-gateway/genio/simulator"
)

const (
	idleGoal = 500 * time.Millisecond
	busyGoal = 2 * time.Second

	// busyMessages of the batch are with IO before the first single notification comes.
	busyMessages = 150
	// busyPause is from one single notification beside the batch to the next.
	busyPause = 500 * time.Millisecond
	// handOverSeed is that of a file of citizens whom no other part writes to.
	handOverSeed = 7
)

// measureHandOver sends single notifications, on an idle gateway and beside a batch of another Ente.
func (r *speedRun) measureHandOver(ctx context.Context) error {
	idle, err := r.handOver(ctx, 0)
	if err != nil {
		return err
	}

	r.addHandOver("on an idle gateway", "p95 ≤ 500 ms", idleGoal, idle)

	if err := r.busy(ctx); err != nil {
		return fmt.Errorf("sending a batch: %w", err)
	}

	besides, err := r.handOver(ctx, busyPause)
	if err != nil {
		return err
	}

	r.addHandOver(fmt.Sprintf("while a batch of %d rows of another Ente runs", r.BatchRows), "p95 ≤ 2 s", busyGoal, besides)

	return nil
}

func (r *speedRun) addHandOver(when, goal string, most time.Duration, times []time.Duration) {
	slices.Sort(times)

	p95 := quantileOf(times, goalPercent)
	r.figures.add(fmt.Sprintf("from the request until IO has the message, %d single ones %s", len(times), when), goal, p95 <= most,
		"p50 %s, p95 %s, max %s", inMillis(quantileOf(times, half)), inMillis(p95), inMillis(times[len(times)-1]))
}

// handOver sends one notification after the other and gives how long each took to IO. With a pause, the next one goes its
// way after it; without, once IO has the one before.
func (r *speedRun) handOver(ctx context.Context, pause time.Duration) ([]time.Duration, error) {
	sender := r.enti[0]
	first := r.newCitizens(r.Singles)
	began := make([]time.Time, r.Singles)
	times := make([]time.Duration, r.Singles)

	for i := range began {
		began[i] = time.Now()

		if err := sender.post(ctx, "/notifications", sender.letterTo(simulator.CitizenDelivered, first+i), http.StatusAccepted, nil); err != nil {
			return nil, err
		}

		if pause == 0 {
			if err := r.receive(ctx, first+i, began[i], &times[i]); err != nil {
				return nil, err
			}

			continue
		}

		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("pausing: %w", ctx.Err())
		case <-time.After(time.Until(began[i].Add(pause))):
		}
	}

	for i := range began {
		if err := r.receive(ctx, first+i, began[i], &times[i]); err != nil {
			return nil, err
		}
	}

	return times, nil
}

// receive waits until IO has the message for a citizen, and notes how long that took.
func (r *speedRun) receive(ctx context.Context, citizen int, began time.Time, took *time.Duration) error {
	for {
		received, err := r.stack.receivedBy(ctx, simulator.FiscalCode(simulator.CitizenDelivered, citizen))
		if err != nil {
			return err
		}

		if len(received) > 0 {
			*took = received[0].At.Sub(began)

			return nil
		}

		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for a message at IO: %w", ctx.Err())
		case <-time.After(glance):
		}
	}
}

// busy sends a batch of another Ente, and waits until it is in full swing.
func (r *speedRun) busy(ctx context.Context) error {
	other := r.enti[len(r.enti)-1]

	made, err := other.upload(ctx, batchtest.Notices{Rows: r.BatchRows, Seed: handOverSeed})
	if err != nil {
		return err
	}

	if err := r.stack.forgetLedger(ctx); err != nil {
		return err
	}

	if err := other.confirm(ctx, made); err != nil {
		return err
	}

	return awaitMessages(ctx, r.stack, busyMessages)
}
