package gateway

import (
	"context"
	"errors"
	"slices"

	"github.com/genio-gateway/genio/db"
)

// lockPerson reads a person for a change, so that nobody else changes them meanwhile.
func (g *Gateway) lockPerson(ctx context.Context, store *db.Store, actor Actor, id string) (Person, error) {
	if !actor.May(PermissionAppoint) {
		return Person{}, ErrForbidden
	}

	user, err := store.LockUser(ctx, id)
	if err != nil {
		return Person{}, storeError("reading the account", err)
	}

	person, err := personOf(ctx, store, actor, user)

	switch {
	case err != nil:
		return Person{}, err
	case !person.visibleTo(actor):
		return Person{}, ErrNotFound
	}

	return person, nil
}

// changePerson changes an account as a whole: only for somebody who sees all its memberships, or an Ente's administrator could
// reach into other Enti.
func (g *Gateway) changePerson(
	ctx context.Context, actor Actor, id, verb string, change func(store *db.Store, person Person) error,
) error {
	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		person, err := g.lockPerson(ctx, store, actor, id)

		switch {
		case err != nil:
			return Act{}, err
		case !person.Manageable:
			return Act{}, ErrForbidden
		}

		return actOn(verb, id, person.enteID()), change(store, person)
	})
}

// enteID is whose the person is, for the audit log; empty where there are several.
func (p Person) enteID() string {
	if len(p.all) == 0 {
		return ""
	}

	first := p.all[0].EnteID
	if slices.ContainsFunc(p.all, func(other db.Membership) bool { return other.EnteID != first }) {
		return ""
	}

	return first
}

// AddMembership gives a person another role.
func (g *Gateway) AddMembership(ctx context.Context, actor Actor, id string, role Role, enteID string) error {
	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		act := actOn("add_membership", id, enteID, "role", string(role))

		person, err := g.lockPerson(ctx, store, actor, id)
		if err != nil {
			return act, err
		}

		if err := checkAppointment(actor, role, enteID); err != nil {
			return act, err
		}

		// Whoever holds the open link would get this role, too.
		if !person.accepted && !person.Manageable {
			return act, ErrForbidden
		}

		err = addMembership(ctx, store, id, role, enteID)

		switch {
		case errors.Is(err, db.ErrDuplicate):
			return act, invalid("role", "taken", "the person has this role already", "la persona ha già questo ruolo")
		case errors.Is(err, db.ErrNotFound):
			return act, invalid("ente_id", codeUnknown, "no such Ente", "l'Ente non esiste")
		}

		return act, storeError("storing the membership", err)
	})
}

// RemoveMembership takes a role from a person and ends the person's sessions. Nobody takes away the own last role that lets
// them appoint people.
func (g *Gateway) RemoveMembership(ctx context.Context, actor Actor, id, membershipID string) error {
	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		person, err := g.lockPerson(ctx, store, actor, id)
		if err != nil {
			return Act{}, err
		}

		at := slices.IndexFunc(person.Memberships, func(m Membership) bool { return m.ID == membershipID })
		if at < 0 {
			return Act{}, ErrNotFound
		}

		taken := person.Memberships[at]
		act := actOn("remove_membership", id, taken.EnteID, "role", string(taken.Role))

		switch {
		case !actor.mayAppoint(taken.Role):
			return act, ErrForbidden
		case id == actor.ID && taken.appoints() && !person.appointsBeside(membershipID):
			return act, invalid("membership", "own", "nobody takes away the own last administrator's role",
				"nessuno può togliersi l'ultimo ruolo di amministratore")
		}

		if err := store.RemoveMembership(ctx, id, membershipID); err != nil {
			return act, storeError("taking the role back", err)
		}

		if id == actor.ID {
			return act, nil
		}

		_, err = store.EndSessions(ctx, id, "")

		return act, storeError("ending the sessions", err)
	})
}

func (m Membership) appoints() bool { return slices.Contains(permissionsOf(m.Role), PermissionAppoint) }

func (p Person) appointsBeside(membershipID string) bool {
	return slices.ContainsFunc(p.Memberships, func(m Membership) bool { return m.ID != membershipID && m.appoints() })
}

// SetPersonActive lets a person in again, or shuts them out at once. Nobody shuts themselves out.
func (g *Gateway) SetPersonActive(ctx context.Context, actor Actor, id string, active bool) error {
	verb := "deactivate"
	if active {
		verb = "reactivate"
	}

	return g.changePerson(ctx, actor, id, verb, func(store *db.Store, person Person) error {
		switch {
		case id == actor.ID:
			return ErrForbidden
		case person.Active == active:
			return ErrState
		}

		user, err := store.User(ctx, id)
		if err != nil {
			return storeError("reading the account", err)
		}

		user.Active = active
		if err := store.UpdateUser(ctx, user); err != nil {
			return storeError("storing the account", err)
		}

		_, err = store.EndSessions(ctx, id, "")

		return storeError("ending the sessions", err)
	})
}

// RemoveSecondFactor helps somebody who has lost the phone: the next sign-in asks for a new second factor.
func (g *Gateway) RemoveSecondFactor(ctx context.Context, actor Actor, id string) error {
	return g.changePerson(ctx, actor, id, "remove_second_factor", func(store *db.Store, _ Person) error {
		err := store.RemoveSecondFactor(ctx, id)
		if errors.Is(err, db.ErrNotFound) {
			return ErrState
		}

		if err != nil {
			return storeError("removing the second factor", err)
		}

		_, err = store.EndSessions(ctx, id, "")

		return storeError("ending the sessions", err)
	})
}

// EndSessionsOf signs a person out everywhere.
func (g *Gateway) EndSessionsOf(ctx context.Context, actor Actor, id string) error {
	return g.changePerson(ctx, actor, id, "end_sessions", func(store *db.Store, _ Person) error {
		_, err := store.EndSessions(ctx, id, "")

		return storeError("ending the sessions", err)
	})
}
