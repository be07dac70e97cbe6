package gateway

import (
	"context"
	"strconv"
	"time"

	"github.com/genio-gateway/genio/notification"
)

// retentionRunsShown is how many runs a list shows: three months of nights.
const retentionRunsShown = 90

// SetRetention says for how many days after a notification's end an Ente keeps its content, and the notification itself. What is
// older by then goes with the next night's run. Seen is the version that the author saw: it returns ErrState where somebody else
// changed the Ente meanwhile.
func (g *Gateway) SetRetention(ctx context.Context, actor Actor, enteID string, seen int, wanted notification.Retention) error {
	if !actor.mayGovern() {
		return ErrForbidden
	}

	if err := wanted.Check().OrNil(); err != nil {
		return err
	}

	ente, err := g.Store.Ente(ctx, enteID)
	if err != nil {
		return storeError("reading the Ente", err)
	}

	before := ente.Retention
	ente.Retention, ente.Version = wanted, seen

	return g.storeEnte(ctx, actor, ente, enteAct("set_retention", ente,
		"content_from", strconv.Itoa(before.ContentDays), "content_to", strconv.Itoa(wanted.ContentDays),
		"outcome_from", strconv.Itoa(before.OutcomeDays), "outcome_to", strconv.Itoa(wanted.OutcomeDays)))
}

// RetentionRuns lists the latest runs of retention, the newest first: of an Ente's people with what was removed of theirs.
func (g *Gateway) RetentionRuns(ctx context.Context, actor Actor) ([]notification.RetentionRun, error) {
	if !mayReadRetention(actor) {
		return nil, ErrForbidden
	}

	runs, err := g.Store.RetentionRuns(ctx, actor.EnteID, retentionRunsShown)

	return runs, storeError("listing retention runs", err)
}

// RetentionLate tells whether data stays longer than it should: the last night has not removed all that was due.
func (g *Gateway) RetentionLate(ctx context.Context, actor Actor) (bool, error) {
	if !mayReadRetention(actor) {
		return false, ErrForbidden
	}

	done, err := g.Store.Upkeep(ctx)

	return done.RetentionLate(time.Now()), storeError("reading when retention was last done", err)
}

// RetentionView is a run of retention with the names of the Enti that it counts.
type RetentionView struct {
	notification.RetentionRun

	EnteNames map[string]string
}

// RetentionRun reads one run, as [Gateway.RetentionRuns] does.
func (g *Gateway) RetentionRun(ctx context.Context, actor Actor, id string) (RetentionView, error) {
	if !mayReadRetention(actor) {
		return RetentionView{}, ErrForbidden
	}

	run, err := g.Store.RetentionRun(ctx, id, actor.EnteID)
	if err != nil {
		return RetentionView{}, storeError("reading a retention run", err)
	}

	names, err := g.names(ctx, actor.EnteID)

	return RetentionView{RetentionRun: run, EnteNames: names.enti}, err
}

func mayReadRetention(actor Actor) bool {
	return actor.May(PermissionAudit) && (actor.seesEveryEnte() || actor.EnteID != "")
}
