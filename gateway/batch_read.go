package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// Batch reads one batch with its progress and its forecast.
func (g *Gateway) Batch(ctx context.Context, actor Actor, id string) (BatchView, error) {
	stored, err := g.visibleBatch(ctx, actor, id)
	if err != nil {
		return BatchView{}, err
	}

	surroundings, err := g.surroundings(ctx, stored.EnteID)
	if err != nil {
		return BatchView{}, err
	}

	view, err := g.batchView(ctx, actor, stored, surroundings)
	if err != nil {
		return BatchView{}, err
	}

	view.Links, err = g.links(ctx, actor, view)

	return view, err
}

// Batches reads one page of the batches that the actor may see, newest first.
func (g *Gateway) Batches(ctx context.Context, actor Actor, query BatchQuery) (BatchPage, error) {
	// A batch is found as a notification is: within the Ente and the services that the actor sees.
	like := Query{EnteID: query.EnteID, ServiceIDs: query.ServiceIDs, Cursor: query.Cursor, Limit: query.Limit}

	cursor, limit, err := like.position()
	if err != nil {
		return BatchPage{}, err
	}

	visible, some := like.filter(actor)
	if !some {
		return BatchPage{}, nil
	}

	filter := db.BatchFilter{EnteID: visible.EnteID, ServiceIDs: visible.ServiceIDs, Statuses: query.Statuses}
	rows, more, err := g.Store.Batches(ctx, filter, cursor, limit)

	switch err = storeError("listing batches", err); {
	case errors.Is(err, ErrNotFound):
		// A filter by what is no id matches nothing.
		return BatchPage{}, nil
	case err != nil:
		return BatchPage{}, err
	}

	surroundings, err := g.surroundings(ctx, filter.EnteID)
	if err != nil {
		return BatchPage{}, err
	}

	page := BatchPage{Items: make([]BatchView, len(rows))}

	for i, row := range rows {
		if page.Items[i], err = g.batchView(ctx, actor, row, surroundings); err != nil {
			return BatchPage{}, err
		}
	}

	if more {
		last := rows[len(rows)-1]
		page.Next = encodeCursor(notification.Notification{ID: last.ID, AcceptedAt: last.CreatedAt})
	}

	return page, nil
}

// visibleBatch reads a batch, as long as the actor may know of it.
func (g *Gateway) visibleBatch(ctx context.Context, actor Actor, id string) (db.StoredBatch, error) {
	stored, err := g.Store.Batch(ctx, id)
	if err != nil {
		return db.StoredBatch{}, storeError("reading the batch", err)
	}

	if !actor.SeesService(stored.EnteID, stored.ServiceID) {
		return db.StoredBatch{}, ErrNotFound
	}

	return stored, nil
}

// batchSurroundings are what views of batches show beside the batches themselves.
type batchSurroundings struct {
	enti      map[string]notification.Ente
	services  map[string]notification.Service
	templates map[templateVersion]notification.Template
}

type templateVersion struct {
	id      string
	version int
}

func (g *Gateway) surroundings(ctx context.Context, enteID string) (batchSurroundings, error) {
	found := batchSurroundings{
		enti: map[string]notification.Ente{}, services: map[string]notification.Service{},
		templates: map[templateVersion]notification.Template{},
	}

	enti, err := g.Store.Enti(ctx)
	if err != nil {
		return found, storeError("reading the Enti", err)
	}

	for _, ente := range enti {
		found.enti[ente.ID] = ente
	}

	services, err := g.Store.Services(ctx, enteID)
	if err != nil {
		return found, storeError("reading the services", err)
	}

	for _, service := range services {
		found.services[service.ID] = service
	}

	return found, nil
}

// template reads the batch's version of its template, once for all batches of a page.
func (g *Gateway) template(
	ctx context.Context, b notification.Batch, surroundings batchSurroundings,
) (notification.Template, error) {
	key := templateVersion{id: b.TemplateID, version: b.TemplateVersion}
	if known, ok := surroundings.templates[key]; ok {
		return known, nil
	}

	template, err := g.Store.Template(ctx, key.id, key.version)
	if err != nil {
		return template, storeError("reading the template", err)
	}

	surroundings.templates[key] = template

	return template, nil
}

