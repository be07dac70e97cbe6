package gateway

import (
	"context"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

func (g *Gateway) visibleIntervention(ctx context.Context, actor Actor, id string) (notification.Intervention, error) {
	found, err := g.Store.Intervention(ctx, id)
	if err != nil {
		return notification.Intervention{}, storeError("reading the intervention", err)
	}

	if found.EnteID != "" && !actor.SeesEnte(found.EnteID) || found.EnteID == "" && !actor.seesEveryEnte() {
		return notification.Intervention{}, ErrNotFound
	}

	return found, nil
}

// InterventionView is an intervention with what came of it so far.
type InterventionView struct {
	notification.Intervention

	EnteName string
	Outcomes []db.ItemCount
	// MayStop tells that the reader may stop it now.
	MayStop bool
}

// Count adds up the items of a state.
func (v InterventionView) Count(state notification.ItemState) int {
	sum := 0

	for _, outcome := range v.Outcomes {
		if outcome.State == state {
			sum += outcome.Total
		}
	}

	return sum
}

// Intervention reads one intervention.
func (g *Gateway) Intervention(ctx context.Context, actor Actor, id string) (InterventionView, error) {
	found, err := g.visibleIntervention(ctx, actor, id)
	if err != nil {
		return InterventionView{}, err
	}

	names, err := g.names(ctx, found.EnteID)
	if err != nil {
		return InterventionView{}, err
	}

	return g.interventionView(ctx, actor, names, found)
}

func (g *Gateway) interventionView(
	ctx context.Context, actor Actor, names names, found notification.Intervention,
) (InterventionView, error) {
	outcomes, err := g.Store.CountItems(ctx, found.ID)

	return InterventionView{
		Intervention: found, EnteName: names.enti[found.EnteID], Outcomes: outcomes,
		MayStop: !found.Status.Final() && actor.May(PermissionIntervene),
	}, storeError("counting the items", err)
}

// InterventionQuery filters a list of interventions; empty fields do not filter.
type InterventionQuery struct {
	Statuses []notification.InterventionStatus
	Cursor   string
}

// InterventionPage is one page of a list, newest first.
type InterventionPage struct {
	Items []InterventionView
	Next  string
}

// Interventions reads one page of the interventions that the actor may see.
func (g *Gateway) Interventions(ctx context.Context, actor Actor, query InterventionQuery) (InterventionPage, error) {
	if !actor.seesEveryEnte() && actor.EnteID == "" {
		return InterventionPage{}, nil
	}

	cursor, limit, err := Query{Cursor: query.Cursor}.position()
	if err != nil {
		return InterventionPage{}, err
	}

	found, more, err := g.Store.Interventions(ctx,
		db.InterventionFilter{EnteID: actor.EnteID, Statuses: query.Statuses}, cursor, limit)
	if err != nil {
		return InterventionPage{}, storeError("listing interventions", err)
	}

	names, err := g.names(ctx, actor.EnteID)
	if err != nil {
		return InterventionPage{}, err
	}

	var page InterventionPage

	for _, one := range found {
		view, err := g.interventionView(ctx, actor, names, one)
		if err != nil {
			return InterventionPage{}, err
		}

		page.Items = append(page.Items, view)
	}

	if more {
		last := found[len(found)-1]
		page.Next = encodeCursor(notification.Notification{ID: last.ID, AcceptedAt: last.CreatedAt})
	}

	return page, nil
}
