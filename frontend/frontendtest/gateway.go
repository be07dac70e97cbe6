// Package frontendtest has an in-memory gateway with invented data, for tests of the pages and for looking at
// them without the rest of GeNIO.
package frontendtest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// Password opens every account of this package.
const Password = "prova-prova-prova"

// stepTime is how long a retried notification stays at each step.
const stepTime = 3 * time.Second

const defaultLimit = 25

// Entry is one notification with its story.
type Entry struct {
	View     gateway.View
	Timeline notification.Timeline
	// FiscalCode is the whole code, to search by.
	FiscalCode string

	retriedAt time.Time
}

// Gateway fulfils frontend.Gateway from memory. Its exported fields are set before the first call.
type Gateway struct {
	// Gateway is where the use cases come from that are not in memory. Pages that need those are tested with a real gateway
	// on a database of their own; here it is nil.
	*gateway.Gateway

	Accounts []gateway.Account
	Clock    func() time.Time
	// ReportFault breaks every report off after its first line.
	ReportFault error

	mutex     sync.Mutex
	entries   []Entry
	batches   []BatchEntry
	uploads   map[string]string // id of the batch, by idempotency key
	templates []gateway.TemplateView
	enti      []notification.Ente
	services  []notification.Service
	fault     error
	calls     []string
}

// NewGateway starts with the accounts and no notification.
func NewGateway(clock func() time.Time, entries ...Entry) *Gateway {
	return &Gateway{
		Accounts: accounts(), Clock: clock, entries: entries, enti: enti(), services: services(),
		uploads: map[string]string{},
	}
}

// With adds batches and templates. Of a template there may be several versions.
func (g *Gateway) With(batches []BatchEntry, templates []gateway.TemplateView) *Gateway {
	g.batches = append(g.batches, batches...)
	g.templates = append(g.templates, templates...)

	return g
}

// Break makes every later use case but SignIn and Account fail with err; nil mends them.
func (g *Gateway) Break(err error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	g.fault = err
}

// Calls lists the changes that were asked for, such as "cancel paid", in order.
func (g *Gateway) Calls() []string {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	return slices.Clone(g.calls)
}

// SignIn knows every account by the same password.
func (g *Gateway) SignIn(_ context.Context, email, password string) (gateway.Account, error) {
	for _, account := range g.Accounts {
		if strings.EqualFold(account.Email, email) && password == Password {
			return account, nil
		}
	}

	return gateway.Account{}, gateway.ErrUnauthenticated
}

// Account reads an account again.
func (g *Gateway) Account(_ context.Context, id string) (gateway.Account, error) {
	for _, account := range g.Accounts {
		if account.ID == id {
			return account, nil
		}
	}

	return gateway.Account{}, gateway.ErrNotFound
}

// Services are those of the actor's Ente.
func (g *Gateway) Services(_ context.Context, actor gateway.Actor) ([]notification.Service, error) {
	return slices.DeleteFunc(slices.Clone(g.services), func(s notification.Service) bool { return !actor.SeesEnte(s.EnteID) }), g.broken()
}

// Enti are those that the actor sees.
func (g *Gateway) Enti(_ context.Context, actor gateway.Actor) ([]notification.Ente, error) {
	return slices.DeleteFunc(slices.Clone(g.enti), func(e notification.Ente) bool { return !actor.SeesEnte(e.ID) }), g.broken()
}

// Notification reads one, as it is by now.
func (g *Gateway) Notification(_ context.Context, actor gateway.Actor, id string) (gateway.View, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	found, err := g.find(actor, id)
	if err != nil {
		return gateway.View{}, err
	}

	return found.View, nil
}

// Timeline tells its story so far.
func (g *Gateway) Timeline(_ context.Context, actor gateway.Actor, id string) (notification.Timeline, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	found, err := g.find(actor, id)
	if err != nil {
		return notification.Timeline{}, err
	}

	return found.Timeline, nil
}

// Notifications filters as the real one does; a cursor is the number of notifications before the page.
func (g *Gateway) Notifications(_ context.Context, actor gateway.Actor, query gateway.Query) (gateway.Page, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	if g.fault != nil {
		return gateway.Page{}, g.fault
	}

	first := 0

	if query.Cursor != "" {
		read, err := strconv.Atoi(query.Cursor)
		if err != nil {
			return gateway.Page{}, notification.FieldErrors{{
				Field: "cursor", Code: "invalid", Message: "not a cursor", Messaggio: "non è un cursore",
			}}
		}

		first = read
	}

	matching := g.matching(actor, query)
	last := min(first+defaultLimit, len(matching))
	page := gateway.Page{Items: matching[min(first, last):last]}

	if last < len(matching) {
		page.Next = strconv.Itoa(last)
	}

	return page, nil
}

// Counts counts by status.
func (g *Gateway) Counts(_ context.Context, actor gateway.Actor, query gateway.Query) (map[notification.Status]int, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	counts := map[notification.Status]int{}
	for _, view := range g.matching(actor, query) {
		counts[view.Status]++
	}

	return counts, g.fault
}

func (g *Gateway) broken() error {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	return g.fault
}

func (g *Gateway) find(actor gateway.Actor, id string) (*Entry, error) {
	if g.fault != nil {
		return nil, g.fault
	}

	for i := range g.entries {
		entry := &g.entries[i]
		if entry.View.ID == id && actor.SeesEnte(entry.View.EnteID) {
			g.progress(entry)

			return entry, nil
		}
	}

	return nil, gateway.ErrNotFound
}

func (g *Gateway) matching(actor gateway.Actor, query gateway.Query) []gateway.View {
	var views []gateway.View

	for i := range g.entries {
		entry := &g.entries[i]
		g.progress(entry)

		if actor.SeesEnte(entry.View.EnteID) && matches(entry, query) {
			views = append(views, entry.View)
		}
	}

	return views
}

func matches(entry *Entry, query gateway.Query) bool {
	view := &entry.View

	switch {
	case query.EnteID != "" && view.EnteID != query.EnteID,
		len(query.ServiceIDs) > 0 && !slices.Contains(query.ServiceIDs, view.ServiceID),
		len(query.Statuses) > 0 && !slices.Contains(query.Statuses, view.Status),
		query.BatchID != "" && view.BatchID != query.BatchID,
		query.Channel != "" && view.Channel != query.Channel,
		query.ExternalReference != "" && view.ExternalReference != query.ExternalReference,
		query.FiscalCode != "" && entry.FiscalCode != query.FiscalCode,
		!query.From.IsZero() && view.AcceptedAt.Before(query.From),
		!query.To.IsZero() && !view.AcceptedAt.Before(query.To):
		return false
	}

	return true
}

// mask is how views show a codice fiscale.
func mask(fiscalCode string) string { return fiscalcode.Mask(fiscalCode) }
