package gateway

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/genio-gateway/genio/db"
)

const (
	invitationKept = 7 * 24 * time.Hour
	maxName        = 100 // characters
)

// Invite is somebody who is to get a role.
type Invite struct {
	Email  string
	Name   string
	Role   Role
	EnteID string // empty: all Enti
}

// Invited is what came of it.
type Invited struct {
	AccountID string
	// Token belongs into the link that lets the person in; nobody can read it later. Empty where the person can sign in
	// already and just has the role now.
	Token string
}

// Invite gives somebody a role. Somebody who is new, or has not answered yet, gets an invitation, and an earlier one counts
// no more.
func (g *Gateway) Invite(ctx context.Context, actor Actor, invite Invite) (Invited, error) {
	if !actor.May(PermissionAppoint) {
		return Invited{}, ErrForbidden
	}

	if err := checkInvite(actor, invite); err != nil {
		return Invited{}, err
	}

	var invited Invited

	err := g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		var err error

		invited, err = g.invite(ctx, store, actor, invite)

		return actOn("invite", invited.AccountID, invite.EnteID, "role", string(invite.Role)), err
	})
	if err != nil {
		return Invited{}, err
	}

	return invited, nil
}

func checkInvite(actor Actor, invite Invite) error {
	length := utf8.RuneCountInString(strings.TrimSpace(invite.Name))

	switch {
	case !isAddress(invite.Email):
		return invalid("email", "invalid", "not an e-mail address", "non è un indirizzo e-mail")
	case length == 0 || length > maxName:
		return invalid("name", codeLength, "1 to 100 characters", "da 1 a 100 caratteri")
	}

	return checkAppointment(actor, invite.Role, invite.EnteID)
}

// checkAppointment tells whether the actor may give the role for the Ente.
func checkAppointment(actor Actor, role Role, enteID string) error {
	if err := checkRole(role, enteID); err != nil {
		return err
	}

	switch {
	case !actor.mayAppoint(role):
		return invalid("role", "not_allowed", "only the system's administrator gives this role",
			"solo l'amministratore di sistema assegna questo ruolo")
	case !actor.SeesEnte(enteID):
		return invalid("ente_id", codeUnknown, "no such Ente", "l'Ente non esiste")
	}

	return nil
}

func (g *Gateway) invite(ctx context.Context, store *db.Store, actor Actor, invite Invite) (Invited, error) {
	user, err := store.UserByEmail(ctx, invite.Email)
	if errors.Is(err, db.ErrNotFound) {
		return inviteNew(ctx, store, invite)
	}

	if err != nil {
		return Invited{}, storeError("reading the account", err)
	}

	person, err := personOf(ctx, store, actor, user)
	if err != nil {
		return Invited{}, err
	}

	if err := checkInvited(person); err != nil {
		return Invited{}, err
	}

	err = addMembership(ctx, store, user.ID, invite.Role, invite.EnteID)

	switch {
	case errors.Is(err, db.ErrDuplicate) && person.accepted:
		return Invited{}, invalid("email", "taken", "the person has this role already", "la persona ha già questo ruolo")
	case err != nil && !errors.Is(err, db.ErrDuplicate):
		return Invited{}, storeError("storing the membership", err)
	case person.accepted:
		return Invited{AccountID: user.ID}, nil
	}

	return newInvitation(ctx, store, user.ID)
}

// checkInvited tells whether somebody with an account can be given another role by an invitation.
func checkInvited(person Person) error {
	switch {
	case !person.Active:
		return invalid("email", "inactive", "the account is deactivated", "l'account è disattivato")
	// Whoever holds the link that is open already would get this role, too.
	case !person.accepted && !person.Manageable && len(person.all) > 0:
		return invalid("email", "pending", "the person has not answered an invitation for other Enti yet",
			"la persona non ha ancora accettato un invito per altri Enti")
	}

	return nil
}

func inviteNew(ctx context.Context, store *db.Store, invite Invite) (Invited, error) {
	user, err := newUser(Account{Email: invite.Email, Name: invite.Name, Role: invite.Role, EnteID: invite.EnteID})
	if err != nil {
		return Invited{}, err
	}

	if err := createUser(ctx, store, user); err != nil {
		return Invited{}, err
	}

	return newInvitation(ctx, store, user.ID)
}

// addMembership leaves ErrDuplicate as it is. It looks first: on PostgreSQL a statement that fails ends the transaction.
func addMembership(ctx context.Context, store *db.Store, userID string, role Role, enteID string) error {
	all, err := store.Memberships(ctx, userID)
	if err != nil {
		return err //nolint:wrapcheck // the caller says what was being done
	}

	for _, membership := range all {
		if membership.Role == string(role) && membership.EnteID == enteID {
			return db.ErrDuplicate
		}
	}

	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("making an id: %w", err)
	}

	//nolint:wrapcheck // the caller says what was being done
	return store.AddMembership(ctx, db.Membership{ID: id.String(), UserID: userID, Role: string(role), EnteID: enteID})
}

