package db_test

import (
	"testing"

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
