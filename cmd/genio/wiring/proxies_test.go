package wiring_test

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/db/dbtest"
)

func TestTrustedProxies(t *testing.T) {
	t.Parallel()

	none, err := wiring.Trusted{}.Networks()
	require.NoError(t, err)
	require.Empty(t, none)

	networks, err := wiring.Trusted{Proxies: []string{"10.0.0.0/8", " 192.0.2.7/32", "fd00::/8"}}.Networks()
	require.NoError(t, err)

	read := make([]string, len(networks))
	for i, network := range networks {
		read[i] = network.String()
	}

	require.Equal(t, []string{"10.0.0.0/8", "192.0.2.7/32", "fd00::/8"}, read)

	for _, wrong := range []string{"", "10.0.0.1", "10.0.0.0/33", "proxy.example", "*"} {
		_, err := wiring.Trusted{Proxies: []string{"10.0.0.0/8", wrong}}.Networks()
		require.ErrorContains(t, err, "--trusted-proxies, entry 2")
	}
}

// Invented clients, as a proxy would name them.
const (
	guesser  = "203.0.113.5"
	somebody = "203.0.113.77"
)

func TestSignInsAreCountedByClientBehindATrustedProxy(t *testing.T) {
	t.Parallel()

	signIn := signInTo(t, wiring.Trusted{Proxies: []string{"127.0.0.0/8"}})

	require.Equal(t, http.StatusTooManyRequests, guessUntilRefused(signIn, guesser))
	require.Equal(t, http.StatusUnprocessableEntity, signIn(somebody), "a wrong password, and no more than that")
	// What the client itself claims stands before the address that the proxy adds.
	require.Equal(t, http.StatusTooManyRequests, signIn(somebody+", "+guesser))
}

func TestNobodysForwardedAddressIsBelievedUnasked(t *testing.T) {
	t.Parallel()

	for name, trusted := range map[string]wiring.Trusted{
		"no proxy": {}, "another proxy": {Proxies: []string{"192.0.2.0/24"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			signIn := signInTo(t, trusted)

			require.Equal(t, http.StatusTooManyRequests, guessUntilRefused(signIn, guesser))
			require.Equal(t, http.StatusTooManyRequests, signIn(somebody))
		})
	}
}

// guessUntilRefused tries more often than one address may at once, and gives the last answer.
func guessUntilRefused(signIn func(from string) int, from string) int {
	const more = 10

	status := http.StatusUnprocessableEntity
	for range more {
		if status = signIn(from); status != http.StatusUnprocessableEntity {
			break
		}
	}

	return status
}

// signInTo serves, and gives a way to try a password as a proxy would pass it on.
func signInTo(t *testing.T, trusted wiring.Trusted) func(from string) int {
	t.Helper()

	networks, err := trusted.Networks()
	require.NoError(t, err)

	temporal, err := wiring.Temporal{Address: "127.0.0.1:1", Namespace: "genio"}.Connect(zap.NewNop())
	require.NoError(t, err)
	t.Cleanup(temporal.Close)

	serves := wiring.Server{
		Store: dbtest.Open(t, dbtest.EngineSQLite), Temporal: temporal, PublicURL: "http://localhost", TwilioToken: "token",
		TrustedProxies: networks, Log: zap.NewNop(),
	}
	does, err := serves.Gateway()
	require.NoError(t, err)

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)

	go func() { ended <- serves.Run(ctx, listener, does) }()

	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})

	form := url.Values{"email": {"anna@example.org"}, "password": {"sbagliata"}}.Encode()

	return func(from string) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
			"http://"+listener.Addr().String()+"/signin", strings.NewReader(form))
		require.NoError(t, err)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("X-Forwarded-For", from)

		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())

		return response.StatusCode
	}
}
