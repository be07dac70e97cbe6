package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
)

const (
	defaultPage = 25
	maxPage     = 100
)

// Notification reads one notification with its content and attempts; the recipient is masked.
func (g *Gateway) Notification(ctx context.Context, actor Actor, id string) (View, error) {
	if _, err := g.visible(ctx, actor, id); err != nil {
		return View{}, err
	}

	n, err := g.Store.Notification(ctx, id)
	if err != nil {
		return View{}, storeError("reading the notification", err)
	}

	names, err := g.names(ctx, n.EnteID)
	if err != nil {
		return View{}, err
	}

	view := names.view(actor, n)
	view.ProviderWords, err = g.providerWords(ctx, n.Attempts)

	return view, err
}

func (g *Gateway) providerWords(ctx context.Context, attempts []notification.Attempt) (map[string][]ProviderWord, error) {
	ids := make([]string, len(attempts))
	for i, attempt := range attempts {
		ids[i] = attempt.ID
	}

	events, err := g.Store.ProviderEventsOf(ctx, ids...)
	if err != nil {
		return nil, storeError("reading the providers' words", err)
	}

	words := make(map[string][]ProviderWord, len(events))

	for id, told := range events {
		for _, event := range told {
			words[id] = append(words[id], ProviderWord{Word: event.Status, At: event.At})
		}
	}

	return words, nil
}

// Notifications reads one page of the notifications that the actor may see, newest first.
func (g *Gateway) Notifications(ctx context.Context, actor Actor, query Query) (Page, error) {
	if err := g.checkReference(query.ExternalReference, Submission{}).OrNil(); err != nil {
		return Page{}, err
	}

	cursor, limit, err := query.position()
	if err != nil {
		return Page{}, err
	}

	filter, some := query.filter(actor)
	if !some {
		return Page{}, nil
	}

	rows, more, err := g.Store.List(ctx, filter, cursor, limit)

	switch err = storeError("listing notifications", err); {
	case errors.Is(err, ErrNotFound):
		// A filter by what is no id, or no text, matches nothing.
		return Page{}, nil
	case err != nil:
		return Page{}, err
	}

	names, err := g.names(ctx, filter.EnteID)
	if err != nil {
		return Page{}, err
	}

	page := Page{Items: make([]View, len(rows))}
	for i, n := range rows {
		page.Items[i] = names.view(actor, n)
	}

	if more {
		page.Next = encodeCursor(rows[len(rows)-1])
	}

	return page, nil
}

// Counts counts the notifications that the actor may see, by status. It gives nil where they are more than [CountLimit] and no
// figure tells their number.
func (g *Gateway) Counts(ctx context.Context, actor Actor, query Query) (map[notification.Status]int, error) {
	if err := g.checkReference(query.ExternalReference, Submission{}).OrNil(); err != nil {
		return nil, err
	}

	filter, some := query.filter(actor)
	if !some {
		return map[notification.Status]int{}, nil
	}

	counts, err := g.Store.Counts(ctx, filter, CountLimit)
	if err = storeError("counting notifications", err); errors.Is(err, ErrNotFound) {
		return map[notification.Status]int{}, nil
	}

	return counts.ByStatus, err
}

// filter bounds the query by what the actor may see; some is false where nothing can match.
func (q Query) filter(actor Actor) (filter db.Filter, some bool) {
	filter = db.Filter{
		EnteID: q.EnteID, ServiceIDs: q.ServiceIDs, Statuses: q.Statuses, Reasons: q.Reasons, Channel: q.Channel,
		BatchID: q.BatchID, ExternalReference: q.ExternalReference, FiscalCode: fiscalcode.Normalise(q.FiscalCode),
		Phone: q.Phone, From: q.From, To: q.To,
	}

	if !actor.seesEveryEnte() && actor.EnteID == "" {
		return filter, false
	}

	if actor.EnteID != "" {
		if q.EnteID != "" && q.EnteID != actor.EnteID {
			return filter, false
		}

		filter.EnteID = actor.EnteID
	}

	if len(actor.ServiceIDs) > 0 {
		filter.ServiceIDs = common(actor.ServiceIDs, q.ServiceIDs)
		if len(filter.ServiceIDs) == 0 {
			return filter, false
		}
	}

	return filter, true
}

