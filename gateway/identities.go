package gateway

import (
	"context"
	"errors"

	"github.com/genio-gateway/genio/db"
)

// ProviderIdentity is whom another provider of identities has signed in.
type ProviderIdentity struct {
	Issuer  string
	Subject string // the provider's name for the person
	Email   string
	// EmailVerified tells that the provider vouches for the address.
	EmailVerified bool
	Address       string // of the browser
}

// SignInWith finds the account of somebody whom another provider has signed in. At the first time the account is the one with
// the verified e-mail address, whether invited or in use. It returns ErrUnverified where the provider does not vouch for the
// address, and ErrNoMembership where nobody has given the person a role.
func (g *Gateway) SignInWith(ctx context.Context, identity ProviderIdentity) (Account, error) {
	user, err := g.Store.UserByIdentity(ctx, identity.Issuer, identity.Subject)

	switch {
	case errors.Is(err, db.ErrNotFound), errors.Is(err, db.ErrInvalid):
		user, err = g.link(ctx, identity)
	case err != nil:
		err = storeError("reading the identity", err)
	}

	switch {
	case err != nil:
		return Account{}, err
	case !user.Active:
		return Account{}, ErrUnauthenticated
	}

	return g.accountOf(ctx, user)
}

// link remembers whose account it is.
func (g *Gateway) link(ctx context.Context, identity ProviderIdentity) (db.User, error) {
	if !identity.EmailVerified || !isAddress(identity.Email) {
		return db.User{}, ErrUnverified
	}

	var user db.User

	err := g.Store.Together(ctx, func(store *db.Store) error {
		known, err := store.UserByEmail(ctx, identity.Email)

		switch {
		case errors.Is(err, db.ErrNotFound), errors.Is(err, db.ErrInvalid):
			return ErrNoMembership
		case err != nil:
			return storeError("reading the account", err)
		}

		if user, err = store.LockUser(ctx, known.ID); err != nil {
			return storeError("reading the account", err)
		}

		if !user.Active {
			return ErrUnauthenticated
		}

		return g.linkTo(ctx, store, user, identity)
	})

	return user, err //nolint:wrapcheck // wrapped within
}

func (g *Gateway) linkTo(ctx context.Context, store *db.Store, user db.User, identity ProviderIdentity) error {
	memberships, err := store.Memberships(ctx, user.ID)

	switch {
	case err != nil:
		return storeError("reading the memberships", err)
	case len(memberships) == 0:
		return ErrNoMembership
	}

	// The address may have passed on to somebody else, whom the provider knows by another name.
	linked, err := store.HasIdentity(ctx, user.ID, identity.Issuer)

	switch {
	case err != nil:
		return storeError("reading the identities", err)
	case linked:
		return ErrUnauthenticated
	}

	if err := store.LinkIdentity(ctx, user.ID, identity.Issuer, identity.Subject); err != nil {
		return storeError("linking the identity", err)
	}

	if err := store.DropInvitation(ctx, user.ID); err != nil {
		return storeError("closing the invitation", err)
	}

	actor := Actor{Kind: ActorUser, ID: user.ID, Name: user.Name, Address: identity.Address}
	act := actOn("link_identity", user.ID, memberships[0].EnteID, "issuer", identity.Issuer)

	return storeError("noting the act", store.Audit(ctx, act.entry(actor)))
}
