package gateway_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// actsOf are the names of the acts on an object, the newest first.
func (b bundle) actsOf(tb testing.TB, objectID string) []db.AuditEntry {
	tb.Helper()

	entries, _, err := b.store.AuditLog(tb.Context(), db.AuditFilter{ObjectID: objectID}, db.Cursor{}, 10)
	require.NoError(tb, err)

	return entries
}

func (b bundle) issued(tb testing.TB, wish gateway.KeyWish) (gateway.APIKey, string) {
	tb.Helper()

	wish.EnteID = b.ente.ID
	if wish.Name == "" {
		wish.Name = "gestionale"
	}

	key, secret, err := b.IssueAPIKey(tb.Context(), b.user(gateway.RoleAdministrator), wish)
	require.NoError(tb, err)

	return key, secret
}

func TestAKeyOpensFromItsNetworksOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		key, secret := b.issued(t, gateway.KeyWish{IPRanges: "192.0.2.0/24\n2001:db8::/32"})
		require.Equal(t, []string{"192.0.2.0/24", "2001:db8::/32"}, key.IPRanges)

		for address, opens := range map[string]bool{
			"192.0.2.200": true, "::ffff:192.0.2.200": true, "2001:db8::7": true, "2001:db8::7%eth0": true,
			"192.0.3.1": false, "2001:db9::1": false, "": false, "unknown": false,
		} {
			actor, err := b.AuthenticateKey(t.Context(), secret, address)
			if opens {
				require.NoError(t, err, address)
				require.Equal(t, address, actor.Address)
			} else {
				require.ErrorIs(t, err, gateway.ErrAddressRefused, address)
			}
		}

		refused := b.logs.FilterMessage("API key used from an address that it is not for").All()
		require.NotEmpty(t, refused)
		require.Equal(t, map[string]any{"key_id": key.ID, "ente_id": b.ente.ID}, refused[0].ContextMap(), "neither the secret nor the address")

		require.NoError(t, b.RevokeAPIKey(t.Context(), system(), b.ente.ID, key.ID))
		_, err := b.AuthenticateKey(t.Context(), secret, "192.0.3.1")
		require.ErrorIs(t, err, gateway.ErrUnauthenticated, "whoever has no key learns nothing about addresses")
	})
}

func TestKeysThatAreNotIssued(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)

		for name, test := range map[string]struct {
			wish  gateway.KeyWish
			field string
		}{
			"no name":           {gateway.KeyWish{Name: "  "}, "name"},
			"an endless one":    {gateway.KeyWish{Name: string(make([]rune, 101))}, "name"},
			"no network":        {gateway.KeyWish{Name: "a", IPRanges: "x"}, "ip_ranges"},
			"ended already":     {gateway.KeyWish{Name: "a", ExpiresAt: time.Now().Add(-time.Minute)}, "expires_at"},
			"no requests":       {gateway.KeyWish{Name: "a", RequestsPerSecond: -1}, "requests_per_second"},
			"any number":        {gateway.KeyWish{Name: "a", RequestsPerSecond: 1001}, "requests_per_second"},
			"a foreign service": {gateway.KeyWish{Name: "a", ServiceIDs: []string{foreign.service.ID}}, "service_ids"},
		} {
			test.wish.EnteID = b.ente.ID
			_, _, err := b.IssueAPIKey(t.Context(), system(), test.wish)

			var fields notification.FieldErrors

			require.ErrorAs(t, err, &fields, name)
			require.Equal(t, test.field, fields[0].Field, name)
		}

		_, _, err := b.IssueAPIKey(t.Context(), b.user(gateway.RoleOperator), gateway.KeyWish{EnteID: b.ente.ID, Name: "a"})
		require.ErrorIs(t, err, gateway.ErrForbidden)

		keys, err := b.APIKeys(t.Context(), b.user(gateway.RoleAdministrator), b.ente.ID)
		require.NoError(t, err)
		require.Empty(t, keys, "nothing is stored")
	})
}

func TestChangingAKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b, ctx := newBundle(t, store), t.Context()
		key, secret := b.issued(t, gateway.KeyWish{})
		change := gateway.KeyChange{
			ID: key.ID, Seen: key.Version, Name: " protocollo ", IPRanges: "192.0.2.7", ExpiresAt: time.Now().Add(time.Hour).UTC(),
		}

		_, err := b.ChangeAPIKey(ctx, b.user(gateway.RoleOperator), change)
		require.ErrorIs(t, err, gateway.ErrForbidden)
		_, err = b.ChangeAPIKey(ctx, newTenant(t, store).user(gateway.RoleAdministrator), change)
		require.ErrorIs(t, err, gateway.ErrNotFound)

		changed, err := b.ChangeAPIKey(ctx, b.user(gateway.RoleAdministrator), change)
		require.NoError(t, err)
		require.Equal(t, "protocollo", changed.Name)
		require.Equal(t, 2, changed.Version)

		_, err = b.AuthenticateKey(ctx, secret, "192.0.2.8")
		require.ErrorIs(t, err, gateway.ErrAddressRefused)

		_, err = b.ChangeAPIKey(ctx, b.user(gateway.RoleAdministrator), change)
		require.ErrorIs(t, err, gateway.ErrState, "somebody else was faster")

		act := b.actsOf(t, key.ID)[0]
		require.Equal(t, "api_key.update", act.Action)
		require.Equal(t, "protocollo", act.Detail["name"])
		require.Equal(t, "192.0.2.7/32", act.Detail["ip_ranges"])

		change.Seen, change.IPRanges, change.RequestsPerSecond = 2, "", 5
		_, err = b.ChangeAPIKey(ctx, system(), change)
		require.NoError(t, err)
		require.Equal(t, "5", b.actsOf(t, key.ID)[0].Detail["requests_per_second"])

		actor, err := b.AuthenticateKey(ctx, secret, "192.0.2.8")
		require.NoError(t, err)
		require.Equal(t, 5, actor.RequestsPerSecond)

		change.Seen, change.RequestsPerSecond = 3, 1001
		_, err = b.ChangeAPIKey(ctx, system(), change)
		requireFields(t, err, map[string]string{"requests_per_second": "range"})

		change.RequestsPerSecond, change.ExpiresAt = 5, time.Now().Add(-time.Hour)
		_, err = b.ChangeAPIKey(ctx, system(), change)

		var fields notification.FieldErrors

		require.ErrorAs(t, err, &fields)
		require.Equal(t, "expires_at", fields[0].Field)
	})
}

func TestRotatingAKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b, ctx := newBundle(t, store), t.Context()
		admin := b.user(gateway.RoleAdministrator)
		old, oldSecret := b.issued(t, gateway.KeyWish{
			ServiceIDs: []string{b.service.ID}, IPRanges: "192.0.2.7", ExpiresAt: time.Now().Add(90 * 24 * time.Hour),
		})

		_, _, err := b.RotateAPIKey(ctx, admin, old.ID, time.Minute)

		var fields notification.FieldErrors

		require.ErrorAs(t, err, &fields, "an overlap that is none")

		fresh, secret, err := b.RotateAPIKey(ctx, admin, old.ID, 24*time.Hour)
		require.NoError(t, err)
		require.NotEqual(t, oldSecret, secret)
		require.Equal(t, []any{old.Name, old.ServiceIDs, old.IPRanges}, []any{fresh.Name, fresh.ServiceIDs, fresh.IPRanges})
		require.WithinDuration(t, old.ExpiresAt, fresh.ExpiresAt, time.Minute, "as long a life as the old one had")

		for _, each := range []string{oldSecret, secret} {
			_, err := b.AuthenticateKey(ctx, each, "192.0.2.7")
			require.NoError(t, err, "both work")
		}

		replaced, err := b.APIKey(ctx, admin, old.ID)
		require.NoError(t, err)
		require.Equal(t, fresh.ID, replaced.SuccessorID)
		require.Equal(t, gateway.KeyReplaced, replaced.State(time.Now()))
		require.WithinDuration(t, time.Now().Add(24*time.Hour), replaced.ExpiresAt, time.Minute)
		require.Equal(t, gateway.KeyExpired, replaced.State(replaced.ExpiresAt))

		_, _, err = b.RotateAPIKey(ctx, admin, old.ID, 24*time.Hour)
		require.ErrorIs(t, err, gateway.ErrState, "once only")
		require.Equal(t, fresh.ID, b.actsOf(t, old.ID)[0].Detail["successor"])

		_, err = b.ChangeAPIKey(ctx, admin, gateway.KeyChange{ID: old.ID, Seen: replaced.Version, Name: "gestionale"})
		require.ErrorAs(t, err, &fields, "a key that is being replaced has an end")

		require.NoError(t, b.RevokeAPIKey(ctx, admin, b.ente.ID, fresh.ID))
		_, _, err = b.RotateAPIKey(ctx, admin, fresh.ID, time.Hour)
		require.ErrorIs(t, err, gateway.ErrState, "a revoked key")

		// An end that comes before the overlap's stays.
		short, _ := b.issued(t, gateway.KeyWish{ExpiresAt: time.Now().Add(time.Hour)})
		_, _, err = b.RotateAPIKey(ctx, admin, short.ID, 24*time.Hour)
		require.NoError(t, err)

		replaced, err = b.APIKey(ctx, admin, short.ID)
		require.NoError(t, err)
		require.WithinDuration(t, short.ExpiresAt, replaced.ExpiresAt, time.Second)
	})
}

func TestStatesOfAKey(t *testing.T) {
	t.Parallel()

	now := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)

	for want, key := range map[gateway.KeyState]gateway.APIKey{
		gateway.KeyInForce:      {},
		gateway.KeyExpiringSoon: {ExpiresAt: now.Add(gateway.KeyExpiresSoon)},
		gateway.KeyReplaced:     {ExpiresAt: now.Add(time.Hour), SuccessorID: "x"},
		gateway.KeyExpired:      {ExpiresAt: now, SuccessorID: "x"},
		gateway.KeyRevoked:      {ExpiresAt: now.Add(time.Hour), RevokedAt: now},
	} {
		require.Equal(t, want, key.State(now))
		require.Equal(t, want != gateway.KeyExpired && want != gateway.KeyRevoked, key.Works(now))
	}

	require.Equal(t, gateway.KeyInForce, gateway.APIKey{ExpiresAt: now.Add(gateway.KeyExpiresSoon + 1)}.State(now))
}

func TestLastDay(t *testing.T) {
	t.Parallel()

	for day, want := range map[string]string{
		"2026-12-31": "2026-12-31T23:00:00Z", "2027-06-30": "2027-06-30T22:00:00Z", "2027-03-27": "2027-03-27T23:00:00Z",
	} {
		parsed, err := time.Parse(time.DateOnly, day)
		require.NoError(t, err)

		end, err := gateway.LastDay(parsed)
		require.NoError(t, err)
		require.Equal(t, want, end.Format(time.RFC3339))
	}

	never, err := gateway.LastDay(time.Time{})
	require.NoError(t, err)
	require.Zero(t, never)
}