// common is what both lists hold; an empty wish means everything that is allowed.
func common(allowed, wished []string) []string {
	if len(wished) == 0 {
		return allowed
	}

	var both []string

	for _, id := range wished {
		for _, candidate := range allowed {
			if id == candidate {
				both = append(both, id)
			}
		}
	}

	return both
}

type cursorToken struct {
	At time.Time `json:"at"`
	ID string    `json:"id"`
}

func encodeCursor(last notification.Notification) string {
	encoded, err := json.Marshal(cursorToken{At: last.AcceptedAt, ID: last.ID})
	if err != nil {
		return ""
	}

	return base64.RawURLEncoding.EncodeToString(encoded)
}

func (q Query) position() (db.Cursor, int, error) {
	limit, err := pageLimit(q.Limit)
	if err != nil {
		return db.Cursor{}, 0, err
	}

	if q.Cursor == "" {
		return db.Cursor{}, limit, nil
	}

	var token cursorToken

	decoded, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err == nil {
		err = json.Unmarshal(decoded, &token)
	}

	if err != nil || token.At.IsZero() || uuid.Validate(token.ID) != nil {
		return db.Cursor{}, 0, invalid("cursor", "invalid",
			"not a cursor of this API", "non è un cursore di questa API")
	}

	return db.Cursor{AcceptedAt: token.At, ID: token.ID}, limit, nil
}

// pageLimit is how many items a page has where so many are asked for; 0: as many as usual.
func pageLimit(wished int) (int, error) {
	switch {
	case wished == 0:
		return defaultPage, nil
	case wished < 1 || wished > maxPage:
		return 0, invalid("limit", "range", "1 to 100", "da 1 a 100")
	}

	return wished, nil
}

// names are those of the Enti and services that views show.
type names struct {
	enti     map[string]string
	services map[string]string
	// inactive are the ids of the Enti and services that may not send.
	inactive map[string]bool
}

func (g *Gateway) names(ctx context.Context, enteID string) (names, error) {
	found := names{enti: map[string]string{}, services: map[string]string{}, inactive: map[string]bool{}}

	enti, err := g.Store.Enti(ctx)
	if err != nil {
		return found, storeError("reading the Enti", err)
	}

	for _, ente := range enti {
		found.enti[ente.ID], found.inactive[ente.ID] = ente.Name, !ente.Active
	}

	services, err := g.Store.Services(ctx, enteID)
	if err != nil {
		return found, storeError("reading the services", err)
	}

	for _, service := range services {
		found.services[service.ID], found.inactive[service.ID] = service.Name, !service.Active
	}

	return found, nil
}

func (names names) view(actor Actor, n notification.Notification) View {
	view := View{
		EnteName:         names.enti[n.EnteID],
		ServiceName:      names.services[n.ServiceID],
		MaskedFiscalCode: fiscalcode.Mask(n.Recipient.FiscalCode),
		Possible:         possible(actor, n),
	}

	if names.inactive[n.EnteID] || names.inactive[n.ServiceID] {
		// What would send something is not possible. Of the decisions, closing still is.
		view.Possible.Resume, view.Possible.Retry = false, false
	}

	if n.Recipient.Phone != "" {
		view.MaskedPhone = sms.MaskPhone(n.Recipient.Phone)
	}

	n.Recipient = notification.Recipient{}
	view.Notification = n

	return view
}

// possible is what the state and the actor's rights allow, as long as service and Ente may send.
func possible(actor Actor, n notification.Notification) Possible {
	if !actor.MayChange() {
		return Possible{}
	}

	open := !n.Status.Final()
	decide := waitsForDecision(n)

	return Possible{
		Cancel: open,
		Hold:   open && n.Status != notification.StatusOnHold,
		Resume: n.Status == notification.StatusOnHold && !decide && !n.Reason.Paused(),
		Retry:  n.Status == notification.StatusFailed && n.ContentRemovedAt.IsZero(),
		Decide: decide,
	}
}
