package db_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestOvertakenChangesAreTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)

		ente, err := store.Ente(t.Context(), f.ente.ID)
		require.NoError(t, err)
		service, err := store.Service(t.Context(), f.service.ID)
		require.NoError(t, err)

		var enti, services atomic.Int32

		together(t, store, 4, func(int) {
			if err := store.UpdateEnte(t.Context(), ente); err == nil {
				enti.Add(1)
			} else if !db.IsUnavailable(err) {
				require.ErrorIs(t, err, db.ErrConflict)
			}

			if err := store.UpdateService(t.Context(), service); err == nil {
				services.Add(1)
			} else if !db.IsUnavailable(err) {
				require.ErrorIs(t, err, db.ErrConflict)
			}
		})
		require.EqualValues(t, 1, enti.Load())
		require.EqualValues(t, 1, services.Load())

		changed, err := store.Service(t.Context(), f.service.ID)
		require.NoError(t, err)
		require.Equal(t, service.Version+1, changed.Version)
	})
}

func TestStateOfAnEnteAgreesWithItsActivity(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		ente := notification.Ente{
			ID: newID(t), Name: "Comune di Prova", FiscalCode: "00000000003", State: notification.EnteRequested,
			Contact: notification.Contact{Name: "Rosa Referente", Email: "rosa@prova.example"}, IOCalls: 150, CreatedAt: moment(0),
			Retention: notification.Retention{}.OrUsual(),
		}
		require.NoError(t, store.CreateEnte(t.Context(), ente))

		ente.Version = 1
		got, err := store.Ente(t.Context(), ente.ID)
		require.NoError(t, err)
		require.Equal(t, ente, got)

		ente.State, ente.Active, ente.StateSince, ente.StateReason = notification.EnteActive, true, moment(5), ""
		ente.Agreement = notification.Agreement{Version: "1.2", SignedOn: "2026-11-23"}
		require.NoError(t, store.UpdateEnte(t.Context(), ente))

		ente.Version = 2
		got, err = store.Ente(t.Context(), ente.ID)
		require.NoError(t, err)
		require.Equal(t, ente, got)

		for _, broken := range []string{"active", "nowhere"} {
			_, err = store.Pool().ExecContext(t.Context(),
				"UPDATE enti SET active = false, state = '"+broken+"' WHERE id = '"+ente.ID+"'")
			require.Error(t, err, broken)
		}
	})
}

func TestKeysAreReplacedOneByOne(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(30)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f := newTenant(t, store)
		ctx, id := t.Context(), f.service.ID

		states := func() map[notification.KeySlot]notification.KeyState {
			t.Helper()

			found, err := store.KeyStates(ctx, id)
			require.NoError(t, err)

			return found
		}

		first := states()
		require.Len(t, first, 2)
		require.Equal(t, notification.KeyState{ServiceID: id, Slot: notification.KeyPrimary, Number: 1, SetAt: now},
			first[notification.KeyPrimary])

		require.NoError(t, store.RecordKeyTest(ctx, id, notification.KeyPrimary, 1, notification.KeyRefused))
		require.Equal(t, notification.KeyRefused, states()[notification.KeyPrimary].Outcome)
		require.Equal(t, now, states()[notification.KeyPrimary].TestedAt)

		now = now.Add(time.Hour)

		require.NoError(t, store.ReplaceServiceKey(ctx, id, notification.KeyPrimary, 1, "new"))
		require.ErrorIs(t, store.ReplaceServiceKey(ctx, id, notification.KeyPrimary, 1, "newer"), db.ErrConflict)
		require.ErrorIs(t, store.ReplaceServiceKey(ctx, newID(t), notification.KeyPrimary, 1, "newer"), db.ErrNotFound)

		// The answer about the key that was replaced comes late.
		require.NoError(t, store.RecordKeyTest(ctx, id, notification.KeyPrimary, 1, notification.KeyRefused))
		require.Equal(t, notification.KeyState{ServiceID: id, Slot: notification.KeyPrimary, Number: 2, SetAt: now},
			states()[notification.KeyPrimary])
		require.Equal(t, first[notification.KeySecondary], states()[notification.KeySecondary])

		require.NoError(t, store.UseServiceKey(ctx, id, notification.KeySecondary))

		keys, err := store.ServiceKeys(ctx, id)
		require.NoError(t, err)
		require.Equal(t, notification.ServiceKeys{Primary: "new", Secondary: otherKey, UseSecondary: true}, keys)

		require.NoError(t, store.SetServiceKeys(ctx, id, notification.ServiceKeys{Primary: ioKey}))
		require.ErrorIs(t, store.UseServiceKey(ctx, id, notification.KeySecondary), db.ErrConflict)
	})
}

func TestBothKeysReplacedAtOnceAreBothKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)

		together(t, store, 2, func(i int) {
			slot := notification.KeySlots()[i]
			require.NoError(t, store.ReplaceServiceKey(t.Context(), f.service.ID, slot, 1, "new "+string(slot)))
		})

		keys, err := store.ServiceKeys(t.Context(), f.service.ID)
		require.NoError(t, err)
		require.Equal(t, notification.ServiceKeys{Primary: "new primary", Secondary: "new secondary"}, keys)
	})
}
