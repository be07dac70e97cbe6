package db_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestEnti(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := notification.Ente{ID: newID(t), Name: "Comune B", FiscalCode: "00000000002", Active: true, CreatedAt: moment(1)}
		a := notification.Ente{ID: newID(t), Name: "Comune A", FiscalCode: "00000000001", Active: true, CreatedAt: moment(2)}
		require.NoError(t, store.CreateEnte(t.Context(), b))
		require.NoError(t, store.CreateEnte(t.Context(), a))

		a.IOCalls, a.State, a.Version = notification.DefaultIOCalls, notification.EnteActive, 1
		a.Retention = notification.Retention{ContentDays: notification.DefaultContentDays, OutcomeDays: notification.DefaultOutcomeDays}

		require.ErrorIs(t, store.CreateEnte(t.Context(), a), db.ErrDuplicate)

		sharing := notification.Ente{ID: newID(t), Name: "Ufficio di A", FiscalCode: a.FiscalCode}
		require.ErrorIs(t, store.CreateEnte(t.Context(), sharing), db.ErrDuplicate)

		b.Name, b.Active, b.IOCalls = "Comune Z", false, 900
		require.NoError(t, store.UpdateEnte(t.Context(), b))

		b.State, b.Version = notification.EnteSuspended, 2
		b.Retention = a.Retention
		got, err := store.Ente(t.Context(), b.ID)
		require.NoError(t, err)
		require.Equal(t, b, got)

		enti, err := store.Enti(t.Context())
		require.NoError(t, err)
		require.Equal(t, []notification.Ente{a, b}, enti)

		_, err = store.Ente(t.Context(), newID(t))
		require.ErrorIs(t, err, db.ErrNotFound)
		_, err = store.Ente(t.Context(), "no UUID")
		require.ErrorIs(t, err, db.ErrNotFound)
		require.ErrorIs(t, store.UpdateEnte(t.Context(), notification.Ente{ID: newID(t)}), db.ErrNotFound)

		for _, calls := range []int{-1, 100_001} {
			b.IOCalls = calls
			require.ErrorIs(t, store.UpdateEnte(t.Context(), b), db.ErrInvalid)
		}
	})
}

func TestServices(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, neighbour := newTenant(t, store), newTenant(t, store)

		changed := f.service
		changed.Name, changed.Active, changed.MaxPaymentCents, changed.SMSSender = "Tributi", false, 0, ""
		changed.Policy = notification.Policy{Fallback: []notification.Channel{}, IODeadline: time.Minute, OnUncertain: notification.UncertainHold}
		require.NoError(t, store.UpdateService(t.Context(), changed))

		changed.Version, neighbour.service.Version = 2, 1
		got, err := store.Service(t.Context(), f.service.ID)
		require.NoError(t, err)
		require.Equal(t, changed, got)

		own, err := store.Services(t.Context(), f.ente.ID)
		require.NoError(t, err)
		require.Equal(t, []notification.Service{changed}, own)

		all, err := store.Services(t.Context(), "")
		require.NoError(t, err)
		require.Equal(t, []notification.Service{neighbour.service, changed}, all)

		orphan := notification.Service{ID: newID(t), EnteID: newID(t)}
		require.ErrorIs(t, store.CreateService(t.Context(), orphan, notification.ServiceKeys{}), db.ErrNotFound)
		_, err = store.Service(t.Context(), newID(t))
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}

