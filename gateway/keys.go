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

	"github.com/google/uuid"
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

// AuthenticateKey gives the actor of an API key.
func (g *Gateway) AuthenticateKey(ctx context.Context, token string) (Actor, error) {
	if !strings.HasPrefix(token, keyMark) {
		return Actor{}, ErrUnauthenticated
	}

	key, err := g.Store.APIKeyByHash(ctx, keyHash(token))

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
	}

	if err := g.Store.TouchAPIKey(ctx, key.ID, now.UTC()); err != nil {
		g.Log.Warn("last use of an API key not noted", zap.String("key_id", key.ID), zap.Error(err))
	}

	return Actor{
		Kind: ActorApplication, ID: key.ID, Name: key.Name, EnteID: key.EnteID, ServiceIDs: key.ServiceIDs,
	}, nil
}

// CreateAPIKey makes a key for an Ente's application. The secret is given once and never stored.
func (g *Gateway) CreateAPIKey(
	ctx context.Context, actor Actor, enteID, name string, serviceIDs []string, expires time.Time,
) (APIKey, string, error) {
	if !actor.mayConfigure(enteID) {
		return APIKey{}, "", ErrForbidden
	}

	if strings.TrimSpace(name) == "" {
		return APIKey{}, "", invalid("name", "required", "a key needs a name", "serve un nome per la chiave")
	}

	for _, id := range serviceIDs {
		service, err := g.Store.Service(ctx, id)
		if err = storeError("reading the service", err); err != nil && !errors.Is(err, ErrNotFound) {
			return APIKey{}, "", err
		}

		if err != nil || service.EnteID != enteID {
			return APIKey{}, "", invalid("service_ids", "unknown", "no such service", "il servizio non esiste")
		}
	}

	secret, err := newSecret()
	if err != nil {
		return APIKey{}, "", err
	}

	id, err := uuid.NewV7()
	if err != nil {
		return APIKey{}, "", fmt.Errorf("making an id: %w", err)
	}

	key := db.APIKey{
		ID: id.String(), EnteID: enteID, Name: name, Prefix: secret[:prefixShown], ServiceIDs: serviceIDs,
		CreatedAt: time.Now().UTC(), ExpiresAt: expires,
	}

	if err := g.storeKey(ctx, actor, key, secret); err != nil {
		return APIKey{}, "", err
	}

	return keyView(key), secret, nil
}

func (g *Gateway) storeKey(ctx context.Context, actor Actor, key db.APIKey, secret string) error {
	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		err := storeError("storing the API key", store.CreateAPIKey(ctx, key, keyHash(secret)))

		return Act{Name: "api_key.create", EnteID: key.EnteID, Object: "api_key", ObjectID: key.ID}, err
	})
}

// RevokeAPIKey ends a key at once.
func (g *Gateway) RevokeAPIKey(ctx context.Context, actor Actor, enteID, keyID string) error {
	if !actor.mayConfigure(enteID) {
		return ErrForbidden
	}

	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		err := storeError("revoking the API key", store.RevokeAPIKey(ctx, enteID, keyID))

		return Act{Name: "api_key.revoke", EnteID: enteID, Object: "api_key", ObjectID: keyID}, err
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

func keyView(key db.APIKey) APIKey {
	return APIKey{
		ID: key.ID, EnteID: key.EnteID, Name: key.Name, Prefix: key.Prefix, ServiceIDs: key.ServiceIDs,
		CreatedAt: key.CreatedAt, ExpiresAt: key.ExpiresAt, RevokedAt: key.RevokedAt,
	}
}