func newInvitation(ctx context.Context, store *db.Store, userID string) (Invited, error) {
	random := make([]byte, keyBytes)
	if _, err := rand.Read(random); err != nil {
		return Invited{}, fmt.Errorf("making an invitation: %w", err)
	}

	token := base64.RawURLEncoding.EncodeToString(random)
	now := time.Now().UTC()

	err := store.SaveInvitation(ctx, db.Invitation{
		UserID: userID, TokenHash: keyHash(token), CreatedAt: now, ExpiresAt: now.Add(invitationKept),
	})

	return Invited{AccountID: userID, Token: token}, storeError("storing the invitation", err)
}

// RenewInvitation makes a new link for somebody who has not answered yet; the earlier one counts no more.
func (g *Gateway) RenewInvitation(ctx context.Context, actor Actor, id string) (Invited, error) {
	var invited Invited

	err := g.changePerson(ctx, actor, id, "renew_invitation", func(store *db.Store, person Person) error {
		if person.accepted || !person.Active || len(person.all) == 0 {
			return ErrState
		}

		var err error

		invited, err = newInvitation(ctx, store, id)

		return err
	})

	return invited, err
}

// WithdrawInvitation makes the link of somebody who has not answered yet worthless, and takes the roles back.
func (g *Gateway) WithdrawInvitation(ctx context.Context, actor Actor, id string) error {
	return g.changePerson(ctx, actor, id, "withdraw_invitation", func(store *db.Store, person Person) error {
		if person.accepted {
			return ErrState
		}

		for _, membership := range person.all {
			if err := store.RemoveMembership(ctx, id, membership.ID); err != nil {
				return storeError("taking a role back", err)
			}
		}

		return storeError("withdrawing the invitation", store.DropInvitation(ctx, id))
	})
}

// Invitation is what an invited person sees before answering.
type Invitation struct {
	Email       string
	Name        string
	Memberships []Membership
}

// Invitation reads an open invitation by its token. ErrNotFound where it was used, withdrawn or renewed, or has expired.
func (g *Gateway) Invitation(ctx context.Context, token string) (Invitation, error) {
	user, err := invitedUser(ctx, g.Store, token)
	if err != nil {
		return Invitation{}, err
	}

	account, err := g.accountOf(ctx, user)
	if errors.Is(err, ErrNoMembership) {
		return Invitation{}, ErrNotFound
	}

	return Invitation{Email: user.Email, Name: user.Name, Memberships: account.Memberships}, err
}

func invitedUser(ctx context.Context, store *db.Store, token string) (db.User, error) {
	invitation, err := store.InvitationByHash(ctx, keyHash(token))
	if err != nil {
		return db.User{}, storeError("reading the invitation", err)
	}

	user, err := store.LockUser(ctx, invitation.UserID)

	switch {
	case err != nil:
		return db.User{}, storeError("reading the invited account", err)
	case time.Now().After(invitation.ExpiresAt) || !user.Active || user.PasswordHash != "":
		return db.User{}, ErrNotFound
	}

	return user, nil
}

// AcceptInvitation lets the invited person choose name and password, once, and is the account to sign in with.
func (g *Gateway) AcceptInvitation(ctx context.Context, token, name, password, address string) (Account, error) {
	if _, err := g.Invitation(ctx, token); err != nil {
		return Account{}, err
	}

	name = strings.TrimSpace(name)
	if length := utf8.RuneCountInString(name); length == 0 || length > maxName {
		return Account{}, invalid("name", codeLength, "1 to 100 characters", "da 1 a 100 caratteri")
	}

	if err := checkPassword("password", password); err != nil {
		return Account{}, err
	}

	hash, err := g.hash(ctx, password)
	if err != nil {
		return Account{}, err
	}

	var user db.User

	err = g.Store.Together(ctx, func(store *db.Store) error {
		if user, err = invitedUser(ctx, store, token); err != nil {
			return err
		}

		if err := store.TakeInvitation(ctx, keyHash(token)); err != nil {
			return storeError("using the invitation up", err)
		}

		user.Name, user.PasswordHash = name, hash
		if err := store.UpdateUser(ctx, user); err != nil {
			return storeError("storing the account", err)
		}

		invited := Actor{Kind: ActorUser, ID: user.ID, Name: user.Name, Address: address}

		return storeError("noting the act", store.Audit(ctx, actOn("accept_invitation", user.ID, user.EnteID).entry(invited)))
	})
	if err != nil {
		return Account{}, err
	}

	return g.accountOf(ctx, user)
}
