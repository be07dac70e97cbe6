package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

const (
	// pausesShown is how many pauses the list shows.
	pausesShown = 100
	// pausesRemembered is how long what is paused is believed: every page asks.
	pausesRemembered = 2 * time.Second
	// longestPause is how far ahead an end may lie.
	longestPause = 90 * 24 * time.Hour
)

// PauseWish is what somebody wants to be paused.
type PauseWish struct {
	Scope     notification.PauseScope
	Channel   notification.Channel // for the scopes of a channel
	EnteID    string               // for an Ente and its channel
	ServiceID string               // for a service
	Why       string
	Until     time.Time // zero: until somebody lifts it
}

// PauseView is a pause as an actor may see it.
type PauseView struct {
	notification.Pause

	EnteName    string
	ServiceName string
	InForce     bool
	// MayLift tells that the reader may lift it now.
	MayLift bool
}

// Pause makes the notifications of a service, an Ente or a channel wait before their next hand-over.
func (g *Gateway) Pause(ctx context.Context, actor Actor, wish PauseWish) (id string, err error) {
	if !actor.May(PermissionIntervene) {
		return "", ErrForbidden
	}

	wish.Why = strings.Join(strings.Fields(wish.Why), " ")

	pause, fields, err := g.wantedPause(ctx, actor, wish)
	if err != nil {
		return "", err
	}

	if err := slices.Concat(fields, g.checkWhy(wish.Why), checkUntil(wish.Until)).OrNil(); err != nil {
		return "", err
	}

	made, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("making an id: %w", err)
	}

	pause.ID = made.String()

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		_, err := store.Pause(ctx, pause)

		return pauseAct("pause.begin", pause), storeError("pausing", err)
	})
	if err != nil {
		return "", err
	}

	return pause.ID, nil
}

func pauseAct(name string, pause notification.Pause) Act {
	act := Act{Name: name, EnteID: pause.EnteID, Object: "pause", ObjectID: pause.ID, Detail: map[string]string{
		"scope": string(pause.Scope), "why": pause.Why,
	}}

	if pause.Channel != "" {
		act.Detail["channel"] = string(pause.Channel)
	}

	if pause.ServiceID != "" {
		act.Detail["service"] = pause.ServiceID
	}

	if !pause.Until.IsZero() {
		act.Detail["until"] = pause.Until.UTC().Format(time.RFC3339)
	}

	return act
}

// wantedPause checks what is to be paused, and whether the actor may. What it may not see, there is not.
func (g *Gateway) wantedPause(
	ctx context.Context, actor Actor, wish PauseWish,
) (pause notification.Pause, fields notification.FieldErrors, err error) {
	pause = notification.Pause{
		Scope: wish.Scope, Why: wish.Why, ByID: actor.ID, ByName: actor.Name, Until: wish.Until.UTC(),
	}

	if wish.Scope == notification.PauseChannel || wish.Scope == notification.PauseEnteChannel {
		if pause.Channel = wish.Channel; !pause.Channel.Valid() {
			return pause, missing("channel", "choose a channel", "scegliere un canale"), nil
		}
	}

	switch wish.Scope {
	case notification.PauseChannel:
		if !actor.seesEveryEnte() {
			return pause, nil, ErrForbidden
		}
	case notification.PauseEnte, notification.PauseEnteChannel:
		fields, err = g.chooseEnte(ctx, actor, wish, &pause)
	case notification.PauseService:
		fields, err = g.chooseService(ctx, actor, wish, &pause)
	default:
		fields = missing("scope", "choose what to pause", "scegliere che cosa mettere in pausa")
	}

	return pause, fields, err
}

func (g *Gateway) chooseEnte(
	ctx context.Context, actor Actor, wish PauseWish, pause *notification.Pause,
) (notification.FieldErrors, error) {
	none := missing("ente", "choose an Ente", "scegliere un Ente")

	pause.EnteID = cmp.Or(wish.EnteID, actor.EnteID)
	if pause.EnteID == "" || !actor.SeesEnte(pause.EnteID) {
		return none, nil
	}

	_, err := g.Store.Ente(ctx, pause.EnteID)
	if errors.Is(err, db.ErrNotFound) {
		return none, nil
	}

	return nil, storeError("reading the Ente", err)
}

func (g *Gateway) chooseService(
	ctx context.Context, actor Actor, wish PauseWish, pause *notification.Pause,
) (notification.FieldErrors, error) {
	service, err := g.Store.Service(ctx, wish.ServiceID)

	switch {
	case errors.Is(err, db.ErrNotFound), err == nil && !actor.SeesService(service.EnteID, service.ID):
		return missing("service", "choose a service", "scegliere un servizio"), nil
	case err != nil:
		return nil, storeError("reading the service", err)
	}

	pause.EnteID, pause.ServiceID = service.EnteID, service.ID

	return nil, nil
}

