package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
)

// wishes collects what people ask of a notification while it travels.
type wishes struct {
	cancelled notification.Reason // empty: go on
	held      bool
	decision  Decision // the last one; empty: none
	reports   map[string]SMSReport

	stopStep func() // ends the wait of the step at hand
}

// listen takes signals in until the workflow ends. They act at once on a waiting step; a call under way is
// never cut.
func (w *wishes) listen(ctx workflow.Context) {
	w.reports = map[string]SMSReport{}
	w.stopStep = func() {}

	workflow.Go(ctx, func(ctx workflow.Context) {
		selector := workflow.NewSelector(ctx)
		w.receive(ctx, selector)

		for ctx.Err() == nil {
			selector.Select(ctx)
		}
	})
}

// receive takes each signal without blocking: what cannot be read, or makes no sense, is dropped, not waited for.
// Every handler receives whatever the state is: a signal that stays in its channel would be selected for ever.
func (w *wishes) receive(ctx workflow.Context, selector workflow.Selector) {
	selector.AddReceive(workflow.GetSignalChannel(ctx, SignalCancel), func(c workflow.ReceiveChannel, _ bool) {
		if asked := (Cancellation{}); c.ReceiveAsync(&asked) && asked.Reason.Ending() == notification.StatusCancelled {
			w.cancelled = asked.Reason
			w.stopStep()
		}
	})
	selector.AddReceive(workflow.GetSignalChannel(ctx, SignalHold), func(c workflow.ReceiveChannel, _ bool) {
		w.held = c.ReceiveAsync(nil) || w.held
	})
	selector.AddReceive(workflow.GetSignalChannel(ctx, SignalResume), func(c workflow.ReceiveChannel, _ bool) {
		w.held = !c.ReceiveAsync(nil) && w.held
	})
	selector.AddReceive(workflow.GetSignalChannel(ctx, SignalDecide), func(c workflow.ReceiveChannel, _ bool) {
		if decision := Decision(""); c.ReceiveAsync(&decision) && decision.known() {
			w.decision = decision
		}
	})
	selector.AddReceive(workflow.GetSignalChannel(ctx, SignalSMSStatus), func(c workflow.ReceiveChannel, _ bool) {
		if report := (SMSReport{}); c.ReceiveAsync(&report) {
			w.note(report)
		}
	})
}

// note keeps the best word about an attempt: callbacks come in any order, and a final state wins.
func (w *wishes) note(report SMSReport) {
	if known, ok := w.reports[report.AttemptID]; ok && known.Status.Final() {
		return
	}

	w.reports[report.AttemptID] = report
}

// finalReport is the provider's last word about an attempt, where it has come.
func (w *wishes) finalReport(attemptID string) (SMSReport, bool) {
	report, ok := w.reports[attemptID]

	return report, ok && report.Status.Final()
}

// reported tells whether the provider has said anything about an attempt: it has the message then.
func (w *wishes) reported(attemptID string) bool {
	_, ok := w.reports[attemptID]

	return ok
}

// catchUp takes in the signals that came together with what the workflow goes on with. The first of them is in
// listen's hands already, whose turn comes after the workflow's own; so wait for a routine whose turn is later still.
func (*wishes) catchUp(ctx workflow.Context) {
	turn, come := workflow.NewFuture(ctx)
	workflow.Go(ctx, func(workflow.Context) { come.SetValue(nil) })

	_ = turn.Get(ctx, nil) // it holds nothing
}

// stoppable gives a context that a cancellation by signal ends.
func (w *wishes) stoppable(ctx workflow.Context) (workflow.Context, func()) {
	step, stop := workflow.WithCancel(ctx)
	w.stopStep = stop

	if w.cancelled != "" {
		stop()
	}

	return step, func() {
		w.stopStep = func() {}

		stop()
	}
}

// awaitCancel waits at most so long for a cancellation and tells whether it came.
func (w *wishes) awaitCancel(ctx workflow.Context, wait time.Duration, summary string) bool {
	options := workflow.AwaitOptions{Timeout: wait, TimerOptions: workflow.TimerOptions{Summary: summary}}

	cancelled, err := workflow.AwaitWithOptions(ctx, options, func() bool { return w.cancelled != "" })
	if err != nil {
		w.cancelled = notification.ReasonCancelledByOperator
	}

	return cancelled || err != nil
}
