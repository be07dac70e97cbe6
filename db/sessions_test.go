package db_test

import (
	"context"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

func TestSessions(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(0)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})

		var sessions scs.CtxStore = store.Sessions()

		_, found, err := sessions.FindCtx(t.Context(), "token")
		require.NoError(t, err)
		require.False(t, found)

		require.NoError(t, sessions.CommitCtx(t.Context(), "token", []byte("first"), moment(10)))
		require.NoError(t, sessions.Commit("token", []byte("second"), moment(20)))
		require.NoError(t, sessions.Commit("brief", []byte("brief"), moment(5)))

		data, found, err := sessions.Find("token")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, []byte("second"), data)

		now = moment(5)
		_, found, err = sessions.Find("brief")
		require.NoError(t, err)
		require.False(t, found)

		deleted, err := store.Sessions().DeleteExpired(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, deleted)

		require.NoError(t, sessions.DeleteCtx(t.Context(), "token"))
		require.NoError(t, sessions.Delete("token"))
		_, found, err = sessions.Find("token")
		require.NoError(t, err)
		require.False(t, found)
	})
}

func TestAnEndedSessionStaysEnded(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(0)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		sessions := store.Sessions()

		requireNone := func(token string) {
			_, found, err := sessions.FindCtx(t.Context(), token)
			require.NoError(t, err)
			require.False(t, found)
		}

		require.NoError(t, sessions.CommitCtx(t.Context(), "token", []byte("signed in"), moment(10)))
		require.NoError(t, sessions.DeleteCtx(t.Context(), "token"))
		requireNone("token")

		// A request that had begun before the sign-out ends now.
		require.NoError(t, sessions.CommitCtx(t.Context(), "token", []byte("signed in"), moment(20)))
		requireNone("token")

		// The next sign-in has a new token.
		require.NoError(t, sessions.CommitCtx(t.Context(), "new token", []byte("signed in again"), moment(200)))
		data, found, err := sessions.FindCtx(t.Context(), "new token")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, []byte("signed in again"), data)

		// The mark outlives a session that was about to expire.
		now = moment(10)
		deleted, err := sessions.DeleteExpired(t.Context())
		require.NoError(t, err)
		require.Zero(t, deleted)
		require.NoError(t, sessions.CommitCtx(t.Context(), "token", []byte("signed in"), moment(20)))
		requireNone("token")

		now = moment(60)
		deleted, err = sessions.DeleteExpired(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, deleted)
	})
}

func TestTheMarkOfAnEndedSessionLastsAsLongAsTheSession(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(0)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		sessions := store.Sessions()

		require.NoError(t, sessions.CommitCtx(t.Context(), "token", []byte("signed in"), moment(600)))
		require.NoError(t, sessions.DeleteCtx(t.Context(), "token"))

		now = moment(599)
		deleted, err := sessions.DeleteExpired(t.Context())
		require.NoError(t, err)
		require.Zero(t, deleted)

		now = moment(600)
		deleted, err = sessions.DeleteExpired(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, deleted)
	})
}

// TestSignOutDuringARequest plays it with the session manager itself.
func TestSignOutDuringARequest(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		manager := scs.New()
		manager.Store = store.Sessions()
		manager.IdleTimeout = time.Hour

		load := func(token string) context.Context {
			request, err := manager.Load(t.Context(), token)
			require.NoError(t, err)

			return request
		}
		signIn := func(token string) string {
			request := load(token)
			require.NoError(t, manager.RenewToken(request))
			manager.Put(request, "account", "anna")

			renewed, _, err := manager.Commit(request)
			require.NoError(t, err)

			return renewed
		}

		token := signIn("")
		slow := load(token)
		require.NoError(t, manager.Destroy(load(token)))

		_, _, err := manager.Commit(slow)
		require.NoError(t, err)
		require.Empty(t, manager.GetString(load(token), "account"))

		again := signIn(token)
		require.NotEqual(t, token, again)
		require.Equal(t, "anna", manager.GetString(load(again), "account"))
	})
}
