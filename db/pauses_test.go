package db_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func pauseOf(t *testing.T, scope notification.PauseScope, change ...func(*notification.Pause)) notification.Pause {
	t.Helper()

	pause := notification.Pause{ID: newID(t), Scope: scope, Why: "manutenzione di app IO", ByID: "user-1", ByName: "Anna"}
	for _, c := range change {
		c(&pause)
	}

	return pause
}

func ofIO(p *notification.Pause) { p.Channel = notification.ChannelIO }

func TestAPauseLastsUntilItIsLifted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		begun, err := store.Pause(t.Context(), pauseOf(t, notification.PauseChannel, ofIO))
		require.NoError(t, err)
		require.True(t, begun.InForce(time.Now()))

		read, err := store.PauseByID(t.Context(), begun.ID)
		require.NoError(t, err)
		require.Equal(t, begun, read)

		_, err = store.Pause(t.Context(), pauseOf(t, notification.PauseChannel, ofIO))
		require.ErrorIs(t, err, db.ErrConflict, "one of the same thing at a time")
		_, err = store.Pause(t.Context(), pauseOf(t, notification.PauseChannel,
			func(p *notification.Pause) { p.Channel = notification.ChannelSMS }))
		require.NoError(t, err)

		require.NoError(t, store.LiftPause(t.Context(), begun.ID, "user-2", "Bruno"))
		require.ErrorIs(t, store.LiftPause(t.Context(), begun.ID, "user-2", "Bruno"), db.ErrConflict)

		read, err = store.PauseByID(t.Context(), begun.ID)
		require.NoError(t, err)
		require.Equal(t, "Bruno", read.LiftedByName)
		require.False(t, read.InForce(time.Now()))

		_, err = store.Pause(t.Context(), pauseOf(t, notification.PauseChannel, ofIO))
		require.NoError(t, err, "it can be paused again")
	})
}

func TestWhichPausesMatter(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, other := newTenant(t, store), newTenant(t, store)
		mine := func(p *notification.Pause) { p.EnteID = f.ente.ID }

		ofEnte, err := store.Pause(t.Context(), pauseOf(t, notification.PauseEnte, mine))
		require.NoError(t, err)
		_, err = store.Pause(t.Context(), pauseOf(t, notification.PauseEnte, func(p *notification.Pause) { p.EnteID = other.ente.ID }))
		require.NoError(t, err)
		ofService, err := store.Pause(t.Context(), pauseOf(t, notification.PauseService, mine,
			func(p *notification.Pause) { p.ServiceID, p.Until = f.service.ID, time.Now().Add(time.Hour) }))
		require.NoError(t, err)

		seen, err := store.Pauses(t.Context(), f.ente.ID, 10)
		require.NoError(t, err)
		require.Equal(t, []notification.Pause{ofService, ofEnte}, seen)

		require.NoError(t, store.LiftPause(t.Context(), ofEnte.ID, "", ""))

		since, err := store.PausesSince(t.Context(), time.Now().Add(-time.Hour))
		require.NoError(t, err)
		require.Len(t, since, 3, "those that ended meanwhile matter too")

		since, err = store.PausesSince(t.Context(), time.Now().Add(30*time.Minute))
		require.NoError(t, err)
		require.Len(t, since, 2)
		since, err = store.PausesSince(t.Context(), time.Now().Add(2*time.Hour))
		require.NoError(t, err)
		require.Len(t, since, 1, "the end of the other has come by then")
	})
}

func TestCountOnHold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		for range 3 {
			require.NoError(t, store.SetHold(t.Context(), f.begun(t), notification.ReasonIOPaused))
		}

		held, err := store.CountOnHold(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, 3, held)

		held, err = store.CountOnHold(t.Context(), 2)
		require.NoError(t, err)
		require.Equal(t, 2, held)
	})
}