func missing(field, message, messaggio string) notification.FieldErrors {
	return notification.FieldErrors{{Field: field, Code: "required", Message: message, Messaggio: messaggio}}
}

func checkUntil(until time.Time) notification.FieldErrors {
	now := time.Now()
	if until.IsZero() || until.After(now) && until.Before(now.Add(longestPause)) {
		return nil
	}

	return notification.FieldErrors{{
		Field: "until", Code: "range",
		Message: "the end lies ahead, at most 90 days", Messaggio: "la fine deve essere futura, al massimo tra 90 giorni",
	}}
}

// LiftPause ends a pause: what waited goes on by itself.
func (g *Gateway) LiftPause(ctx context.Context, actor Actor, id string) error {
	view, err := g.PauseByID(ctx, actor, id)

	switch {
	case err != nil:
		return err
	case !mayLift(actor, view.Pause):
		return ErrForbidden
	case !view.InForce:
		return ErrState
	}

	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return pauseAct("pause.lift", view.Pause), storeError("lifting the pause", store.LiftPause(ctx, id, actor.ID, actor.Name))
	})
}

// mayLift: a pause of the whole gateway is for those who work across Enti.
func mayLift(actor Actor, pause notification.Pause) bool {
	if pause.EnteID == "" {
		return actor.May(PermissionIntervene) && actor.seesEveryEnte()
	}

	return actor.May(PermissionIntervene) && actor.SeesEnte(pause.EnteID)
}

// PauseByID reads a pause that concerns the actor.
func (g *Gateway) PauseByID(ctx context.Context, actor Actor, id string) (PauseView, error) {
	pause, err := g.Store.PauseByID(ctx, id)
	if err != nil {
		return PauseView{}, storeError("reading the pause", err)
	}

	if !concerns(actor, pause) {
		return PauseView{}, ErrNotFound
	}

	views, err := g.pauseViews(ctx, actor, []notification.Pause{pause})
	if err != nil {
		return PauseView{}, err
	}

	return views[0], nil
}

// concerns tells whether the pause stops anything that the actor sees.
func concerns(actor Actor, pause notification.Pause) bool {
	if pause.EnteID == "" {
		return actor.seesEveryEnte() || actor.EnteID != ""
	}

	return actor.SeesEnte(pause.EnteID)
}

// Pauses lists the newest pauses that concern the actor, those in force first.
func (g *Gateway) Pauses(ctx context.Context, actor Actor) ([]PauseView, error) {
	pauses, err := g.Store.Pauses(ctx, actor.EnteID, pausesShown)
	if err != nil {
		return nil, storeError("listing pauses", err)
	}

	pauses = slices.DeleteFunc(pauses, func(pause notification.Pause) bool { return !concerns(actor, pause) })

	views, err := g.pauseViews(ctx, actor, pauses)
	if err != nil {
		return nil, err
	}

	slices.SortStableFunc(views, func(a, b PauseView) int {
		switch {
		case a.InForce == b.InForce:
			return 0
		case a.InForce:
			return -1
		}

		return 1
	})

	return views, nil
}

// PausesInForce lists the pauses in force that concern the actor, as of a moment ago.
func (g *Gateway) PausesInForce(ctx context.Context, actor Actor) ([]PauseView, error) {
	known, err := g.knownPauses(ctx)
	if err != nil {
		return nil, err
	}

	now := time.Now()

	var found []notification.Pause

	for _, pause := range known {
		if pause.InForce(now) && concerns(actor, pause) {
			found = append(found, pause)
		}
	}

	if len(found) == 0 {
		return nil, nil
	}

	return g.pauseViews(ctx, actor, found)
}

func (g *Gateway) knownPauses(ctx context.Context) ([]notification.Pause, error) {
	const all = ""

	list, err := g.register.pauses.get(all, pausesRemembered, func() ([]notification.Pause, error) {
		return g.Store.PausesSince(ctx, time.Now())
	})

	return list, storeError("reading the pauses in force", err)
}

func (g *Gateway) pauseViews(ctx context.Context, actor Actor, pauses []notification.Pause) ([]PauseView, error) {
	names, err := g.names(ctx, actor.EnteID)
	if err != nil {
		return nil, err
	}

	now := time.Now()
	views := make([]PauseView, len(pauses))

	for i, pause := range pauses {
		inForce := pause.InForce(now)
		views[i] = PauseView{
			Pause: pause, EnteName: names.enti[pause.EnteID], ServiceName: names.services[pause.ServiceID],
			InForce: inForce, MayLift: inForce && mayLift(actor, pause),
		}
	}

	return views, nil
}
