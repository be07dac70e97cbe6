package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/workflows"
)

// Executions tells what Temporal knows of workflows.
type Executions interface {
	// Running tells which of the workflows are running by Temporal's index, which is quick to ask and may be late.
	Running(ctx context.Context, workflowIDs []string) (map[string]bool, error)
	// RunningPage lists those of a type, page by page, by the same index. An empty token asks for the first page; an empty
	// one comes with the last.
	RunningPage(ctx context.Context, workflowType string, token []byte) (page []workflows.RunningWorkflow, next []byte, err error)
	// Look tells for certain.
	Look(ctx context.Context, workflowID string) (workflows.Execution, error)
	// Number is the number of a notification's run, as its workflow was given it.
	Number(ctx context.Context, notificationID, runID string) (int, error)
	// Result is how a notification's run ended by itself; ok is false where it does not say.
	Result(ctx context.Context, notificationID, runID string) (result workflows.NotificationResult, ok bool, err error)
	// Stop asks a notification's run to end. It never reaches another run.
	Stop(ctx context.Context, notificationID, runID string) error
}

// Reporter takes in news of an SMS, as from the provider's own callback.
type Reporter interface {
	ReportSMS(ctx context.Context, attemptID, providerID string, delivery sms.Delivery) error
}

// Grace is how old something has to be before a reconciliation looks at it: everything that is in flight changes while it is
// compared. What each check finds is looked at once more before it counts, in the order in which the two sides change. A
// zero field has its default.
type Grace struct {
	// Start is how long a start, or an end, may be on its way: many sweeps' worth.
	Start time.Duration
	// Call is how long a call may take whose worker died. It is longer than Temporal waits for it.
	Call time.Duration
	// Message is how long a provider may take to list a message.
	Message time.Duration
}

const (
	defaultStartGrace   = 5 * time.Minute
	defaultCallGrace    = workflows.HandOverTimeout + time.Minute
	defaultMessageGrace = 15 * time.Minute

	// mostRepairs of the same thing are made by GeNIO itself. What comes back then has another cause, for a person to find.
	mostRepairs = 3
)

func (g Grace) start() time.Duration   { return orDefault(g.Start, defaultStartGrace) }
func (g Grace) call() time.Duration    { return orDefault(g.Call, defaultCallGrace) }
func (g Grace) message() time.Duration { return orDefault(g.Message, defaultMessageGrace) }

func orDefault(chosen, usual time.Duration) time.Duration {
	if chosen > 0 {
		return chosen
	}

	return usual
}

// BeginReconciliation notes the beginning.
func (a *Activities) BeginReconciliation(ctx context.Context, id string) error {
	return storeFault("noting a reconciliation", a.Store.BeginReconciliation(ctx, notification.Reconciliation{ID: id}))
}

// comparison is one page of a check under way.
type comparison struct {
	*Activities

	page   workflows.ReconciliationPage
	result workflows.ReconciliationPageResult
}

// ReconcilePage makes the next part of a check.
func (a *Activities) ReconcilePage(
	ctx context.Context, page workflows.ReconciliationPage,
) (workflows.ReconciliationPageResult, error) {
	c := &comparison{Activities: a, page: page}

	compare, known := map[notification.Check]func(context.Context) error{
		notification.CheckUnstarted: c.unstarted,
		notification.CheckLost:      c.lost,
		notification.CheckStray:     c.stray,
		notification.CheckCalls:     c.calls,
		notification.CheckJobs:      c.jobs,
		notification.CheckSMS:       c.messages,
		notification.CheckIO:        c.sampleOfIO,
		notification.CheckSums:      c.sums,
	}[page.Check]
	if !known {
		return c.result, storeFault("choosing the check", db.ErrInvalid)
	}

	return c.result, compare(ctx)
}

// looked counts what was compared, and tells Temporal that the page goes on.
func (c *comparison) looked(ctx context.Context) {
	c.result.Looked++

	activity.RecordHeartbeat(ctx, c.result.Looked)
}

// found keeps a finding and counts it.
func (c *comparison) found(ctx context.Context, finding notification.Finding) error {
	finding.Check, finding.RunID = c.page.Check, c.page.ID

	counted, err := c.keep(ctx, finding)
	c.result.CheckResult = c.result.Add(counted)

	return err
}

// keep stores a finding and says how it counts. What a person has acknowledged makes no difference any more, and neither
// does a notification that was put before one: it has ended, and waits among those that failed.
func (a *Activities) keep(ctx context.Context, finding notification.Finding) (notification.CheckResult, error) {
	counted := notification.CheckResult{Check: finding.Check, Found: 1}

	kept, err := a.Store.NoteFinding(ctx, finding)
	if err != nil {
		return notification.CheckResult{}, storeFault("keeping a finding", err)
	}

	switch {
	case finding.Action == notification.ActionRepaired:
		counted.Repaired = 1
	case kept.Open() && !finding.Lasting:
		counted.Person, counted.Difference = 1, 1
	default:
		counted.Person = 1
	}

	return counted, nil
}

// mayRepair tells whether a thing may be repaired once more.
func (c *comparison) mayRepair(ctx context.Context, subjectID string, most int) (bool, error) {
	repairs, err := c.Store.RepairsOf(ctx, c.page.Check, subjectID, c.page.ID)
	if err != nil {
		return false, storeFault("reading earlier repairs", err)
	}

	return repairs < most, nil
}

// engineFault lets a page be tried again: Temporal did not answer.
func engineFault(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}

	activity.GetLogger(ctx).Warn("a page of a reconciliation is tried again", "doing", doing, "error", err)

	return retryLater(notification.ReasonInternalError, firstReconcile)
}

// EndReconciliation keeps the result and tells the differences to whoever watches them.
func (a *Activities) EndReconciliation(ctx context.Context, end workflows.ReconciliationEnd) error {
	for _, result := range end.Results {
		if !result.Failed {
			continue
		}

		_, err := a.keep(ctx, notification.Finding{
			Check: result.Check, Code: notification.FindingCheckNotMade, Subject: notification.SubjectCheck,
			SubjectID: string(result.Check), Action: notification.ActionPerson, RunID: end.ID,
		})
		if err != nil {
			return err
		}
	}

	ended := notification.Reconciliation{ID: end.ID, Results: end.Results, Sums: end.Sums}
	if err := a.Store.EndReconciliation(ctx, ended); err != nil {
		return storeFault("keeping the result", err)
	}

	return nil
}
