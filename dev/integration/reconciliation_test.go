package integration_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// disorder is GeNIO with somebody who meddles with its database and its Temporal.
type disorder struct {
	*pieces

	temporal client.Client
	pool     *sql.DB
	service  service
}

func layOutDisorder(t *testing.T) *disorder {
	t.Helper()

	d := &disorder{pieces: layOut(t)}
	d.service = d.tenant.service(t, "brisk", policy(func(p *notification.Policy) {
		p.IODeadline, p.SMSDeadline = shortIODeadline, shortSMSDeadline
	}))

	var err error

	d.temporal, err = d.engine.Connect(zap.NewNop())
	require.NoError(t, err)
	t.Cleanup(d.temporal.Close)

	d.pool, err = sql.Open("sqlite", strings.TrimPrefix(d.database.URL, "sqlite:")+"?_pragma=busy_timeout(10000)")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.pool.Close()) })

	return d
}

// work starts a worker whose reconciliations look at what is a second old.
func (d *disorder) work(t *testing.T) {
	t.Helper()

	part := d.workerPart()
	part.Grace = activities.Grace{Start: time.Second, Call: time.Millisecond, Message: time.Second}
	works, err := part.worker(d.store, d.engine, zap.NewNop())
	require.NoError(t, err)
	d.run(t, works.Run)
}

func (d *disorder) meddle(t *testing.T, statement string, parameters ...any) {
	t.Helper()

	_, err := d.pool.ExecContext(t.Context(), statement, parameters...)
	require.NoError(t, err)
}

// reconcile makes a reconciliation and gives what it came to.
func (d *disorder) reconcile(t *testing.T) gateway.ReconciliationView {
	t.Helper()

	var (
		id   string
		view gateway.ReconciliationView
	)

	// The schedule's own may be under way.
	require.Eventually(t, func() bool {
		var err error

		id, err = d.tenant.does.Reconcile(t.Context(), helpDesk())

		return err == nil
	}, patience, glance)

	require.Eventually(t, func() bool {
		var err error

		view, err = d.tenant.does.Reconciliation(t.Context(), helpDesk())
		require.NoError(t, err)

		return view.Last.ID == id
	}, patience, glance, "the reconciliation did not end")
	require.Empty(t, view.Last.Failed())

	return view
}

func result(view gateway.ReconciliationView, check notification.Check) notification.CheckResult {
	for _, one := range view.Last.Results {
		if one.Check == check {
			return one
		}
	}

	return notification.CheckResult{}
}

// findings are the codes of what a run saw, by what they are about.
func (d *disorder) findings(t *testing.T) map[string]notification.Finding {
	t.Helper()

	all, _, err := d.tenant.does.Findings(t.Context(), helpDesk(), false)
	require.NoError(t, err)

	found := map[string]notification.Finding{}
	for _, one := range all {
		found[one.SubjectID] = one
	}

	return found
}

func (d *disorder) scheduled(t *testing.T, n int) (string, order) {
	t.Helper()

	order := orderFor(d.service, simulator.FiscalCode(simulator.CitizenDelivered, n), "")
	order.SendAt = time.Now().Add(later)
	id := d.tenant.submit(t, order)
	d.tenant.awaitTimeline(t, id, timeline.tellsSchedule)

	return id, order
}

// older waits until what is there is old enough to be looked at.
func (d *disorder) older(t *testing.T) {
	t.Helper()

	began := time.Now()

	require.Eventually(t, func() bool { return time.Since(began) > 2*time.Second }, patience, glance)
}

