package gateway_test

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
)

func TestAKeyOpensItsEnteAndItsServices(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		key, secret, err := b.CreateAPIKey(
			t.Context(), b.user(gateway.RoleAdministrator), b.ente.ID, "gestionale", []string{b.service.ID}, time.Time{})
		require.NoError(t, err)

		actor, err := b.AuthenticateKey(t.Context(), secret, "")
		require.NoError(t, err)
		require.Equal(t, gateway.Actor{
			Kind: gateway.ActorApplication, ID: key.ID, Name: "gestionale", EnteID: b.ente.ID,
			ServiceIDs: []string{b.service.ID},
		}, actor)

		_, err = b.Submit(t.Context(), actor, b.submission())
		require.NoError(t, err)
	})
}

func TestOnlyTheHashOfASecretIsStored(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		key, secret, err := b.CreateAPIKey(t.Context(), system(), b.ente.ID, "gestionale", nil, time.Time{})
		require.NoError(t, err)

		random, found := strings.CutPrefix(secret, "genio_")
		require.True(t, found)

		decoded, err := base64.RawURLEncoding.DecodeString(random)
		require.NoError(t, err)
		require.Len(t, decoded, 256/8)
		require.True(t, strings.HasPrefix(secret, key.Prefix))
		require.Len(t, key.Prefix, len("genio_")+6)

		hash := sha256.Sum256([]byte(secret))
		stored, err := store.APIKeyByHash(t.Context(), hash[:])
		require.NoError(t, err)
		require.Equal(t, key.ID, stored.ID)
		require.NotContains(t, stored.Name+stored.Prefix+stored.ID, random)

		_, other, err := b.CreateAPIKey(t.Context(), system(), b.ente.ID, "gestionale", nil, time.Time{})
		require.NoError(t, err)
		require.NotEqual(t, secret, other)
	})
}

func TestKeysThatDoNotOpen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		ctx := t.Context()

		_, expired, err := b.CreateAPIKey(ctx, system(), b.ente.ID, "expired", nil, time.Now().Add(-time.Second))
		require.NoError(t, err)

		_, lasting, err := b.CreateAPIKey(ctx, system(), b.ente.ID, "lasting", nil, time.Now().Add(time.Hour))
		require.NoError(t, err)

		key, revoked, err := b.CreateAPIKey(ctx, system(), b.ente.ID, "revoked", nil, time.Time{})
		require.NoError(t, err)

		_, err = b.AuthenticateKey(ctx, revoked, "")
		require.NoError(t, err)
		require.NoError(t, b.RevokeAPIKey(ctx, b.user(gateway.RoleAdministrator), b.ente.ID, key.ID))

		for _, token := range []string{
			expired, revoked, "", "genio_", strings.TrimPrefix(lasting, "genio_"), lasting + "x", lasting[:len(lasting)-1],
			strings.ToUpper(lasting), "genio_\x00", strings.Repeat("genio_", 1000),
		} {
			_, err := b.AuthenticateKey(ctx, token, "")
			require.ErrorIs(t, err, gateway.ErrUnauthenticated)
		}

		_, err = b.AuthenticateKey(ctx, lasting, "")
		require.NoError(t, err)
	})
}

func TestTheLastUseOfAKeyIsNoted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		_, secret, err := b.CreateAPIKey(t.Context(), system(), b.ente.ID, "gestionale", nil, time.Time{})
		require.NoError(t, err)

		keys, err := store.APIKeys(t.Context(), b.ente.ID)
		require.NoError(t, err)
		require.Zero(t, keys[0].LastUsedAt)

		before := time.Now()
		_, err = b.AuthenticateKey(t.Context(), secret, "")
		require.NoError(t, err)

		keys, err = store.APIKeys(t.Context(), b.ente.ID)
		require.NoError(t, err)
		require.WithinRange(t, keys[0].LastUsedAt, before.Add(-time.Second), time.Now().Add(time.Second))
	})
}

func TestWhoConfiguresKeys(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		ctx := t.Context()
		foreign := newTenant(t, store)

		key, _, err := b.CreateAPIKey(ctx, system(), b.ente.ID, "gestionale", nil, time.Time{})
		require.NoError(t, err)

		for _, actor := range []gateway.Actor{
			b.application(), b.user(gateway.RoleOperator), b.user(gateway.RoleAuditor), support(),
			foreign.user(gateway.RoleAdministrator),
			{},
		} {
			_, _, err := b.CreateAPIKey(ctx, actor, b.ente.ID, "gestionale", nil, time.Time{})
			require.ErrorIs(t, err, gateway.ErrForbidden)
			require.ErrorIs(t, b.RevokeAPIKey(ctx, actor, b.ente.ID, key.ID), gateway.ErrForbidden)
		}

		err = b.RevokeAPIKey(ctx, foreign.user(gateway.RoleAdministrator), foreign.ente.ID, key.ID)
		require.ErrorIs(t, err, gateway.ErrNotFound)
		require.ErrorIs(t, b.RevokeAPIKey(ctx, system(), b.ente.ID, uuid.NewString()), gateway.ErrNotFound)
	})
}

func TestKeysThatCannotBeMade(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		ctx := t.Context()
		foreign := newTenant(t, store)

		_, _, err := b.CreateAPIKey(ctx, system(), b.ente.ID, " ", nil, time.Time{})
		requireFields(t, err, map[string]string{"name": "required"})

		for _, id := range []string{foreign.service.ID, uuid.NewString(), "anagrafe"} {
			_, _, err = b.CreateAPIKey(ctx, system(), b.ente.ID, "gestionale", []string{id}, time.Time{})
			requireFields(t, err, map[string]string{"service_ids": "unknown"}, id)
		}

		_, _, err = b.CreateAPIKey(ctx, system(), uuid.NewString(), "gestionale", nil, time.Time{})
		require.ErrorIs(t, err, gateway.ErrNotFound)
	})
}

func TestKeysWithoutADatabase(t *testing.T) {
	t.Parallel()

	b := withoutDatabase(t)

	_, err := b.AuthenticateKey(t.Context(), "genio_secret", "")
	require.ErrorIs(t, err, gateway.ErrUnavailable)

	_, _, err = b.CreateAPIKey(t.Context(), system(), b.ente.ID, "gestionale", []string{b.service.ID}, time.Time{})
	require.ErrorIs(t, err, gateway.ErrUnavailable)
}