func TestServiceKeys(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)

		got, err := store.ServiceKeys(t.Context(), f.service.ID)
		require.NoError(t, err)
		require.Equal(t, notification.ServiceKeys{Primary: ioKey, Secondary: otherKey}, got)

		rotated := notification.ServiceKeys{Primary: "new", Secondary: ioKey, UseSecondary: true}
		require.NoError(t, store.SetServiceKeys(t.Context(), f.service.ID, rotated))
		require.NoError(t, store.UpdateService(t.Context(), f.service))

		got, err = store.ServiceKeys(t.Context(), f.service.ID)
		require.NoError(t, err)
		require.Equal(t, rotated, got)

		_, err = store.ServiceKeys(t.Context(), newID(t))
		require.ErrorIs(t, err, db.ErrNotFound)
		require.ErrorIs(t, store.SetServiceKeys(t.Context(), newID(t), rotated), db.ErrNotFound)
	})
}

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(30)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f, neighbour := newTenant(t, store), newTenant(t, store)
		hash := []byte("hash of a secret")
		older := db.APIKey{
			ID: newID(t), EnteID: f.ente.ID, Name: "vecchia", Prefix: "gn_1", ServiceIDs: []string{}, CreatedAt: moment(1),
			IPRanges: []string{}, Version: 1,
		}
		key := db.APIKey{
			ID: newID(t), EnteID: f.ente.ID, Name: "gestionale", Prefix: "gn_2", ServiceIDs: []string{f.service.ID},
			IPRanges: []string{"192.0.2.0/24"}, CreatedAt: moment(2), ExpiresAt: moment(1000), Version: 1, RequestsPerSecond: 7,
		}

		require.NoError(t, store.CreateAPIKey(t.Context(), older, []byte("another hash")))
		require.NoError(t, store.CreateAPIKey(t.Context(), key, hash))

		twin := key
		twin.ID = newID(t)
		require.ErrorIs(t, store.CreateAPIKey(t.Context(), twin, hash), db.ErrDuplicate)

		require.NoError(t, store.TouchAPIKey(t.Context(), key.ID, moment(10)))
		require.NoError(t, store.TouchAPIKey(t.Context(), key.ID, moment(10).Add(59*time.Second)))
		key.LastUsedAt = moment(10)
		found, err := store.APIKeyByHash(t.Context(), hash)
		require.NoError(t, err)
		require.Equal(t, key, found)

		require.NoError(t, store.TouchAPIKey(t.Context(), key.ID, moment(11)))
		key.LastUsedAt = moment(11)

		require.ErrorIs(t, store.RevokeAPIKey(t.Context(), neighbour.ente.ID, key.ID), db.ErrNotFound)
		require.NoError(t, store.RevokeAPIKey(t.Context(), f.ente.ID, key.ID))

		now = moment(40)

		require.NoError(t, store.RevokeAPIKey(t.Context(), f.ente.ID, key.ID))
		key.RevokedAt = moment(30)

		keys, err := store.APIKeys(t.Context(), f.ente.ID)
		require.NoError(t, err)
		require.Equal(t, []db.APIKey{key, older}, keys)

		_, err = store.APIKeyByHash(t.Context(), []byte("unknown"))
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}

func TestUsers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		operator := db.User{
			ID: newID(t), Email: " Anna.Verdi@Example.org", Name: "Anna Verdi", PasswordHash: "hash", Role: "operator",
			EnteID: f.ente.ID, Active: true, CreatedAt: moment(1),
		}
		admin := db.User{
			ID: newID(t), Email: "a.admin@example.org", Name: "Ada Admin", PasswordHash: "hash", Role: "system_administrator",
			Active: true, CreatedAt: moment(1),
		}
		require.NoError(t, store.CreateUser(t.Context(), operator))
		require.NoError(t, store.CreateUser(t.Context(), admin))

		operator.Email = "anna.verdi@example.org"
		found, err := store.UserByEmail(t.Context(), "ANNA.verdi@example.org ")
		require.NoError(t, err)
		require.Equal(t, operator, found)

		twin := operator
		twin.ID, twin.Email = newID(t), "Anna.VERDI@example.org"
		require.ErrorIs(t, store.CreateUser(t.Context(), twin), db.ErrDuplicate)

		operator.Role, operator.EnteID, operator.Active = "auditor", "", false
		require.NoError(t, store.UpdateUser(t.Context(), operator))
		found, err = store.User(t.Context(), operator.ID)
		require.NoError(t, err)
		require.Equal(t, operator, found)

		users, err := store.Users(t.Context())
		require.NoError(t, err)
		require.Equal(t, []db.User{admin, operator}, users)

		unknownRole := db.User{ID: newID(t), Email: "x@example.org", Role: "root"}
		require.ErrorIs(t, store.CreateUser(t.Context(), unknownRole), db.ErrInvalid)
		_, err = store.UserByEmail(t.Context(), "nobody@example.org")
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}
