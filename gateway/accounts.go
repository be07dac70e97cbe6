package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/genio-gateway/genio/db"
)

const (
	minPassword = 12 // characters
	maxPassword = 200
	maxAddress  = 254 // RFC 5321, as errata 1690 has it
)

// SignIn checks an address and a password. Whether a second factor has to follow stands in the account.
func (g *Gateway) SignIn(ctx context.Context, email, password string) (Account, error) {
	if utf8.RuneCountInString(password) > maxPassword {
		return Account{}, ErrUnauthenticated
	}

	user, err := g.Store.UserByEmail(ctx, strings.TrimSpace(email))

	switch {
	case errors.Is(err, db.ErrNotFound), errors.Is(err, db.ErrInvalid):
		user = db.User{}
	case err != nil:
		return Account{}, storeError("reading the account", err)
	}

	hash := user.PasswordHash
	if hash == "" {
		hash = nobodysHash()
	}

	match, err := g.compare(ctx, password, hash)

	switch {
	case err != nil:
		return Account{}, err
	case !match || !user.Active:
		return Account{}, ErrUnauthenticated
	}

	account, err := g.accountOf(ctx, user)

	switch {
	case errors.Is(err, ErrNoMembership):
		return Account{}, ErrUnauthenticated
	case err != nil:
		return Account{}, err
	}

	account.SecondFactor, _, err = g.Store.HasSecondFactor(ctx, user.ID)

	return account, storeError("looking for a second factor", err)
}

// Account reads an account that is still allowed to work: it is active and has a membership that counts.
func (g *Gateway) Account(ctx context.Context, id string) (Account, error) {
	user, err := g.Store.User(ctx, id)
	if err != nil {
		return Account{}, storeError("reading the account", err)
	}

	if !user.Active {
		return Account{}, ErrNotFound
	}

	account, err := g.accountOf(ctx, user)
	if errors.Is(err, ErrNoMembership) {
		return Account{}, ErrNotFound
	}

	return account, err
}

// accountOf is the account at work in the first of its memberships; ErrNoMembership where it has none that counts.
func (g *Gateway) accountOf(ctx context.Context, user db.User) (Account, error) {
	account := Account{ID: user.ID, Email: user.Email, Name: user.Name}

	all, err := g.Store.Memberships(ctx, user.ID)
	if err != nil {
		return Account{}, storeError("reading the memberships", err)
	}

	for _, membership := range all {
		view := Membership{ID: membership.ID, Role: Role(membership.Role), EnteID: membership.EnteID}

		if view.EnteID != "" {
			ente, err := g.Store.Ente(ctx, view.EnteID)
			if err != nil {
				return Account{}, storeError("reading the Ente", err)
			}

			if !ente.Active {
				continue
			}

			view.EnteName = ente.Name
		}

		account.Memberships = append(account.Memberships, view)
	}

	if len(account.Memberships) == 0 {
		return Account{}, ErrNoMembership
	}

	return account.in(account.Memberships[0]), nil
}

// CreateAccount makes a local account with one membership.
func (g *Gateway) CreateAccount(ctx context.Context, actor Actor, account Account, password string) (Account, error) {
	if !actor.mayConfigure(account.EnteID) || !actor.mayAppoint(account.Role) {
		return Account{}, ErrForbidden
	}

	if err := checkAccount(account, password); err != nil {
		return Account{}, err
	}

	hash, err := g.hash(ctx, password)
	if err != nil {
		return Account{}, err
	}

	user, err := newUser(account)
	if err != nil {
		return Account{}, err
	}

	user.PasswordHash = hash

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return actOn("create", user.ID, account.EnteID, "role", string(account.Role)), createUser(ctx, store, user)
	})
	if err != nil {
		return Account{}, err
	}

	return g.accountOf(ctx, user)
}

func newUser(account Account) (db.User, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return db.User{}, fmt.Errorf("making an id: %w", err)
	}

	return db.User{
		ID: id.String(), Email: strings.ToLower(strings.TrimSpace(account.Email)), Name: strings.TrimSpace(account.Name),
		Role: string(account.Role), EnteID: account.EnteID, Active: true, CreatedAt: time.Now().UTC(),
	}, nil
}

func createUser(ctx context.Context, store *db.Store, user db.User) error {
	err := store.CreateUser(ctx, user)
	if errors.Is(err, db.ErrDuplicate) {
		return invalid("email", "taken", "the address has an account", "l'indirizzo ha già un account")
	}

	return storeError("storing the account", err)
}

// actOn is what the audit log says of something done with an account. The details come in pairs.
func actOn(verb, accountID, enteID string, detail ...string) Act {
	act := Act{Name: "account." + verb, EnteID: enteID, Object: "account", ObjectID: accountID, Detail: map[string]string{}}
	for i := 0; i+1 < len(detail); i += 2 {
		act.Detail[detail[i]] = detail[i+1]
	}

	return act
}

func checkAccount(account Account, password string) error {
	if err := checkRole(account.Role, account.EnteID); err != nil {
		return err
	}

	if !isAddress(account.Email) {
		return invalid("email", "invalid", "not an e-mail address", "non è un indirizzo e-mail")
	}

	return checkPassword("password", password)
}

func checkRole(role Role, enteID string) error {
	switch {
	case !role.Valid():
		return invalid("role", codeUnknown, "no such role", "il ruolo non esiste")
	case role.withinEnte() && enteID == "":
		return invalid("ente_id", "required", "the role works within one Ente", "il ruolo opera in un solo Ente")
	case role.acrossEnti() && enteID != "":
		return invalid("ente_id", "not_allowed", "the role works across all Enti", "il ruolo opera su tutti gli Enti")
	}

	return nil
}

func checkPassword(field, password string) error {
	if length := utf8.RuneCountInString(password); length < minPassword || length > maxPassword {
		return invalid(field, codeLength, "12 to 200 characters", "da 12 a 200 caratteri")
	}

	return nil
}

// isAddress is no more than a check against slips: an address that is not one reaches nobody.
func isAddress(email string) bool {
	name, domain, found := strings.Cut(strings.TrimSpace(email), "@")

	return found && name != "" && domain != "" && len(email) <= maxAddress && !strings.ContainsAny(name+domain, "@ \t\r\n")
}
