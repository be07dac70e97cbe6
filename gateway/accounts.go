package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/google/uuid"

	"github.com/genio-gateway/genio/db"
)

const (
	minPassword = 12 // characters
	maxPassword = 200
)

// nobodysHash is compared against where the address is unknown, so that an answer takes as long as for a known
// one and does not tell who has an account.
const nobodysHash = "$argon2id$v=19$m=65536,t=1,p=2$YWFhYWFhYWFhYWFhYWFhYQ$" +
	"MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE"

// SignIn checks an address and a password.
func (g *Gateway) SignIn(ctx context.Context, email, password string) (Account, error) {
	user, err := g.Store.UserByEmail(ctx, strings.TrimSpace(email))

	switch {
	case errors.Is(err, db.ErrNotFound), errors.Is(err, db.ErrInvalid):
		user = db.User{PasswordHash: nobodysHash}
	case err != nil:
		return Account{}, storeError("reading the account", err)
	}

	if utf8.RuneCountInString(password) > maxPassword {
		return Account{}, ErrUnauthenticated
	}

	match, err := argon2id.ComparePasswordAndHash(password, user.PasswordHash)
	if err != nil {
		return Account{}, fmt.Errorf("comparing the password: %w", err)
	}

	if !match || !user.Active {
		return Account{}, ErrUnauthenticated
	}

	return accountOf(user), nil
}

// Account reads an account that is still allowed to work.
func (g *Gateway) Account(ctx context.Context, id string) (Account, error) {
	user, err := g.Store.User(ctx, id)
	if err != nil {
		return Account{}, storeError("reading the account", err)
	}

	if !user.Active {
		return Account{}, ErrNotFound
	}

	return accountOf(user), nil
}

// CreateAccount makes a local account.
func (g *Gateway) CreateAccount(ctx context.Context, actor Actor, account Account, password string) (Account, error) {
	if !actor.mayConfigure(account.EnteID) {
		return Account{}, ErrForbidden
	}

	length := utf8.RuneCountInString(password)

	switch {
	case !account.Role.Valid():
		return Account{}, invalid("role", "unknown", "no such role", "il ruolo non esiste")
	case account.Role.withinEnte() && account.EnteID == "":
		return Account{}, invalid("ente_id", "required", "the role works within one Ente", "il ruolo opera in un solo Ente")
	case !strings.Contains(account.Email, "@"):
		return Account{}, invalid("email", "invalid", "not an e-mail address", "non è un indirizzo e-mail")
	case length < minPassword || length > maxPassword:
		return Account{}, invalid("password", "length", "12 to 200 characters", "da 12 a 200 caratteri")
	}

	hash, err := argon2id.CreateHash(password, argon2id.DefaultParams)
	if err != nil {
		return Account{}, fmt.Errorf("hashing the password: %w", err)
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

func accountOf(user db.User) Account {
	return Account{ID: user.ID, Email: user.Email, Name: user.Name, Role: Role(user.Role), EnteID: user.EnteID}
}
