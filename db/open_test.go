package db_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func replaceAll(text string, replacements map[string]string) string {
	for from, to := range replacements {
		text = strings.ReplaceAll(text, from, to)
	}

	return text
}

func enteNamed(tb testing.TB, name string) notification.Ente {
	tb.Helper()

	return notification.Ente{ID: newID(tb), Name: name, FiscalCode: "00000000001"}
}

func TestURLs(t *testing.T) {
	t.Parallel()

	tests := map[string]bool{
		"sqlite:///var/lib/genio/genio.db":          true,
		"sqlite:genio.db":                           true,
		"sqlite:data/genio.db":                      true,
		"postgres://u:secret@db.example.org/genio":  true,
		"postgresql://u@db.example.org/genio":       true,
		"":                                          false,
		"genio.db":                                  false,
		"mysql://u:secret@db.example.org/genio":     false,
		"sqlite:":                                   false,
		"sqlite:///":                                false,
		"sqlite://genio.db":                         false,
		"sqlite::memory:":                           false,
		"sqlite:genio.db?mode=memory":               false,
		"sqlite:genio.db#secret":                    false,
		"sqlite:%zz":                                false,
		"postgres://u:secret@db.example.org:port/x": false,
		"postgres://u:secret@db.example.org/x?sslmode=secret": false,
	}
	for url, valid := range tests {
		t.Run(url, func(t *testing.T) {
			t.Parallel()

			err := db.CheckURL(url)
			if valid {
				require.NoError(t, err)

				return
			}

			require.Error(t, err)
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

func FuzzURL(f *testing.F) {
	for _, seed := range []string{"sqlite:///a.db", "sqlite:a.db", "sqlite:%00", "postgres://u:p@h/d", "postgres://h/?pool=x", ":", ""} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, url string) {
		const secret = "s3cr3t-passw0rd"

		if err := db.CheckURL(url + secret); err != nil {
			require.NotContains(t, err.Error(), secret)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)

	closedPort := listener.Addr().String()
	require.NoError(t, listener.Close())

	_, err = db.Open(t.Context(), db.Config{URL: "postgres://u:secret@" + closedPort + "/genio?sslmode=disable", Keys: newKeys(t)})
	require.ErrorIs(t, err, db.ErrUnavailable)
	require.NotContains(t, err.Error(), "secret")

	_, err = db.Open(t.Context(), db.Config{URL: "sqlite://" + t.TempDir() + "/missing.db", Keys: newKeys(t)})
	require.ErrorIs(t, err, db.ErrUnavailable)
	require.NoFileExists(t, t.TempDir()+"/missing.db")

	_, err = db.Open(t.Context(), db.Config{URL: "sqlite:genio.db"})
	require.ErrorContains(t, err, "no keys")
}

func TestUnavailable(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		store, err := db.Open(t.Context(), db.Config{URL: dbtest.URL(t, engine), Keys: newKeys(t)})
		require.NoError(t, err)
		require.NoError(t, store.Ping(t.Context()))

		expired, cancel := context.WithTimeout(t.Context(), -time.Second)
		defer cancel()

		_, err = store.Enti(expired)
		require.True(t, db.IsUnavailable(err))
		require.ErrorIs(t, err, context.DeadlineExceeded)

		cancelled, cancel := context.WithCancel(t.Context())
		cancel()

		_, err = store.Enti(cancelled)
		require.ErrorIs(t, err, context.Canceled)
		require.False(t, db.IsUnavailable(err))

		require.NoError(t, store.Close())

		_, err = store.Enti(t.Context())
		require.True(t, db.IsUnavailable(err))
		require.True(t, db.IsUnavailable(store.Ping(t.Context())))

		_, err = store.ResetForRetry(t.Context(), newID(t))
		require.True(t, db.IsUnavailable(err))
	})
}

func TestPostgresGoesAway(t *testing.T) {
	t.Parallel()

	url := dbtest.Postgres(t)
	store, other := dbtest.OpenWith(t, db.Config{URL: url, MaxOpenConns: 1}), dbtest.OpenWith(t, db.Config{URL: url})
	require.NoError(t, store.Ping(t.Context()))
	require.NoError(t, other.ORM().Exec(
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()").Error)

	// The first statement may meet the dead connection; it must say so, and the next must work.
	if _, err := store.Enti(t.Context()); err != nil {
		require.True(t, db.IsUnavailable(err))
	}

	_, err := store.Enti(t.Context())
	require.NoError(t, err)
}
