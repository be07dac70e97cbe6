package gateway

import (
	"context"
	"errors"
	"strings"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
)

// CitizenWish is a citizen's request that somebody answers: about whom, of which Ente, and why.
type CitizenWish struct {
	FiscalCode string
	// EnteID bounds what is meant; empty: everything that the actor sees.
	EnteID string
	// Why is the reason, or the number under which the request was filed. It stays in the audit log.
	Why string
}

// CitizenSummary is how much is held about a citizen.
type CitizenSummary struct {
	EnteID   string // as bounded by what the actor sees; empty: all Enti
	EnteName string
	ByStatus map[notification.Status]int
	Total    int
	Open     int
}

// checkCitizen names what is wrong with a wish, and gives the notifications that it means.
func (g *Gateway) checkCitizen(actor Actor, wish *CitizenWish, needsWhy bool) (db.Filter, error) {
	if !actor.May(PermissionPrivacy) {
		return db.Filter{}, ErrForbidden
	}

	wish.FiscalCode = fiscalcode.Normalise(wish.FiscalCode)
	wish.Why = strings.Join(strings.Fields(wish.Why), " ")

	fields := g.checkFiscalCode("fiscal_code", wish.FiscalCode)
	if needsWhy {
		fields = append(fields, g.checkCitizenWhy(*wish)...)
	}

	if err := fields.OrNil(); err != nil {
		return db.Filter{}, err
	}

	filter, some := Query{EnteID: wish.EnteID, FiscalCode: wish.FiscalCode}.filter(actor)
	if !some {
		return db.Filter{}, ErrNotFound
	}

	wish.EnteID = filter.EnteID

	return filter, nil
}

// checkCitizenWhy: the reason is kept and shown, so it must not say about whom.
func (g *Gateway) checkCitizenWhy(wish CitizenWish) notification.FieldErrors {
	if g.namesCitizen(wish.Why, wish.FiscalCode) {
		return notification.FieldErrors{fault("why", codePersonalData,
			"no codice fiscale: the reason is kept and shown",
			"niente codice fiscale: il motivo viene conservato e mostrato")}
	}

	return g.checkWhy(wish.Why)
}

// Citizen counts what is held about a citizen, as far as the actor sees it.
func (g *Gateway) Citizen(ctx context.Context, actor Actor, wish CitizenWish) (CitizenSummary, error) {
	filter, err := g.checkCitizen(actor, &wish, false)
	if err != nil {
		return CitizenSummary{}, err
	}

	return g.summary(ctx, filter)
}

func (g *Gateway) summary(ctx context.Context, filter db.Filter) (CitizenSummary, error) {
	summary := CitizenSummary{EnteID: filter.EnteID, ByStatus: map[notification.Status]int{}}

	if filter.EnteID != "" {
		ente, err := g.Store.Ente(ctx, filter.EnteID)
		if err != nil {
			return summary, storeError("reading the Ente", err)
		}

		summary.EnteName = ente.Name
	}

	counts, err := g.Store.CountStates(ctx, filter)
	if err = storeError("counting notifications", err); errors.Is(err, ErrNotFound) {
		return summary, nil
	}

	for _, count := range counts {
		summary.ByStatus[count.Status] += count.Total
		summary.Total += count.Total

		if !count.Status.Final() {
			summary.Open += count.Total
		}
	}

	return summary, err
}
