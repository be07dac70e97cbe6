package activities

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// startsCompared are looked at by one page; the next page takes those that are left.
	startsCompared = 500
	runsCompared   = 200
	// failuresInARow end a page: while Temporal is away there is no point in asking for each notification.
	failuresInARow = 16
)

// unstarted starts what was accepted and not started: the sweep of the servers should have done it long ago. Starting is
// idempotent, whoever else may be doing it.
func (c *comparison) unstarted(ctx context.Context) error {
	starts, err := c.Store.Unstarted(ctx, time.Now().Add(-c.Grace.start()), startsCompared)
	if err != nil {
		return storeFault("listing what was not started", err)
	}

	refused := 0

	for _, start := range starts {
		c.looked(ctx)

		finding := notification.Finding{
			Code: notification.FindingNotStarted, Subject: notification.SubjectNotification, SubjectID: start.ID,
			NotificationID: start.ID, EnteID: start.EnteID, Action: notification.ActionRepaired,
		}

		if err := c.Starter.Start(ctx, start); err != nil {
			activity.GetLogger(ctx).Warn("notification not started", "notification_id", start.ID, "error", err)

			finding.Action = notification.ActionPerson

			refused++
			if refused == failuresInARow {
				return engineFault(ctx, "starting notifications", err)
			}
		} else {
			refused = 0
		}

		if err := c.found(ctx, finding); err != nil {
			return err
		}
	}

	if len(starts) == startsCompared && c.result.Repaired > 0 {
		// Those that were started are not listed again.
		c.result.Next = "more"
	}

	return nil
}

// openStatuses are those that a started notification has until it ends.
func openStatuses() []notification.Status {
	return []notification.Status{
		notification.StatusInProgress, notification.StatusOnHold, notification.StatusScheduled, notification.StatusAccepted,
	}
}

// runCursor is where the look at open notifications goes on: in the list of one status.
type runCursor struct {
	status int
	after  db.Cursor
}

func readRunCursor(text string) runCursor {
	parts := strings.SplitN(text, " ", partsOfPosition)
	if len(parts) < partsOfPosition {
		return runCursor{}
	}

	at, err := time.Parse(time.RFC3339Nano, parts[1])
	status := slices.Index(openStatuses(), notification.Status(parts[0]))

	if err != nil || status < 0 {
		return runCursor{}
	}

	cursor := runCursor{status: status}
	if parts[2] != "-" {
		cursor.after = db.Cursor{AcceptedAt: at, ID: parts[2]}
	}

	return cursor
}

func (r runCursor) String() string {
	id := r.after.ID
	if id == "" {
		id = "-"
	}

	return strings.Join([]string{string(openStatuses()[r.status]), r.after.AcceptedAt.Format(time.RFC3339Nano), id}, " ")
}

// lost looks for open notifications whose workflow is not running. Temporal's index says of a whole page at once which are
// running; only the others are looked at one by one. A row is settled before its workflow closes, and a start is noted after
// Temporal has it: so a row that is still open once its workflow is known to be closed, or missing, is beyond doubt.
func (c *comparison) lost(ctx context.Context) error {
	cursor := readRunCursor(c.page.Cursor)

	rows, err := c.Store.OpenRuns(ctx, openStatuses()[cursor.status], time.Now().Add(-c.Grace.start()), cursor.after, runsCompared)
	if err != nil {
		return storeFault("listing open notifications", err)
	}

	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = workflows.NotificationID(row.ID)
	}

	running, err := c.Executions.Running(ctx, ids)
	if err != nil {
		return engineFault(ctx, "listing running workflows", err)
	}

	for i, row := range rows {
		c.looked(ctx)

		if running[ids[i]] {
			continue
		}

		if err := c.suspect(ctx, row); err != nil {
			return err
		}
	}

	switch {
	case len(rows) == runsCompared:
		last := rows[len(rows)-1]
		cursor.after = db.Cursor{AcceptedAt: last.AcceptedAt.UTC(), ID: last.ID}
	case cursor.status == len(openStatuses())-1:
		return nil
	default:
		cursor = runCursor{status: cursor.status + 1}
	}

	c.result.Next = cursor.String()

	return nil
}

func (c *comparison) suspect(ctx context.Context, row db.OpenRun) error {
	seen, err := c.Executions.Look(ctx, workflows.NotificationID(row.ID))
	if err != nil {
		return engineFault(ctx, "looking at a workflow", err)
	}

	if seen.State == workflows.ExecutionRunning {
		return nil
	}

	still, err := c.stillOpen(ctx, row)
	if err != nil || !still {
		return err
	}

	number := 0

	if seen.State != workflows.ExecutionMissing {
		if number, err = c.Executions.Number(ctx, row.ID, seen.RunID); err != nil {
			return engineFault(ctx, "reading a run's number", err)
		}
	}

	switch {
	case number > row.Run:
		// The row has moved on since.
		return nil
	case number < row.Run:
		// Temporal does not know the present run, perhaps because it was restored to an earlier state.
		return c.missing(ctx, row)
	case seen.State == workflows.ExecutionEnded:
		return c.ended(ctx, row, seen)
	}

	return c.stopped(ctx, row, seen)
}

