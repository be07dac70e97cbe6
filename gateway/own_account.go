package gateway

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/genio-gateway/genio/db"
)

// OwnAccount is what a person sees of the own account.
type OwnAccount struct {
	// Local tells that the person signs in with a password of GeNIO's.
	Local bool
	// Provider tells that the person signs in with another provider of identities.
	Provider          bool
	SecondFactor      bool
	RecoveryCodesLeft int
	LastSignInAt      time.Time
	Sessions          []Session
}

// OwnAccount reads the actor's account; token is that of the present session.
func (g *Gateway) OwnAccount(ctx context.Context, actor Actor, token string) (OwnAccount, error) {
	user, err := g.Store.User(ctx, actor.ID)
	if err != nil {
		return OwnAccount{}, storeError("reading the account", err)
	}

	own := OwnAccount{Local: user.PasswordHash != "", LastSignInAt: user.LastSignInAt}

	if own.Provider, err = g.Store.HasIdentity(ctx, actor.ID, ""); err != nil {
		return OwnAccount{}, storeError("reading the identities", err)
	}

	if own.SecondFactor, own.RecoveryCodesLeft, err = g.SecondFactor(ctx, actor); err != nil {
		return OwnAccount{}, err
	}

	own.Sessions, err = g.OwnSessions(ctx, actor, token)

	return own, err
}

// CheckOwnPassword asks the actor for the password again, before something that matters. ErrUnauthenticated where it is wrong,
// or where the actor has none.
func (g *Gateway) CheckOwnPassword(ctx context.Context, actor Actor, password string) error {
	user, err := g.Store.User(ctx, actor.ID)

	switch {
	case err != nil:
		return storeError("reading the account", err)
	case user.PasswordHash == "" || utf8.RuneCountInString(password) > maxPassword:
		return ErrUnauthenticated
	}

	match, err := g.compare(ctx, password, user.PasswordHash)

	switch {
	case err != nil:
		return err
	case !match:
		return ErrUnauthenticated
	}

	return nil
}

// ChangePassword gives the actor another password and ends the actor's sessions but the one of token.
func (g *Gateway) ChangePassword(ctx context.Context, actor Actor, old, password, token string) error {
	if err := checkPassword("password", password); err != nil {
		return err
	}

	if err := g.CheckOwnPassword(ctx, actor, old); err != nil {
		return err
	}

	hash, err := g.hash(ctx, password)
	if err != nil {
		return err
	}

	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		act := actOn("change_password", actor.ID, actor.EnteID)

		user, err := store.LockUser(ctx, actor.ID)
		if err != nil {
			return act, storeError("reading the account", err)
		}

		user.PasswordHash = hash
		if err := store.UpdateUser(ctx, user); err != nil {
			return act, storeError("storing the password", err)
		}

		_, err = store.EndSessions(ctx, actor.ID, db.SessionID(token))

		return act, storeError("ending the other sessions", err)
	})
}
