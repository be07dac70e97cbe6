package gateway

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
)

const (
	// keyMark lets secret scanners recognise a key that was published by mistake.
	keyMark = "genio_"
	// keyBytes: 256 random bits cannot be guessed, so a plain SHA-256 of them is a safe thing to store.
	keyBytes    = 32
	prefixShown = len(keyMark) + 6 // characters
)

// AuthenticateKey gives the actor of an API key that is used from an address. It is ErrAddressRefused where the key is in
// force, and only for other addresses.
func (g *Gateway) AuthenticateKey(ctx context.Context, token, address string) (Actor, error) {
	if !strings.HasPrefix(token, keyMark) {
		return Actor{}, ErrUnauthenticated
	}

	key, err := g.knownKey(ctx, keyHash(token))

	switch {
	case errors.Is(err, db.ErrNotFound):
		return Actor{}, ErrUnauthenticated
	case err != nil:
		return Actor{}, storeError("reading the API key", err)
	}

	now := time.Now()
	if !key.RevokedAt.IsZero() || !key.ExpiresAt.IsZero() && now.After(key.ExpiresAt) {
		return Actor{}, ErrUnauthenticated
	}

	active, err := g.isActive(ctx, key.EnteID)

	switch {
	case err != nil:
		return Actor{}, err
	case !active:
		return Actor{}, ErrUnauthenticated
	case !mayComeFrom(key.IPRanges, address):
		g.Log.Warn("API key used from an address that it is not for", zap.String("key_id", key.ID), zap.String("ente_id", key.EnteID))

		return Actor{}, ErrAddressRefused
	}

	g.noteUse(ctx, key, now)

	return Actor{
		Kind: ActorApplication, ID: key.ID, Name: key.Name, EnteID: key.EnteID, ServiceIDs: key.ServiceIDs,
		Address: address, KeyExpiresAt: key.ExpiresAt, RequestsPerSecond: key.RequestsPerSecond,
	}, nil
}

// noteUse spares a busy key a write for each request.
func (g *Gateway) noteUse(ctx context.Context, key db.APIKey, now time.Time) {
	if now.Sub(key.LastUsedAt) < db.KeyUseInterval {
		return
	}

	if err := g.Store.TouchAPIKey(ctx, key.ID, now.UTC()); err != nil {
		g.Log.Warn("last use of an API key not noted", zap.String("key_id", key.ID), zap.Error(err))
	}

	g.register.keys.forget()
}

// RevokeAPIKey ends a key at once.
func (g *Gateway) RevokeAPIKey(ctx context.Context, actor Actor, enteID, keyID string) error {
	if !actor.mayConfigure(enteID) {
		return ErrForbidden
	}

	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		err := storeError("revoking the API key", store.RevokeAPIKey(ctx, enteID, keyID))

		return Act{Name: "api_key.revoke", EnteID: enteID, Object: keyObject, ObjectID: keyID}, err
	})
}

func newSecret() (string, error) {
	random := make([]byte, keyBytes)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("making a secret: %w", err)
	}

	return keyMark + base64.RawURLEncoding.EncodeToString(random), nil
}

func keyHash(secret string) []byte {
	hash := sha256.Sum256([]byte(secret))

	return hash[:]
}
