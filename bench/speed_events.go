package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// A deadline is at least a minute for people; these let the cadence of questions decide how many there are.
	fewQuestions  = 5 * time.Second
	manyQuestions = 47 * time.Second

	ioEventsGoal       = 26
	smsEventsGoal      = 28
	timedOutEventsGoal = 40
)

// voyage is a way that notifications go.
type voyage struct {
	what    string
	goal    int64
	outcome simulator.CitizenOutcome
	// ioDeadline is for services that give IO less time than usual; 0: as usual.
	ioDeadline time.Duration
	// questions tells that many are asked until IO has an end.
	questions bool

	workflows []string
}

func voyages() []*voyage {
	return []*voyage{
		{what: "delivered by IO", goal: ioEventsGoal, outcome: simulator.CitizenDelivered},
		{
			what: "… after many more questions", goal: ioEventsGoal, outcome: simulator.CitizenSlow,
			ioDeadline: manyQuestions, questions: true,
		},
		{what: "not on IO, delivered by SMS", goal: smsEventsGoal, outcome: simulator.CitizenNotOnIO},
		{
			what: "IO timed out, delivered by SMS", goal: timedOutEventsGoal, outcome: simulator.CitizenNeverProcessed,
			ioDeadline: fewQuestions,
		},
		{
			what: "… IO timed out after many more questions", goal: timedOutEventsGoal, outcome: simulator.CitizenNeverProcessed,
			ioDeadline: manyQuestions, questions: true,
		},
	}
}

// measureEvents counts what Temporal keeps of notifications that go their different ways.
func (r *speedRun) measureEvents(ctx context.Context) error {
	all := voyages()

	for _, one := range all {
		if err := r.begin(ctx, one); err != nil {
			return err
		}
	}

	if err := awaitSettled(ctx, r.store); err != nil {
		return err
	}

	var few shape // of the voyage before, where it is the same one with fewer questions

	for _, one := range all {
		seen, err := shapeOf(ctx, r.temporal, one.workflows)
		if err != nil {
			return err
		}

		grows := one.questions && slices.Max(seen.events) > slices.Max(few.events)
		r.figures.add("events and transitions of a notification: "+one.what, fmt.Sprintf("≤ %d events%s", one.goal, one.unlike()),
			slices.Max(seen.events) <= one.goal && !grows, "%s, %d tries of a question", seen, seen.tries)

		few = seen
	}

	return nil
}

func (v *voyage) unlike() string {
	if v.questions {
		return ", no more than with few"
	}

	return ""
}

// begin sends notifications on a way.
func (r *speedRun) begin(ctx context.Context, one *voyage) error {
	sender, err := r.enti[0].withDeadline(ctx, r, one.ioDeadline)
	if err != nil {
		return err
	}

	first := r.newCitizens(r.Histories)

	for i := range r.Histories {
		var receipt struct {
			ID string `json:"id"`
		}

		if err := sender.post(ctx, "/notifications", sender.letterTo(one.outcome, first+i), http.StatusAccepted, &receipt); err != nil {
			return err
		}

		one.workflows = append(one.workflows, workflows.NotificationID(receipt.ID))
	}

	return nil
}

// withDeadline gives the Ente with one more service, which lets IO have so much time; 0: with the same one.
func (e *ente) withDeadline(ctx context.Context, r *speedRun, ioDeadline time.Duration) (*ente, error) {
	if ioDeadline == 0 {
		return e, nil
	}

	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("making an id: %w", err)
	}

	policy := notification.DefaultPolicy()
	policy.IODeadline = ioDeadline

	// Past the use case, which does not let people choose so little time.
	service := notification.Service{
		ID: id.String(), EnteID: e.id, Name: "Avvisi urgenti", Active: true, MaxPaymentCents: notification.MaxPaymentCents,
		SMSSender: "COMUNE", Policy: policy, CreatedAt: time.Now().UTC(), Version: 1,
	}
	if err := r.store.CreateService(ctx, service, notification.ServiceKeys{Primary: e.ioKey}); err != nil {
		return nil, errors.Join(errors.New("adding a service"), err)
	}

	hurried := *e
	hurried.service = service.ID

	return &hurried, nil
}
