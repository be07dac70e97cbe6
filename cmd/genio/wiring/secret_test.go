package wiring_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

func fileWith(t *testing.T, content string) string {
	t.Helper()

	file := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))

	return file
}

func TestSecret(t *testing.T) {
	t.Parallel()

	known, err := wiring.Secret(" known ", "")
	require.NoError(t, err)
	require.Equal(t, " known ", known)

	for _, content := range []string{"token", "token\n", " token\r\n"} {
		read, err := wiring.Secret("", fileWith(t, content))
		require.NoError(t, err)
		require.Equal(t, "token", read)
	}
}

func TestSecretIsRefused(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		known, file, tells string
	}{
		"none":       {"", "", "empty"},
		"both":       {"token", fileWith(t, "token"), "twice"},
		"no file":    {"", fileWith(t, "token") + "-lost", "opening"},
		"a folder":   {"", t.TempDir(), "reading"},
		"empty file": {"", fileWith(t, " \n"), "empty"},
		"long file":  {"", fileWith(t, strings.Repeat("token", 1<<16)), "too long"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := wiring.Secret(test.known, test.file)
			require.ErrorContains(t, err, test.tells)
			require.NotContains(t, err.Error(), "token")
		})
	}
}

func TestDatabaseURLFromAFile(t *testing.T) {
	t.Parallel()

	keys := filepath.Join(t.TempDir(), "keys.json")
	_, err := db.LoadOrCreateKeys(keys)
	require.NoError(t, err)

	database := wiring.Database{URLFile: fileWith(t, dbtest.SQLite(t)+"\n"), KeysFile: keys}
	store, err := database.Open(t.Context(), zap.NewNop())
	require.NoError(t, err)
	require.NoError(t, store.Ping(t.Context()))
	require.NoError(t, store.Close())

	_, err = wiring.Database{KeysFile: keys}.Open(t.Context(), zap.NewNop())
	require.ErrorContains(t, err, "reading the database's URL")
}

func TestTwilioTokenFromAFile(t *testing.T) {
	t.Parallel()

	twilio := wiring.Twilio{URL: "http://twilio.example", AccountSID: "AC1", AuthTokenFile: fileWith(t, "token\n")}
	works := wiring.Worker{
		IO: wiring.IO{URL: "http://io.example"}, Twilio: twilio,
		// What is read after the token.
		FiscalCodes: wiring.FiscalCodes{Allow: []string{"X"}},
	}
	require.ErrorContains(t, works.Run(t.Context()), "allowed fiscal codes")

	works.Twilio.AuthTokenFile += "-lost"
	require.ErrorContains(t, works.Run(t.Context()), "reading the auth token: opening its file")
}
