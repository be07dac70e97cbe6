package worker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/log"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Rehearsal is what came of replaying open workflows with this program's code.
type Rehearsal struct {
	// Open is how many workflows are open, Replayed how many of them were tried.
	Open, Replayed int
	// Refused are those with which this program could not go on.
	Refused []Refusal
}

// Refusal names a workflow with which this program could not go on. It tells nothing of what the workflow is about.
type Refusal struct {
	Workflow, ID, RunID string
	Why                 string
}

// Why a workflow is refused. What the SDK says itself quotes the history, and is for nobody's terminal.
const (
	whyOtherSteps = "the code takes other steps than the history"
	whyUnknown    = "the code does not know this workflow"
	whyBroken     = "the code fails on the history"
)

// fewestEvents is what a history has once a worker has seen it; before, any code can go on with it.
const fewestEvents = 3

// Rehearse replays open workflows, of each kind the newest and the oldest, so many of either as sample says.
func (v Versions) Rehearse(ctx context.Context, sample int) (Rehearsal, error) {
	var told Rehearsal

	for _, kind := range Workflows() {
		total, err := v.count(ctx, "WorkflowType = '"+kind+"'")
		if err != nil {
			return told, err
		}

		told.Open += total

		if err := v.rehearseKind(ctx, kind, total, sample, &told); err != nil {
			return told, err
		}
	}

	err := v.rehearseUnknown(ctx, sample, &told)

	return told, err
}

func (v Versions) rehearseKind(ctx context.Context, kind string, total, sample int, told *Rehearsal) error {
	newest, err := v.list(ctx, "WorkflowType = '"+kind+"'", sample)
	if err != nil {
		return err
	}

	oldest, err := v.oldest(ctx, kind, newest, min(sample, total-len(newest)))
	if err != nil {
		return err
	}

	// Those between pages that moved meanwhile may come twice.
	tried := make(map[string]bool, len(newest)+len(oldest))

	for _, open := range append(newest, oldest...) {
		run := open.GetExecution().GetRunId()
		if tried[run] {
			continue
		}

		tried[run] = true

		if err := v.rehearse(ctx, open, told); err != nil {
			return err
		}
	}

	return nil
}

// rehearseUnknown refuses what is open of kinds that this program does not know at all.
func (v Versions) rehearseUnknown(ctx context.Context, sample int, told *Rehearsal) error {
	unknown := "WorkflowType NOT IN ('" + strings.Join(Workflows(), "', '") + "')"

	total, err := v.count(ctx, unknown)
	if err != nil {
		return err
	}

	told.Open += total

	strangers, err := v.list(ctx, unknown, sample)
	if err != nil {
		return err
	}

	for _, open := range strangers {
		told.Refused = append(told.Refused, refusal(open, whyUnknown))
	}

	return nil
}

func (v Versions) rehearse(ctx context.Context, open *workflowpb.WorkflowExecutionInfo, told *Rehearsal) error {
	history, err := History(ctx, v.Temporal, open.GetExecution())

	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return nil // it has ended, long enough ago to be forgotten
	}

	if err != nil {
		return err
	}

	if len(history.GetEvents()) < fewestEvents {
		return nil
	}

	replayer := sdk.NewWorkflowReplayer()
	registerWorkflows(replayer)

	told.Replayed++

	if err := replayer.ReplayWorkflowHistory(silent{}, history); err != nil {
		why := whyBroken
		if strings.Contains(err.Error(), "TMPRL1100") {
			why = whyOtherSteps
		}

		told.Refused = append(told.Refused, refusal(open, why))
	}

	return nil
}

func refusal(open *workflowpb.WorkflowExecutionInfo, why string) Refusal {
	return Refusal{
		Workflow: open.GetType().GetName(), ID: open.GetExecution().GetWorkflowId(), RunID: open.GetExecution().GetRunId(), Why: why,
	}
}

// stillOpen is Temporal's word for what has not ended.
const stillOpen = "ExecutionStatus = 'Running' AND "

func (v Versions) count(ctx context.Context, condition string) (int, error) {
	counted, err := v.Temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
		Namespace: v.Namespace, Query: stillOpen + condition,
	})
	if err != nil {
		return 0, fmt.Errorf("counting open workflows: %w", err)
	}

	return int(counted.GetCount()), nil
}

// list gives open workflows, the newest first, which is the only order that every store of Temporal has.
func (v Versions) list(ctx context.Context, condition string, limit int) ([]*workflowpb.WorkflowExecutionInfo, error) {
	request := &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: v.Namespace, Query: stillOpen + condition, PageSize: int32(min(limit, maxPage)), //nolint:gosec // it is small.
	}

	var found []*workflowpb.WorkflowExecutionInfo

	for len(found) < limit {
		page, err := v.Temporal.ListWorkflow(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("listing open workflows: %w", err)
		}

		found = append(found, page.GetExecutions()...)

		if request.NextPageToken = page.GetNextPageToken(); len(request.GetNextPageToken()) == 0 {
			break
		}
	}

	return found[:min(limit, len(found))], nil
}

const (
	maxPage = 1000
	// longestLife is longer than anything stays open.
	longestLife = 5 * 365 * 24 * time.Hour
	// closeEnough ends the search for a moment before which few enough workflows began.
	closeEnough = time.Millisecond
)

// oldest gives the workflows of a kind that have been open for longest. No store of Temporal lists them in this order, so that
// the moment is sought, by halves, before which at most so many began.
func (v Versions) oldest(
	ctx context.Context, kind string, newest []*workflowpb.WorkflowExecutionInfo, limit int,
) ([]*workflowpb.WorkflowExecutionInfo, error) {
	if limit <= 0 || len(newest) == 0 {
		return nil, nil
	}

	begun := func(moment time.Time) string {
		return fmt.Sprintf("WorkflowType = '%s' AND StartTime <= '%s'", kind, moment.UTC().Format(time.RFC3339Nano))
	}

	// At most limit began before early; more may have before late.
	late := newest[len(newest)-1].GetStartTime().AsTime()
	early := late.Add(-longestLife)

	for late.Sub(early) > closeEnough {
		middle := early.Add(late.Sub(early) / 2)

		total, err := v.count(ctx, begun(middle))
		if err != nil {
			return nil, err
		}

		if total <= limit {
			early = middle
		} else {
			late = middle
		}

		if total == limit {
			break
		}
	}

	found, err := v.list(ctx, begun(early), limit)
	if err != nil || len(found) > 0 {
		return found, err
	}

	// More began at one moment.
	return v.list(ctx, begun(late), limit)
}

// Workflows are the names of the workflows that this program has, as Temporal's own tools show them.
func Workflows() []string {
	var listed names

	registerWorkflows(&listed)

	return listed
}

// names are what is registered.
type names []string

var _ sdk.WorkflowRegistry = (*names)(nil)

// RegisterWorkflow leaves out what has no name of its own: nothing of ours.
func (n *names) RegisterWorkflow(any) {}

// RegisterWorkflowWithOptions keeps the name.
func (n *names) RegisterWorkflowWithOptions(_ any, options workflow.RegisterOptions) {
	*n = append(*n, options.Name)
}

// RegisterDynamicWorkflow leaves out what has no name at all.
func (n *names) RegisterDynamicWorkflow(any, workflow.DynamicRegisterOptions) {}

// silent drops what the SDK tells of a replay, which quotes histories.
type silent struct{}

var _ log.Logger = silent{}

// Debug, Info, Warn and Error drop it.
func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