// TestReconciliation: nothing is found where all is well, whatever is in flight; each disorder is found, repaired or put before
// a person, and nothing is sent twice.
func TestReconciliation(t *testing.T) {
	t.Parallel()

	d := layOutDisorder(t)
	d.work(t)

	// All is well.
	onIO := orderFor(d.service, simulator.FiscalCode(simulator.CitizenDelivered, 1), "")
	bySMS := orderFor(d.service, simulator.FiscalCode(simulator.CitizenNotOnIO, 2), reached.number(2))
	delivered, texted := d.tenant.submit(t, onIO), d.tenant.submit(t, bySMS)
	terminated, never := d.scheduled(t, 3)
	outlived, _ := d.scheduled(t, 4)

	for _, id := range []string{delivered, texted} {
		require.Equal(t, "delivered", d.tenant.await(t, id, notice.final).Status)
	}

	d.older(t)

	view := d.reconcile(t)
	require.True(t, view.Agrees(), "%+v", view.Last.Results)

	for _, one := range view.Last.Results {
		require.Zero(t, one.Found, one.Check)
	}

	require.Equal(t, []int{4, 2, 2, 2, 2}, []int{
		view.Last.Sums.Accepted, view.Last.Sums.Settled, view.Last.Sums.Kept, view.Last.Sums.Open, view.Last.Sums.Scheduled,
	})
	require.NotZero(t, result(view, notification.CheckLost).Looked)
	require.NotZero(t, result(view, notification.CheckStray).Looked)
	require.NotZero(t, result(view, notification.CheckSMS).Looked)
	require.NotZero(t, result(view, notification.CheckIO).Looked)

	// A workflow that Temporal loses while IO has the message.
	waiting := orderFor(d.service, simulator.FiscalCode(simulator.CitizenNeverProcessed, 5), reached.number(5))
	lost := d.tenant.submit(t, waiting)
	d.tenant.await(t, lost, func(n notice) bool { return len(n.Attempts) == 1 && n.Attempts[0].Status == "sent" })
	forget(t, d.temporal, workflows.NotificationID(lost))

	// One that somebody ends by force, and one whose notification somebody ends beside it.
	require.NoError(t, d.temporal.TerminateWorkflow(t.Context(), workflows.NotificationID(terminated), "", "prova"))
	require.NoError(t, d.store.Settle(t.Context(), outlived, settledByHand()))

	// One that nobody accepted.
	nobodys := uuid.NewString()
	_, err := d.temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: workflows.NotificationID(nobodys), TaskQueue: workflows.TaskQueue,
	}, workflows.NotificationWorkflow, workflows.NotificationInput{ID: nobodys, Run: 1, SendAt: time.Now().Add(later)})
	require.NoError(t, err)

	// A callback that is lost, the outcome of a call that nobody recorded, and figures that are wrong.
	d.meddle(t, "UPDATE attempts SET status = 'sent', settled_at = NULL WHERE notification_id = ?", texted)
	d.meddle(t, "UPDATE notifications SET status = 'not_delivered', reason = 'sms_unconfirmed', channel = '' WHERE id = ?", texted)
	d.meddle(t, "UPDATE attempts SET status = 'sending', settled_at = NULL WHERE notification_id = ? AND channel = 'io'", delivered)
	d.meddle(t, `INSERT INTO daily_figures (ente_id, day, measure, service_id, status, channel, reason, bucket, total)
		SELECT ?, strftime('%Y-%m-%d', 'now'), 'settled', '00000000-0000-0000-0000-000000000000', 'expired', '', 'expired', 0, 5`, d.tenant.id)
	d.awaitVisible(t, nobodys)
	d.older(t)

	// Twilio's list names whole seconds, and is asked for what is over.
	meddled := time.Now()

	require.Eventually(t, func() bool { return time.Since(meddled) > 2*time.Second }, patience, glance)

	view = d.reconcile(t)
	require.False(t, view.Agrees())

	found := d.findings(t)
	require.Equal(t, []any{notification.FindingWorkflowMissing, notification.ActionRepaired}, codeAndAction(found[lost]))
	require.Equal(t, []any{notification.FindingWorkflowStopped, notification.ActionPerson}, codeAndAction(found[terminated]))
	require.Equal(t, []any{notification.FindingOutlivesRow, notification.ActionRepaired}, codeAndAction(found[outlived]))
	require.Equal(t, []any{notification.FindingWithoutRow, notification.ActionPerson}, codeAndAction(found[nobodys]))
	require.Equal(t, 1, result(view, notification.CheckSMS).Repaired, "%+v", view.Last.Results)
	require.Equal(t, 1, result(view, notification.CheckCalls).Repaired, "%+v", view.Last.Results)
	require.GreaterOrEqual(t, result(view, notification.CheckSums).Difference, 5)

	// What was repaired is right.
	require.Equal(t, []string{"delivered", "sms_delivered"}, statusAndReason(d.tenant.read(t, texted)))
	require.Equal(t, []string{"io uncertain io_outcome_uncertain"}, d.tenant.read(t, delivered).ways())
	require.Equal(t, []string{"failed", "work_interrupted"}, statusAndReason(d.tenant.read(t, terminated)))
	awaitState(t, d.temporal, workflows.NotificationID(outlived), workflows.ExecutionEnded)
	require.Equal(t, []string{"failed", "internal_error"}, statusAndReason(d.tenant.read(t, outlived)))

	again := d.tenant.await(t, lost, notice.final)
	require.Equal(t, []any{"delivered", "sms_delivered", 2}, []any{again.Status, again.Reason, again.Run})
	d.requireReceived(t, waiting, 1, 1)
	d.requireReceived(t, onIO, 1, 0)
	d.requireReceived(t, bySMS, 0, 1)
	d.requireReceived(t, never, 0, 0)

	// A person sees to the rest, and all is well again.
	d.meddle(t, "DELETE FROM daily_figures WHERE status = 'expired' AND total = 5")
	require.NoError(t, d.temporal.TerminateWorkflow(t.Context(), workflows.NotificationID(nobodys), "", "prova"))
	awaitState(t, d.temporal, workflows.NotificationID(nobodys), workflows.ExecutionStopped)
	require.NoError(t, d.tenant.does.AcknowledgeFinding(t.Context(), helpDesk(), found[terminated].ID, "fermata per prova"))
	d.older(t)

	view = d.reconcile(t)
	require.True(t, view.Agrees(), "%+v %+v", view.Last.Results, d.findings(t))
}

func settledByHand() db.Settlement {
	return db.Settlement{Status: notification.StatusFailed, Reason: notification.ReasonInternalError}
}

func statusAndReason(n notice) []string { return []string{n.Status, n.Reason} }

func codeAndAction(f notification.Finding) []any { return []any{f.Code, f.Action} }

// awaitVisible waits until Temporal's index lists a notification's workflow.
func (d *disorder) awaitVisible(t *testing.T, id string) {
	t.Helper()

	asks := gateway.Executions{Temporal: d.temporal}

	require.Eventually(t, func() bool {
		running, err := asks.Running(t.Context(), []string{workflows.NotificationID(id)})

		return err == nil && running[workflows.NotificationID(id)]
	}, patience, glance)
}
