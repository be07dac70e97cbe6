package gateway

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/genio-gateway/genio/db"
)

// PersonState is how far somebody is on the way into GeNIO.
type PersonState string

// The states of a person.
const (
	PersonActive      PersonState = "active"
	PersonInvited     PersonState = "invited"
	PersonExpired     PersonState = "expired" // the invitation has
	PersonDeactivated PersonState = "deactivated"
	PersonWithout     PersonState = "without" // a role, or an invitation
)

// Person is somebody who works with GeNIO, or is invited to, as somebody who appoints people sees them.
type Person struct {
	ID     string
	Email  string
	Name   string
	Active bool
	State  PersonState
	// Memberships are those that the actor sees; Elsewhere tells that there are others.
	Memberships []Membership
	Elsewhere   bool
	// Manageable tells that the actor sees all memberships, and so may change the account as a whole.
	Manageable   bool
	LastSignInAt time.Time
	// InvitationEnds is zero where no invitation is open.
	InvitationEnds time.Time

	// What follows is known on the person's own page only.
	SecondFactor bool
	Local        bool // signs in with a password of GeNIO's
	Sessions     int

	accepted bool
	all      []db.Membership
}

// PeopleQuery filters a list of people; empty fields do not filter.
type PeopleQuery struct {
	EnteID string
	Text   string // part of the name or of the address
	Skip   int    // how many come before the page
}

// PeoplePage is one page of a list of people, by name.
type PeoplePage struct {
	Items []Person
	More  bool
}

// PeopleShown is how many people a page has.
const PeopleShown = 25

// People lists the people whom the actor may appoint.
func (g *Gateway) People(ctx context.Context, actor Actor, query PeopleQuery) (PeoplePage, error) {
	if !actor.May(PermissionAppoint) {
		return PeoplePage{}, ErrForbidden
	}

	filter := db.PeopleFilter{EnteID: query.EnteID, Text: query.Text}
	if !actor.seesEveryEnte() {
		filter.EnteID = actor.EnteID
	}

	users, more, err := g.Store.People(ctx, filter, max(0, query.Skip), PeopleShown)
	if errors.Is(err, db.ErrInvalid) {
		return PeoplePage{}, nil
	}

	if err = storeError("listing people", err); err != nil {
		if errors.Is(err, ErrNotFound) { // an Ente's id that is none
			return PeoplePage{}, nil
		}

		return PeoplePage{}, err
	}

	items, err := people(ctx, g.Store, actor, users)

	return PeoplePage{Items: items, More: more}, err
}

// Person reads one of the people whom the actor may appoint.
func (g *Gateway) Person(ctx context.Context, actor Actor, id string) (Person, error) {
	if !actor.May(PermissionAppoint) {
		return Person{}, ErrForbidden
	}

	user, err := g.Store.User(ctx, id)
	if err != nil {
		return Person{}, storeError("reading the account", err)
	}

	person, err := personOf(ctx, g.Store, actor, user)

	switch {
	case err != nil:
		return Person{}, err
	case !person.visibleTo(actor):
		return Person{}, ErrNotFound
	}

	if person.SecondFactor, _, err = g.Store.HasSecondFactor(ctx, id); err != nil {
		return Person{}, storeError("looking for the second factor", err)
	}

	sessions, err := g.Store.SessionsOf(ctx, id)
	person.Sessions = len(sessions)

	return person, storeError("reading the sessions", err)
}

func (p Person) visibleTo(actor Actor) bool { return len(p.Memberships) > 0 || actor.seesEveryEnte() }

func personOf(ctx context.Context, store *db.Store, actor Actor, user db.User) (Person, error) {
	all, err := people(ctx, store, actor, []db.User{user})
	if err != nil {
		return Person{}, err
	}

	return all[0], nil
}

// people reads what belongs to some accounts, in a few questions for all.
func people(ctx context.Context, store *db.Store, actor Actor, users []db.User) ([]Person, error) {
	ids := make([]string, len(users))
	for i, user := range users {
		ids[i] = user.ID
	}

	memberships, err := store.Memberships(ctx, ids...)
	if err != nil {
		return nil, storeError("reading the memberships", err)
	}

	invitations, err := store.InvitationsOf(ctx, ids...)
	if err != nil {
		return nil, storeError("reading the invitations", err)
	}

	names, err := enteNames(ctx, store)
	if err != nil {
		return nil, err
	}

	found := make([]Person, len(users))

	for i, user := range users {
		person := Person{
			ID: user.ID, Email: user.Email, Name: user.Name, Active: user.Active, LastSignInAt: user.LastSignInAt,
			Local: user.PasswordHash != "", accepted: user.PasswordHash != "",
		}

		if !person.accepted {
			if person.accepted, err = store.HasIdentity(ctx, user.ID, ""); err != nil {
				return nil, storeError("reading the identities", err)
			}
		}

		takeMemberships(&person, actor, memberships, names)
		settle(&person, invitations)
		found[i] = person
	}

	return found, nil
}

func enteNames(ctx context.Context, store *db.Store) (map[string]string, error) {
	enti, err := store.Enti(ctx)
	if err != nil {
		return nil, storeError("reading the Enti", err)
	}

	names := make(map[string]string, len(enti))
	for _, ente := range enti {
		names[ente.ID] = ente.Name
	}

	return names, nil
}

// takeMemberships keeps what is the person's among many memberships.
func takeMemberships(person *Person, actor Actor, memberships []db.Membership, names map[string]string) {
	for _, membership := range memberships {
		if membership.UserID != person.ID {
			continue
		}

		person.all = append(person.all, membership)

		if !actor.SeesEnte(membership.EnteID) {
			person.Elsewhere = true

			continue
		}

		person.Memberships = append(person.Memberships, Membership{
			ID: membership.ID, Role: Role(membership.Role), EnteID: membership.EnteID, EnteName: names[membership.EnteID],
		})
	}

	person.Manageable = !person.Elsewhere && person.visibleTo(actor)
}

// settle finds the person's state, with the invitation among many.
func settle(person *Person, invitations []db.Invitation) {
	open := slices.IndexFunc(invitations, func(invitation db.Invitation) bool { return invitation.UserID == person.ID })

	switch {
	case !person.Active:
		person.State = PersonDeactivated
	case person.accepted && len(person.all) > 0:
		person.State = PersonActive
	case person.accepted || open < 0:
		person.State = PersonWithout
	case time.Now().After(invitations[open].ExpiresAt):
		person.State = PersonExpired
	default:
		person.State, person.InvitationEnds = PersonInvited, invitations[open].ExpiresAt
	}
}

// Pending tells whether the person has not answered the invitation yet.
func (p Person) Pending() bool { return !p.accepted }
