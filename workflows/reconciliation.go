package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
)

const (
	// comparePageTimeout bounds a page of a check, and compareTimeout all tries of it: whatever does not answer for so long
	// is left out of this reconciliation, which says so, and the next one tries again.
	comparePageTimeout = 5 * time.Minute
	compareTimeout     = 20 * time.Minute
	// askIOTimeout bounds the wait for IO's answer about one message: delivery goes first.
	askIOTimeout = 10 * time.Minute
	askIOTries   = 3
	// pagesOfOneReconciliationRun keeps a history well below what Temporal allows; the next run goes on from there.
	pagesOfOneReconciliationRun = 300
)

// Reconciliation compares database, Temporal and providers, check by check and page by page. It repairs what is safe and puts
// the rest before a person. A check that cannot be made does not keep the others from being made.
func Reconciliation(ctx workflow.Context, in ReconciliationInput) (ReconciliationEnd, error) {
	if in.ID == "" {
		in.ID = workflow.GetInfo(ctx).WorkflowExecution.RunID
	}

	if !in.Begun {
		if err := workflow.ExecuteActivity(noting(ctx), ActivityBeginReconciliation, in.ID).Get(ctx, nil); err != nil {
			return ReconciliationEnd{}, err //nolint:wrapcheck // Temporal's own error tells the step.
		}

		in.Begun = true
	}

	checks := notification.Checks()

	for range pagesOfOneReconciliationRun {
		if in.Check >= len(checks) {
			end := ReconciliationEnd{ID: in.ID, Results: in.Results, Sums: in.Sums}

			return end, workflow.ExecuteActivity(noting(ctx), ActivityEndReconciliation, end).Get(ctx, nil) //nolint:wrapcheck // as above.
		}

		if err := in.compare(ctx, checks[in.Check]); err != nil {
			return ReconciliationEnd{}, err
		}
	}

	return ReconciliationEnd{}, workflow.NewContinueAsNewError(ctx, Reconciliation, in) //nolint:wrapcheck // it has to stay what it is.
}

// compare makes the next page of a check. Its error is a cancellation.
func (in *ReconciliationInput) compare(ctx workflow.Context, check notification.Check) error {
	var result ReconciliationPageResult

	page := ReconciliationPage{ID: in.ID, Check: check, Cursor: in.Cursor}
	err := workflow.ExecuteActivity(comparing(ctx), ActivityReconcilePage, page).Get(ctx, &result)

	switch {
	case ctx.Err() != nil:
		return ctx.Err() //nolint:wrapcheck // it has to stay a cancellation.
	case err != nil:
		workflow.GetLogger(ctx).Warn("check not made", "check", check, "error", err)

		result = ReconciliationPageResult{CheckResult: notification.CheckResult{Failed: true}}
	}

	in.add(check, result.CheckResult)

	for _, answer := range askIO(ctx, result.Ask) {
		in.add(check, answer)
	}

	if result.Sums != (notification.Sums{}) {
		in.Sums = in.Sums.Add(result.Sums)
	}

	in.Cursor = result.Next
	if in.Cursor == "" {
		in.Check++
	}

	return nil
}

func (in *ReconciliationInput) add(check notification.Check, result notification.CheckResult) {
	result.Check = check

	if last := len(in.Results) - 1; last >= 0 && in.Results[last].Check == check {
		in.Results[last] = in.Results[last].Add(result)

		return
	}

	in.Results = append(in.Results, result)
}

// askIO asks about several messages at once; each waits for its turn behind all deliveries. What IO does not answer in time
// is not compared.
func askIO(ctx workflow.Context, questions []IOQuestion) []notification.CheckResult {
	asked := make([]workflow.Future, len(questions))
	for i, question := range questions {
		asked[i] = workflow.ExecuteActivity(askingIO(ctx, question.EnteID), ActivityCompareWithIO, question)
	}

	var answers []notification.CheckResult

	for _, one := range asked {
		var answer notification.CheckResult
		if err := one.Get(ctx, &answer); err == nil {
			answers = append(answers, answer)
		}
	}

	return answers
}

func comparing(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              TaskQueue,
		StartToCloseTimeout:    comparePageTimeout,
		ScheduleToCloseTimeout: compareTimeout,
		HeartbeatTimeout:       fileHeartbeat,
		RetryPolicy:            retryUntilDeadline(),
		Summary:                "compare the next page",
	})
}

func askingIO(ctx workflow.Context, enteID string) workflow.Context {
	policy := retryUntilDeadline()
	policy.MaximumAttempts = askIOTries

	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              TaskQueueIO,
		StartToCloseTimeout:    callTimeout,
		ScheduleToCloseTimeout: askIOTimeout,
		RetryPolicy:            policy,
		DisableEagerExecution:  true,
		Summary:                "what became of the message?",
		Priority:               temporal.Priority{PriorityKey: priorityKeyBulk, FairnessKey: enteID},
	})
}

// noting is for the beginning and the end, which are noted however long the database is away.
func noting(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueue,
		StartToCloseTimeout: callTimeout,
		RetryPolicy:         retryUntilDeadline(),
	})
}