func (c *comparison) stillOpen(ctx context.Context, row db.OpenRun) (bool, error) {
	states, err := c.Store.States(ctx, []string{row.ID})
	if err != nil {
		return false, storeFault("reading a notification's state", err)
	}

	now, there := states[row.ID]

	return there && now.SettledAt == nil && now.Run == row.Run, nil
}

func lostOne(row db.OpenRun, code notification.FindingCode, action notification.FindingAction) notification.Finding {
	return notification.Finding{
		Code: code, Subject: notification.SubjectNotification, SubjectID: row.ID, NotificationID: row.ID, EnteID: row.EnteID,
		Action: action,
	}
}

// ended records the end that the workflow tells, as after a restored backup of the database. Nothing is sent by that.
func (c *comparison) ended(ctx context.Context, row db.OpenRun, seen workflows.Execution) error {
	result, told, err := c.Executions.Result(ctx, row.ID, seen.RunID)
	if err != nil {
		return engineFault(ctx, "reading a workflow's result", err)
	}

	if !told || !result.Status.Final() || !result.Reason.Known() {
		return c.putBeforePerson(ctx, row, notification.FindingOutcomeNotRecorded)
	}

	settlement := db.Settlement{Status: result.Status, Reason: result.Reason, Channel: result.Channel, Run: row.Run}
	if err := c.Store.Settle(ctx, row.ID, settlement); err != nil {
		return storeFault("settling a notification", err)
	}

	return c.found(ctx, lostOne(row, notification.FindingOutcomeNotRecorded, notification.ActionRepaired))
}

// stopped: somebody ended the workflow by force. To begin again by itself would undo what a person did.
func (c *comparison) stopped(ctx context.Context, row db.OpenRun, seen workflows.Execution) error {
	if time.Since(seen.ClosedAt) < c.Grace.call() {
		// A call of it may still be under way, and record its outcome.
		return nil
	}

	return c.putBeforePerson(ctx, row, notification.FindingWorkflowStopped)
}

// missing begins another run of a notification whose workflow Temporal does not know, as a retry would: what succeeded is not
// repeated, and what is uncertain is the policy's to say. It waits until no call of the lost run can be under way any more.
func (c *comparison) missing(ctx context.Context, row db.OpenRun) error {
	attempts, err := c.Store.Attempts(ctx, row.ID)
	if err != nil {
		return storeFault("reading the attempts", err)
	}

	for _, attempt := range attempts {
		if attempt.Status == notification.AttemptSending && time.Since(attempt.CalledAt) < c.Grace.call() {
			return nil
		}
	}

	if row.Reason == notification.ReasonHeldByOperator {
		// That somebody held it is known to the lost workflow only; another run would go on.
		return c.putBeforePerson(ctx, row, notification.FindingHoldLost)
	}

	may, err := c.mayRepair(ctx, row.ID, mostRepairs)
	if err != nil {
		return err
	}

	if !may {
		return c.putBeforePerson(ctx, row, notification.FindingWorkflowMissing)
	}

	start, err := c.Store.RestartLost(ctx, row.ID, row.Run)
	if errors.Is(err, db.ErrConflict) {
		return nil
	}

	if err != nil {
		return storeFault("restarting a notification", err)
	}

	if err := c.Starter.Start(ctx, start); err != nil {
		// The row says that it has to be started, and the sweep starts it.
		activity.GetLogger(ctx).Warn("notification not started again yet", "notification_id", row.ID, "error", err)
	}

	return c.found(ctx, lostOne(row, notification.FindingWorkflowMissing, notification.ActionRepaired))
}

// putBeforePerson fails the notification, so that it can be retried: nothing listens any more to what a person would say to
// one on hold.
func (c *comparison) putBeforePerson(ctx context.Context, row db.OpenRun, why notification.FindingCode) error {
	settlement := db.Settlement{Status: notification.StatusFailed, Reason: notification.ReasonWorkInterrupted, Run: row.Run}
	if err := c.Store.Settle(ctx, row.ID, settlement); err != nil {
		return storeFault("settling a notification", err)
	}

	finding := lostOne(row, why, notification.ActionPerson)
	finding.Lasting = true

	return c.found(ctx, finding)
}
