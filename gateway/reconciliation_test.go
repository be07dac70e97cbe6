package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	workflowpb "go.temporal.io/api/workflow/v1"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

func (b bundle) found(t *testing.T, runID string) notification.Finding {
	t.Helper()

	kept, err := b.Store.NoteFinding(t.Context(), notification.Finding{
		Check: notification.CheckStray, Code: notification.FindingWithoutRow, Subject: notification.SubjectNotification,
		SubjectID: newID(t), Action: notification.ActionPerson, RunID: runID,
	})
	require.NoError(t, err)

	return kept
}

func supporter() gateway.Actor {
	return gateway.Actor{Kind: gateway.ActorUser, ID: "support-1", Name: "Sara", Role: gateway.RoleSupport}
}

func TestAReconciliationIsStartedAndTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)

		view, err := b.Reconciliation(t.Context(), supporter())
		require.NoError(t, err)
		require.False(t, view.Agrees(), "nothing was compared yet")

		id, err := b.Reconcile(t.Context(), supporter())
		require.NoError(t, err)
		require.Len(t, b.temporal.startsOf(workflows.ReconciliationID(id)), 1)

		_, err = b.Reconcile(t.Context(), supporter())
		require.ErrorIs(t, err, gateway.ErrState, "one is under way")

		view, err = b.Reconciliation(t.Context(), supporter())
		require.NoError(t, err)
		require.True(t, view.UnderWay())
		require.Equal(t, "Sara", view.Runs[0].ByName)

		require.NoError(t, store.EndReconciliation(t.Context(), notification.Reconciliation{
			ID: id, Results: []notification.CheckResult{{Check: notification.CheckLost, Looked: 3}},
		}))

		view, err = b.Reconciliation(t.Context(), supporter())
		require.NoError(t, err)
		require.True(t, view.Agrees())
		require.False(t, view.UnderWay())

		run, err := b.ReconciliationByID(t.Context(), supporter(), id)
		require.NoError(t, err)
		require.Equal(t, view.Last, run)

		b.found(t, id)

		view, err = b.Reconciliation(t.Context(), supporter())
		require.NoError(t, err)
		require.Equal(t, 1, view.Open)
		require.False(t, view.Agrees())

		entries, _, err := store.AuditLog(t.Context(), db.AuditFilter{ActorIDs: []string{"support-1"}}, db.Cursor{}, 10)
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.Equal(t, "reconciliation.start", entries[0].Action)
	})
}

func TestAReconciliationThatCannotBeStartedIsNotUnderWay(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))

	_, err := b.Reconcile(t.Context(), supporter())
	require.ErrorIs(t, err, gateway.ErrUnavailable)

	view, err := b.Reconciliation(t.Context(), supporter())
	require.NoError(t, err)
	require.Empty(t, view.Runs)
}

func TestAFindingIsAcknowledgedWithANote(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		found := b.found(t, newID(t))

		for _, note := range []string{" ", strings.Repeat("x", 501)} {
			var invalid notification.FieldErrors

			require.ErrorAs(t, b.AcknowledgeFinding(t.Context(), supporter(), found.ID, note), &invalid)
		}

		open, err := b.OpenFindings(t.Context(), supporter())
		require.NoError(t, err)
		require.Equal(t, 1, open)

		require.NoError(t, b.AcknowledgeFinding(t.Context(), supporter(), found.ID, " banca dati ripristinata "))
		require.ErrorIs(t, b.AcknowledgeFinding(t.Context(), supporter(), found.ID, "di nuovo"), gateway.ErrState)
		require.ErrorIs(t, b.AcknowledgeFinding(t.Context(), supporter(), newID(t), "quale?"), gateway.ErrNotFound)

		read, err := b.Finding(t.Context(), supporter(), found.ID)
		require.NoError(t, err)
		require.Equal(t, []string{"Sara", "banca dati ripristinata"}, []string{read.AcknowledgedBy, read.Note})

		listed, more, err := b.Findings(t.Context(), supporter(), true)
		require.NoError(t, err)
		require.False(t, more)
		require.Empty(t, listed)

		listed, _, err = b.Findings(t.Context(), supporter(), false)
		require.NoError(t, err)
		require.Len(t, listed, 1)

		entries, _, err := store.AuditLog(t.Context(), db.AuditFilter{ActorIDs: []string{"support-1"}}, db.Cursor{}, 10)
		require.NoError(t, err)
		require.Len(t, entries, 1, "what was refused is not noted")
		require.Equal(t, []any{"finding.acknowledge", found.ID, map[string]string{"check": "stray", "code": "workflow_without_row"}},
			[]any{entries[0].Action, entries[0].ObjectID, entries[0].Detail})
	})
}

