package prodlocal_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/dev/prodlocal"
)

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()

	here, err := os.Executable()
	require.NoError(t, err)

	right := prodlocal.Settings{Folder: t.TempDir(), Servers: 2, Workers: 2, Genio: here, Temporal: here, ProxyConfig: here}

	for name, test := range map[string]struct {
		change func(*prodlocal.Settings)
		tells  string
	}{
		"no server":        {func(s *prodlocal.Settings) { s.Servers = 0 }, "between 1 and 4"},
		"too many servers": {func(s *prodlocal.Settings) { s.Servers = 5 }, "between 1 and 4"},
		"no worker":        {func(s *prodlocal.Settings) { s.Workers = 0 }, "at least one worker"},
		"no binary":        {func(s *prodlocal.Settings) { s.Genio += "-lost" }, "-lost"},
		"no Temporal":      {func(s *prodlocal.Settings) { s.Temporal += "-lost" }, "-lost"},
		"no configuration": {func(s *prodlocal.Settings) { s.ProxyConfig += "-lost" }, "-lost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			settings := right
			test.change(&settings)

			_, err := prodlocal.Open(t.Context(), settings)
			require.ErrorContains(t, err, test.tells)
		})
	}
}

func TestMissingProgramNamesItsPackage(t *testing.T) {
	t.Parallel()

	require.EqualError(t, prodlocal.MissingError{Program: "HAProxy", Package: "haproxy"},
		"HAProxy is not installed: apt-get install haproxy")
}

// TestPortsStayTheSame: what is under way names them.
func TestPortsStayTheSame(t *testing.T) {
	t.Parallel()

	settings := prodlocal.Settings{Folder: t.TempDir(), Servers: 2, Workers: 1}
	first := prodlocal.Ports(t, settings)
	require.Len(t, first, 9)
	require.Equal(t, first, prodlocal.Ports(t, settings))

	settings.Port = 8080
	moved := prodlocal.Ports(t, settings)
	require.Equal(t, 8080, moved["public"])
	require.Equal(t, first["temporal"], moved["temporal"])

	settings.Port, settings.Servers = 0, 3
	more := prodlocal.Ports(t, settings)
	require.Equal(t, 8080, more["public"])
	require.NotZero(t, more["server-3"])

	file := filepath.Join(settings.Folder, "ground.json")
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "it holds secrets")
}
