package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

const (
	// MaxSavedFilters is how many filters a person may keep.
	MaxSavedFilters = 50
	// MaxFilterName is how long a filter's name may be, in characters.
	MaxFilterName = 60
	maxFilterSize = 2000 // bytes
	// wordFilter is what a saved filter is called in acts and in errors.
	wordFilter = "filter"
)

// SavedFilter is a filter of the list of notifications as an actor may see it.
type SavedFilter struct {
	ID   string
	Name string
	// Query is the list's address, its parameters alone.
	Query string
	// EnteID is with whose people it is shared; empty: with nobody.
	EnteID string
	// Mine tells whether it is the actor's own.
	Mine bool
	// MayChange tells whether the actor may share and delete it.
	MayChange bool
}

// SavedFilters lists the filters that a person keeps and those that colleagues share, by name.
func (g *Gateway) SavedFilters(ctx context.Context, actor Actor) ([]SavedFilter, error) {
	if actor.Kind != ActorUser {
		return nil, ErrForbidden
	}

	kept, err := g.Store.SavedFilters(ctx, actor.ID, actor.EnteID)
	if err = storeError("listing saved filters", err); errors.Is(err, ErrNotFound) {
		return nil, nil
	}

	if err != nil {
		return nil, err
	}

	views := make([]SavedFilter, len(kept))
	for i, filter := range kept {
		views[i] = viewOfFilter(actor, filter)
	}

	return views, nil
}

func viewOfFilter(actor Actor, filter db.SavedFilter) SavedFilter {
	mine := filter.UserID == actor.ID

	return SavedFilter{
		ID: filter.ID, Name: filter.Name, Query: filter.Query, EnteID: filter.EnteID, Mine: mine,
		MayChange: mine || actor.May(PermissionIntervene) && actor.SeesEnte(filter.EnteID),
	}
}

// SavedFilter finds one that the actor may see.
func (g *Gateway) SavedFilter(ctx context.Context, actor Actor, id string) (SavedFilter, error) {
	if actor.Kind != ActorUser {
		return SavedFilter{}, ErrForbidden
	}

	filter, err := g.Store.SavedFilter(ctx, id)
	if err != nil {
		return SavedFilter{}, storeError("reading a saved filter", err)
	}

	shared := filter.EnteID != "" && actor.SeesEnte(filter.EnteID)
	if filter.UserID != actor.ID && !shared {
		return SavedFilter{}, ErrNotFound
	}

	return viewOfFilter(actor, filter), nil
}

// SaveFilter keeps a filter under a name, for the person alone. The caller has read the query and written it again: what
// is kept is what the list understands.
func (g *Gateway) SaveFilter(ctx context.Context, actor Actor, name, query string) (SavedFilter, error) {
	if actor.Kind != ActorUser || !actor.May(PermissionRead) {
		return SavedFilter{}, ErrForbidden
	}

	name = strings.TrimSpace(name)
	if err := g.checkFilter(name, query).OrNil(); err != nil {
		return SavedFilter{}, err
	}

	saved := db.SavedFilter{UserID: actor.ID, Name: name, Query: query}

	err := g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		id, err := store.SaveFilter(ctx, saved, MaxSavedFilters)
		saved.ID = id

		return Act{Name: "filter.save", EnteID: actor.EnteID, Object: wordFilter, ObjectID: id}, err //nolint:wrapcheck // told apart below
	})

	switch {
	case err == nil:
		return viewOfFilter(actor, saved), nil
	case errors.Is(err, db.ErrDuplicate):
		return SavedFilter{}, invalid(wordFilter, "taken", "another of your filters has this name", "un altro filtro ha già questo nome")
	case errors.Is(err, db.ErrConflict):
		return SavedFilter{}, invalid(wordFilter, "too_many",
			fmt.Sprintf("you keep %d filters already: delete one", MaxSavedFilters),
			fmt.Sprintf("i filtri salvati sono già %d: eliminarne uno", MaxSavedFilters))
	}

	return SavedFilter{}, storeError("saving a filter", err)
}

func (g *Gateway) checkFilter(name, query string) notification.FieldErrors {
	field := notification.FieldError{Field: wordFilter}

	switch length := utf8.RuneCountInString(name); {
	case length < 1 || length > MaxFilterName:
		field.Code = codeLength
		field.Message = fmt.Sprintf("1 to %d characters", MaxFilterName)
		field.Messaggio = fmt.Sprintf("da 1 a %d caratteri", MaxFilterName)
	case !oneLine(name):
		field.Code, field.Message, field.Messaggio = "one_line", "one line of text", "una sola riga di testo"
	case g.namesSomebody(name), g.queryNamesSomebody(query):
		field.Code = codePersonalData
		field.Message = "a saved filter holds no codice fiscale and no phone number"
		field.Messaggio = "un filtro salvato non contiene codici fiscali né numeri di telefono"
	case len(query) > maxFilterSize:
		field.Field, field.Code = "query", codeLength
		field.Message, field.Messaggio = "the filter has too many conditions", "il filtro ha troppe condizioni"
	default:
		return nil
	}

	return notification.FieldErrors{field}
}

// queryNamesSomebody reads the parameters as the list does. What cannot be read may name anybody.
func (g *Gateway) queryNamesSomebody(query string) bool {
	parameters, err := url.ParseQuery(query)
	if err != nil {
		return true
	}

	for _, values := range parameters {
		if slices.ContainsFunc(values, g.namesSomebody) {
			return true
		}
	}

	return false
}

// namesSomebody tells whether a text is a phone number or holds a codice fiscale.
func (g *Gateway) namesSomebody(text string) bool {
	_, err := g.Phones.Normalise(text)

	return err == nil || g.namesCitizen(text, "")
}

// ShareFilter shares a filter with the people of an Ente, or, where it is empty, with nobody any more.
func (g *Gateway) ShareFilter(ctx context.Context, actor Actor, id, enteID string) error {
	filter, err := g.changeableFilter(ctx, actor, id)

	switch {
	case err != nil:
		return err
	case !actor.May(PermissionIntervene):
		return ErrForbidden
	case enteID != "" && !actor.SeesEnte(enteID):
		return ErrNotFound
	}

	act := Act{Name: "filter.share", EnteID: enteID, Object: wordFilter, ObjectID: id}
	if enteID == "" {
		act.Name, act.EnteID = "filter.unshare", filter.EnteID
	}

	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return act, storeError("sharing a filter", store.ShareFilter(ctx, id, enteID))
	})
}

// DeleteFilter removes a filter.
func (g *Gateway) DeleteFilter(ctx context.Context, actor Actor, id string) error {
	filter, err := g.changeableFilter(ctx, actor, id)
	if err != nil {
		return err
	}

	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		act := Act{Name: "filter.delete", EnteID: filter.EnteID, Object: wordFilter, ObjectID: id}

		return act, storeError("deleting a filter", store.DeleteFilter(ctx, id))
	})
}

func (g *Gateway) changeableFilter(ctx context.Context, actor Actor, id string) (SavedFilter, error) {
	filter, err := g.SavedFilter(ctx, actor, id)
	if err == nil && !filter.MayChange {
		err = ErrForbidden
	}

	return filter, err
}
