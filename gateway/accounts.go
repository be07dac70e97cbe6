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
)

// SignIn checks an address and a password.
func (g *Gateway) SignIn(ctx context.Context, email, password string) (Account, error) {
	if utf8.RuneCountInString(password) > maxPassword {
		return Account{}, ErrUnauthenticated
	}

	user, err := g.Store.UserByEmail(ctx, strings.TrimSpace(email))

	switch {
	case errors.Is(err, db.ErrNotFound), errors.Is(err, db.ErrInvalid):
		user = db.User{PasswordHash: nobodysHash()}
	case err != nil:
		return Account{}, storeError("reading the account", err)
	}

	match, err := g.compare(ctx, password, user.PasswordHash)

	switch {
	case err != nil:
		return Account{}, err
	case !match || !user.Active:
		return Account{}, ErrUnauthenticated
	}

	active, err := g.isActive(ctx, user.EnteID)

	switch {
	case err != nil:
		return Account{}, err
	case !active:
		return Account{}, ErrUnauthenticated
	}

	return accountOf(user), nil
}

// Account reads an account that is still allowed to work, as its Ente is.
func (g *Gateway) Account(ctx context.Context, id string) (Account, error) {
	user, err := g.Store.User(ctx, id)
	if err != nil {
		return Account{}, storeError("reading the account", err)
	}

	active, err := g.isActive(ctx, user.EnteID)

	switch {
	case err != nil:
		return Account{}, err
	case !active || !user.Active:
		return Account{}, ErrNotFound
	}

	return accountOf(user), nil
}

// CreateAccount makes a local account.
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

	id, err := uuid.NewV7()
	if err != nil {
		return Account{}, fmt.Errorf("making an id: %w", err)
	}

	user := db.User{
		ID: id.String(), Email: strings.TrimSpace(account.Email), Name: account.Name, PasswordHash: hash,
		Role: string(account.Role), EnteID: account.EnteID, Active: true, CreatedAt: time.Now().UTC(),
	}

	if err := g.Store.CreateUser(ctx, user); err != nil {
		if errors.Is(err, db.ErrDuplicate) {
			return Account{}, invalid("email", "taken", "the address has an account", "l'indirizzo ha già un account")
		}

		return Account{}, storeError("storing the account", err)
	}

	return accountOf(user), nil
}

func checkAccount(account Account, password string) error {
	length := utf8.RuneCountInString(password)

	switch {
	case !account.Role.Valid():
		return invalid("role", "unknown", "no such role", "il ruolo non esiste")
	case account.Role.withinEnte() && account.EnteID == "":
		return invalid("ente_id", "required", "the role works within one Ente", "il ruolo opera in un solo Ente")
	case account.Role.acrossEnti() && account.EnteID != "":
		return invalid("ente_id", "not_allowed", "the role works across all Enti", "il ruolo opera su tutti gli Enti")
	case !strings.Contains(account.Email, "@"):
		return invalid("email", "invalid", "not an e-mail address", "non è un indirizzo e-mail")
	case length < minPassword || length > maxPassword:
		return invalid("password", "length", "12 to 200 characters", "da 12 a 200 caratteri")
	}

	return nil
}

func accountOf(user db.User) Account {
	return Account{ID: user.ID, Email: user.Email, Name: user.Name, Role: Role(user.Role), EnteID: user.EnteID}
}
