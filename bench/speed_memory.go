package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
)

const (
	residentGoal = 1.2
	// fewWaiting are what the memory with many is compared with.
	fewWaiting = 1000
	// memoryEnti share what waits.
	memoryEnti = 20

	// memorySettles is how long everything waits before memory is looked at, so that Go gives back what only the way there took, and
	// memoryWatched how long the most of it is looked for.
	memorySettles = 10 * time.Second
	memoryWatched = 8 * time.Second

	waitingBulk = 500
)

// memoryPart measures the memory of servers and workers while notifications wait.
type memoryPart struct {
	stack *stack
	store *db.Store
	enti  []*ente
	// until bounds the way to those that wait; what is there by then is measured.
	until time.Time
	sent  int // how many are handed in
}

// memoryPatience bounds the way to a few thousand.
const memoryPatience = 10 * time.Minute

// measureMemory looks at a stack of its own: what other processes did before would hide how their memory grows.
func (r *speedRun) measureMemory(ctx context.Context) error {
	return onStack(ctx, r.wishes(r.stack.kind), func(s *stack) error {
		return measureMemory(ctx, s, r.Waiting, memoryPatience, &r.figures)
	})
}

// measureMemory compares the memory of all servers and workers with so many notifications waiting on delivery with that when a thousand do.
//
// What waits are SMS that Twilio has sent and nobody confirms, to citizens whose codice fiscale is a provisional one, which IO does not
// take. They are asked for ever more seldom, in the end once an hour. Questions to IO come every five minutes: a hundred thousand
// would make 333 a second, which is more than a small machine can do beside the rest.
func measureMemory(ctx context.Context, s *stack, waiting int, patience time.Duration, figures *table) (err error) {
	part := memoryPart{stack: s, until: time.Now().Add(patience)}

	if part.store, err = s.store(ctx); err != nil {
		return err
	}

	defer func() { err = errors.Join(err, part.store.Close()) }()

	policy := notification.DefaultPolicy()
	policy.SMSDeadline = notification.LongestDeadline

	if part.enti, err = s.foundMany(ctx, part.store, memoryEnti, policy); err != nil {
		return err
	}

	few, err := part.with(ctx, fewWaiting)
	if err != nil {
		return err
	}

	many, err := part.with(ctx, waiting)
	if err != nil {
		return err
	}

	for _, one := range []struct {
		name      string
		few, many int64
	}{
		{"all servers", few.servers, many.servers},
		{"all workers", few.workers, many.workers},
	} {
		ratio := float64(one.many) / float64(one.few)
		what := fmt.Sprintf("memory of %s with %d notifications waiting on delivery ÷ with %d", one.name, waiting, fewWaiting)
		result := fmt.Sprintf("%.2f (%d MiB ÷ %d MiB)", ratio, one.many/mebibyte, one.few/mebibyte)

		if many.waiting < waiting {
			result += fmt.Sprintf(", with the %d that waited after %s", many.waiting, patience)
		}

		figures.add(what, "≤ 1.2", ratio <= residentGoal && many.waiting >= waiting, "%s", result)
	}

	return nil
}

// memories are what processes of a kind hold together, in bytes, while so many wait.
type memories struct {
	waiting          int
	servers, workers int64
}

// with gives the memory when so many wait.
func (p *memoryPart) with(ctx context.Context, waiting int) (memories, error) {
	if err := p.handIn(ctx, waiting-p.sent); err != nil {
		return memories{}, err
	}

	p.sent = waiting

	there, err := p.awaitHandOver(ctx)
	if err != nil {
		return memories{}, err
	}

	progressf("%d wait; watching memory", there)

	select {
	case <-ctx.Done():
		return memories{}, fmt.Errorf("letting memory settle: %w", ctx.Err())
	case <-time.After(memorySettles):
	}

	most, err := mostResident(ctx, memoryWatched, p.pids(prefixServer), p.pids(prefixWorker))
	if err != nil {
		return memories{}, err
	}

	return memories{waiting: there, servers: most[0], workers: most[1]}, nil
}

func (p *memoryPart) pids(prefix string) []int {
	var pids []int
	for _, name := range p.stack.named(prefix) {
		pids = append(pids, p.stack.parts.pid(name))
	}

	return pids
}

func (p *memoryPart) handIn(ctx context.Context, count int) error {
	requests, err := bulksOf(p.enti, p.sent, count, waitingBulk, unconfirmed)
	if err != nil {
		return err
	}

	_, err = burst{
		url: p.stack.url("/api/v1/notifications/bulk"), expects: http.StatusAccepted, connections: 1, requests: requests,
	}.fire(ctx)

	return err
}

// unconfirmed is for a citizen with a provisional codice fiscale, whose SMS nobody confirms.
func unconfirmed(sender *ente, n int) (letter, error) {
	code, err := fiscalcode.CompleteNumeric(fmt.Sprintf("%010d", firstProvisional+n))
	if err != nil {
		return letter{}, fmt.Errorf("making a provisional codice fiscale: %w", err)
	}

	one := sender.letterTo(simulator.CitizenDelivered, n)
	one.Recipient = letterRecipient{FiscalCode: code, Phone: simulator.Phone(simulator.PhoneUnconfirmed, n%unconfirmedPhones)}

	return one, nil
}

// firstProvisional is the first of the invented provisional codes, without its check digit.
const firstProvisional = 1_000_000_000

// unconfirmedPhones is how many numbers the simulator has of one outcome.
const unconfirmedPhones = 10_000

// awaitHandOver waits until all of them are sent, and gives how many are.
func (p *memoryPart) awaitHandOver(ctx context.Context) (waiting int, err error) {
	for {
		err := p.store.Pool().QueryRowContext(ctx, "SELECT count(*) FROM attempts WHERE status = 'sent'").Scan(&waiting)
		if err != nil {
			return 0, fmt.Errorf("counting what waits: %w", err)
		}

		if waiting >= p.sent || time.Now().After(p.until) {
			return waiting, nil
		}

		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("waiting until %d are handed over, of which %d are: %w", p.sent, waiting, ctx.Err())
		case <-time.After(batchGlance):
		}
	}
}