func (g *Gateway) batchView(
	ctx context.Context, actor Actor, stored db.StoredBatch, surroundings batchSurroundings,
) (BatchView, error) {
	template, err := g.template(ctx, stored.Batch, surroundings)
	if err != nil {
		return BatchView{}, err
	}

	layout, err := layoutOf(stored)
	if err != nil {
		return BatchView{}, err
	}

	ente, service := surroundings.enti[stored.EnteID], surroundings.services[stored.ServiceID]
	view := BatchView{
		Batch: stored.Batch, EnteName: ente.Name, ServiceName: service.Name, TemplateName: template.Name,
		Layout: layout, Placeholders: template.Placeholders(), Doubling: doubling(stored.Counts.Doubling),
		Possible: possibleForBatch(actor, stored.Batch, ente.Active && service.Active),
	}

	if stored.Status == notification.BatchMapping {
		view.Unmapped = layout.Unmapped(batch.Wanted{Placeholders: view.Placeholders})
	}

	if !hasRows(stored.Status) {
		return view, nil
	}

	if view.Progress, err = g.Store.BatchProgress(ctx, stored.ID); err != nil {
		return BatchView{}, storeError("counting the batch's progress", err)
	}

	view.Forecast, err = g.forecast(ctx, view, ente, service)

	return view, err
}

// hasRows tells whether there is something to count.
func hasRows(status notification.BatchStatus) bool {
	switch status {
	case notification.BatchDraft, notification.BatchScheduled, notification.BatchSending, notification.BatchPaused,
		notification.BatchCompleted, notification.BatchCancelled:
		return true
	case notification.BatchChecking, notification.BatchMapping, notification.BatchUnreadable, notification.BatchDiscarded:
		return false
	}

	return false
}

func (g *Gateway) forecast(
	ctx context.Context, view BatchView, ente notification.Ente, service notification.Service,
) (Forecast, error) {
	basis := forecastBasis{
		batch: view.Batch, progress: view.Progress, ioCalls: ente.IOCalls,
		fallsBack:       service.Policy.FallsBackTo(notification.ChannelSMS),
		partPriceMicros: g.SMSPartPriceMicros, now: time.Now(),
	}

	if basis.ioCalls == 0 {
		basis.ioCalls = notification.DefaultIOCalls
	}

	if view.Status == notification.BatchSending {
		settled, err := g.Store.SettledSince(ctx, view.ID, basis.now.Add(-rateWindow))
		if err != nil {
			return Forecast{}, storeError("measuring the batch's rate", err)
		}

		basis.settled = settled
	}

	return basis.forecast(), nil
}

// possibleForBatch is what the state and the actor's rights allow. Where service or Ente may not send any more, only
// what stops the batch is left.
func possibleForBatch(actor Actor, b notification.Batch, maySend bool) BatchPossible {
	if !actor.MayChange() {
		return BatchPossible{}
	}

	draft := b.Status == notification.BatchDraft
	sampling := b.Sample.State == notification.SampleWanted || b.Sample.State == notification.SampleRunning
	open := !b.Status.Final() && !beforeConfirmation(b.Status)

	return BatchPossible{
		Remap:   draft || b.Status == notification.BatchMapping,
		Sample:  draft && maySend && !sampling && b.Counts.Good > 0,
		Confirm: draft && maySend && b.Counts.Good+b.Counts.Duplicates > 0,
		Pause:   b.Status == notification.BatchSending,
		Resume:  b.Status == notification.BatchPaused && maySend,
		Cancel:  open,
		Discard: beforeConfirmation(b.Status) || b.Status == notification.BatchUnreadable,
	}
}

func beforeConfirmation(status notification.BatchStatus) bool {
	return status == notification.BatchChecking || status == notification.BatchMapping || status == notification.BatchDraft
}

// layoutOf reads the stored layout; before the file was looked at there may be none.
func layoutOf(stored db.StoredBatch) (batch.Layout, error) {
	var layout batch.Layout

	if len(stored.Layout) == 0 {
		return layout, nil
	}

	if err := json.Unmarshal(stored.Layout, &layout); err != nil {
		return layout, fmt.Errorf("reading the layout of batch %s: %w", stored.ID, err)
	}

	return layout, nil
}
