package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

const (
	settleGoal  = 0.85
	ioCallsGoal = 3.2

	// settleConnections hand the notifications in.
	settleConnections = 4
	// warmUpEach are settled for each Ente before the clock runs.
	warmUpEach = 1
	// shapesSeen are the workflows of a round whose histories are looked at.
	shapesSeen = 20
)

// settled is one round: so many notifications, or bare workflows, from the first request to the last end.
type settled struct {
	perSecond float64
	// accepting is how long GeNIO took to accept them all, of the same time.
	accepting time.Duration
	uses      processorUses
	shape     shape
	ioCalls   int
}

// measureSettling compares notifications settled through IO with bare workflows.
func (r *speedRun) measureSettling(ctx context.Context) error {
	if err := r.pauseSchedules(ctx, hourlySchedules()...); err != nil {
		return err
	}

	var genio, bare []settled

	for round := range r.Rounds {
		progressf("settling %d notifications, round %d", r.Notifications, round+1)

		one, err := r.settleNotifications(ctx)
		if err != nil {
			return fmt.Errorf("settling notifications: %w", err)
		}

		progressf("%.1f a second (%s); %d bare workflows", one.perSecond, one.uses.each(r.Notifications), r.Notifications)

		other, err := r.settleBare(ctx)
		if err != nil {
			return fmt.Errorf("settling bare workflows: %w", err)
		}

		progressf("%.1f a second (%s)", other.perSecond, other.uses.each(r.Notifications))

		genio, bare = append(genio, one), append(bare, other)
	}

	r.addSettled(genio, bare)

	return nil
}

func (r *speedRun) addSettled(genio, bare []settled) {
	rate, bareRate := middleRate(rates(genio)), middleRate(rates(bare))
	last, lastBare := genio[len(genio)-1], bare[len(bare)-1]
	count := r.Notifications

	r.figures.add(fmt.Sprintf("%d notifications of %d Enti settled through IO ÷ bare workflows, per second", count, r.Enti), "≥ 0.85",
		rate >= settleGoal*bareRate, "%.2f (%.1f ÷ %.1f; rounds: %s ÷ %s)",
		rate/bareRate, rate, bareRate, listed(rates(genio)), listed(rates(bare)))
	r.figures.tell("… all accepted after", "%.1f s", last.accepting.Seconds())
	r.figures.tell("… processor time for each notification", "%s", last.uses.each(count))
	r.figures.tell("… for each bare workflow", "%s", lastBare.uses.each(count))
	r.figures.add("… the bare workflow's history, undisturbed", "as long as GeNIO's", last.shape.shortest() == lastBare.shape.shortest(),
		"%d events; GeNIO's: %d", lastBare.shape.shortest(), last.shape.shortest())
	r.figures.tell("… in such a crowd: GeNIO's history; the bare workflow's", "%s; %s", last.shape, lastBare.shape)

	calls := float64(last.ioCalls) / float64(count)
	r.figures.add("calls to IO for each notification that it delivers: profile, message, questions", "≤ 3.2",
		calls <= ioCallsGoal, "%.2f", calls)
}

func rates(rounds []settled) []float64 {
	found := make([]float64, len(rounds))
	for i, round := range rounds {
		found[i] = round.perSecond
	}

	return found
}

func listed(rates []float64) string {
	told := make([]string, len(rates))
	for i, rate := range rates {
		told[i] = fmt.Sprintf("%.1f", rate)
	}

	return strings.Join(told, ", ")
}

// settleNotifications hands notifications in, and waits until IO has delivered them all.
func (r *speedRun) settleNotifications(ctx context.Context) (settled, error) {
	if _, err := r.handIn(ctx, warmUpEach*len(r.enti)); err != nil {
		return settled{}, err
	}

	if err := awaitSettled(ctx, r.store); err != nil {
		return settled{}, err
	}

	if err := r.stack.forgetLedger(ctx); err != nil {
		return settled{}, err
	}

	before, err := r.stack.uses(nil)
	if err != nil {
		return settled{}, err
	}

	accepted, err := r.handIn(ctx, r.Notifications)
	if err != nil {
		return settled{}, err
	}

	if err := awaitSettled(ctx, r.store); err != nil {
		return settled{}, err
	}

	after, err := r.stack.uses(nil)
	if err != nil {
		return settled{}, err
	}

	last, err := lastSettled(ctx, r.store)
	if err != nil {
		return settled{}, err
	}

	began := accepted.ended.Add(-accepted.took)
	round := settled{
		perSecond: float64(r.Notifications) / last.Sub(began).Seconds(), accepting: accepted.took, uses: after.since(before),
	}

	if round.ioCalls, err = r.delivered(ctx, r.Notifications); err != nil {
		return settled{}, err
	}

	round.shape, err = r.lastShape(ctx)

	return round, err
}

// handIn hands so many notifications in, in a bulk of each Ente.
func (r *speedRun) handIn(ctx context.Context, count int) (answers, error) {
	each := (count + len(r.enti) - 1) / len(r.enti)

	requests, err := bulksFor(r.enti, simulator.CitizenDelivered, r.newCitizens(count), count, each)
	if err != nil {
		return answers{}, err
	}

	return burst{
		url: r.stack.url("/api/v1/notifications/bulk"), expects: http.StatusAccepted, connections: settleConnections, requests: requests,
	}.fire(ctx)
}

// delivered makes sure that IO has so many messages, and gives the calls that it took.
func (r *speedRun) delivered(ctx context.Context, count int) (calls int, err error) {
	summary, err := r.stack.heard(ctx)
	if err != nil {
		return 0, err
	}

	if stored := summary.Stored[simulator.ChannelIO]; stored != count || summary.DuplicateCount > 0 {
		return 0, fmt.Errorf("IO has %d messages instead of %d, %d of them twice", stored, count, summary.DuplicateCount)
	}

	for _, use := range summary.Usage {
		calls += use.Calls + use.Refused
	}

	return calls, nil
}

func (r *speedRun) lastShape(ctx context.Context) (shape, error) {
	ids, err := lastNotifications(ctx, r.store, shapesSeen)
	if err != nil {
		return shape{}, err
	}

	for i, id := range ids {
		ids[i] = workflows.NotificationID(id)
	}

	return shapeOf(ctx, r.temporal, ids)
}
