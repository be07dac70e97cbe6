package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const (
	runsShown = 24
	// openShown bounds the count of open findings; more would say nothing new.
	openShown     = 1000
	findingsShown = 100

	// reconciliationPatience is how long a run may last before another one may be asked for, whatever became of it.
	reconciliationPatience = time.Hour

	longestNote = 500 // characters
)

// ReconciliationView is what the last reconciliations came to.
type ReconciliationView struct {
	// Last is the last run that has ended; its ID is empty where none has.
	Last notification.Reconciliation
	// Runs are the latest runs, the newest first, also one under way.
	Runs []notification.Reconciliation
	// Open counts the findings that wait for somebody, no further than a thousand.
	Open int
	// Difference is what did not agree after the repairs of the last run.
	Difference int
}

// Agrees tells whether nothing is missing: a run has ended, every check of it was made, no difference is left, and no finding
// waits for somebody.
func (v ReconciliationView) Agrees() bool {
	return v.Last.ID != "" && v.Difference == 0 && v.Open == 0 && len(v.Last.Failed()) == 0
}

// UnderWay tells whether a run is.
func (v ReconciliationView) UnderWay() bool { return len(v.Runs) > 0 && underWay(v.Runs[0]) }

func underWay(run notification.Reconciliation) bool {
	return run.EndedAt.IsZero() && time.Since(run.StartedAt) < reconciliationPatience
}

// mayReconcile tells whether the actor may look at what compares all Enti.
func (a Actor) mayReconcile() bool { return a.May(PermissionDiagnose) && a.seesEveryEnte() }

// Reconciliation tells the last runs and their differences.
func (g *Gateway) Reconciliation(ctx context.Context, actor Actor) (ReconciliationView, error) {
	if !actor.mayReconcile() {
		return ReconciliationView{}, ErrForbidden
	}

	runs, err := g.Store.Reconciliations(ctx, runsShown)
	if err != nil {
		return ReconciliationView{}, storeError("reading the reconciliations", err)
	}

	view := ReconciliationView{Runs: runs}

	for _, run := range runs {
		if !run.EndedAt.IsZero() {
			view.Last, view.Difference = run, run.Difference()

			break
		}
	}

	view.Open, err = g.Store.CountOpenFindings(ctx, openShown)

	return view, storeError("counting findings", err)
}

// ReconciliationByID tells one run.
func (g *Gateway) ReconciliationByID(ctx context.Context, actor Actor, id string) (notification.Reconciliation, error) {
	if !actor.mayReconcile() {
		return notification.Reconciliation{}, ErrForbidden
	}

	run, err := g.Store.Reconciliation(ctx, id)

	return run, storeError("reading a reconciliation", err)
}

// Findings lists findings, those seen last first: the open ones, or all.
func (g *Gateway) Findings(ctx context.Context, actor Actor, open bool) (findings []notification.Finding, more bool, err error) {
	if !actor.mayReconcile() {
		return nil, false, ErrForbidden
	}

	findings, more, err = g.Store.Findings(ctx, db.FindingFilter{Open: open}, db.Cursor{}, findingsShown)

	return findings, more, storeError("listing findings", err)
}

// Finding reads a finding.
func (g *Gateway) Finding(ctx context.Context, actor Actor, id string) (notification.Finding, error) {
	if !actor.mayReconcile() {
		return notification.Finding{}, ErrForbidden
	}

	finding, err := g.Store.Finding(ctx, id)

	return finding, storeError("reading a finding", err)
}

// OpenFindings counts what waits for somebody, for those who may see to it; 0 for others.
func (g *Gateway) OpenFindings(ctx context.Context, actor Actor) (int, error) {
	if !actor.mayReconcile() {
		return 0, nil
	}

	count, err := g.Store.CountOpenFindings(ctx, openShown)

	return count, storeError("counting findings", err)
}

// AcknowledgeFinding notes that a person has seen to a finding, and how.
func (g *Gateway) AcknowledgeFinding(ctx context.Context, actor Actor, id, note string) error {
	if !actor.mayReconcile() {
		return ErrForbidden
	}

	if note = strings.TrimSpace(note); note == "" || utf8.RuneCountInString(note) > longestNote {
		return invalid("note", "length", "between 1 and 500 characters", "tra 1 e 500 caratteri")
	}

	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		finding, err := store.Finding(ctx, id)
		if err != nil {
			return Act{}, storeError("reading a finding", err)
		}

		if err := store.AcknowledgeFinding(ctx, id, actor.ID, actor.Name, note); err != nil {
			return Act{}, storeError("acknowledging a finding", err)
		}

		return Act{
			Name: "finding.acknowledge", EnteID: finding.EnteID, Object: "finding", ObjectID: id,
			Detail: map[string]string{"check": string(finding.Check), "code": string(finding.Code)},
		}, nil
	})
}

// Reconcile starts a reconciliation now and gives its id. [ErrState] where one is under way.
func (g *Gateway) Reconcile(ctx context.Context, actor Actor) (string, error) {
	if !actor.mayReconcile() {
		return "", ErrForbidden
	}

	runs, err := g.Store.Reconciliations(ctx, 1)
	if err != nil {
		return "", storeError("reading the reconciliations", err)
	}

	if len(runs) > 0 && underWay(runs[0]) {
		return "", ErrState
	}

	made, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("making an id: %w", ErrUnavailable)
	}

	id := made.String()

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		begun := notification.Reconciliation{ID: id, ByID: actor.ID, ByName: actor.Name}

		return Act{Name: "reconciliation.start", Object: "reconciliation", ObjectID: id},
			storeError("noting the reconciliation", store.BeginReconciliation(ctx, begun))
	})
	if err != nil {
		return "", err
	}

	_, err = g.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.ReconciliationID(id), TaskQueue: workflows.TaskQueue,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		Priority:              temporal.Priority{PriorityKey: lastPriority},
	}, workflows.ReconciliationWorkflow, workflows.ReconciliationInput{ID: id})
	if err != nil {
		// Nothing is under way, and the next wish must not find that it is.
		return "", errors.Join(temporalError("starting the reconciliation", err), g.Store.ForgetReconciliation(ctx, id))
	}

	return id, nil
}