// TestReconciliationsAreForThoseWhoSeeAllEnti: it compares all of them.
func TestReconciliationsAreForThoseWhoSeeAllEnti(t *testing.T) {
	t.Parallel()

	b := withTemporal(t, dbtest.Open(t, dbtest.EngineSQLite))
	found := b.found(t, newID(t))

	for name, actor := range map[string]gateway.Actor{
		"application":        b.application(),
		"operator":           {Kind: gateway.ActorUser, ID: "1", Role: gateway.RoleOperator, EnteID: b.ente.ID},
		"administrator":      {Kind: gateway.ActorUser, ID: "2", Role: gateway.RoleAdministrator, EnteID: b.ente.ID},
		"auditor":            {Kind: gateway.ActorUser, ID: "3", Role: gateway.RoleAuditor},
		"support of an Ente": {Kind: gateway.ActorUser, ID: "4", Role: gateway.RoleSupport, EnteID: b.ente.ID},
	} {
		_, err := b.Reconciliation(t.Context(), actor)
		require.ErrorIs(t, err, gateway.ErrForbidden, name)
		_, err = b.ReconciliationByID(t.Context(), actor, newID(t))
		require.ErrorIs(t, err, gateway.ErrForbidden, name)
		_, err = b.Reconcile(t.Context(), actor)
		require.ErrorIs(t, err, gateway.ErrForbidden, name)
		_, _, err = b.Findings(t.Context(), actor, true)
		require.ErrorIs(t, err, gateway.ErrForbidden, name)
		_, err = b.Finding(t.Context(), actor, found.ID)
		require.ErrorIs(t, err, gateway.ErrForbidden, name)
		require.ErrorIs(t, b.AcknowledgeFinding(t.Context(), actor, found.ID, "visto"), gateway.ErrForbidden, name)

		open, err := b.OpenFindings(t.Context(), actor)
		require.NoError(t, err)
		require.Zero(t, open, name)
	}
}

func TestExecutionsAreToldApart(t *testing.T) {
	t.Parallel()

	b := withTemporal(t, dbtest.Open(t, dbtest.EngineSQLite))
	asks := gateway.Executions{Temporal: b.Temporal}

	seen, err := asks.Look(t.Context(), "notification/unknown")
	require.NoError(t, err)
	require.Equal(t, workflows.Execution{State: workflows.ExecutionMissing}, seen)

	for status, state := range map[enumspb.WorkflowExecutionStatus]workflows.ExecutionState{
		enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING:          workflows.ExecutionRunning,
		enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW: workflows.ExecutionRunning,
		enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED:        workflows.ExecutionEnded,
		enumspb.WORKFLOW_EXECUTION_STATUS_FAILED:           workflows.ExecutionEnded,
		enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED:       workflows.ExecutionStopped,
		enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED:         workflows.ExecutionStopped,
		enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:        workflows.ExecutionStopped,
	} {
		b.temporal.onDescribe = func(*describeRequest) (*describeResponse, error) {
			return &describeResponse{
				WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{
					Status: status, Execution: &commonpb.WorkflowExecution{RunId: "run-1"},
				},
				PendingActivities: []*workflowpb.PendingActivityInfo{{ActivityType: &commonpb.ActivityType{Name: "SendSMS"}}},
			}, nil
		}

		seen, err := asks.Look(t.Context(), "notification/known")
		require.NoError(t, err)
		require.Equal(t, []any{state, "run-1", []string{"SendSMS"}}, []any{seen.State, seen.RunID, seen.Pending})
	}
}

func TestTheEndOfARunIsRead(t *testing.T) {
	t.Parallel()

	b := withTemporal(t, dbtest.Open(t, dbtest.EngineSQLite))
	asks := gateway.Executions{Temporal: b.Temporal}
	want := workflows.NotificationResult{Status: notification.StatusFailed, Reason: notification.ReasonIOKeyRejected}
	told := payloads(t, want)
	failed := func(kind string) *historypb.HistoryEvent {
		return &historypb.HistoryEvent{Attributes: &historypb.HistoryEvent_WorkflowExecutionFailedEventAttributes{
			WorkflowExecutionFailedEventAttributes: &historypb.WorkflowExecutionFailedEventAttributes{Failure: &failurepb.Failure{
				FailureInfo: &failurepb.Failure_ApplicationFailureInfo{
					ApplicationFailureInfo: &failurepb.ApplicationFailureInfo{Type: kind, Details: told},
				},
			}},
		}}
	}

	b.temporal.historyOf(map[string][]*historypb.HistoryEvent{
		"completed": {{Attributes: &historypb.HistoryEvent_WorkflowExecutionCompletedEventAttributes{
			WorkflowExecutionCompletedEventAttributes: &historypb.WorkflowExecutionCompletedEventAttributes{Result: told},
		}}},
		"failed":      {failed(workflows.FailureType)},
		"a bug":       {failed("panic")},
		"says little": {{}},
	})

	for run, ok := range map[string]bool{"completed": true, "failed": true, "a bug": false, "says little": false} {
		got, known, err := asks.Result(t.Context(), "id", run)
		require.NoError(t, err, run)
		require.Equal(t, ok, known, run)

		if ok {
			require.Equal(t, want, got, run)
		}
	}

	_, _, err := asks.Result(t.Context(), "id", "forgotten")
	require.Error(t, err)
}

// TestStoppingReachesOneRunOnly: a retry that began meanwhile goes on.
func TestStoppingReachesOneRunOnly(t *testing.T) {
	t.Parallel()

	b := withTemporal(t, dbtest.Open(t, dbtest.EngineSQLite))
	asks := gateway.Executions{Temporal: b.Temporal}
	require.NoError(t, asks.Stop(t.Context(), "id", "run-1"))

	signals := b.temporal.signalled()
	require.Len(t, signals, 1)
	require.Equal(t, "run-1", signals[0].GetWorkflowExecution().GetRunId())
	require.Equal(t, workflows.SignalCancel, signals[0].GetSignalName())

	b.temporal.onSignal = func(*signalRequest) (*signalResponse, error) { return nil, workflowGone() }

	require.NoError(t, asks.Stop(t.Context(), "id", "run-1"), "it has ended")
}
