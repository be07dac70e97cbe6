package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

const (
	// collectTimeout bounds the listing of as many notifications as an intervention may have.
	collectTimeout = 15 * time.Minute
	// actTimeout bounds a page of acts, each of which is a call or two to Temporal and to the database.
	actTimeout = 3 * time.Minute
	// interventionPagesOfOneRun keeps a history well below what Temporal allows; the next run goes on from there.
	interventionPagesOfOneRun = 300
)

// Intervention does one act to many notifications, page by page: first it lists them, so that what is accepted later is
// left alone; then it acts on each at most once, no faster than delivery bears.
//
// Whether somebody stopped it stands in the database; the signal only ends the wait of the page at hand.
func Intervention(ctx workflow.Context, in InterventionInput) error {
	stopped := false
	stopPage := func() {}

	stop := workflow.GetSignalChannel(ctx, SignalStopIntervention)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for stop.Receive(ctx, nil) {
			stopped = true

			stopPage()
		}
	})

	if !in.Collected {
		if err := workflow.ExecuteActivity(collecting(ctx), ActivityCollectItems, in).Get(ctx, nil); err != nil {
			return err //nolint:wrapcheck // Temporal's own error tells the step.
		}

		in.Collected = true
	}

	for range interventionPagesOfOneRun {
		if stopped {
			return finishIntervention(ctx, in)
		}

		page, done := workflow.WithCancel(ctx)
		stopPage = done

		var result InterventionPageResult

		err := workflow.ExecuteActivity(acting(page), ActivityActOnItems, InterventionPage{ID: in.ID, After: in.After}).Get(page, &result)

		over := page.Err() != nil

		done()

		if err = unlessStopped(ctx, page, err); err != nil && !over {
			return err
		}

		if over {
			continue
		}

		if result.Done {
			return finishIntervention(ctx, in)
		}

		in.After = result.Last
	}

	return workflow.NewContinueAsNewError(ctx, Intervention, in) //nolint:wrapcheck // it has to stay what it is.
}

func finishIntervention(ctx workflow.Context, in InterventionInput) error {
	return workflow.ExecuteLocalActivity(recording(ctx), ActivityFinishIntervention, in).Get(ctx, nil) //nolint:wrapcheck // as above.
}

func collecting(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueue,
		StartToCloseTimeout: collectTimeout,
		HeartbeatTimeout:    fileHeartbeat,
		RetryPolicy:         retryUntilDeadline(),
		Summary:             "list the notifications",
	})
}

// acting waits for the item at hand to be noted, also where somebody stopped the intervention.
func acting(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueue,
		StartToCloseTimeout: actTimeout,
		HeartbeatTimeout:    fileHeartbeat,
		RetryPolicy:         retryUntilDeadline(),
		WaitForCancellation: true,
		Summary:             "act on the next notifications",
	})
}
