package wiring_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
)

func TestPublicAddress(t *testing.T) {
	t.Parallel()

	for given, want := range map[string]struct {
		address string
		warned  bool
	}{
		"https://genio.example":       {"https://genio.example", false},
		"https://genio.example/":      {"https://genio.example", false},
		"HTTPS://Genio.Example//":     {"https://genio.example", false},
		"https://genio.example:8443/": {"https://genio.example:8443", false},
		"http://genio.example":        {"http://genio.example", true},
		"http://192.0.2.7:8080":       {"http://192.0.2.7:8080", true},
		"http://localhost:8080/":      {"http://localhost:8080", false},
		"http://genio.localhost":      {"http://genio.localhost", false},
		"http://127.0.0.2:8080":       {"http://127.0.0.2:8080", false},
		"http://[::1]:8080":           {"http://[::1]:8080", false},
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()

			core, told := observer.New(zap.WarnLevel)

			address, err := wiring.Public{URL: " " + given + "\n"}.Address(zap.New(core))
			require.NoError(t, err)
			require.Equal(t, want.address, address)
			require.Equal(t, want.warned, told.Len() == 1)
		})
	}
}

func TestPublicAddressIsRefused(t *testing.T) {
	t.Parallel()

	for _, given := range []string{
		"", "genio.example", "genio.example:8080", "//genio.example", "ftp://genio.example", "https://", "https://:8443",
		"https://genio.example/genio", "https://genio.example/?", "https://genio.example?x=1", "https://genio.example/#top",
		"https://anna:segreto@genio.example", "https://genio.example:port", "https:genio.example", "https://genio example",
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()

			_, err := wiring.Public{URL: given}.Address(zap.NewNop())
			require.ErrorContains(t, err, "--public-url")
			require.NotContains(t, err.Error(), "segreto")
		})
	}
}
