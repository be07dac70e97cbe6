package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/genio-gateway/genio/simulator"
)

const (
	singleGoal = 0.5 // of what the bare handler accepts
	bulkGoal   = 10.0
	drainGoal  = 5.0 // times the idle p99

	// apiConnections are how many the Enti's applications have open together.
	apiConnections = 32

	bulkSize        = 1000
	bulkConnections = 2

	// paced requests come one by one: on a gateway that has nothing else to do, and again while the burst's backlog is drained.
	paced      = 150
	pacedEvery = 130 * time.Millisecond

	outboxMost = 100_000

	p99 = 99
)

// measureAPI measures how fast notifications are accepted, in bulks and one by one, each on a stack of its own: an idle one, of
// which nobody waits for the end.
func (r *speedRun) measureAPI(ctx context.Context) error {
	bulks, singles := &speedRun{speedCommand: r.speedCommand}, &speedRun{speedCommand: r.speedCommand}

	var bulkRate float64

	err := bulks.onNewStack(ctx, r.stack.kind, func(ctx context.Context) (err error) {
		bulkRate, err = bulks.bulkPosts(ctx)

		return err
	})
	if err != nil {
		return err
	}

	err = singles.onNewStack(ctx, r.stack.kind, func(ctx context.Context) error { return singles.measureSingles(ctx, bulkRate) })
	r.figures = append(r.figures, singles.figures...)

	return err
}

func (r *speedRun) measureSingles(ctx context.Context, bulkRate float64) error {
	bare, err := r.bareRate(ctx)
	if err != nil {
		return fmt.Errorf("sending to the bare handler: %w", err)
	}

	idle, err := r.pacedPosts(ctx)
	if err != nil {
		return fmt.Errorf("sending single requests on an idle gateway: %w", err)
	}

	single, ended, err := r.singlePosts(ctx, bare)
	if err != nil {
		return fmt.Errorf("sending a burst of single requests: %w", err)
	}

	draining, err := r.pacedPosts(ctx)
	if err != nil {
		return fmt.Errorf("sending single requests while workers drain the backlog: %w", err)
	}

	if err := r.addStarts(ctx, ended); err != nil {
		return err
	}

	open, err := openNow(ctx, r.store)
	if err != nil {
		return err
	}

	before, during := idle.percentile(p99), draining.percentile(p99)
	r.figures.add("… a single `POST` while workers drain that backlog: p99 ÷ idle p99", "≤ 5", float64(during) <= drainGoal*float64(before),
		"%.1f (%s ÷ %s; p50 %s ÷ %s; %d open afterwards)", float64(during)/float64(before), inMillis(during), inMillis(before),
		inMillis(draining.percentile(half)), inMillis(idle.percentile(half)), open)

	what := fmt.Sprintf("bulks of %d over %d connections: notifications accepted per second ÷ single ones", bulkSize, bulkConnections)
	r.figures.add(what, "≥ 10", bulkRate >= bulkGoal*single, "%.1f (%.0f ÷ %.0f)", bulkRate/single, bulkRate, single)

	return nil
}

// singlePosts fires the burst, and gives how many were accepted a second and when the last one was.
func (r *speedRun) singlePosts(ctx context.Context, bare float64) (perSecond float64, ended time.Time, err error) {
	requests, err := requestsFor(r.enti, simulator.CitizenDelivered, r.newCitizens(r.Burst), r.Burst)
	if err != nil {
		return 0, time.Time{}, err
	}

	before, err := r.stack.uses(nil)
	if err != nil {
		return 0, time.Time{}, err
	}

	got, err := burst{
		url: r.stack.url("/api/v1/notifications"), expects: http.StatusAccepted, connections: apiConnections, requests: requests,
	}.fire(ctx)
	if err != nil {
		return 0, time.Time{}, err
	}

	after, err := r.stack.uses(nil)
	if err != nil {
		return 0, time.Time{}, err
	}

	rate := got.perSecond(r.Burst)
	what := fmt.Sprintf("a burst of %d single `POST`s over %d connections: accepted per second ÷ bare handler with one insert",
		r.Burst, apiConnections)
	r.figures.add(what, "≥ 0.5", rate >= singleGoal*bare, "%.2f (%.0f ÷ %.0f; p50 %s, p99 %s)",
		rate/bare, rate, bare, inMillis(got.percentile(half)), inMillis(got.percentile(p99)))
	r.figures.tell("… processor time for each, with the workflows that begin meanwhile", "%s", after.since(before).each(r.Burst))

	return rate, got.ended, nil
}

// addStarts tells how far the starts lag behind, a while after the last acceptance of the burst.
func (r *speedRun) addStarts(ctx context.Context, accepted time.Time) error {
	left, err := r.store.Outbox(ctx, outboxMost)
	if err != nil {
		return fmt.Errorf("looking at the outbox: %w", err)
	}

	passed := time.Since(accepted).Seconds()
	started := r.Burst + paced - left.Size
	r.figures.tell(fmt.Sprintf("… of these and the next %d, started %.0f s after the last acceptance of the burst", paced, passed),
		"%d (%.0f a second)", started, float64(started)/passed)

	return nil
}

func (r *speedRun) pacedPosts(ctx context.Context) (answers, error) {
	requests, err := requestsFor(r.enti, simulator.CitizenDelivered, r.newCitizens(paced), paced)
	if err != nil {
		return answers{}, err
	}

	return burst{
		url: r.stack.url("/api/v1/notifications"), expects: http.StatusAccepted, connections: 1, requests: requests,
	}.pace(ctx, pacedEvery)
}

var errNotAccepted = errors.New("not every notification was accepted")

// bulkPosts hands in as many notifications as the burst has, a thousand to a request, and gives how many were accepted a second.
func (r *speedRun) bulkPosts(ctx context.Context) (perSecond float64, err error) {
	requests, err := bulksFor(r.enti, simulator.CitizenDelivered, r.newCitizens(r.Burst), r.Burst, bulkSize)
	if err != nil {
		return 0, err
	}

	got, err := burst{
		url: r.stack.url("/api/v1/notifications/bulk"), expects: http.StatusAccepted, connections: bulkConnections, requests: requests,
	}.fire(ctx)
	if err != nil {
		return 0, fmt.Errorf("sending bulks: %w", err)
	}

	// A bulk with invalid items is answered 202, too.
	accepted, err := r.accepted(ctx)
	if err == nil && accepted != r.Burst {
		err = fmt.Errorf("%w: %d of %d", errNotAccepted, accepted, r.Burst)
	}

	return got.perSecond(r.Burst), err
}

// accepted is how many notifications there are.
func (r *speedRun) accepted(ctx context.Context) (count int, err error) {
	if err := r.store.Pool().QueryRowContext(ctx, "SELECT count(*) FROM notifications").Scan(&count); err != nil {
		return 0, fmt.Errorf("counting notifications: %w", err)
	}

	return count, nil
}
