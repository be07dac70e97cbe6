package gateway

import (
	"context"
	"errors"
	"fmt"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

const (
	maxBulk = 1_000 // items

	// keyHeader is where a single submission has its key; an item of a bulk has it in a field of its own.
	keyHeader = "Idempotency-Key"
	keyField  = "idempotency_key"
)

// SubmitBulk accepts many notifications of one Ente in one transaction. Items that are not valid are reported at their
// place and do not keep the others from being accepted. The same key and the same items give the same answer again.
func (g *Gateway) SubmitBulk(ctx context.Context, actor Actor, bulk Bulk) (BulkReceipt, error) {
	if !actor.MayChange() {
		return BulkReceipt{}, ErrForbidden
	}

	if err := checkBulk(bulk).OrNil(); err != nil {
		return BulkReceipt{}, err
	}

	accepted := g.Starter.Accepting(len(bulk.Items))
	defer accepted()

	round := newBulkRound(g, actor, bulk)

	for i := range round.items {
		if err := round.check(ctx, i); err != nil {
			return BulkReceipt{}, err
		}
	}

	return round.submit(ctx)
}

func checkBulk(bulk Bulk) notification.FieldErrors {
	fields := checkKey(bulk.IdempotencyKey)

	switch {
	case len(bulk.Items) == 0:
		fields = append(fields, notification.FieldError{
			Field: "items", Code: "required", Message: "at least one item", Messaggio: "almeno un elemento",
		})
	case len(bulk.Items) > maxBulk:
		fields = append(fields, notification.FieldError{
			Field: "items", Code: "too_many",
			Message:   fmt.Sprintf("at most %d items", maxBulk),
			Messaggio: fmt.Sprintf("al massimo %d elementi", maxBulk),
		})
	}

	return fields
}

// bulkRound is a bulk on its way. Services, Enti and templates are read once for all items.
type bulkRound struct {
	*Gateway

	actor Actor
	key   string
	items []Submission

	// enteID is that of all items, once the first service is known.
	enteID   string
	services map[string]bulkService
	fillings map[templateVersion]bulkFilling

	results []BulkResult
	// accepted are the items to be stored, and places where they stand among all.
	accepted []db.Submission
	places   []int
}

// bulkService is a service that items name, or why they cannot.
type bulkService struct {
	service notification.Service
	ente    notification.Ente
	fields  notification.FieldErrors
}

// bulkFilling is a template that items name, or why they cannot.
type bulkFilling struct {
	filling *notification.Filling
	fields  notification.FieldErrors
}

func newBulkRound(g *Gateway, actor Actor, bulk Bulk) *bulkRound {
	round := &bulkRound{
		Gateway: g, actor: actor, key: bulk.IdempotencyKey, enteID: actor.EnteID,
		services: map[string]bulkService{}, fillings: map[templateVersion]bulkFilling{},
		items: make([]Submission, len(bulk.Items)), results: make([]BulkResult, len(bulk.Items)),
	}

	for i, item := range bulk.Items {
		round.items[i] = g.normalise(item)
	}

	return round
}

// check looks at one item. An error is not the item's.
func (r *bulkRound) check(ctx context.Context, place int) error {
	item := r.items[place]

	sender, err := r.sender(ctx, item.ServiceID)
	if err != nil {
		return err
	}

	template, err := r.template(ctx, sender, item)
	if err != nil {
		return err
	}

	// Without a service there is no ceiling to hold the payment against.
	ceiling := int64(notification.MaxPaymentCents)
	if len(sender.fields) == 0 {
		ceiling = sender.service.MaxPaymentCents
	}

	content, fields := r.checkItem(item, template.filling, ceiling)
	fields = inItem(sender.fields, template.fields, fields)

	if len(fields) > 0 {
		return r.refuse(ctx, place, sender.service, fields)
	}

	request, err := requestOf(item, sender.service, sender.ente, content)
	if err != nil {
		return err
	}

	r.accepted = append(r.accepted, request)
	r.places = append(r.places, place)

	return nil
}

// inItem names fields as an item has them.
func inItem(lists ...notification.FieldErrors) notification.FieldErrors {
	var fields notification.FieldErrors

	for _, list := range lists {
		for _, field := range list {
			if field.Field == keyHeader {
				field.Field = keyField
			}

			fields = append(fields, field)
		}
	}

	return fields
}

// sender is the service with the given id. All items of a bulk are of one Ente: that of the first service that is known.
func (r *bulkRound) sender(ctx context.Context, id string) (bulkService, error) {
	if known, ok := r.services[id]; ok {
		return known, nil
	}

	var found bulkService

	service, err := r.sendingService(ctx, r.actor, id)
	if fields, ok := errors.AsType[notification.FieldErrors](err); ok {
		found.fields = fields
	} else if err != nil {
		return bulkService{}, err
	}

	if found.service = service; service.EnteID != "" {
		if err := r.belongs(ctx, &found); err != nil {
			return bulkService{}, err
		}
	}

	r.services[id] = found

	return found, nil
}

func (r *bulkRound) belongs(ctx context.Context, found *bulkService) error {
	if r.enteID == "" {
		r.enteID = found.service.EnteID
	}

	if found.service.EnteID != r.enteID {
		*found = bulkService{fields: notification.FieldErrors{{
			Field: "service_id", Code: "other_ente",
			Message:   "all items of a bulk are of one Ente",
			Messaggio: "tutti gli elementi devono essere dello stesso Ente",
		}}}

		return nil
	}

	ente, err := r.Store.Ente(ctx, found.service.EnteID)
	found.ente = ente

	return storeError("reading the Ente", err)
}

func (r *bulkRound) template(ctx context.Context, sender bulkService, item Submission) (bulkFilling, error) {
	if item.Template == nil || sender.service.EnteID == "" {
		return bulkFilling{}, nil
	}

	// The values are each item's own.
	key := templateVersion{id: item.Template.TemplateID, version: item.Template.TemplateVersion}
	if known, ok := r.fillings[key]; ok {
		return known, nil
	}

	filling, err := r.wantedFilling(ctx, sender.service.EnteID, item)

	found := bulkFilling{filling: filling}
	if fields, ok := errors.AsType[notification.FieldErrors](err); ok {
		found.fields = fields
	} else if err != nil {
		return bulkFilling{}, err
	}

	r.fillings[key] = found

	return found, nil
}

// refuse reports an item that is not valid, unless it was accepted before it became so.
func (r *bulkRound) refuse(
	ctx context.Context, place int, service notification.Service, fields notification.FieldErrors,
) error {
	receipt, err := r.answeredBefore(ctx, r.items[place], service, fields)

	switch refused, ok := errors.AsType[notification.FieldErrors](err); {
	case ok:
		r.results[place].Errors = refused
	case errors.Is(err, ErrIdempotencyConflict):
		r.results[place].Conflict = true
	default:
		r.results[place].Receipt = receipt

		return err
	}

	return nil
}

// submit stores what is valid, and the answer with it.
func (r *bulkRound) submit(ctx context.Context) (BulkReceipt, error) {
	if r.enteID == "" || len(r.accepted) == 0 && r.key == "" {
		// Nothing to store, and nobody to store it for.
		return BulkReceipt{Items: r.results}, nil
	}

	hash, err := bulkHash(r.items)
	if err != nil {
		return BulkReceipt{}, err
	}

	stored, earlier, err := r.Store.SubmitBulk(ctx, db.BulkSubmission{
		EnteID: r.enteID, Items: r.accepted, IdempotencyKey: r.key, RequestHash: hash,
		Answer: func(stored []db.BulkItem) ([]byte, error) { return encodeAnswer(r.answer(stored)) },
	})

	switch {
	case errors.Is(err, db.ErrConflict):
		return BulkReceipt{}, ErrIdempotencyConflict
	case err != nil:
		return BulkReceipt{}, storeError("storing the notifications", err)
	case earlier != nil:
		results, err := decodeAnswer(earlier)

		return BulkReceipt{Items: results, Replayed: true}, err
	}

	for i, item := range stored {
		if !item.Replayed && !item.Conflict {
			r.Gateway.accepted(ctx, r.accepted[i].Notification)
		}
	}

	return BulkReceipt{Items: r.answer(stored)}, nil
}

// answer puts what became of the stored items in their places.
func (r *bulkRound) answer(stored []db.BulkItem) []BulkResult {
	for i, item := range stored {
		result := &r.results[r.places[i]]

		if result.Conflict = item.Conflict; !item.Conflict {
			result.Receipt = Receipt{ID: item.ID, Replayed: item.Replayed}
		}
	}

	return r.results
}
